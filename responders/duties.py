"""The durable steps of what we owe after an answer: promises read and broken, follow-ups asked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.ids import ids
from domain.thanks import only_thanks
from responders.allowed import way_now, way_of
from responders.delay_actions import told
from responders.follow_up import Ending, reason_not_to
from responders.knowing import days_off
from responders.moments import zone_named
from responders.parts import Parts
from responders.promises import Found, at_it, promises, warn_at
from responders.surveying import by_itself, store
from storage import case_duties, opt_outs, replies, surveys, transitions
from storage import promises as ledger
from storage.jobs import Step
from storage.replies import FOLLOW_UP
from storage.tables import Brand, Case, MentionRow, Promise, Reply

_READER: Final = "system:reader"
_CLOCK: Final = "system:clock"
_NOT_ASKED: Final = ("replaced", "stale", "failed")
"""Statuses of a follow-up that nobody got."""
_LOOK_AGAIN, _LOOK_AGAIN_OWED = timedelta(hours=1), timedelta(days=1)


def steps(parts: Parts) -> dict[str, Step]:
    """The steps by kind: promises (of a reply), break (a promise), follow_up (of a case)."""
    duties = Duties(parts)
    return {
        "promises": Step("promises", ledger.unread, duties.read, gives_way=True),
        "break": Step("break", ledger.due, duties.end),
        "follow_up": Step("follow_up", case_duties.follow_ups_due, duties.follow_up),
    }


@dataclass(frozen=True, slots=True)
class Duties:
    """`handle` functions over the same parts."""

    parts: Parts

    async def read(self, reply_id: int, now: datetime) -> None:
        """A reply is out: its promises are found, each once."""
        async with self.parts.database.write() as session:
            found = await replies.locked(session, reply_id)
            if found is None or found[1].promises_due_at is None:
                return
            await replies.change(session, Reply, reply_id, promises_due_at=None)
            await told(session, found[1], now)
            await _store(session, found[1], now, self.parts.limits.check_in)

    async def end(self, promise_id: int, now: datetime) -> None:
        """found or open -> broken once its moment has passed."""
        async with self.parts.database.write() as session:
            promise = await ledger.locked(session, promise_id)
            if promise is None or promise.due_at is None or promise.due_at > now:
                return
            if promise.status not in ("found", "open"):
                return
            await transitions.move(
                session, "promise", promise_id, promise.status, "broken",
                brand_id=promise.brand_id, actor=_CLOCK, now=now, why="its moment passed",
            )  # fmt: skip

    async def follow_up(self, case_id: int, now: datetime) -> None:
        """Ask for the one follow-up draft of a resolved case, or note why not; later, where its author still waits for
        something of ours. A case whose author is quiet since our answer is resolved first."""
        async with self.parts.database.write() as session:
            case = await replies.locked_case(session, case_id)
            if case is None or case.follow_up_at is None or case.follow_up_at > now:
                return
            if case.status not in ("resolved", "waiting"):
                return
            later = await _look_again(session, case, now)
            if later is not None:
                await replies.change(session, Case, case_id, follow_up_at=now + later)
                return
            case = await replies.locked_case(session, case_id) or case
            await replies.change(session, Case, case_id, follow_up_at=None, version=case.version + 1)
            mention = await case_duties.last_word(session, case)
            kind = await by_itself(session, case, self.parts, now)
            why = "their posts are gone" if mention is None else await self._why_not(session, case, mention, kind, now)
            if mention is None or why:
                await _note(session, case, "skipped", why, now)
                return
            reply_id = await self._ask(session, case, mention, kind, now)
            await self.parts.jobs.nudge(session, "draft", reply_id, now)

    async def _ask(self, session: AsyncSession, case: Case, mention: MentionRow, kind: str, now: datetime) -> int:
        row = replies.request_row(
            case.id,
            brand_id=case.brand_id,
            channel=case.channel,
            mention_id=mention.id,
            lang=case.lang,
            now=now,
            kind=FOLLOW_UP,
        )
        await replies.request(session, [row])
        if kind:
            await store(session, case, kind, _CLOCK, now, int(row["id"]))
        await _note(session, case, "due", "", now)
        return int(row["id"])

    async def _why_not(self, session: AsyncSession, case: Case, mention: MentionRow, kind: str, now: datetime) -> str:
        """Thanks say that all is well, and not how satisfied they are: where the message asks that (a question of this
        `kind`), who thanked us for help is asked like everybody else."""
        if case.channel not in self.parts.channels:
            return "this channel is no longer part of Earshot"
        asked = Reply(
            id=0, brand_id=case.brand_id, case_id=case.id, mention_id=mention.id, channel=case.channel,
            kind=FOLLOW_UP, created_at=now,
        )  # fmt: skip
        account = await replies.account_of(session, asked)
        way = await way_now(session, asked, account, mention, self.parts, now)
        kinds = await case_duties.kinds_written(session, case.id)
        survey = await surveys.of_case(session, case.id)
        by_hand = survey is not None and survey.reply_id is None
        return reason_not_to(
            Ending(
                answered=any(status == "sent" and kind != FOLLOW_UP for kind, status in kinds),
                asked=by_hand or any(kind == FOLLOW_UP and status not in _NOT_ASKED for kind, status in kinds),
                praised=await case_duties.only_praised(session, case.id),
                thanked=not kind and await _thanked(session, case, mention),
                left_alone=await opt_outs.standing_for(session, mention) is not None,
                way=way.way,
                table_way=way_of(self.parts.channels[case.channel], account, mention).way,
            )
        )


async def _store(session: AsyncSession, reply: Reply, now: datetime, check_in: timedelta) -> None:
    """The promises of a reply. One that names no moment is due within `check_in`, and so is the word that an answer
    owes which promises nothing and says that we are still at it: as after a holding reply."""
    brand = await session.get_one(Brand, reply.brand_id)
    made_at = reply.sent_at or now
    owner = await ledger.sender_of(session, reply.id)
    found = promises(reply.text, reply.lang, made_at, zone_named(brand.zone), days_off(brand, made_at))
    if not found and reply.kind == "answer" and not await case_duties.is_owed(session, reply.case_id, now):
        still = at_it(reply.text, reply.lang, made_at + check_in)
        found = [still] if still else []
    for each in found:
        row = _row(reply, each if each.due_at else replace(each, due_at=made_at + check_in), made_at, owner, now)
        session.add(row)
        if each.due_at is None:
            line = transitions.entry(
                "promise_due", row.id, "", str(row.due_at),
                brand_id=brand.id, actor=_READER, now=now, why="no moment was named",
            )  # fmt: skip
            await transitions.record(session, [line])


def _row(reply: Reply, found: Found, made_at: datetime, owner: int | None, now: datetime) -> Promise:
    return Promise(
        id=ids.next(now),
        brand_id=reply.brand_id,
        case_id=reply.case_id,
        reply_id=reply.id,
        start=found.start,
        stop=found.stop,
        owner_id=owner,
        made_at=made_at,
        due_at=found.due_at,
        warn_at=warn_at(made_at, found.due_at) if found.due_at else None,
    )


async def _look_again(session: AsyncSession, case: Case, now: datetime) -> timedelta | None:
    """In what time to look again; None where its author may be asked now. Nobody is asked whether all is well while we
    owe them something, here or in another case of theirs."""
    if await case_duties.is_owed(session, case.id, now) or await case_duties.waits_elsewhere(session, case, now):
        return _LOOK_AGAIN_OWED
    if case.status == "waiting":
        return None if await _settled(session, case, now) else _LOOK_AGAIN_OWED
    return None if await _made_way(session, case, now) else _LOOK_AGAIN


async def _thanked(session: AsyncSession, case: Case, mention: MentionRow) -> bool:
    """Whether this last word of theirs is thanks for our answer: whoever said so before, for our word that we are at
    it, has not said how the answer did."""
    answered_at = await case_duties.last_answer_at(session, case.id)
    return answered_at is not None and mention.posted_at >= answered_at and only_thanks(mention.text)


async def _made_way(session: AsyncSession, case: Case, now: datetime) -> bool:
    """Drafts that the case was resolved without are set aside; False while a reply is on its way."""
    old = await replies.live(session, case.id)
    if old is None:
        return True
    if old.status not in ("requested", "drafted"):
        return False
    await replies.stale_replies(session, [case.id], now, "the case was resolved without it", _CLOCK)
    return True


async def _settled(session: AsyncSession, case: Case, now: datetime) -> bool:
    """waiting -> resolved; False while somebody is writing to them, or many wait for the same to be mended."""
    if await case_duties.awaits_mending(session, case.id, now) or await replies.live(session, case.id) is not None:
        return False
    await transitions.move(
        session, "case", case.id, "waiting", "resolved", brand_id=case.brand_id, actor=_CLOCK, now=now,
        why=f"quiet for {replies.QUIET.days} days since our answer", next_due_at=None,
    )  # fmt: skip
    return True


async def _note(session: AsyncSession, case: Case, new: str, why: str, now: datetime) -> None:
    line = transitions.entry("follow_up", case.id, "", new, brand_id=case.brand_id, actor=_CLOCK, now=now, why=why)
    await transitions.record(session, [line])
