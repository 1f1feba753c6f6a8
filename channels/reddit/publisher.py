"""Posts one approved reply, and finds it again among our own comments and among the answers to its parent."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from channels.reddit.client import Client, Params, read_listing
from channels.reddit.convert import SUBMISSION, full_name, is_full_name, thread_of, url_of
from channels.reddit.freeze import check_place, comparable
from channels.reddit.verdict import refusal
from domain.account import Account
from domain.clock import Clock, SystemClock
from domain.errors import BadInput, Gone, OutcomeUnknown, Refused, Undecodable
from domain.reply import ApprovedReply, PublishedReply
from net.decode import list_at, text_at, time_at, value_at
from net.door import Door

PAGES = 10
WHOLE = 900
"""A longer history is cut: Reddit lists about 1,000 items."""
SKEW = timedelta(minutes=10)
"""How far Reddit's clock may be behind ours."""
BANNED = "Reddit does not let our account comment here: it is banned, the place is closed, or its token may not submit"


@dataclass(frozen=True, slots=True)
class RedditPublisher:
    """One POST per `publish`. Reddit takes a comment twice, so nothing here ever sends again."""

    account: Account
    door: Door
    clock: Clock = field(default_factory=SystemClock)

    @property
    def _client(self) -> Client:
        return Client(self.account, self.door, self.clock)

    async def publish(self, reply: ApprovedReply) -> PublishedReply:
        """Send the frozen bytes once."""
        try:
            check_place(reply.parent)
            answer = await self._client.comment(reply.body)
        except BadInput as error:
            raise Refused(str(error)) from None
        except Gone as error:
            raise Refused("the post that this answers is no longer there", error.detail) from None
        except Refused as error:
            raise Refused(BANNED, error.detail) if error.reason == "forbidden" else error from None
        if no := refusal(answer, self.clock.now()):
            raise no
        return self._new(value_at(answer, "json", "data", "things", 0), reply)

    @staticmethod
    def _new(thing: object, reply: ApprovedReply) -> PublishedReply:
        """The comment that stands now. A quarantined subreddit answers with success and no comment at all."""
        try:
            name = full_name(thing)
        except Undecodable:
            raise OutcomeUnknown("Reddit took the reply but does not say what it became") from None
        if text_at(thing, "data", "parent_id") != reply.parent.external_id:
            raise OutcomeUnknown(f"Reddit answered with another comment ({name})")
        return _published(thing)

    async def find_published(self, reply: ApprovedReply) -> PublishedReply | None:
        """Our comment with the same parent and the same words. Raises OutcomeUnknown when our history is too long.

        The answers to the parent are read as well, as our account sees them: our history may lag behind.
        """
        own, whole = await self._history(min(reply.approved_at, reply.first_sent_at or reply.approved_at) - SKEW)
        found = self._matching(own, reply) or self._matching(await self._answers(reply), reply)
        if not found and not whole:
            raise OutcomeUnknown("our history on Reddit cannot be read back to the approval of this reply")
        if not found:
            return None
        oldest = _published(found[-1])
        return PublishedReply(oldest.external_id, oldest.url, oldest.evidence | {"copies": len(found)})

    async def _history(self, since: datetime) -> tuple[list[object], bool]:
        """Our own comments, newest first, and whether they reach past `since` or to our very first one."""
        found: list[object] = []
        after = ""
        for _ in range(PAGES):
            page = await self._client.listing(f"user/{self.account.handle}/comments", {"sort": "new"}, after)
            found += page.things
            if any((at := time_at(thing, "data", "created_utc")) is not None and at < since for thing in page.things):
                return found, True
            if not page.things or not page.after:
                # an empty page after a first one: the comment to go on after was deleted, this is not the end
                return found, len(found) < WHOLE and (bool(page.things) or not after)
            after = page.after
        return found, False

    async def _answers(self, reply: ApprovedReply) -> list[object]:
        """All comments below the parent that its page shows. Gone or closed, it shows none."""
        thread, parent = reply.parent.thread_id, reply.parent.external_id
        if not (is_full_name(thread) and thread.startswith(SUBMISSION)):
            return []
        path = f"comments/{thread[3:]}" if parent == thread else f"comments/{thread[3:]}/_/{parent[3:]}"
        params: Params = {"sort": "new", "limit": 500, "depth": 2}
        try:
            page = await self._client.get(path, params)
        except (Gone, Refused):
            return []
        return _below(read_listing(value_at(page, 1)).things)

    def _matching(self, things: list[object], reply: ApprovedReply) -> list[object]:
        words, own_name = comparable(reply.text), self.account.handle.casefold()
        return [
            thing
            for thing in things
            if text_at(thing, "data", "parent_id") == reply.parent.external_id
            and text_at(thing, "data", "author").casefold() == own_name
            and comparable(text_at(thing, "data", "body")) == words
            and is_full_name(text_at(thing, "data", "name"))
        ]


def _below(things: list[object]) -> list[object]:
    """These comments and the answers that come with them, at any depth."""
    found, waiting = [], list(things)
    while waiting:
        thing = waiting.pop()
        found.append(thing)
        waiting += list_at(thing, "data", "replies", "data", "children")
    return found


def _published(thing: object) -> PublishedReply:
    return PublishedReply(full_name(thing), url_of(thing), {"thread": thread_of(thing)})
