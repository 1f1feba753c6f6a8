"""Access tokens that networks give for a while: kept in memory only, and renewed by one caller at a time.

`Bearer` is what a client of such a network signs its requests with.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

from domain.clock import Clock
from domain.errors import Gone, Refused, Undecodable, Unreachable
from net.door import Answer, Door

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


@dataclass(frozen=True, slots=True)
class Bearer:
    """Signs the requests of one account. `secrets` are what it signs in with: they name its shared token."""

    door: Door
    clock: Clock
    sign_in: SignIn
    secrets: tuple[str, ...] = field(repr=False)

    async def token(self, refused: str = "") -> str:
        """The token. Raises the errors of a read."""
        return await token_of(self.door, *self.secrets).get(self.sign_in, self.clock.now(), refused=refused)

    async def ready(self) -> str:
        """The token for a sending, with only the errors that say "certainly not sent"."""
        try:
            return await self.token()
        except (Refused, Gone, Undecodable) as error:
            raise Unreachable(f"the sign-in went wrong: {error}") from error

    async def get(self, url: str, params: list[tuple[str, str]], *, purpose: str) -> Answer:
        """One GET; once again with a new token when the network refused the one we had."""
        used = await self.token()
        answer = await self._ask(url, params, purpose, used)
        return answer if answer.status != 401 else await self._ask(url, params, purpose, await self.token(refused=used))

    async def _ask(self, url: str, params: list[tuple[str, str]], purpose: str, token: str) -> Answer:
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        return await self.door.request("GET", url, headers=headers, params=params, purpose=purpose)
