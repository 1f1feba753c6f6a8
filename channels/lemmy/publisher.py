"""Posts one approved reply and finds it again among what our account wrote."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from channels.lemmy.client import Client, client_for
from channels.lemmy.convert import Api, address, answered_id, is_withdrawn, moment
from channels.lemmy.freeze import comparable
from channels.lemmy.lists import PAGE, Params, next_token, raw_items
from domain.account import Account
from domain.clock import Clock, SystemClock
from domain.errors import OutcomeUnknown, Undecodable
from domain.reply import ApprovedReply, PublishedReply
from net.decode import decode_json, int_at, text_at, value_at
from net.door import Door

PAGES = 5
SKEW = timedelta(minutes=10)
"""How far the instance's clock may be behind ours."""


@dataclass(frozen=True, slots=True)
class LemmyPublisher:
    """One POST per `publish`. Lemmy recognises no repeats: two equal requests are two comments."""

    account: Account
    door: Door
    clock: Clock = field(default_factory=SystemClock)

    @property
    def _client(self) -> Client:
        return client_for(self.account, self.door, self.clock)

    async def publish(self, reply: ApprovedReply) -> PublishedReply:
        """Send the frozen bytes once, to the version of the API that the post was read from (a 1.0 server takes a
        comment by the old path, too)."""
        api: Api = "v4" if reply.parent.native.get("api") == "v4" else "v3"
        answer = await self._client.create(api, reply.body, first_attempt=reply.first_sent_at is None)
        try:
            view = value_at(answer.json(), "comment_view")
        except Undecodable as error:
            raise OutcomeUnknown(f"the instance took the reply but its answer cannot be read ({error})") from None
        if not address(value_at(view, "comment")):
            raise OutcomeUnknown("the instance's answer does not name our comment")
        return self._published(view)

    def _published(self, view: object) -> PublishedReply:
        comment = value_at(view, "comment")
        number = text_at(comment, "id")
        url = f"{self.account.base_url.rstrip('/')}/comment/{number}"
        return PublishedReply(address(comment), url, {"id": number})

    async def find_published(self, reply: ApprovedReply) -> PublishedReply | None:
        """The reply among our own comments since its approval: same post, same answered comment, same words.

        Raises OutcomeUnknown when there are too many to say that it is not there.
        """
        sought, since = decode_json(reply.body), _since(reply)
        api = (await self._client.site()).api
        found: dict[str, object] = {}
        token = ""
        for _ in range(PAGES):
            page = await self._own(api, token)
            views = raw_items(page, "comments")
            found |= {address(value_at(view, "comment")): view for view in views if _is_it(view, sought)}
            token = next_token(page, api, token, len(views))
            if not views or not token or _reaches(views, since):
                return self._first(list(found.values()))
        if found:
            return self._first(list(found.values()))
        raise OutcomeUnknown(f"{PAGES} pages of our comments do not reach back to the approval of the reply")

    async def _own(self, api: Api, token: str) -> object:
        """A page of what our account wrote, newest first."""
        own: Params = [("username", self.account.handle.partition("@")[0]), ("limit", str(PAGE))]
        if api == "v4":
            wanted = [("type_", "Comments"), *([("page_cursor", token)] if token else [])]
            path = "/api/v4/person/content"
        else:
            wanted = [("sort", "New"), *([("page", token)] if token else [])]
            path = "/api/v3/user"
        return await self._client.get(path, [*own, *wanted], signed=True, purpose="read back")

    def _first(self, found: list[object]) -> PublishedReply | None:
        """The oldest match; its evidence tells when there are several."""
        if not found:
            return None
        oldest = self._published(found[-1])
        return PublishedReply(oldest.external_id, oldest.url, oldest.evidence | {"copies": len(found)})


def _since(reply: ApprovedReply) -> datetime:
    return min(reply.approved_at, reply.first_sent_at or reply.approved_at) - SKEW


def _is_it(view: object, sought: object) -> bool:
    comment = value_at(view, "comment")
    if comment is None or is_withdrawn(view) or int_at(comment, "post_id") != int_at(sought, "post_id"):
        return False
    same = answered_id(comment) == int_at(sought, "parent_id")
    return same and comparable(text_at(comment, "content")) == comparable(text_at(sought, "content"))


def _reaches(views: list[object], since: datetime) -> bool:
    return any((at := moment(value_at(view, "comment"), "published")) is not None and at < since for view in views)
