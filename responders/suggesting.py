"""The durable step of the optional model: ask once, and offer what passes every check beside the composed draft.

1. in one transaction: is it still wanted, was it answered before, does it rest, does the worst price fit the day;
2. the question, outside of any transaction, at most one per row: a row that was asked is never due again;
3. in one transaction: what it cost, and the text if nobody objects to it.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.errors import BadInput
from responders import knowing
from responders.approval import final_text
from responders.drafters.model import Heard, Model
from responders.drafters.model_answer import Said
from responders.drafters.model_breaker import FAILURES, rests
from responders.drafters.model_gate import faults
from responders.drafters.model_prompt import Own, private_way, words_known, words_shown
from responders.drafting import answer_lang, facts_for, spoken_of, way_to_us
from responders.facts import IN_PRIVATE, Facts
from responders.keeping import beside
from responders.noting import noted
from responders.parts import Parts
from storage import replies, suggestions, surveys, transitions
from storage.jobs import Step
from storage.replies import Gathered
from storage.tables import Case, MentionRow, Reply
from storage.tables_model import Suggestion

_MODEL: Final = "system:model"
_OWN: Final = ("agent", "promised")
"""Keys that come by themselves and from this case alone; `problem`, `known_outage`, `earlier_cases` tell of others."""
AT_ONCE: Final = 2
"""Questions that one process has open at the same time: drafts and sendings keep their slots."""
LATEST: Final = timedelta(minutes=15)
"""A question that waited longer is not asked: in a flood people work with the composed drafts."""


def steps(parts: Parts) -> dict[str, Step]:
    """The step suggest; none without a model."""
    if parts.model is None:
        return {}
    return {"suggest": Step("suggest", suggestions.due, Suggesting(parts, parts.model).suggest, gives_way=True)}


async def ask_for(session: AsyncSession, reply: Reply, parts: Parts, now: datetime) -> None:
    """A draft of an answer is there: the model may propose another one, where its network has nothing against it. What
    an author said in a survey is for the team alone, and our replies may speak of it: their case is not shown."""
    if parts.model is None or reply.kind != "answer" or parts.channels[reply.channel].no_model:
        return
    survey = await surveys.of_case(session, reply.case_id)
    if survey is not None and survey.value is not None:
        return
    row_id = await suggestions.ask_for(session, reply, now)
    await parts.jobs.nudge(session, "suggest", row_id, now)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question on its way: its row, its bytes, what was reserved, and from which day."""

    row_id: int
    question: bytes
    reserved: int
    day: date


def shown_facts(given: Gathered, noted: dict[str, str], way: str = "") -> Facts:
    """What may leave of a case: nothing that is private, and nothing that another case told; and the `way` on which
    anybody can write to the brand in private."""
    own = noted | {key: given.known[key] for key in _OWN if key in given.known}
    return facts_for(replace(given, known=own), way=way)


@dataclass(slots=True)
class Suggesting:
    """The handler of `suggest`."""

    parts: Parts
    model: Model
    _open: int = 0

    async def suggest(self, row_id: int, now: datetime) -> None:
        """Due -> offered, dropped, failed or skipped. With enough questions open it stays due for the next sweep."""
        if self._open >= AT_ONCE:
            return
        self._open += 1
        try:
            await self._suggest(row_id, now)
        finally:
            self._open -= 1

    async def _suggest(self, row_id: int, now: datetime) -> None:
        async with self.parts.database.write() as session:
            asked = await self._begin(session, row_id, now)
        if asked is None:
            return
        heard = await self.model.ask(asked.question)
        async with self.parts.database.write() as session:
            await self._end(session, asked, heard, self.parts.clock.now())

    # --- 1. before it leaves ---

    async def _begin(self, session: AsyncSession, row_id: int, now: datetime) -> Asked | None:
        found = await _held(session, row_id)
        if found is None or found[2].due_at is None:
            return None
        case, reply, row = found
        if why := _not_wanted(case, reply, row, now):
            await _skip(session, row, why, now)
            return None
        given = await knowing.gather(session, case, reply, now)
        question = await self._question(session, given, now)
        hashed = sha256(question).hexdigest()
        if before := await suggestions.answered(session, case.id, hashed):
            await self._repeat(session, row, given, before, hashed, now)
            return None
        if rests(await suggestions.last_ends(session, FAILURES), now):
            await _skip(session, row, "the model failed too often: it is left alone for a while", now)
            return None
        return await self._reserve(session, row, question, hashed, now)

    async def _question(self, session: AsyncSession, given: Gathered, now: datetime) -> bytes:
        shown, channel = await self._shown(session, given, now), self.parts.channels[given.reply.channel]
        said = spoken_of(given)
        private = private_way(
            is_private=channel.private,
            has_messages=bool(channel.messages),
            way=shown.public.get(IN_PRIVATE, ""),
        )
        ways = Own(greeting=said.greeting, closing=said.closing, private=private)
        return self.model.question(shown, answer_lang(given), channel.max_length, ways)

    async def _shown(self, session: AsyncSession, given: Gathered, now: datetime) -> Facts:
        channel = self.parts.channels[given.reply.channel]
        way = "" if channel.private or channel.messages else way_to_us(given, self.parts.surveys)
        return shown_facts(given, await noted(session, given.case, now), way)

    async def _reserve(
        self, session: AsyncSession, row: Suggestion, question: bytes, hashed: str, now: datetime
    ) -> Asked | None:
        worst, day = self.model.worst(question), now.date()
        if not await suggestions.reserve(session, day, worst, cap=self.model.cap, calls=self.model.calls):
            await _skip(session, row, "the budget of the day is used up", now)
            return None
        left = {"prompt_hash": hashed, "prompt_bytes": len(question), "reserved": worst, "cost": worst}
        await suggestions.change(
            session, row.id, due_at=None, asked_at=now, outcome="asking", model=self.model.name, **left
        )
        return Asked(row.id, question, worst, day)

    # --- 3. after it came back ---

    async def _end(self, session: AsyncSession, asked: Asked, heard: Heard, now: datetime) -> None:
        found = await _held(session, asked.row_id)
        await suggestions.settle(session, asked.day, asked.reserved, heard.cost)
        if found is None:
            return
        case, reply, row = found
        usage = heard.said.usage
        came = {
            "answer_hash": sha256(heard.body).hexdigest() if heard.body else "",
            "answer_bytes": len(heard.body),
            "tokens_in": _stored(usage.prompt),
            "tokens_out": _stored(usage.answer),
            "cost": heard.cost,
        }
        await suggestions.change(session, row.id, **came)
        if heard.said.fault:
            await suggestions.change(session, row.id, outcome="failed", reason=heard.said.fault, ended_at=now)
        elif reply.status != "drafted":
            await suggestions.change(session, row.id, outcome="dropped", reason=suggestions.TOO_LATE, ended_at=now)
        else:
            await self._judge(session, row, await knowing.gather(session, case, reply, now), heard.said, now)

    async def _repeat(
        self, session: AsyncSession, row: Suggestion, given: Gathered, before: Suggestion, hashed: str, now: datetime
    ) -> None:
        """The same was asked before in this case: the same answer, checked anew, at no cost."""
        await suggestions.change(session, row.id, due_at=None, model=before.model, prompt_hash=hashed)
        if before.text:
            await self._judge(session, row, given, Said(before.text), now)
        else:
            await suggestions.change(session, row.id, outcome="dropped", reason=before.reason, ended_at=now)

    async def _judge(self, session: AsyncSession, row: Suggestion, given: Gathered, said: Said, now: datetime) -> None:
        shown = await self._shown(session, given, now)
        given = await beside(session, given, said.text[: self._most(given)], now)
        text, objections = await asyncio.to_thread(self.judged, given, shown, said.text)
        if objections:
            why = ", ".join(objections)
            await suggestions.change(session, row.id, outcome="dropped", reason=why, ended_at=now)
            return
        lang = answer_lang(given)
        await suggestions.change(session, row.id, outcome="offered", text=text, lang=lang, ended_at=now)
        await _tell(session, given.case, now)

    def _most(self, given: Gathered) -> int:
        """No text that is this long is looked at further."""
        return 4 * self.parts.channels[given.reply.channel].max_length

    def judged(self, given: Gathered, shown: Facts, text: str) -> tuple[str, list[str]]:
        """The text as it would be sent, and why it is dropped. Any objection counts, also those that only advise."""
        try:
            text = final_text(text)
        except BadInput:
            return "", ["control characters"]
        if len(text) > self._most(given):
            return "", ["too_long"]  # before anything looks at each word of it
        if found := faults(text, words_shown(shown), words_known(shown)):
            return text, found
        promised = [each for each in self.parts.check(_unsaid(given), text) if each.rule == "over_promise"]
        return text, list(dict.fromkeys(each.rule for each in [*self.parts.check(given, text), *promised]))


def _unsaid(given: Gathered) -> Gathered:
    """The same situation, had the author said nothing: a post that words a promise does not make it ours."""
    said = MentionRow(**(given.mention.model_dump() | {"text": "", "title": ""}))
    return replace(given, mention=said, thread=(said,))


async def _held(session: AsyncSession, row_id: int) -> tuple[Case, Reply, Suggestion] | None:
    """Case, reply and question, held in the order in which everybody locks."""
    reply_id = await suggestions.reply_of(session, row_id)
    found = await replies.locked(session, reply_id) if reply_id is not None else None
    return (*found, await suggestions.locked(session, row_id)) if found else None


def _not_wanted(case: Case, reply: Reply, row: Suggestion, now: datetime) -> str:
    if reply.status != "drafted" or case.status == "resolved":
        return "nobody waits for it any more"
    return "it waited too long" if now - row.created_at > LATEST else ""


async def _skip(session: AsyncSession, row: Suggestion, why: str, now: datetime) -> None:
    await suggestions.change(session, row.id, due_at=None, outcome="skipped", reason=why, ended_at=now)


async def _tell(session: AsyncSession, case: Case, now: datetime) -> None:
    line = transitions.entry("suggestion", case.id, "", "offered", brand_id=case.brand_id, actor=_MODEL, now=now)
    await transitions.record(session, [line])


def _stored(tokens: int | None) -> int:
    """As the other side stated it, where a column can hold it."""
    return tokens if tokens is not None and 0 <= tokens < 2**31 else 0
