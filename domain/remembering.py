"""What is worked out of people's words and kept in memory for a while, since the same text is asked about again.

It outlives no removal by more than an hour: all of it is let go each hour, and at once where the desk erases an author.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import _lru_cache_wrapper, lru_cache
from typing import Any, Final, TypeVar

T = TypeVar("T")

EVERY_S: Final = 3_600.0
_kept: Final[list[_lru_cache_wrapper[Any]]] = []


def remembered(most: int) -> Callable[[Callable[..., T]], _lru_cache_wrapper[T]]:
    """Keep the results of this function for its `most` last arguments, until `forget`."""

    def keep(function: Callable[..., T]) -> _lru_cache_wrapper[T]:
        kept = lru_cache(maxsize=most)(function)
        _kept.append(kept)
        return kept

    return keep


def forget() -> None:
    """Let go of all of it."""
    for each in _kept:
        each.cache_clear()
