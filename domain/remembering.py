"""What is worked out of people's words and kept in memory for a while, since the same text is asked about again.

It outlives no removal by more than an hour: all of it is let go each hour, and at once where the desk erases an author.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import _lru_cache_wrapper, lru_cache
from typing import Final, Protocol, TypeVar
from weakref import WeakSet

T = TypeVar("T")

EVERY_S: Final = 3_600.0


class Keeper(Protocol):
    """Whoever keeps something."""

    def cache_clear(self) -> None:
        """Let go of it."""


keepers: Final[WeakSet[Keeper]] = WeakSet()
"""All of them, as long as they are in use; whoever keeps words in a way of its own adds itself."""


def remembered(most: int) -> Callable[[Callable[..., T]], _lru_cache_wrapper[T]]:
    """Keep the results of this function for its `most` last arguments, until `forget`."""

    def keep(function: Callable[..., T]) -> _lru_cache_wrapper[T]:
        kept = lru_cache(maxsize=most)(function)
        keepers.add(kept)
        return kept

    return keep


def forget() -> None:
    """Let go of all of it."""
    for each in keepers:
        each.cache_clear()
