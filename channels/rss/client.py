"""Conditional GET of a feed, following its redirects one by one to see which are permanent."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urljoin

from domain.clock import Clock
from domain.errors import Refused
from net.door import Answer, Door, raise_for

MAX_BYTES = 2 * 1024 * 1024
_HOPS = 4
_PERMANENT = (301, 308)
_REDIRECTS = (301, 302, 303, 307, 308)


@dataclass(frozen=True, slots=True)
class Got:
    """The final answer, and where the feed says that it has moved for good (empty: it has not)."""

    answer: Answer
    moved_to: str


class FeedClient:
    """Asks through the door, which checks each hop's address anew."""

    def __init__(self, door: Door, clock: Clock) -> None:
        self._door = door
        self._clock = clock

    async def get(self, url: str, etag: str, modified: str) -> Got:
        """304 or the whole feed. The validators go back exactly as they came, weak ones too."""
        headers = {"Accept": "application/atom+xml, application/rss+xml, application/xml;q=0.9, */*;q=0.1"}
        headers |= {"If-None-Match": etag} if etag else {}
        headers |= {"If-Modified-Since": modified} if modified else {}
        at, moved_to, permanent = url, "", True
        for _ in range(_HOPS):
            answer = await self._door.request("GET", at, headers=headers, max_bytes=MAX_BYTES, purpose="feed")
            target = answer.headers.get("location", "")
            if answer.status not in _REDIRECTS or not target:
                return Got(raise_for(answer, self._clock.now(), expects_json=False), moved_to)
            permanent = permanent and answer.status in _PERMANENT
            at = urljoin(at, target)
            moved_to = at if permanent else moved_to
        raise Refused("redirects", f"more than {_HOPS} redirects")
