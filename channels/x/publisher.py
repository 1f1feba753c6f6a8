"""Posts one approved reply and finds it again among what our account posted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from channels.x.client import Client
from channels.x.convert import text_of
from channels.x.freeze import comparable
from channels.x.prices import reply_price
from channels.x.reading import Reading, references
from channels.x.snowflake import first_id_at
from channels.x.weight import links
from domain.account import Account
from domain.clock import Clock, SystemClock
from domain.errors import OutcomeUnknown, Undecodable
from domain.reply import ApprovedReply, PublishedReply
from net.decode import decode_json, text_at
from net.door import Door

PAGES = 5
PAGE = 100
SKEW = timedelta(minutes=10)
"""How far X's clock may be behind ours."""


@dataclass(frozen=True, slots=True)
class XPublisher:
    """One POST per `publish`. X has no key to recognise a repeat by, so only looking settles a doubt."""

    account: Account
    door: Door
    clock: Clock = field(default_factory=SystemClock)

    @property
    def _client(self) -> Client:
        return Client(self.account, self.door, self.clock)

    async def publish(self, reply: ApprovedReply) -> PublishedReply:
        """Send the frozen bytes once."""
        answer = await self._client.post(reply.body, first_attempt=reply.first_sent_at is None)
        try:
            post_id = text_at(answer.json(), "data", "id")
        except Undecodable as error:
            raise OutcomeUnknown(f"X took the reply but its answer cannot be read ({error})") from None
        if not post_id.isdecimal():
            raise OutcomeUnknown("X answered without the id of our reply")
        return self._published(post_id, {"usd": reply_price(has_link=bool(links(reply.text)))})

    def _published(self, post_id: str, evidence: dict[str, object]) -> PublishedReply:
        name = self.account.handle.lstrip("@") or "i"
        return PublishedReply(post_id, f"https://x.com/{name}/status/{post_id}", evidence)

    async def find_published(self, reply: ApprovedReply) -> PublishedReply | None:
        """The reply among our own posts since its approval: same parent and same words.

        Raises OutcomeUnknown when there are too many posts to say that it is not there.
        """
        since = min(reply.approved_at, reply.first_sent_at or reply.approved_at) - SKEW
        sought, place = decode_json(reply.body), {"since_id": str(first_id_at(since))}
        found: list[str] = []
        for _ in range(PAGES):
            reading = Reading.of((await self._client.own_posts(PAGE, place)).json())
            found += [text_at(post, "id") for post in reading.posts if _is_it(post, sought)]
            if not reading.token:
                return self._first(found)
            place = {**place, "token": reading.token}
        if found:
            return self._first(found)
        raise OutcomeUnknown(f"the reply is not among our last {PAGES * PAGE} posts, which do not reach its approval")

    def _first(self, found: Iterable[str]) -> PublishedReply | None:
        """The oldest match; its evidence tells when there are several."""
        ids = sorted(set(found), key=int)
        return self._published(ids[0], {"copies": len(ids)}) if ids else None


def _is_it(post: object, sought: object) -> bool:
    """Same words and same parent. Raises OutcomeUnknown where X does not tell what a post with these words answers."""
    try:
        same_words = comparable(text_of(post)) == comparable(text_at(sought, "text"))
    except Undecodable:
        return False
    parents = references(post)
    if same_words and not parents:
        raise OutcomeUnknown("a post of ours has these words, and X does not say what it answers")
    return same_words and parents.get("replied_to") == text_at(sought, "reply", "in_reply_to_tweet_id")
