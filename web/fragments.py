"""Rendered rows of the queue, kept by what they show. A page of fifty rows is then a join of strings."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable

from markupsafe import Markup

from domain.remembering import keepers


class Fragments:
    """A bounded cache; the key must hold everything the fragment depends on, so nothing is ever invalidated. It holds
    words of posts, so it is one of those that forget (`domain.remembering`)."""

    def __init__(self, size: int = 4000) -> None:
        self._size = size
        self._kept: OrderedDict[Hashable, Markup] = OrderedDict()
        keepers.add(self)

    def get(self, key: Hashable, render: Callable[[], Markup]) -> Markup:
        """The fragment for `key`, rendered now if it is not kept."""
        if (found := self._kept.get(key)) is not None:
            self._kept.move_to_end(key)
            return found
        self._kept[key] = made = render()
        if len(self._kept) > self._size:
            self._kept.popitem(last=False)
        return made

    def cache_clear(self) -> None:
        """Let go of all fragments; the next page renders its own."""
        self._kept.clear()
