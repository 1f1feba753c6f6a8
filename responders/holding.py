"""The durable steps of a word that is no answer yet: one holding draft before the window ends, then check-ins.

Both only ask for a draft. A person approves it like any other, and the answer stays owed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.thanks import only_thanks
from responders.allowed import way_now
from responders.parts import Parts
from storage import case_duties, holding, opt_outs, replies, transitions
from storage.jobs import Step
from storage.tables import Case, MentionRow, Reply

_CLOCK: Final = "system:clock"
_GIVES_WAY: Final = "the answer will take longer: a holding reply is drafted"


def steps(parts: Parts) -> dict[str, Step]:
    """The steps by kind: holding and check_in, both of a case."""
    word = Holding(parts)
    return {
        "holding": Step("holding", holding.holdings_due, word.hold),
        "check_in": Step("check_in", word.check_ins_due, word.check_in),
    }


@dataclass(frozen=True, slots=True)
class Holding:
    """`handle` functions over the same parts."""

    parts: Parts

    async def check_ins_due(self, session: AsyncSession, now: datetime, limit: int) -> list[int]:
        """Unsolved cases whose author has not heard from us for so long."""
        return await holding.check_ins_due(session, now, self.parts.limits.check_in, limit)

    async def hold(self, case_id: int, now: datetime) -> None:
        """Three quarters of the window are gone: ask for the one holding draft of what is owed, or note why not."""
        async with self.parts.database.write() as session:
            case = await replies.locked_case(session, case_id)
            if case is not None and await holding.holdings_due(session, now, 1, case_id):
                await self._ask(session, case, "holding", now)

    async def check_in(self, case_id: int, now: datetime) -> None:
        """Nothing was heard from us for so long: ask for one more, or note why not."""
        async with self.parts.database.write() as session:
            case = await replies.locked_case(session, case_id)
            if case is not None and await holding.check_ins_due(session, now, self.parts.limits.check_in, 1, case_id):
                await self._ask(session, case, "check_in", now)

    async def _ask(self, session: AsyncSession, case: Case, noun: str, now: datetime) -> None:
        mention = await case_duties.last_word(session, case)
        again = noun == "check_in"
        why = (
            "their posts are gone" if mention is None else await self.why_not(session, case, mention, now, again=again)
        )
        await _note(session, case, noun, "skipped" if why else "due", why, now)
        await replies.change(session, Case, case.id, hold_at=None)
        if mention is None or why:
            return
        await _make_way(session, case, now)
        row = replies.request_row(
            case.id, brand_id=case.brand_id, channel=case.channel, mention_id=mention.id, lang=case.lang, now=now,
            kind="holding",
        )  # fmt: skip
        await replies.request(session, [row])
        await replies.change(session, Case, case.id, version=case.version + 1)
        await self.parts.jobs.nudge(session, "draft", int(row["id"]), now)

    async def why_not(
        self, session: AsyncSession, case: Case, mention: MentionRow, now: datetime, *, again: bool = False
    ) -> str:
        """Why the author of this case gets no holding reply; empty where they may. Whoever praised or thanked us waits
        for nothing, unless we told them to wait (`again`)."""
        if case.channel not in self.parts.channels:
            return "this channel is no longer part of Earshot"
        if self.parts.channels[case.channel].policies.holding_counts:
            return "on this channel a holding reply would take the place of the answer"
        if not again and (case.label == "positive" or only_thanks(mention.text)):
            return "they praised or thanked us"
        if await opt_outs.standing_for(session, mention) is not None:
            return "they want to be left alone"
        asked = Reply(
            id=0, brand_id=case.brand_id, case_id=case.id, mention_id=mention.id, channel=case.channel,
            kind="holding", created_at=now,
        )  # fmt: skip
        way = await way_now(session, asked, await replies.account_of(session, asked), mention, self.parts, now)
        return "no answer is possible there" if way.way == "none" else ""


async def _make_way(session: AsyncSession, case: Case, now: datetime) -> None:
    """An answer that was only drafted is set aside; it can be asked for again. The query let nothing else through."""
    old = await replies.live(session, case.id)
    if old is not None:
        await transitions.move(
            session, "reply", old.id, old.status, "stale",
            brand_id=old.brand_id, actor=_CLOCK, now=now, why=_GIVES_WAY, due_at=None,
        )  # fmt: skip


async def _note(session: AsyncSession, case: Case, noun: str, new: str, why: str, now: datetime) -> None:
    line = transitions.entry(noun, case.id, "", new, brand_id=case.brand_id, actor=_CLOCK, now=now, why=why)
    await transitions.record(session, [line])
