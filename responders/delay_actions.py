"""It takes longer until: who waits gets a word of their own, once, and what we promised moves when they were told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.errors import BadInput, Missing, Moved
from domain.ids import ids
from domain.person import Person
from responders.done import Done, case_for
from responders.drafters.known import is_told
from responders.drafters.phrasebook import LANGUAGES, first_written, pack
from responders.drafters.when import said_when
from responders.holding import Holding
from responders.moments import zone_named
from responders.parts import Parts
from responders.promises import warn_at
from responders.telling import lang_of, still_waits
from storage import case_duties, delays, facts, replies, resolutions, transitions
from storage.tables import Brand, Case, MentionRow, Problem, Promise, Reply
from storage.tables_delay import Delay

LONGEST: Final = 120
MOST: Final = 200
"""Cases that are looked at in one go; pressed again, it goes on with the others."""
_FARTHEST: Final = timedelta(days=90)
_HAVE: Final = "they have this very word already"
_MOVED: Final = "they were told that it takes longer"
_GIVES_WAY: Final = "it takes longer: a word about that is drafted"


async def delay_problem(
    session: AsyncSession, person: Person, problem_id: int, *, why: Mapping[str, str], until: datetime | None,
    now: datetime, parts: Parts,
) -> Done:  # fmt: skip
    """Everyone who waits for this problem gets a holding draft that says why, in their language, and until when."""
    problem = await session.get(Problem, problem_id, populate_existing=True)
    if problem is None or problem.brand_id not in person.brands:
        raise Missing("there is no such problem")
    person.require("tell", problem.brand_id)
    if problem.status == "merged":
        raise Moved("this problem is part of another: tell those who wait there")
    words, at = _words(why), _moment(until, now)
    became = Counter[str]()
    waiting = await _untold(session, problem, words, at, became)
    for case_id in sorted(waiting[:MOST]):
        case = await replies.locked_case(session, case_id)
        if case is not None:
            became[await _delay(session, person, case, words, at, now, parts)] += 1
    asked = became.pop("", 0)
    said = "; ".join(
        [f"{asked} get a holding draft", *(f"{count} do not: {why_not}" for why_not, count in became.items())]
    )
    said += f"; {len(waiting) - MOST} more wait: press it again" if len(waiting) > MOST else ""
    return Done(said, 0, status=problem.status, version=problem.version, problem_id=problem_id)


async def _untold(
    session: AsyncSession, problem: Problem, words: Mapping[str, str], until: datetime, became: Counter[str]
) -> list[int]:
    """Cases that wait and can get this word, the worst first; why the others cannot is counted. Both are known before
    anything is cut: pressed again, it reaches the next ones."""
    brand, found = await session.get_one(Brand, problem.brand_id), list[int]()
    have = await delays.have(session, problem.brand_id, until, words.values())
    for each in await resolutions.waiters(session, problem.root_id):
        lang = first_written([each.lang, each.case_lang, *brand.languages])
        if each.case_id is None or each.held:
            continue
        if each.case_id in have:
            became[_HAVE] += 1
        elif lang not in words:
            became[_unwritten(lang)] += 1
        else:
            found.append(each.case_id)
    return found


def _unwritten(lang: str) -> str:
    return f"it is not written in their language: {lang}"


async def delay_case(
    session: AsyncSession,
    person: Person,
    case_id: int,
    *,
    why: str,
    until: datetime | None,
    now: datetime,
    parts: Parts,
) -> Done:
    """The author of this case gets a holding draft that says why, in their language, and until when."""
    case = await case_for(session, person, case_id, "tell")
    at, mention = _moment(until, now), await case_duties.last_word(session, case)
    if mention is None:
        raise Moved("their posts are gone: there is nobody to tell")
    words = _words({await lang_of(session, mention, case): why})
    if why_not := await _delay(session, person, case, words, at, now, parts):
        raise Moved(f"no draft was asked for: {why_not}")
    return Done(
        "a holding draft says so; it waits for an approval", case_id, status=case.status, version=case.version + 1
    )


async def _delay(
    session: AsyncSession, person: Person, case: Case, words: Mapping[str, str], until: datetime, now: datetime,
    parts: Parts,
) -> str:  # fmt: skip
    """Ask for the word in one case, held by the caller. Returns why there is none; empty where it was asked for."""
    mention = await case_duties.last_word(session, case)
    if mention is None:
        return "their posts are gone"
    if not await still_waits(session, case):
        return "a reply is on its way or in somebody's hands"
    lang = await lang_of(session, mention, case)
    if lang not in words:
        return _unwritten(lang)
    if await delays.have(session, case.brand_id, until, [words[lang]], case.id):
        return _HAVE
    if why_not := await Holding(parts).why_not(session, case, mention, now):
        return why_not
    await _note(session, person, case, lang, words[lang], until, now)
    await _ask(session, case, mention, parts, now)
    return ""


async def _note(
    session: AsyncSession, person: Person, case: Case, lang: str, why: str, until: datetime, now: datetime
) -> None:
    """Facts of the case, as if noted by hand: the drafts rest on them, and anybody can take them back."""
    brand, own = await session.get_one(Brand, case.brand_id), pack(lang)
    local = until.astimezone(zone_named(brand.zone))
    then = own.lines("delay.until")[0].format(next=said_when(own, f"{local:%Y-%m-%d %H:%M}"))
    given = {"actor": person.actor, "now": now}
    await facts.note(session, case, "takes_longer", why, owner_id=None, due_on=None, **given)  # type: ignore[arg-type]
    await facts.note(session, case, "next", then, owner_id=person.id, due_on=local.date(), **given)  # type: ignore[arg-type]
    session.add(
        Delay(id=ids.next(now), brand_id=case.brand_id, case_id=case.id, until=until, why=why, created_at=now,
              actor=person.actor)
    )  # fmt: skip
    # history cannot be cleaned: the words stand in the row of the delay alone
    line = transitions.entry("delay", case.id, "", "due", brand_id=case.brand_id, actor=person.actor, now=now)
    await transitions.record(session, [line])


async def _ask(session: AsyncSession, case: Case, mention: MentionRow, parts: Parts, now: datetime) -> None:
    await replies.stale_replies(session, [case.id], now, _GIVES_WAY, "system:clock")
    row = replies.request_row(
        case.id, brand_id=case.brand_id, channel=case.channel, mention_id=mention.id, lang=case.lang, now=now,
        kind="holding",
    )  # fmt: skip
    await replies.request(session, [row])
    await replies.change(session, Case, case.id, version=case.version + 1)
    await parts.jobs.nudge(session, "draft", int(row["id"]), now)


async def told(session: AsyncSession, reply: Reply, now: datetime) -> None:
    """A reply of this case is out. Where it said a delay, what we promised before is due at the new moment."""
    said = [each for each in await delays.of_case(session, reply.case_id) if _says(reply, each)]
    if not said or (last := said[-1]).told_at is not None:
        return
    await replies.change(session, Delay, last.id, told_at=now)
    for promise in await delays.promises_before(session, reply.case_id, reply.sent_at or now, last.until):
        values = {"due_at": last.until, "warn_at": warn_at(promise.made_at, last.until), "version": promise.version + 1}
        await replies.change(session, Promise, promise.id, **values)
        line = transitions.entry(
            "promise_due", promise.id, str(promise.due_at), str(last.until),
            brand_id=promise.brand_id, actor=last.actor, now=now, why=_MOVED,
        )  # fmt: skip
        await transitions.record(session, [line])


def _says(reply: Reply, delay: Delay) -> bool:
    """Whether it is the draft that was asked for with the delay, in whatever words a person approved it, or another one
    that says it."""
    asked = reply.kind == "holding" and reply.created_at == delay.created_at
    return asked or (reply.created_at >= delay.created_at and delay.why.casefold() in reply.text.casefold())


def _words(given: Mapping[str, str]) -> dict[str, str]:
    """Language -> sentence. BadInput names the field and what to do."""
    found = {lang: " ".join(text.split()).rstrip(" .") for lang, text in given.items() if text.strip()}
    if not found:
        raise BadInput("why: write one honest sentence, why it takes longer")
    for lang, text in found.items():
        if lang not in LANGUAGES:
            raise BadInput(f"why_{lang}: choose one of {', '.join(LANGUAGES)}")
        if len(text) > LONGEST:
            raise BadInput(f"why_{lang}: {len(text)} characters are too many, at most {LONGEST}")
        if not is_told(text, lang):
            raise BadInput(f"why_{lang}: write a whole statement in that language, without links or long numbers")
    return found


def _moment(until: datetime | None, now: datetime) -> datetime:
    if until is None or until.tzinfo is None or not now < until <= now + _FARTHEST:
        raise BadInput(f"until: give a moment in the future, at most {_FARTHEST.days} days ahead")
    return until
