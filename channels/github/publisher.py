"""Posts one approved reply and finds it again by its hidden mark: exact, without comparing words."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from channels.github.client import Client, client_for
from channels.github.convert import called, comment_name
from channels.github.freeze import mark
from channels.github.place import stamp
from channels.github.queries import READ_BACK
from domain.account import Account
from domain.clock import Clock, SystemClock
from domain.errors import OutcomeUnknown, Undecodable
from domain.reply import ApprovedReply, PublishedReply
from net.decode import bool_at, dict_at, list_at, text_at, time_at, value_at
from net.door import Door

PAGES = 20
SKEW = timedelta(minutes=10)
"""How far GitHub's clock may be behind ours."""


@dataclass(frozen=True, slots=True)
class GitHubPublisher:
    """One POST per `publish`. GitHub has no key by which it would know a repeat."""

    account: Account
    door: Door
    clock: Clock = field(default_factory=SystemClock)

    @property
    def _client(self) -> Client:
        return client_for(self.account, self.door, self.clock)

    async def publish(self, reply: ApprovedReply) -> PublishedReply:
        """Send the frozen bytes once."""
        native = reply.parent.native
        if _is_discussion(reply):
            found: object = dict_at(await self._client.mutate(reply.body), "data", "addDiscussionComment", "comment")
        else:
            found = await self._client.comment(str(native.get("repo")), int(native.get("number") or 0), reply.body)
        if not text_at(found, "id"):
            raise OutcomeUnknown("GitHub took the reply but did not say under which id")
        return self._published(reply, found)

    def _published(self, reply: ApprovedReply, comment: object, copies: int = 1) -> PublishedReply:
        name = comment_name(comment, "discussion" if _is_discussion(reply) else "issue")
        url = text_at(comment, "html_url") or text_at(comment, "url")
        evidence = {"id": text_at(comment, "id"), "copies": copies}
        return PublishedReply(called(self._client.server, name), url, evidence)

    async def find_published(self, reply: ApprovedReply) -> PublishedReply | None:
        """Our comment that ends with the mark of this reply, among all since its approval.

        Raises OutcomeUnknown when there are too many to say that it is not there.
        """
        since = min(reply.approved_at, reply.first_sent_at or reply.approved_at) - SKEW
        read = self._discussed if _is_discussion(reply) else self._commented
        own = [each async for each in read(reply, since) if self._is_it(each, reply)]
        return self._published(reply, own[0], len(own)) if own else None

    def _is_it(self, comment: object, reply: ApprovedReply) -> bool:
        """By its author and its mark: whoever quotes us may quote the mark too. A renamed account keeps its id."""
        author = dict_at(comment, "user") or dict_at(comment, "author")
        own_id = self.account.external_id
        same_id = bool(own_id) and own_id in (text_at(author, "id"), text_at(author, "databaseId"))
        same_name = text_at(author, "login").casefold() == self.account.handle.lstrip("@").casefold()
        return (same_id or same_name) and text_at(comment, "body").rstrip().endswith(mark(reply.key).strip())

    async def _commented(self, reply: ApprovedReply, since: datetime) -> AsyncIterator[object]:
        """Comments of the issue, oldest first."""
        native, token = reply.parent.native, ""
        for _ in range(PAGES):
            moment, number = stamp(int(since.timestamp())), int(native.get("number") or 0)
            listing = await self._client.comments(str(native.get("repo")), number, moment, token)
            for comment in listing.items:
                yield comment
            if not (token := listing.token):
                return
        raise OutcomeUnknown(f"more than {PAGES} pages of comments since the approval")

    async def _discussed(self, reply: ApprovedReply, since: datetime) -> AsyncIterator[object]:
        """Answers under the same comment, or comments of the discussion, newest page first."""
        native = reply.parent.native
        variables: dict[str, object] = {"id": native.get("top") or native.get("node"), "before": None}
        for _ in range(PAGES):
            answer = await self._client.ask(READ_BACK, variables, purpose="read back")
            posts = value_at(answer, "data", "node", "posts")
            if value_at(posts, "pageInfo") is None:
                raise Undecodable("the discussion cannot be read")
            for comment in reversed(list_at(posts, "nodes")):
                yield comment
            before = text_at(posts, "pageInfo", "startCursor")
            oldest = time_at(posts, "nodes", 0, "createdAt")
            is_behind = oldest is not None and oldest < since
            if is_behind or not bool_at(posts, "pageInfo", "hasPreviousPage"):
                return
            variables["before"] = before
        raise OutcomeUnknown(f"more than {PAGES} pages of comments since the approval")


def _is_discussion(reply: ApprovedReply) -> bool:
    return reply.parent.native.get("kind") == "discussion"
