"""The durable steps of storm mode: cases are let go a few a minute, and approved replies that waited get their undo
window back. Dying anywhere means looking again: who was let go has a row, written with what was done for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.errors import Moved
from responders.done import back_to_draft
from responders.drafters.phrasebook import first_written
from responders.parts import Parts
from storage import replies, resolutions, storms, transitions
from storage.jobs import Step
from storage.storms import Held
from storage.tables import Brand, Case, Reply, User
from storage.tables_storm import Storm

EVERY: Final = timedelta(minutes=1)
CASES: Final = "storm_case"
"""The noun under which history tells that a case was held or let go; its rows are those of cases."""
_CALMER: Final = "system:storm"
_ANEW: Final = "a statement is out: the draft is written with it"
_READ_AGAIN: Final = "storm mode: approve it again, knowing the statement"
_WHAT_TO_DO: Final = {
    "frozen": "Its statement comes first: write it on the page of storm mode",
    "stated": "Its statement is agreed: once it is posted, a manager begins the release",
    "releasing": "Its turn comes by itself, {pace} a minute; a manager can let it go now",
}


def steps(parts: Parts) -> dict[str, Step]:
    """The steps by kind: release (of a storm) and thaw (of a reply)."""
    calmer = Calmer(parts)
    return {
        "release": Step("release", storms.due, calmer.release, gives_way=True),
        "thaw": Step("thaw", storms.thaws_due, calmer.thaw),
    }


async def refuse_held(session: AsyncSession, case_id: int) -> None:
    """Raise Moved where a storm holds the case: why, who switched it on, what to do."""
    storm = await storms.holding(session, case_id)
    if storm is not None:
        what = _WHAT_TO_DO[storm.status].format(pace=storm.pace)
        raise Moved(f"held by storm mode, switched on by {await who(session, storm.actor)} ({storm.why}). {what}")


async def who(session: AsyncSession, actor: str) -> str:
    """The name behind an actor of history."""
    user = await session.get(User, int(actor.removeprefix("user:"))) if actor.startswith("user:") else None
    return user.name if user is not None else "a former colleague"


def lang_of(held: Held, brand: Brand) -> str:
    """The language in which this one is answered."""
    return first_written([held.lang, held.case_lang, *brand.languages])


@dataclass(frozen=True, slots=True)
class Calmer:
    """`handle` functions over the parts."""

    parts: Parts

    async def release(self, storm_id: int, now: datetime) -> None:
        """Let the next few go, and come back. A look that was cut off is made up for within the same minute."""
        async with self.parts.database.read() as session:
            storm = await session.get(Storm, storm_id)
            if storm is None or storm.status != "releasing":
                return
            brand = await session.get_one(Brand, storm.brand_id)
            room = storm.pace - await storms.let_go_since(session, storm_id, now - EVERY)
            ready = [each for each in await storms.held(session, storm) if lang_of(each, brand) in storm.known]
        for held in ready[: max(room, 0)]:
            async with self.parts.database.write() as session:
                await self._let_go(session, storm_id, held.case_id, now)
        async with self.parts.database.write() as session:
            storm = await storms.locked(session, storm_id)
            if storm is not None and storm.status == "releasing":
                await replies.change(session, Storm, storm_id, due_at=now + EVERY)

    async def _let_go(self, session: AsyncSession, storm_id: int, case_id: int, now: datetime) -> None:
        storm = await storms.locked(session, storm_id)
        if storm is None or storm.status != "releasing":
            return
        case = await replies.locked_case(session, case_id)
        if case is None or await storms.is_let_go(session, storm_id, case_id):
            return
        await storms.let_go(session, storm_id, case_id, _CALMER, now)
        await tell_case(session, case, "let_go", _CALMER, now, "the statement is out, and it is its turn")
        await self._with_the_statement(session, case, now)

    async def _with_the_statement(self, session: AsyncSession, case: Case, now: datetime) -> None:
        """A draft that nobody touched is written anew; what a person wrote or approved waits for their yes again."""
        live = await replies.live(session, case.id)
        if live is None or live.kind == replies.FOLLOW_UP:
            return
        if live.status == "approved":
            await back_to_draft(session, case, live, _CALMER, now, _READ_AGAIN)
        elif await resolutions.is_in_hand(session, case.id):
            await replies.void(session, [live.id], now, _READ_AGAIN)
        elif live.status in ("requested", "drafted"):
            await self._anew(session, case, live, now)

    async def _anew(self, session: AsyncSession, case: Case, live: Reply, now: datetime) -> None:
        asked = dict(await replies.stale_replies(session, [case.id], now, _ANEW, _CALMER))
        row = replies.request_row(
            case.id, brand_id=case.brand_id, channel=case.channel, mention_id=asked.get(case.id, live.mention_id),
            lang=case.lang, now=now, kind=live.kind,
        )  # fmt: skip
        await replies.request(session, [row])
        await self.parts.jobs.nudge(session, "draft", row["id"], now)

    async def thaw(self, reply_id: int, now: datetime) -> None:
        """An approved reply that no storm holds any more is queued again, with its undo window; one that is not
        approved any more waits for nothing, whatever holds its case."""
        async with self.parts.database.write() as session:
            found = await replies.locked(session, reply_id)
            if found is None:
                return
            case, reply = found
            waits = reply.status == "approved" and reply.due_at is None
            if waits and await storms.holding(session, case.id) is not None:
                return
            await storms.forget(session, reply_id)
            if not waits:
                return
            due_at = now + self.parts.limits.undo(reply.channel)
            await replies.change(session, Reply, reply_id, due_at=due_at, error="")
            await tell_case(session, case, "queued", _CALMER, now)
            await self.parts.jobs.nudge(session, "send", reply_id, due_at)


async def tell_case(session: AsyncSession, case: Case, new: str, actor: str, now: datetime, why: str = "") -> None:
    """One line in the history of a case; its pages learn that it changed."""
    line = transitions.entry(CASES, case.id, "", new, brand_id=case.brand_id, actor=actor, now=now, why=why)
    await transitions.record(session, [line])
    await replies.change(session, Case, case.id, version=case.version + 1)
