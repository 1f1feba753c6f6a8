"""Posts one approved reply and finds it again among what our account posted."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from channels.mastodon.client import Client, client_for
from channels.mastodon.convert import identity
from channels.mastodon.freeze import comparable
from channels.mastodon.timeline import readable_id
from domain.account import Account
from domain.clock import Clock, SystemClock
from domain.errors import OutcomeUnknown, Undecodable
from domain.reply import ApprovedReply, PublishedReply
from net.decode import decode_json, html_to_text, text_at, time_at
from net.door import Door

PAGES = 5
SKEW = timedelta(minutes=10)
"""How far the server's clock may be behind ours."""


@dataclass(frozen=True, slots=True)
class MastodonPublisher:
    """One POST per `publish`; the Idempotency-Key goes along, but only some servers honour it."""

    account: Account
    door: Door
    clock: Clock = field(default_factory=SystemClock)

    @property
    def _client(self) -> Client:
        return client_for(self.account, self.door, self.clock)

    async def publish(self, reply: ApprovedReply) -> PublishedReply:
        """Send the frozen bytes once."""
        answer = await self._client.post_status(reply.body, reply.key)
        try:
            return self._published(answer.json())
        except Undecodable as error:
            raise OutcomeUnknown(f"the server took the reply but its answer cannot be read ({error})") from None

    def _published(self, status: object) -> PublishedReply:
        external_id = identity(status, self._client.server)
        evidence = {"id": readable_id(status), "visibility": text_at(status, "visibility")}
        return PublishedReply(external_id, text_at(status, "url") or external_id, evidence)

    async def find_published(self, reply: ApprovedReply) -> PublishedReply | None:
        """The reply among our own posts since its approval: same parent and same words.

        Raises OutcomeUnknown when there are too many posts to say that it is not there.
        """
        sought = decode_json(reply.body)
        found: dict[str, object] = {}  # by id: some servers give the post at max_id again
        since = min(reply.approved_at, reply.first_sent_at or reply.approved_at) - SKEW
        max_id = ""
        for _ in range(PAGES):
            page = await self._client.own_statuses(self.account.external_id, [("max_id", max_id)] if max_id else [])
            found |= {readable_id(status): status for status in page if _is_it(status, sought)}
            if not page or _reaches(page, since) or readable_id(page[-1]) in ("", max_id):
                return self._first(list(found.values()))
            max_id = readable_id(page[-1])
        if found:
            return self._first(list(found.values()))
        raise OutcomeUnknown(f"the reply is not among our last {PAGES} pages of posts, which do not reach its approval")

    def _first(self, found: list[object]) -> PublishedReply | None:
        """The oldest match; its evidence tells when there are several."""
        if not found:
            return None
        oldest = self._published(found[-1])
        return PublishedReply(oldest.external_id, oldest.url, oldest.evidence | {"copies": len(found)})


def _is_it(status: object, sought: object) -> bool:
    """Same parent, same words: as shown, or as typed where the server tells (snac2 takes `<b>` and `*` as markup)."""
    if text_at(status, "in_reply_to_id") != text_at(sought, "in_reply_to_id"):
        return False
    shown, typed = html_to_text(text_at(status, "content")), text_at(status, "text")
    return comparable(text_at(sought, "status")) in (comparable(shown), comparable(typed))


def _reaches(page: list[object], since: datetime) -> bool:
    return any((at := time_at(status, "created_at")) is not None and at < since for status in page)
