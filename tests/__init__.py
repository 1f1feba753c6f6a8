"""What the project promises, held to it."""

import commands as commands  # sums are done on one thread, as in Earshot itself
