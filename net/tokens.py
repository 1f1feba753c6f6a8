"""Access tokens that networks give for a while: kept in memory only, and renewed by one caller at a time."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

from net.door import Door

EARLY = timedelta(seconds=60)
"""A token is renewed this long before it ends, so that none ends on its way."""

SignIn = Callable[[], Awaitable[tuple[str, float]]]
"""Asks the network for a token: the token, and for how many seconds it is good. Raises the errors of a read."""


@dataclass(slots=True)
class Token:
    """One token, shared by all who sign in with the same secrets through the same door."""

    value: str = field(default="", repr=False)
    good_until: datetime | None = None
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)

    async def get(self, sign_in: SignIn, now: datetime, *, refused: str = "") -> str:
        """The token, signed in anew when there is none, it ends soon, or it is the one the network has `refused`."""
        async with self._turn:
            if not self.value or self.value == refused or self.good_until is None or now >= self.good_until:
                self.value, seconds = await sign_in()
                self.good_until = now + timedelta(seconds=min(seconds, 86_400.0)) - EARLY
            return self.value


_KEPT: WeakKeyDictionary[Door, dict[str, Token]] = WeakKeyDictionary()


def token_of(door: Door, *secrets: str) -> Token:
    """The shared token of these secrets. It lives as long as the door; other secrets start anew."""
    name = hashlib.sha256("\x00".join(secrets).encode("utf-8", "replace")).hexdigest()
    return _KEPT.setdefault(door, {}).setdefault(name, Token())
