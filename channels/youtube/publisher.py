"""Posts one approved reply under a conversation's top comment, and finds it again among that one's replies."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from channels.youtube.client import Client
from channels.youtube.convert import Spot, comment_url
from channels.youtube.freeze import comparable
from channels.youtube.problems import LOST
from domain.account import Account
from domain.clock import Clock, SystemClock
from domain.errors import OutcomeUnknown, Undecodable
from domain.reply import ApprovedReply, PublishedReply
from net.decode import decode_json, text_at, time_at
from net.door import Door

PAGES = 20
SKEW = timedelta(minutes=10)
"""How far YouTube's clock may be behind ours."""


@dataclass(frozen=True, slots=True)
class YouTubePublisher:
    """One POST per `publish`. YouTube has no key by which it would know a repeat."""

    account: Account
    door: Door
    clock: Clock = field(default_factory=SystemClock)

    @property
    def _client(self) -> Client:
        return Client(self.account, self.door, self.clock)

    async def publish(self, reply: ApprovedReply) -> PublishedReply:
        """Send the frozen bytes once."""
        answer = await self._client.insert(reply.body)
        try:
            comment_id = text_at(answer.json(), "id")
        except Undecodable as error:
            raise OutcomeUnknown(f"YouTube took the reply but its answer cannot be read ({error})") from None
        if not comment_id:
            raise OutcomeUnknown("YouTube took the reply but did not say under which id")
        return _published(reply, comment_id)

    async def find_published(self, reply: ApprovedReply) -> PublishedReply | None:
        """Our own comment with these words under the same parent, not older than the approval. All replies are read,
        for their order is not documented.

        Raises OutcomeUnknown when they cannot be read to their end.
        """
        top = text_at(decode_json(reply.body), "snippet", "parentId")
        found: dict[str, datetime] = {}
        token, read = "", set[str]()
        for _ in range(PAGES):
            listing = await self._client.replies(top, token, signed=True)
            if listing.trouble in LOST:
                return None  # with the top comment all its replies are gone
            ids = {text_at(item, "id") for item in listing.items}
            found |= {text_at(item, "id"): at for item in listing.items if (at := self._own_at(item, reply))}
            token = listing.token
            # Once (2024) tokens were ignored here and each page was the first one.
            if not token or listing.trouble or (ids and ids <= read):
                break
            read |= ids
        if found:
            return _published(reply, min(found, key=lambda name: found[name]), copies=len(found))
        if token or listing.trouble:
            raise OutcomeUnknown("the replies of this conversation cannot be read to their end")
        return None

    def _own_at(self, comment: object, reply: ApprovedReply) -> datetime | None:
        """When it was posted, if it is ours: our channel, the same words (to its author YouTube gives them as typed),
        since the approval."""
        author, at = text_at(comment, "snippet", "authorChannelId", "value"), time_at(comment, "snippet", "publishedAt")
        since = min(reply.approved_at, reply.first_sent_at or reply.approved_at) - SKEW
        if not author or author != self.account.external_id or at is None or at < since:
            return None
        sought = comparable(text_at(decode_json(reply.body), "snippet", "textOriginal"))
        words = (text_at(comment, "snippet", name) for name in ("textOriginal", "textDisplay"))
        return at if sought in map(comparable, words) else None


def _published(reply: ApprovedReply, comment_id: str, copies: int = 1) -> PublishedReply:
    native = reply.parent.native
    spot = Spot(str(native.get("video") or ""), str(native.get("top") or ""))
    return PublishedReply(comment_id, comment_url(spot, comment_id, ""), {"id": comment_id, "copies": copies})
