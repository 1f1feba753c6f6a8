"""What is asked and no live article answers: found over the clues by which drafting finds articles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.errors import BadInput, Missing, Moved
from domain.person import Person
from responders import knowing
from responders.article_actions import reader_of
from responders.done import Done, Undo
from responders.parts import Parts
from scoring.clues import COMMON, clues, fits
from scoring.gaps import Asked, Gap, gaps
from storage import articles, facts, transitions
from storage import clues as index
from storage import gaps as store
from storage.tables import Brand, MentionRow
from storage.tables_market import Unneeded

SINCE: Final = timedelta(days=30)
MOST: Final = 300
"""Questions that are looked at, the newest: each costs a look-up."""
EXAMPLES: Final = 3


@dataclass(frozen=True, slots=True)
class Open:
    """Gaps of one brand, and those put aside with the rows that say so; `posts` are examples by id. `read` questions
    were looked at."""

    gaps: list[Gap]
    aside: list[tuple[Gap, Unneeded]]
    posts: dict[int, MentionRow]
    read: int


async def find(session: AsyncSession, brand_id: int, now: datetime) -> Open:
    """What is missing in this brand's knowledge, by the questions of the last 30 days."""
    rows = await store.questions(session, brand_id, now - SINCE, MOST)
    reader = await reader_of(session, brand_id)
    asked = [Asked(row.id, _who(row), row.lang or "", clues(reader, _words(row), row.lang)) for row in rows]
    markets, live = await _markets(session, brand_id, rows), await articles.live_markets(session, brand_id)
    left = [each for each in asked if not await _answered(session, brand_id, each, markets[each.row_id], live)]
    put = await store.aside(session, brand_id)
    found, aside = gaps(left, list(put))
    shown = [each.row_id for gap in [*found, *aside] for each in gap.asked[:EXAMPLES]]
    posts = {row.id: row for row in rows if row.id in set(shown)}
    return Open(found, [(gap, put[gap.term]) for gap in aside], posts, len(rows))


async def _markets(session: AsyncSession, brand_id: int, rows: Sequence[MentionRow]) -> dict[int, str]:
    """The market of each of these posts, as its case has it."""
    brand = await session.get_one(Brand, brand_id)
    noted = await facts.of_cases(session, {row.case_id for row in rows if row.case_id is not None}, "market")
    return {row.id: knowing.market_here(brand, row, noted.get(row.case_id or 0, "")).market.code for row in rows}


async def _answered(
    session: AsyncSession, brand_id: int, asked: Asked, market: str, live: Mapping[int, str]
) -> bool:  # fmt: skip
    """Whether a live article for the market of who asked, or for all, fits: by the rule that drafting uses."""
    shared = await index.find(session, brand_id, "article", list(asked.clues), COMMON)
    return any(live.get(row_id) in ("", market) and fits(asked.clues, terms) for row_id, terms in shared.items())


def _who(row: MentionRow) -> str:
    return f"{row.channel}:{row.author_id or row.author_handle or row.id}"


def _words(row: MentionRow) -> str:
    return f"{row.title}\n\n{row.text}"


# --- what a person says of it --------------------------------------------------------------------------------------


async def put_aside(
    session: AsyncSession, person: Person, brand_id: int, *, term: int, now: datetime, parts: Parts
) -> Done:
    """These questions need no article. Undo: `needed`."""
    if brand_id not in person.brands:
        raise Missing("there is no such brand")
    person.require("write_articles", brand_id)
    if not 0 < abs(term) < 2**63:
        raise BadInput("term: the number of a gap is expected")
    row = await store.of_term(session, brand_id, term)
    if row is None:
        row = await store.put_aside(session, brand_id, term, person.actor, now)
    elif row.status != "aside":
        await _move(session, row, "aside", person, now)
    return Done("put aside: it needs no article", 0, status="aside", undo=Undo("needed"), gap_id=row.id)


async def needed(session: AsyncSession, person: Person, gap_id: int, *, now: datetime, parts: Parts) -> Done:
    """They need one after all. Undo: `aside`."""
    row = await _one(session, person, gap_id)
    await _move(session, row, "needed", person, now)
    return Done("listed again", 0, status="needed", undo=Undo("aside"), gap_id=row.id)


async def aside(session: AsyncSession, person: Person, gap_id: int, *, now: datetime, parts: Parts) -> Done:
    """Put aside again. Undo: `needed`."""
    row = await _one(session, person, gap_id)
    await _move(session, row, "aside", person, now)
    return Done("put aside: it needs no article", 0, status="aside", undo=Undo("needed"), gap_id=row.id)


async def _one(session: AsyncSession, person: Person, gap_id: int) -> Unneeded:
    row = await store.locked(session, gap_id)
    if row is None or row.brand_id not in person.brands:
        raise Missing("there is no such gap")
    person.require("write_articles", row.brand_id)
    return row


async def _move(session: AsyncSession, row: Unneeded, new: str, person: Person, now: datetime) -> None:
    if row.status == new:
        raise Moved("somebody did so already: reload")
    await transitions.move(session, "gap", row.id, row.status, new, brand_id=row.brand_id, actor=person.actor, now=now)
