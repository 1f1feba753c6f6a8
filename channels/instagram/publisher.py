"""Answers a comment or a mention once; finds the answer again by place and words, where Instagram shows it to us."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from channels.graph import Graph
from channels.instagram.freeze import message, normal
from domain.account import Account
from domain.clock import Clock, SystemClock
from domain.errors import NotShown, OutcomeUnknown
from domain.reply import ApprovedReply, PublishedReply
from net.decode import list_at, text_at
from net.door import Door

PAGES = 20
FIELDS = "id,text,timestamp,username,from"
SHOWN = 50
"""Comments under somebody else's media that come along with it; there is no way to the others."""


@dataclass(frozen=True, slots=True)
class InstagramPublisher:
    """One POST per `publish`. Instagram knows no key by which it would see a repeat."""

    account: Account
    door: Door
    clock: Clock = field(default_factory=SystemClock)

    @property
    def _graph(self) -> Graph:
        return Graph(self.account, self.door, self.clock)

    async def publish(self, reply: ApprovedReply) -> PublishedReply:
        """Send the frozen bytes once."""
        native = reply.parent.native
        own = native.get("kind") == "comment"
        path = f"{native.get('top')}/replies" if own else f"{self.account.external_id}/mentions"
        found = await self._graph.send(path, reply.body, first=reply.first_sent_at is None)
        if not (name := text_at(found, "id")):
            raise OutcomeUnknown("Instagram took the reply but did not say under which id")
        return PublishedReply(name, reply.parent.url, {"id": name})

    async def find_published(self, reply: ApprovedReply) -> PublishedReply | None:
        """Our answer with these words in this place.

        Raises NotShown where Instagram does not show us the place, OutcomeUnknown where it does not show all of it.
        """
        own = [comment async for comment in self._comments(reply) if self._is_it(comment, reply)]
        return PublishedReply(text_at(own[-1], "id"), reply.parent.url, {"copies": len(own)}) if own else None

    async def _comments(self, reply: ApprovedReply) -> AsyncIterator[object]:
        kind = reply.parent.native.get("kind")
        if kind == "mention":
            raise NotShown("Instagram does not show us the answers to a comment under somebody else's media")
        for comment in await (self._under_caption(reply) if kind == "caption" else self._answers(reply)):
            yield comment

    async def _answers(self, reply: ApprovedReply) -> list[object]:
        """All answers to the top comment. In which order they come is not told, so all are read."""
        found: list[object] = []
        path, after = f"{reply.parent.native.get('top')}/replies", ""
        for _ in range(PAGES):
            listing = await self._graph.page(path, FIELDS, 50, after, purpose="read back")
            found += listing.items
            if not listing.after:
                return found
            after = listing.after
        raise OutcomeUnknown("too many answers to read them all")

    async def _under_caption(self, reply: ApprovedReply) -> list[object]:
        """The comments that come along with media whose caption names us."""
        asked = f"mentioned_media.media_id({reply.parent.external_id}){{comments.limit({SHOWN}){{{FIELDS}}}}}"
        found = await self._graph.get(self.account.external_id, asked, purpose="read back")
        comments = list_at(found, "mentioned_media", "comments", "data")
        if len(comments) >= SHOWN and not any(self._is_it(comment, reply) for comment in comments):
            raise OutcomeUnknown("more comments stand there than Instagram shows us")
        return comments

    def _is_it(self, comment: object, reply: ApprovedReply) -> bool:
        name = (text_at(comment, "username") or text_at(comment, "from", "username")).casefold()
        is_ours = name == self.account.handle.lstrip("@").casefold() or (
            text_at(comment, "from", "id") == self.account.external_id
        )
        return is_ours and normal(text_at(comment, "text")) == normal(message(reply.text, reply.parent))
