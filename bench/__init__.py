"""Measurements: ratios in one run, never a timed test."""

import commands as commands  # sums are done on one thread, as in Earshot itself
