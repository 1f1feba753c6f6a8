"""Posts one approved reply and finds it again among what our account did on the forum."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from channels.discourse.client import Client, client_for
from channels.discourse.convert import external_id, is_withdrawn, topic_url
from channels.discourse.freeze import comparable
from domain.account import Account
from domain.clock import Clock, SystemClock
from domain.errors import OutcomeUnknown, Undecodable
from domain.reply import ApprovedReply, PublishedReply
from net.decode import decode_json, int_at, text_at, time_at
from net.door import Door

PAGES = 5
SKEW = timedelta(minutes=10)
"""How far the forum's clock may be behind ours."""
WAITS = "the forum took the reply and keeps it for its moderators: nobody sees it until they let it through"


@dataclass(frozen=True, slots=True)
class DiscoursePublisher:
    """One POST per `publish`. A reply that a moderator must see first is neither sent nor lost: it stays unknown, and
    each look says so, until it is public or no longer waits."""

    account: Account
    door: Door
    clock: Clock = field(default_factory=SystemClock)

    @property
    def _client(self) -> Client:
        return client_for(self.account, self.door, self.clock)

    async def publish(self, reply: ApprovedReply) -> PublishedReply:
        """Send the frozen bytes once.

        After an attempt that may have been applied no refusal is certain: "too similar to what you recently posted"
        may speak of that very attempt.
        """
        answer = await self._client.create(reply.body, first_attempt=reply.first_sent_at is None)
        try:
            post = answer.json()
        except Undecodable as error:
            raise OutcomeUnknown(f"the forum took the reply but its answer cannot be read ({error})") from None
        if text_at(post, "action") == "enqueued":
            raise OutcomeUnknown(WAITS)
        if int_at(post, "id") is None or int_at(post, "topic_id") != int_at(decode_json(reply.body), "topic_id"):
            raise OutcomeUnknown("the forum's answer does not name our post")
        return self._published(post)

    def _published(self, post: object) -> PublishedReply:
        post_id, topic_id, number = (int_at(post, name) or 0 for name in ("id", "topic_id", "post_number"))
        url = topic_url(self.account.base_url, topic_id, number)
        return PublishedReply(external_id(self._client.server, post_id), url, {"id": post_id, "topic_id": topic_id})

    async def find_published(self, reply: ApprovedReply) -> PublishedReply | None:
        """The reply among what our account posted since its approval: same topic, same answered post, same words.

        Raises OutcomeUnknown while it waits for the moderators, and when there is too much to say that it is not there.
        """
        sought = decode_json(reply.body)
        candidates = await self._own_in_topic(int_at(sought, "topic_id"), _since(reply))
        posts = [await self._client.post(post_id) for post_id in candidates]
        found = [post for post in posts if _is_it(post, sought)]
        if found:
            oldest = self._published(found[-1])
            return PublishedReply(oldest.external_id, oldest.url, oldest.evidence | {"copies": len(found)})
        if any(_waits(each, sought) for each in await self._client.own_waiting()):
            raise OutcomeUnknown(WAITS)
        return None

    async def _own_in_topic(self, topic_id: int | None, since: datetime) -> list[int]:
        """Our posts in a topic, newest first. The list shows texts cut short, so each must be read."""
        found: list[int] = []
        for page in range(1, PAGES + 1):
            actions = await self._client.own_replies(page)
            here = [int_at(action, "post_id") for action in actions if int_at(action, "topic_id") == topic_id]
            if None in here:
                raise OutcomeUnknown("the forum lists a post of ours without its number")
            found += [post_id for post_id in here if post_id is not None and post_id not in found]
            if not actions or any((at := time_at(each, "created_at")) is not None and at < since for each in actions):
                return found
        raise OutcomeUnknown(f"{PAGES} pages of our posts do not reach back to the approval of the reply")


def _since(reply: ApprovedReply) -> datetime:
    return min(reply.approved_at, reply.first_sent_at or reply.approved_at) - SKEW


def _is_it(post: object, sought: object) -> bool:
    """Same words, and the same answered post; a forum drops the reference when that post went away."""
    if post is None or is_withdrawn(post):
        return False
    answered = int_at(post, "reply_to_post_number")
    same = answered is None or answered == int_at(sought, "reply_to_post_number")
    return same and comparable(text_at(post, "raw")) == comparable(text_at(sought, "raw"))


def _waits(waiting: object, sought: object) -> bool:
    same_topic = int_at(waiting, "topic_id") == int_at(sought, "topic_id")
    return same_topic and comparable(text_at(waiting, "raw_text")) == comparable(text_at(sought, "raw"))
