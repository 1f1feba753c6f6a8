"""Publishes one approved reply in two steps and finds it again.

The first step makes a container, which nobody sees; its id is stored before the second one publishes it. In doubt the
container says whether it was published, and our own replies say under which id.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NoReturn

from channels.threads.client import OWN_FIELDS, Client
from channels.threads.convert import post_id, post_id_at
from channels.threads.freeze import comparable
from domain.account import Account
from domain.clock import Clock, SystemClock
from domain.errors import Gone, OutcomeUnknown, Prepared, RateLimited, Refused, Undecodable, Unreachable
from domain.reply import ApprovedReply, PublishedReply
from net.decode import text_at, time_at
from net.door import Door

PAGES = 5
SKEW = timedelta(minutes=10)
"""How far the server's clock may be behind ours."""


@dataclass(frozen=True, slots=True)
class ThreadsPublisher:
    """At most one threads_publish per `publish`."""

    account: Account
    door: Door
    clock: Clock = field(default_factory=SystemClock)

    @property
    def _client(self) -> Client:
        return Client(self.account, self.door, self.clock)

    async def publish(self, reply: ApprovedReply) -> PublishedReply:
        """Publish what is held ready; what is not yet, is prepared, and that raises Prepared."""
        if not reply.prepared or not await self._is_ready(reply.prepared):
            await self._prepare(reply)
        answer = await self._client.publish_container(reply.prepared)
        try:
            name = post_id(answer.json())
        except Undecodable:
            name = ""
        if not name:
            raise OutcomeUnknown("Threads took the reply but does not say under which id")
        return PublishedReply(name, await self._client.address_of(name), {"container": reply.prepared})

    async def _is_ready(self, container_id: str) -> bool:
        """False for a container that has expired unpublished: another one must be made."""
        try:
            status, why = await self._client.container(container_id)
        except (Gone, Refused, Undecodable) as error:
            raise Unreachable(f"how far the prepared reply is cannot be told now ({error})") from None
        if status == "FINISHED":
            return True
        if status == "EXPIRED":
            return False
        if status == "ERROR":
            raise Refused(f"Threads could not prepare this reply ({why or 'without a reason'})")
        if status == "IN_PROGRESS":
            raise RateLimited(None, "Threads is still preparing this reply")
        raise OutcomeUnknown(f"the prepared reply is {status or 'in an unknown state'}")

    async def _prepare(self, reply: ApprovedReply) -> NoReturn:
        try:
            container_id = await self._client.make_container(reply.body)
        except Gone as error:
            raise Refused(f"the post that is answered is no longer there ({error})") from None
        except Undecodable as error:
            raise Unreachable(f"Threads' answer cannot be read; nothing was published ({error})") from None
        raise Prepared(container_id, "Threads holds this reply ready")

    async def find_published(self, reply: ApprovedReply) -> PublishedReply | None:
        """The reply among our own since its approval: same parent and same words. None only when it is not there and
        what was prepared was not published either."""
        found = await self._among_ours(reply)
        if found is not None or not reply.prepared:
            return found
        status, _ = await self._client.container(reply.prepared)
        if status in ("FINISHED", "EXPIRED", "ERROR"):
            return None
        raise OutcomeUnknown(f"not among our replies, but the prepared one is {status or 'in an unknown state'}")

    async def _among_ours(self, reply: ApprovedReply) -> PublishedReply | None:
        since = min(reply.approved_at, reply.first_sent_at or reply.approved_at) - SKEW
        found: dict[str, object] = {}
        after = ""
        for _ in range(PAGES):
            paging = [("fields", OWN_FIELDS), *([("after", after)] if after else [])]
            page, after = await self._client.listed(f"{self.account.external_id}/replies", paging, purpose="read back")
            found |= {post_id(item): item for item in page if post_id(item) and _is_it(item, reply)}
            if not after or _reaches(page, since):
                return _first(list(found.values()))
        if found:
            return _first(list(found.values()))
        raise OutcomeUnknown(f"not among our last {PAGES} pages of replies, which do not reach its approval")


def _is_it(item: object, reply: ApprovedReply) -> bool:
    if post_id_at(item, "replied_to") != reply.parent.external_id:
        return False
    return comparable(text_at(item, "text")) == comparable(reply.text)


def _reaches(page: list[object], since: datetime) -> bool:
    return any((at := time_at(item, "timestamp")) is not None and at < since for item in page)


def _first(found: list[object]) -> PublishedReply | None:
    """The oldest match; its evidence tells when there are several."""
    if not found:
        return None
    return PublishedReply(post_id(found[-1]), text_at(found[-1], "permalink"), {"copies": len(found)})
