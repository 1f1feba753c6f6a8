"""Stores one approved reply under the key chosen at approval, and reads that key back: no text matching."""

from __future__ import annotations

from dataclasses import dataclass, field

from channels.bluesky.client import Client
from channels.bluesky.convert import at_uri, permalink
from domain.account import Account
from domain.clock import Clock, SystemClock
from domain.errors import ChannelError, OutcomeUnknown, Refused, Undecodable
from domain.reply import ApprovedReply, PublishedReply
from net.decode import decode_json, text_at, value_at
from net.door import Door


@dataclass(frozen=True, slots=True)
class BlueskyPublisher:
    """One putRecord per `publish`. The same bytes again change nothing on the server; other bytes are refused."""

    account: Account
    door: Door
    clock: Clock = field(default_factory=SystemClock)

    @property
    def _client(self) -> Client:
        return Client(self.account, self.door, self.clock)

    async def publish(self, reply: ApprovedReply) -> PublishedReply:
        """Send the frozen bytes once. When something stands under our key already, look what it is."""
        answer = await self._client.put_record(reply.body)
        if not answer.ok:
            return await self._standing(reply)
        try:
            found = answer.json()
        except Undecodable as error:
            raise OutcomeUnknown(f"the server took the reply but its answer cannot be read ({error})") from None
        if text_at(found, "uri") != self._uri(reply):
            raise OutcomeUnknown("the answer does not name our record")
        return self._published(reply, text_at(found, "cid"))

    async def _standing(self, reply: ApprovedReply) -> PublishedReply:
        try:
            found = await self.find_published(reply)
        except ChannelError as error:
            raise OutcomeUnknown(f"a record stands under our key and cannot be read now ({error})") from None
        if found is None:
            raise Refused("conflict", "another text stands under the key of this reply; nothing was changed")
        return found

    async def find_published(self, reply: ApprovedReply) -> PublishedReply | None:
        """The record under our key, when it is exactly what was approved."""
        found = await self._client.get_record(self._uri(reply))
        if value_at(found, "value") != value_at(decode_json(reply.body), "record"):
            return None
        return self._published(reply, text_at(found, "cid"))

    def _uri(self, reply: ApprovedReply) -> str:
        return at_uri(self.account.external_id, reply.key)

    def _published(self, reply: ApprovedReply, cid: str) -> PublishedReply:
        uri = self._uri(reply)
        return PublishedReply(uri, permalink(uri), {"cid": cid})
