"""One confirmed resolution, many people who wait: each gets a draft of their own, a few at a time, and in one case one
after another.

The durable step `tell` looks at the next few of a standing resolution. Dying anywhere means that it looks again: who
was looked at has a notice, written in the transaction that asks for their draft.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.ids import ids
from responders.allowed import way_now
from responders.drafters.phrasebook import first_written
from responders.parts import Parts
from storage import opt_outs, replies, resolutions, transitions
from storage.jobs import Step
from storage.resolutions import Waiter
from storage.tables import Brand, Case, MentionRow, Problem, Reply
from storage.tables_many import Notice, Resolution
from storage.turns import take_turn

AT_ONCE: Final = 20
"""Drafts asked for in one look."""
EVERY: Final = timedelta(minutes=1)
LOOKED_FOR: Final = timedelta(days=14)
"""So long after the last post of a problem late comers are looked for: grouping adds none after seven days."""
OPENED: Final = "they never tagged us, and what they tell of is mended"
_TELLER: Final = "system:teller"


def steps(parts: Parts) -> dict[str, Step]:
    """The step by its kind."""
    return {"tell": Step("tell", resolutions.due, Teller(parts).tell, gives_way=True)}


@dataclass(frozen=True, slots=True)
class Teller:
    """A `handle` function over the parts."""

    parts: Parts

    async def tell(self, resolution_id: int, now: datetime) -> None:
        """Ask for the drafts of the next few, and come back."""
        async with self.parts.database.read() as session:
            resolution = await session.get(Resolution, resolution_id)
            if resolution is None or resolution.status != "standing":
                return
            waiting = await resolutions.waiters(session, resolution.problem_id, resolution_id)
        for waiter in [each for each in waiting if not each.held][:AT_ONCE]:
            async with self.parts.database.write() as session:
                await self._look_at(session, resolution_id, waiter, now)
        async with self.parts.database.write() as session:
            await _look_again(session, resolution_id, bool(waiting), now)

    async def _look_at(self, session: AsyncSession, resolution_id: int, waiter: Waiter, now: datetime) -> None:
        resolution = await resolutions.locked(session, resolution_id)
        if resolution is None or resolution.status != "standing":
            return
        mention = await session.get_one(MentionRow, waiter.mention_id)
        await take_turn(session, mention.brand_id, mention.channel)
        case = await replies.locked_case(session, waiter.case_id) if waiter.case_id else None
        if case is not None and not await self._is_free(session, resolution_id, case):
            return
        mention = await session.get_one(MentionRow, waiter.mention_id, with_for_update=True, populate_existing=True)
        if mention.case_id != waiter.case_id or await resolutions.noticed(session, resolution_id, mention):
            return
        await self._ask(session, resolution, mention, case, now)

    async def _is_free(self, session: AsyncSession, resolution_id: int, case: Case) -> bool:
        """Nobody else of the case is being told at this moment: it has one live reply."""
        return await still_waits(session, case) and not await resolutions.held_cases(session, [case.id], resolution_id)

    async def _ask(
        self, session: AsyncSession, resolution: Resolution, mention: MentionRow, case: Case | None, now: datetime
    ) -> None:
        answered = mention if case is None else await resolutions.newest_of(session, mention)
        why = await self._why_not(session, resolution, answered, case, now)
        opened = not why if case is None else await resolutions.was_opened(session, case.id)
        if case is None and not why:
            case = await _open(session, resolution, mention, now)
        session.add(
            Notice(
                id=ids.next(now), resolution_id=resolution.id, mention_id=answered.id,
                case_id=case.id if case else None, opened=opened, why=why, created_at=now,
            )
        )  # fmt: skip
        if case is not None and not why:
            await self._request(session, case, answered, now)

    async def _request(self, session: AsyncSession, case: Case, mention: MentionRow, now: datetime) -> None:
        """A draft that knows of the resolution takes the place of one that does not."""
        await replies.stale_replies(session, [case.id], now, "what they wait for is mended", _TELLER)
        row = replies.request_row(
            case.id, brand_id=case.brand_id, channel=case.channel, mention_id=mention.id, lang=case.lang, now=now
        )
        await replies.request(session, [row])
        await self.parts.jobs.nudge(session, "draft", row["id"], now)

    async def _why_not(
        self, session: AsyncSession, resolution: Resolution, mention: MentionRow, case: Case | None, now: datetime
    ) -> str:
        """Why this one cannot be told; empty when they can."""
        if mention.channel not in self.parts.channels:
            return "this channel is no longer part of Earshot"
        if not (mention.text or mention.title):
            return "their posts are gone"
        if await opt_outs.standing_for(session, mention) is not None:
            return "they want to be left alone"
        if resolutions.is_after(resolution, mention):
            return resolutions.AFTER
        if case is None and await resolutions.thread_has_case(session, mention):
            return "somebody else's case stands in their thread"
        lang = await lang_of(session, mention, case)
        if lang not in resolution.done:
            return f"what was done is not written in their language: {lang}"
        return await self._no_way(session, mention, case, now)

    async def _no_way(self, session: AsyncSession, mention: MentionRow, case: Case | None, now: datetime) -> str:
        asked = Reply(
            id=0, brand_id=mention.brand_id, case_id=case.id if case else 0, mention_id=mention.id,
            channel=mention.channel, created_at=now,
        )  # fmt: skip
        account = await replies.account_of(session, asked)
        way = await way_now(session, asked, account, mention, self.parts, now)
        return f"no answer is possible there: {way.reason}" if way.way == "none" else ""


async def still_waits(session: AsyncSession, case: Case) -> bool:
    """Not resolved meanwhile, and no answer on its way or in somebody's hand: after that they are looked at again."""
    live = await replies.live(session, case.id)
    if await resolutions.is_in_hand(session, case.id):
        return False
    return case.status in resolutions.WAITS and (live is None or live.status not in resolutions.BEING_ANSWERED)


async def lang_of(session: AsyncSession, mention: MentionRow, case: Case | None) -> str:
    """The language in which this one is answered."""
    brand = await session.get_one(Brand, mention.brand_id)
    return first_written([mention.lang, case.lang if case else None, *brand.languages])


async def _open(session: AsyncSession, resolution: Resolution, mention: MentionRow, now: datetime) -> Case:
    """A case without clocks: nobody promised an answer to who never asked us. Others of the thread who tell of the same
    join it, as they would a case that stood when they wrote: they are told after one another."""
    posts = await resolutions.beside(session, resolution.problem_id, mention)
    newest = posts[0] if posts else mention
    case = Case(
        id=ids.next(now),
        brand_id=mention.brand_id,
        channel=mention.channel,
        thread_id=mention.thread_id,
        author_id=mention.author_id or mention.author_handle,
        author_handle=mention.author_handle,
        author_name=mention.author_name,
        lang=mention.lang,
        label=mention.label,
        severity=mention.severity,
        priority=mention.priority,
        why=OPENED,
        opened_at=now,
        posted_at=mention.posted_at,
        last_mention_at=newest.posted_at,
        last_mention_id=newest.id,
        mentions=max(1, len(posts)),
    )
    session.add(case)
    await session.flush()
    for each in {mention.id, *(post.id for post in posts)}:
        await replies.change(session, MentionRow, each, case_id=case.id)
    line = transitions.entry(
        "case", case.id, "", "open", brand_id=case.brand_id, actor=_TELLER, now=now, why=OPENED
    )  # fmt: skip
    await transitions.record(session, [line])
    return case


async def _look_again(session: AsyncSession, resolution_id: int, somebody_waits: bool, now: datetime) -> None:
    """While it stands: who comes late is told as well, and who waits for their turn, however long that takes."""
    resolution = await resolutions.locked(session, resolution_id)
    if resolution is None or resolution.status != "standing":
        return
    problem = await session.get_one(Problem, resolution.problem_id)
    newest = max(problem.last_at, resolution.created_at)
    again = now + EVERY if somebody_waits or now - newest < LOOKED_FOR else None
    await replies.change(session, Resolution, resolution_id, tell_due_at=again)
