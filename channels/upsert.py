"""The publishing class "upsert": a post has one answer, and sending again sets or replaces it (reviews in stores).

So a repeat of the same bytes does no harm on the server, but it would replace what a colleague wrote there by hand in
between. The publisher therefore looks first: nothing of ours or of anybody else stands there, so it sends; our words
stand there, so there is nothing to send; other words stand there, so it refuses and a person sees why. Only the
answer that stood when the author changed the post, and that the approver therefore knew of, may be replaced.
"""

from __future__ import annotations

import hashlib
import html
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from domain.errors import Gone, Refused, Undecodable, Unreachable
from domain.reply import ApprovedReply, Parent, PublishedReply

ANSWERED = "somebody has answered meanwhile"
_GONE = "the post is no longer there"
REPLACES = "replaces"
"""The name in `native` under which a post carries the mark of the answer that a new one may replace."""


class Overtaken(Refused):
    """What we saw right before sending forbids it: other words stand there, or the post is gone. So our words do not
    stand there either, whatever became of an earlier sending."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The answer that stands under a post. `external_id` and `url` name it, where the network gives it any."""

    text: str
    external_id: str = ""
    written_at: datetime | None = None
    url: str = ""
    evidence: dict[str, Any] = field(default_factory=dict)


class Place(Protocol):
    """The one place under a post where an answer can stand.

    `standing` reads it as our account: None when nothing stands there. It raises the errors of a read, Gone when the
    post itself is no longer there. `put` sends the one request that publishes, with the errors of a publisher.
    """

    async def standing(self, parent: Parent) -> Standing | None: ...

    async def put(self, reply: ApprovedReply) -> Standing: ...


def comparable(text: str) -> str:
    """Words as networks give them back: entities decoded, NFC, single spaces."""
    return " ".join(unicodedata.normalize("NFC", html.unescape(text)).split())


def mark(text: str) -> str:
    """Names these words without repeating them."""
    return hashlib.sha256(comparable(text).encode("utf-8", "replace")).hexdigest()[:16]


def answer_id(post_id: str) -> str:
    """The name of the answer under a post, on networks that give it none. The key of a reply is its post's id."""
    return f"{post_id}#answer"


@dataclass(frozen=True, slots=True)
class UpsertPublisher:
    """At most one publishing request per `publish`, and only where it replaces nobody's words."""

    place: Place

    async def publish(self, reply: ApprovedReply) -> PublishedReply:
        """Look, then send the frozen bytes once."""
        present = await self._present(reply)
        if present is not None:
            if mark(present.text) == mark(reply.text):
                return _published(present, reply)
            if mark(present.text) != reply.parent.native.get(REPLACES):
                raise Overtaken(f"{ANSWERED}: other words stand there, and they are not replaced")
        try:
            return _published(await self.place.put(reply), reply)
        except Gone as error:
            raise Refused(_GONE, error.detail) from error

    async def _present(self, reply: ApprovedReply) -> Standing | None:
        """What stands there now, with only the errors that say "certainly not sent"."""
        try:
            return await self.place.standing(reply.parent)
        except Gone as error:
            raise Overtaken(_GONE, error.detail) from error
        except Undecodable as error:
            raise Unreachable(f"what stands there now cannot be read, so nothing was sent ({error})") from error

    async def find_published(self, reply: ApprovedReply) -> PublishedReply | None:
        """What stands there, when it is our words. With the post its answer is gone as well."""
        try:
            present = await self.place.standing(reply.parent)
        except Gone:
            return None
        return _published(present, reply) if present and mark(present.text) == mark(reply.text) else None


def _published(standing: Standing, reply: ApprovedReply) -> PublishedReply:
    evidence = standing.evidence | {"same_words": mark(standing.text) == mark(reply.text)}
    external_id = standing.external_id or answer_id(reply.key)
    return PublishedReply(external_id, standing.url or reply.parent.url, evidence)
