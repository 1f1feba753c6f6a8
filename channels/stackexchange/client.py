"""HTTP of the Stack Exchange API: its wrapper, its errors, and what it says about waiting."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.clock import Clock
from domain.errors import ChannelError, RateLimited, Refused, SignInFailed, Undecodable, Unreachable
from net.decode import bool_at, int_at, list_at, text_at, value_at
from net.door import Answer, Door, raise_for

Params = list[tuple[str, str]]
_SPENT = re.compile(r"available in ([0-9]{1,6}) seconds")
_KEY = ("invalid_access_token", "access_denied", "access_token_required", "access_token_compromised", "key_required")
_LATER = ("internal_error", "temporarily_unavailable")


@dataclass(frozen=True, slots=True)
class Wrapped:
    """One answer without its wrapper. `backoff_s`: this method must rest so long; `quota`: requests left today."""

    items: list[object]
    has_more: bool
    backoff_s: int
    quota: int | None


@dataclass(frozen=True, slots=True)
class Client:
    """One site of the network."""

    api_url: str
    site: str
    key: str
    door: Door
    clock: Clock

    async def get(self, path: str, params: Params) -> Wrapped:
        """One call. `path` may hold numbers, joined by semicolons. Raises the errors of a read."""
        own = [("site", self.site), ("pagesize", "100"), *([("key", self.key)] if self.key else [])]
        url = f"{self.api_url.rstrip('/')}{path}"
        answer = await self.door.request("GET", url, params=[*params, *own], purpose="stackexchange")
        if (error := _told(answer, self.clock.now())) is not None:
            raise error
        found = raise_for(answer, self.clock.now()).json()
        if not isinstance(value_at(found, "items"), list):
            raise Undecodable("the answer has no list of items")
        rest = max(0, int_at(found, "backoff") or 0)
        return Wrapped(list_at(found, "items"), bool_at(found, "has_more"), rest, int_at(found, "quota_remaining"))


def _told(answer: Answer, now: datetime) -> ChannelError | None:
    """The API's own error. Nearly all come with status 400; one may also stand in an answer of 200."""
    try:
        said = answer.json()
    except Undecodable:
        return None
    name, words = text_at(said, "error_name"), text_at(said, "error_message")[:200]
    if not name:
        return None
    if name == "throttle_violation":
        wait = _SPENT.search(words)
        return RateLimited(now + timedelta(seconds=int(wait[1])) if wait else None, "the quota of requests is used up")
    if name in _LATER:
        return Unreachable(f"{name}: {words}")
    if name in _KEY or "`key`" in words:
        return SignInFailed(f"Stack Exchange does not take this key: {words}")
    return Refused(name, f"{name}: {words}")
