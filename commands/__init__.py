"""The command line: one file per command."""

import os

# Sums are done on one thread, before anything that counts is imported: the desk answers other people on the others, and
# threads of two processes that wait for one another cost more than they bring.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
