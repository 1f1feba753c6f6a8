"""What is known while drafting: facts of the case, live articles that fit, and resolved cases that are alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.person import Person
from responders.article_actions import reader_of
from responders.drafters.phrasebook import first_written, pack
from responders.drafters.when import said_when
from responders.market_of import Found, market_of
from responders.markets import PACKS
from responders.moments import zone_named
from responders.noting import noted
from responders.promises import next_of
from responders.stating import facts_of_statement
from scoring.clues import COMMON, Clues, clues, fits, weight, why
from scoring.titles import title_of
from storage import (
    articles,
    case_duties,
    desk_problems,
    facts,
    people,
    promises,
    replies,
    resolutions,
    signing,
    storms,
    surveys,
)
from storage import clues as index
from storage.replies import Gathered
from storage.tables import Article, Brand, Case, MentionRow, Reply, User
from storage.tables_many import Resolution
from storage.tables_survey import Survey

MOST: Final = 3
"""So many articles and cases are shown and given to a draft: more would not be read."""
_POSTS = 5


@dataclass(frozen=True, slots=True)
class Fitting:
    """A live article that fits a post, and why in words."""

    article: Article
    why: str


@dataclass(frozen=True, slots=True)
class Alike:
    """A resolved case that is like this one: what was said, what we answered, and why it is shown."""

    case: Case
    said: MentionRow
    answer: Reply
    why: str


async def gather(
    session: AsyncSession, case: Case, reply: Reply, now: datetime, by: Person | None = None
) -> Gathered:  # fmt: skip
    """All that drafting and the reply contract need to know, with what is known of the case and what we know; `by` is
    who looks at it, and may sign."""
    given = await replies.gather(session, case, reply, now)
    found = await _clues_of(session, given.mention)
    lang = given.mention.lang or case.lang
    known = await known_of(session, case, given.mention.lang, given.mention, now=now)
    here = market_here(given.brand, given.mention, known.get("market", ""))
    fitting = await fitting_articles(session, case.brand_id, found, lang, here.market.code)
    looking = {case.assignee_id, by.id if by else None}
    signers = looking | {each.user_id for each in await signing.sign_offs(session, reply.id)}
    texts = tuple((each.article.name, each.article.title, each.article.text) for each in fitting)
    return replace(
        given, known=known, knowledge=texts, market=here.market.code, formality=here.market.addressed,
        colleagues=await people.names_of(session, case.brand_id, but=signers),
        let_down=await _let_down(session, given),
    )  # fmt: skip


async def _let_down(session: AsyncSession, given: Gathered) -> Survey | None:
    """What is said to nobody else: not where somebody else of the thread is answered. What its author posts after it is
    answered like any post."""
    if given.reply.kind == replies.FOLLOW_UP or not case_duties.is_theirs(given.case, given.mention):
        return None
    survey = await surveys.unanswered(session, given.case.id)
    return survey if survey and survey.changed_at and given.mention.posted_at <= survey.changed_at else None


async def found_for(session: AsyncSession, case: Case, mention: MentionRow) -> tuple[list[Fitting], list[Alike]]:
    """What the page of a case shows of our knowledge."""
    found = await _clues_of(session, mention)
    here = await market_for(session, case, mention)
    fitting = await fitting_articles(session, case.brand_id, found, mention.lang or case.lang, here.market.code)
    return fitting, await alike_cases(session, case, found)


async def market_for(session: AsyncSession, case: Case, mention: MentionRow) -> Found:
    """The market of a case, by this post of it, and why."""
    noted = next((row.value for row in await facts.of_case(session, case.id) if row.key == "market"), "")
    return market_here(await session.get_one(Brand, case.brand_id), mention, noted)


async def markets_of(session: AsyncSession, brand: Brand, mention: MentionRow, case_id: int) -> set[str]:
    """The codes of every market that a limit may hold for: those noted, also what another note replaced, and the one
    found without a note. Nobody lifts a limit by noting another market."""
    noted = {"", *await facts.ever_noted(session, case_id, "market")}
    return {market_here(brand, mention, each).market.code for each in noted}


def market_here(brand: Brand, mention: MentionRow, noted: str) -> Found:
    """The same of values; the packs are those in force now."""
    return market_of(
        PACKS.all(), noted=noted, text=f"{mention.title}\n{mention.text}", lang=mention.lang,
        holidays=str(brand.policy.get("holidays") or ""), zone=brand.zone,
    )  # fmt: skip


def days_off(brand: Brand, now: datetime) -> frozenset[date]:
    """The holidays of the brand's own market, this year and the next."""
    country = str(brand.policy.get("holidays") or "").partition("-")[0]
    here = market_of(PACKS.all(), noted="", text="", lang=None, holidays=country, zone=brand.zone)
    return here.market.days_off(now.year)


async def _clues_of(session: AsyncSession, mention: MentionRow) -> Clues:
    reader = await reader_of(session, mention.brand_id)
    return clues(reader, f"{mention.title}\n\n{mention.text}", mention.lang)


async def fitting_articles(
    session: AsyncSession, brand_id: int, found: Clues, lang: str | None, market: str = ""
) -> list[Fitting]:
    """Live articles for this market or all, the language of the reply first, then what fits best."""
    shared = await _fitting(session, brand_id, "article", found)
    rows = await articles.these(session, list(shared), market)
    rows.sort(key=lambda row: (row.lang != lang, -weight(found, shared[row.id]), row.id))
    return [Fitting(row, why(found, shared[row.id])) for row in rows[:MOST]]


async def alike_cases(session: AsyncSession, case: Case, found: Clues) -> list[Alike]:
    """Cases that we answered and that are resolved, as far as their words are still here; the likest first."""
    shared = await _fitting(session, case.brand_id, "case", found)
    query = select(Case).where(col(Case.id).in_(shared.keys() - {case.id}), Case.status == "resolved")
    rows = sorted(await session.exec(query), key=lambda row: (-weight(found, shared[row.id]), -row.id))
    seen = [(row, await _said(session, row.id), await _answer(session, row.id)) for row in rows[:MOST]]
    return [Alike(row, said, answer, why(found, shared[row.id])) for row, said, answer in seen if said and answer]


async def _fitting(
    session: AsyncSession, brand_id: int, noun: str, found: Clues
) -> dict[int, Mapping[int, int]]:  # fmt: skip
    shared = await index.find(session, brand_id, noun, list(found), COMMON)
    return {row_id: terms for row_id, terms in shared.items() if fits(found, terms)}


async def _said(session: AsyncSession, case_id: int) -> MentionRow | None:
    query = select(MentionRow).where(MentionRow.case_id == case_id, MentionRow.status == "kept", MentionRow.text != "")
    return (await session.exec(query.order_by(col(MentionRow.id)).limit(1))).first()


async def _answer(session: AsyncSession, case_id: int) -> Reply | None:
    query = select(Reply).where(Reply.case_id == case_id, Reply.status == "sent", Reply.text != "")
    return (await session.exec(query.order_by(col(Reply.id).desc()).limit(1))).first()


async def remember(session: AsyncSession, case: Case) -> None:
    """We answered it: once it is resolved, it is found by what its author said."""
    query = select(MentionRow).where(MentionRow.case_id == case.id, MentionRow.status == "kept")
    terms = set[int]()
    for mention in await session.exec(query.order_by(col(MentionRow.id)).limit(_POSTS)):
        terms |= set(await _clues_of(session, mention))
    await index.put(session, case.brand_id, "case", case.id, terms)


async def known_of(
    session: AsyncSession, case: Case, lang: str | None = None, said: MentionRow | None = None, *, now: datetime
) -> dict[str, str]:
    """Key -> value at this moment: what comes by itself (for an answer to a post in `lang`), and over it what
    colleagues noted."""
    return await derived(session, case, lang, said, now=now) | await noted(session, case, now)


async def derived(
    session: AsyncSession, case: Case, lang: str | None = None, said: MentionRow | None = None, *, now: datetime
) -> dict[str, str]:
    """`agent` who has the case, unless the brand signs in words of its own; `problem` that it is part of, in our words;
    `known_outage` as somebody confirmed it in another case of that problem; `done` and `cause` as its resolution says,
    but not to what was said after it was mended (`said`, else the author's last word); `promised` what we owe them;
    `earlier_cases` of the same author."""
    known, brand = dict[str, str](), await session.get_one(Brand, case.brand_id)
    if case.assignee_id is not None and not brand.voice.get("sign_off"):
        known["agent"] = (await session.get_one(User, case.assignee_id)).name
    problem = (await desk_problems.parts_of(session, [case.id])).get(case.id)
    if problem is not None and problem.status == "open":
        known["problem"] = title_of("", problem.named, problem.mentions)
        if outage := await facts.told_of_problem(session, case.id, "known_outage"):
            known["known_outage"] = outage
    known |= await _of_problem(session, case, lang, said or await case_duties.last_word(session, case), now)
    if owed := await _promised(session, case):
        known["promised"] = owed
    many, last = await facts.earlier_cases(session, case)
    if last is not None:
        known["earlier_cases"] = f"{many}, the last on {last.date().isoformat()}"
    return known


async def _of_problem(
    session: AsyncSession, case: Case, lang: str | None, said: MentionRow | None, now: datetime
) -> dict[str, str]:
    """What was said of the problem that the case is part of, in the language of the answer: what was confirmed, or the
    agreed statement of a storm that began after it. They never stand side by side. Who tells of it after it was mended
    hears nothing of its mending."""
    resolution = await resolutions.of_case(session, case.id)
    found = [storm for storm in await storms.over(session, case.id) if storm.status in ("stated", "releasing")]
    brand = await session.get_one(Brand, case.brand_id)
    own = first_written([lang, case.lang, *brand.languages])
    if found and (resolution is None or resolution.id < found[0].id):
        return facts_of_statement(found[0], own, brand.zone, now)
    if resolution is None or (said is not None and resolutions.is_after(resolution, said)):
        return {}
    return _resolved(resolution, own, brand.zone)


def _resolved(row: Resolution, lang: str, zone: str) -> dict[str, str]:
    known = {"cause": row.wrong[lang]} if row.wrong.get(lang) else {}
    if done := row.done.get(lang):
        known["done"] = f"{done} ({_when(row.since, lang, zone)})" if row.since else done
    return known


def _when(at: datetime, lang: str, zone: str) -> str:
    return said_when(pack(lang), f"{at.astimezone(zone_named(zone)):%Y-%m-%d %H:%M}")


async def _promised(session: AsyncSession, case: Case) -> str:
    """Our open promises, so that they may be said again, and nothing else is promised in their place."""
    rows = [
        (row.words, row.promise.due_at)
        for row in await promises.of_case(session, case.id)
        if row.promise.status == "open"
    ]
    brand = await session.get_one(Brand, case.brand_id)
    return "; ".join(next_of(rows, zone_named(brand.zone)))
