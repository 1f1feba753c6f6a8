"""Comments under the post or comment that is answered, once; finds the comment again by place and words."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta

from channels.facebook.convert import ALL_NEWEST_FIRST, COMMENT_FIELDS
from channels.facebook.freeze import normal
from channels.graph import Graph
from domain.account import Account
from domain.clock import Clock, SystemClock
from domain.errors import OutcomeUnknown
from domain.reply import ApprovedReply, PublishedReply
from net.decode import text_at, time_at
from net.door import Door

PAGES = 20
SKEW = timedelta(minutes=10)
"""How far Facebook's clock may be behind ours."""


@dataclass(frozen=True, slots=True)
class FacebookPublisher:
    """One POST per `publish`. Facebook knows no key; it refuses the same words again only for a while."""

    account: Account
    door: Door
    clock: Clock = field(default_factory=SystemClock)

    @property
    def _graph(self) -> Graph:
        return Graph(self.account, self.door, self.clock)

    async def publish(self, reply: ApprovedReply) -> PublishedReply:
        """Send the frozen bytes once."""
        target = str(reply.parent.native.get("id") or reply.parent.external_id)
        found = await self._graph.send(f"{target}/comments", reply.body, first=reply.first_sent_at is None)
        if not (name := text_at(found, "id")):
            raise OutcomeUnknown("Facebook took the reply but did not say under which id")
        return PublishedReply(name, f"https://www.facebook.com/{name}", {"id": name})

    async def find_published(self, reply: ApprovedReply) -> PublishedReply | None:
        """Our comment with these words in this place, among all since the approval.

        Raises OutcomeUnknown when there are too many to say that it is not there.
        """
        own = [comment async for comment in self._comments(reply) if self._is_it(comment, reply)]
        if not own:
            return None
        url = text_at(own[-1], "permalink_url")
        return PublishedReply(text_at(own[-1], "id"), url, {"copies": len(own)})

    async def _comments(self, reply: ApprovedReply) -> AsyncIterator[object]:
        """All comments under the post, answers to comments among them, newest first."""
        since = min(reply.approved_at, reply.first_sent_at or reply.approved_at) - SKEW
        path, after = f"{reply.parent.native.get('post')}/comments", ""
        for _ in range(PAGES):
            listing = await self._graph.page(path, COMMENT_FIELDS, 100, after, ALL_NEWEST_FIRST, purpose="read back")
            moments = [time_at(comment, "created_time") for comment in listing.items]
            for comment in listing.items:
                yield comment
            if not listing.after or (moments and all(moment and moment < since for moment in moments)):
                return
            after = listing.after
        raise OutcomeUnknown("too many comments since then to read them all")

    def _is_it(self, comment: object, reply: ApprovedReply) -> bool:
        """Ours, with these words, where we put it: an answer to an answer stands under the same first comment."""
        if text_at(comment, "from", "id") != self.account.external_id:
            return False
        above, native = text_at(comment, "parent", "id"), reply.parent.native
        is_under_post = native.get("id") == native.get("post")
        fits = not above if is_under_post else above in (native.get("id"), reply.parent.thread_id)
        return fits and normal(text_at(comment, "message")) == normal(reply.text)
