"""How much slower this machine is, at this moment, than the one that limits in seconds were set on."""

import time

_STEPS = 1_000_000
_ON_AN_IDLE_MACHINE_S = 0.05


def slowness() -> float:
    """How many times longer a fixed piece of work takes here and now, at least once: a limit in seconds times this is
    the same limit on a slow machine, or beside a busy neighbour."""
    began, counted = time.perf_counter(), 0
    for step in range(_STEPS):
        counted += step
    return max(1.0, (time.perf_counter() - began) / _ON_AN_IDLE_MACHINE_S)
