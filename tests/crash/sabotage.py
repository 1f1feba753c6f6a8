"""Planted faults: naive forms of the way out, the way in and the alerts. The checker must find each of them.

They are put into a forked child by swapping functions of the product; the product itself has no switch for them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from alerts import worker as paging
from alerts.notifiers.outcome import DELIVERED
from domain.crashpoint import crashpoint
from domain.reply import PublishedReply
from responders import actions, approval, outcomes, publishing
from responders.outcomes import move, record
from responders.sending import Outcome, Sending, send_once
from responders.worker import Worker
from storage import replies, transitions
from tests import sabotage
from tests.sabotage import Swaps, uses


def put_in(swaps: Swaps) -> None:
    """For the rest of this process, which is there to be killed."""
    assert swaps, "there is nothing to swap"
    for place, name, value in swaps:
        setattr(place, name, value)


def swap(real: Any, planted: Any) -> None:
    """Put another function in the place of this one, wherever the product has imported it."""
    put_in(uses(real, planted))


def mark_before_send() -> None:
    """Intent counts as sent: the result is written before the request leaves."""

    async def send(self: Any, sending: Sending) -> None:
        hoped = Outcome("sent", published=PublishedReply("1", "https://norda.example/hoped"))
        async with self.parts.database.write() as session:
            await record(session, sending, hoped, self.parts, self.parts.clock.now())
        await send_once(sending, self.parts)

    Worker._send = send  # type: ignore[method-assign]


def send_before_mark() -> None:
    """No intent is committed before the request: claim, request and result share one transaction."""

    async def send(self: Any, row_id: int, now: datetime) -> None:
        async with self.parts.database.write() as session:
            sending = await publishing.claim(session, row_id, now, self.parts)
            if sending is not None:
                outcome = await send_once(sending, self.parts)
                await record(session, sending, outcome, self.parts, self.parts.clock.now())

    Worker.send = send  # type: ignore[method-assign]


def cursor_before_page() -> None:
    """The cursor is committed before the page is stored."""
    put_in(sabotage.cursor_before_page())


def resend_without_proof() -> None:
    """An unknown outcome is simply sent again."""

    async def give_up(
        session: Any, reply: Any, why: str, parts: Any, now: datetime, not_before: datetime | None = None
    ) -> None:
        await move(session, reply, "approved", now, why, due_at=now + timedelta(seconds=1))

    swap(outcomes.give_up, give_up)


def alert_marked_before_sent() -> None:
    """A message is called delivered before it is handed to the mail server."""

    async def deliver(parts: Any, delivery_id: int, now: datetime) -> None:
        begun = await paging._begin(parts, delivery_id, now)
        if begun is None:
            return
        delivery, target, message = begun
        await paging._end(parts, delivery_id, DELIVERED, now)
        crashpoint("alert.before_send")
        await paging.notify(parts, delivery.notifier, target, message, now)

    swap(paging.deliver, deliver)


def other_bytes() -> None:
    """Something is added to the text after the yes."""

    async def send(sending: Sending, parts: Any) -> Outcome:
        reply = sending.reply
        added = replace(reply, body=reply.body.replace(b'"text":"', b'"text":"(via Earshot) '))
        return await send_once(replace(sending, reply=added), parts)

    swap(send_once, send)


def approvals_never_void() -> None:
    """An edit by the author, or a recall, leaves the reply on its way."""

    async def stale(*_given: Any, **_more: Any) -> list[Any]:
        return []

    async def recall(*_given: Any, **_more: Any) -> None:
        return None

    def unchecked(*_given: Any, **_more: Any) -> None:
        return None

    swap(replies.stale_replies, stale)
    swap(actions.recall, recall)
    swap(approval.check, unchecked)


def change_without_history() -> None:
    """Statuses change, and nobody writes it down."""

    async def silent(session: Any, entries: Any) -> None:
        return None

    swap(transitions.record, silent)


FAULTS: dict[str, tuple[Callable[[], None], str]] = {
    "mark before send": (mark_before_send, "dropped"),
    "send before mark": (send_before_mark, "doubled post|unapproved"),
    "cursor before page": (cursor_before_page, "cursor ahead"),
    "resend without proof": (resend_without_proof, "doubled post"),
    "alert marked before sent": (alert_marked_before_sent, "alert lost"),
    "other bytes": (other_bytes, "unapproved"),
    "recall without effect": (approvals_never_void, "unapproved"),
    "change without history": (change_without_history, "history"),
}
"""Name -> how it is planted, and the kinds of problem that the checker must report."""


def plant(name: str) -> None:
    """Put one fault into this process. An empty name plants nothing."""
    if name:
        FAULTS[name][0]()
