"""The durable steps of the way out. Each is safe to run twice: it moves its row only from the status it expects."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

import structlog
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.crashpoint import crashpoint
from domain.errors import EarshotError
from net.metrics import SENDS
from responders import duties, holding, knowing, outcomes, publishing, settling, storming, suggesting, telling
from responders.allowed import way_now
from responders.approval import final_text
from responders.keeping import checked, finding_rows, keep_prints
from responders.parts import Composed, Parts
from responders.sending import Sending, send_once
from responders.similarity import is_another, prints
from storage import replies, transitions
from storage.database import after_commit
from storage.jobs import Step
from storage.settings import publishing_on
from storage.tables import Case, Reply

log = structlog.get_logger()

_DRAFTER = "system:drafter"
_ANEW = 2
"""So often a draft is written anew that comes out like another reply; the last one is kept as it is."""
_CLOCK = "system:clock"


def steps(parts: Parts) -> dict[str, Step]:
    """The steps by kind: draft, send, settle, wake, and those of duties and of holding."""
    worker = Worker(parts)
    return {
        "draft": Step("draft", worker.due_drafts, worker.draft, lock_of, gives_way=True),
        "send": Step("send", worker.due_sendings, worker.send, lock_of),
        "settle": Step("settle", worker.due_looks, worker.settle, lock_of),
        "wake": Step("wake", replies.snoozes_over, worker.wake),
        **duties.steps(parts),
        **holding.steps(parts),
        **suggesting.steps(parts),
        **telling.steps(parts),
        **storming.steps(parts),
    }


def lock_of(row_id: int) -> str:
    """Two steps of one reply never run side by side. That one account sends one reply at a time is kept by the
    database (`publishing.claim`), so it holds across machines whatever the motor does."""
    return f"reply:{row_id}"


@dataclass(frozen=True, slots=True)
class Worker:
    """`handle` functions over the same parts."""

    parts: Parts

    # --- draft ---

    async def due_drafts(self, session: AsyncSession, now: datetime, limit: int) -> list[int]:
        """Requested replies, those of the most urgent cases first."""
        return await replies.due_drafts(session, now, limit)

    async def draft(self, row_id: int, now: datetime) -> None:
        """requested -> drafted | failed. A thread that moved on meanwhile is read and drafted anew."""
        gathered = await self._gather(row_id, now)
        if gathered is None:
            return
        crashpoint("draft.before_compose")
        composed = await self._compose(gathered)
        for _ in range(_ANEW):
            if not (apart := await self._kept_apart(gathered, composed.text, now)):
                break
            gathered, another = apart, await self._compose(apart)
            composed = composed if another.error else another
        crashpoint("draft.after_compose")
        async with self.parts.database.write() as session:
            await self._store_draft(session, gathered, composed, now)
            crashpoint("draft.before_commit")
            after_commit(session, lambda: crashpoint("draft.after_commit"))

    async def _kept_apart(self, gathered: replies.Gathered, text: str, now: datetime) -> replies.Gathered | None:
        """The same with those replies in sight that this text is like, though they left weeks ago or wait among very
        many; None where there are none."""
        reply, found = gathered.reply, prints(text)
        async with self.parts.database.read() as session:
            left = await replies.alike(session, reply, found, replies.LEFT, now)
            waiting = await replies.alike(session, reply, found, ("drafted",), now)
        if not is_another(text, (*left, *waiting)):
            return None
        return replace(gathered, recent=(*left, *gathered.recent), waiting=(*waiting, *gathered.waiting))

    async def _gather(self, row_id: int, now: datetime) -> replies.Gathered | None:
        async with self.parts.database.write() as session:
            found = await replies.locked(session, row_id)
            if found is None or found[1].status != "requested":
                return None
            case, reply = found
            if reply.due_at is None:
                return None  # its turn comes once what is under way is settled, or the case is reopened
            if case.status == "resolved" and reply.kind != replies.FOLLOW_UP:
                await outcomes.change(session, row_id, due_at=None)  # `reopen` makes it due again
                return None
            given = await knowing.gather(session, case, reply, now)
            return replace(given, waiting=await replies.waiting(session, reply, now))

    async def _compose(self, gathered: replies.Gathered) -> Composed:
        try:
            composed = await self.parts.compose(gathered)
            return composed if composed.error else Composed(final_text(composed.text), composed.lang)
        except EarshotError as error:
            return Composed("", None, str(error))
        except Exception:
            # The worker's edge: a drafter that breaks on one post must not hold up the person who could write.
            log.exception("drafting failed", reply=gathered.reply.id)
            return Composed("", None, "no draft could be written: write the answer yourself")

    async def _store_draft(
        self, session: AsyncSession, gathered: replies.Gathered, composed: Composed, now: datetime
    ) -> None:
        found = await replies.locked(session, gathered.reply.id)
        if found is None or found[1].status != "requested" or found[1].version != gathered.reply.version:
            return
        if found[0].assignee_id != gathered.case.assignee_id:
            return  # it changed hands meanwhile, and another person signs: it is written again
        reply = found[1]
        capability = await way_now(session, reply, gathered.account, gathered.mention, self.parts, now)
        findings = () if composed.error else await checked(session, gathered, composed.text, self.parts, now)
        await transitions.move(
            session,
            "reply",
            reply.id,
            "requested",
            "failed" if composed.error else "drafted",
            brand_id=reply.brand_id,
            actor=_DRAFTER,
            now=now,
            why=composed.error,
            text=composed.text,
            first_text=composed.text,
            lang=composed.lang or reply.lang,
            way=capability.way,
            way_reason=capability.reason,
            account_id=gathered.account.id if gathered.account else None,
            findings=finding_rows(findings),
            error=composed.error,
            due_at=None,
        )
        await keep_prints(session, reply, composed.text)
        if composed.error:
            await replies.next_turn(session, reply.case_id, now)
        else:
            await suggesting.ask_for(session, reply, self.parts, now)

    # --- send ---

    async def due_sendings(self, session: AsyncSession, now: datetime, limit: int) -> list[int]:
        """Approved replies that may leave now. While publishing is off only those whose approval has run out."""
        on, _why = await publishing_on(session, self.parts.stop_file)
        return await (replies.due_to_send if on else replies.expired)(session, now, limit)

    async def send(self, row_id: int, now: datetime) -> None:
        """approved -> sending -> sent | approved | refused | unknown."""
        async with self.parts.database.write() as session:
            sending = await publishing.claim(session, row_id, now, self.parts)
        if sending is not None:
            await self._send(sending)

    async def _send(self, sending: Sending) -> None:
        outcome = await send_once(sending, self.parts)
        SENDS.labels(sending.reply.channel, outcome.kind).inc()
        async with self.parts.database.write() as session:
            await outcomes.record(session, sending, outcome, self.parts, self.parts.clock.now())

    # --- settle ---

    async def due_looks(self, session: AsyncSession, now: datetime, limit: int) -> list[int]:
        """Unknown replies to look for, sendings whose sender is gone, and replies posted by hand."""
        return await replies.due(session, ("sending", "unknown", "sent"), now, limit)

    async def settle(self, row_id: int, now: datetime) -> None:
        """sending (lost) -> unknown; unknown -> sent, or sent again, or in front of a person."""
        async with self.parts.database.write() as session:
            if await settling.abandon(session, row_id, self.parts, now):
                return
            at = await settling.prepare(session, row_id, self.parts, now)
        if at is None:
            await self._nothing_to_look_for(row_id, now)
            return
        seen = await settling.look(at.wanted, self.parts)
        now = self.parts.clock.now()
        async with self.parts.database.write() as session:
            again = await settling.looked(session, at, seen, self.parts, now)
        if again:
            await self._repeat(row_id, now)

    async def _repeat(self, row_id: int, now: datetime) -> None:
        async with self.parts.database.write() as session:
            sending = await publishing.claim(session, row_id, now, self.parts, again=True)
        if sending is not None:
            await self._send(sending)

    async def _nothing_to_look_for(self, row_id: int, now: datetime) -> None:
        """No account, or a channel that cannot look: a person decides, the sweep need not come back."""
        async with self.parts.database.write() as session:
            found = await replies.locked(session, row_id)
            if found is None or found[1].status not in ("unknown", "sent"):
                return
            if found[1].due_at is not None and found[1].due_at <= now:
                await outcomes.change(session, row_id, due_at=None)

    # --- wake ---

    async def wake(self, row_id: int, now: datetime) -> None:
        """snoozed -> open when the snooze has ended."""
        async with self.parts.database.write() as session:
            case = await replies.locked_case(session, row_id)
            if case is None or case.status != "snoozed" or case.snoozed_until is None or case.snoozed_until > now:
                return
            await _wake(session, case, now)


async def _wake(session: AsyncSession, case: Case, now: datetime) -> None:
    await transitions.move(
        session,
        "case",
        case.id,
        "snoozed",
        "open",
        brand_id=case.brand_id,
        actor=_CLOCK,
        now=now,
        why="the snooze has ended",
        snoozed_until=None,
    )


async def found_at_start(parts: Parts, now: datetime) -> int:
    """Rows left in `sending` by a process that died: unknown from now on. Returns how many.

    Only for the one process on SQLite, before its motor starts. With several workers on PostgreSQL another one may be
    sending at this moment: there a row is abandoned once its deadline has passed, by the settle step.
    """
    async with parts.database.read() as session:
        left = list(await session.exec(select(Reply.id).where(Reply.status == "sending")))
    for row_id in left:
        async with parts.database.write() as session:
            await settling.abandon(session, row_id, parts, now, at_start=True)
    return len(left)
