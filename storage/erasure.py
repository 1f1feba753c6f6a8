"""All that is held of one author on one channel of one brand: counted first, then erased."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, func, update
from sqlalchemy import select as pick
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.errors import BadInput
from domain.ids import ids
from domain.opt_out import author_hash
from storage.database import Database
from storage.needles import Needles
from storage.purging import HAS_WORDS, Order, purge
from storage.scrubbing import scrub_now
from storage.tables import Case, MentionRow, Note, Quarantine, Reply, SourceRow, table
from storage.transitions import entry, record
from storage.turns import take_turn

WHY: Final = "erased on request"
_STRETCH = 20_000
_AT_ONCE = 200
_UNSENT: Final = ("requested", "drafted", "approved", "replaced", "stale", "rejected", "failed", "refused")
_M, _C, _R, _N, _Q, _S = (table(model).c for model in (MentionRow, Case, Reply, Note, Quarantine, SourceRow))


@dataclass(frozen=True, slots=True)
class Author:
    """Whose data: `name` is a handle (with or without "@"), a native id, or an address that they left."""

    brand_id: int
    channel: str
    name: str

    @property
    def who(self) -> ColumnElement[bool]:
        """Mentions they wrote."""
        bare = self.name.lstrip("@").casefold()
        ids = {self.name, bare} if "@" in bare else {self.name}  # addresses are kept in lower case
        theirs = func.lower(_M.author_handle).in_((bare, f"@{bare}")) | _M.author_id.in_(ids)
        return theirs | (func.lower(_M.native["to"].as_string()) == bare) if "@" in bare else theirs


@dataclass(frozen=True, slots=True)
class Count:
    """What is held: posts, cases in which they are, drafts and sent replies in those, notes on them (which stay, and
    are flagged), and raw items that name them."""

    posts: int = 0
    cases: int = 0
    drafts: int = 0
    sent: int = 0
    notes: int = 0
    samples: int = 0

    def __str__(self) -> str:
        return ", ".join(f"{getattr(self, each.name)} {each.name}" for each in fields(self))


def author(brand_id: int, channel: str, name: str) -> Author:
    """BadInput without a name: nobody's data would mean everybody's."""
    name = name.strip()
    if len(name.lstrip("@")) < 2:
        raise BadInput("author: give the whole handle of one person, as the posts show it")
    return Author(brand_id, channel, name)


async def count(database: Database, who: Author) -> Count:
    """What would be erased; changes nothing."""
    posts = await _posts(database, who)
    async with database.read() as session:
        cases = sorted({row.case_id for row in posts if row.case_id})
        return Count(
            posts=len(posts),
            cases=len(cases),
            drafts=await _how_many(session, _R.id, _R.case_id.in_(cases), _R.status.in_(_UNSENT)),
            sent=await _how_many(session, _R.id, _R.case_id.in_(cases), _R.status.not_in(_UNSENT)),
            notes=await _how_many(session, _N.id, _N.case_id.in_(cases)),
            samples=len(await _samples(session, who)),
        )


async def erase(database: Database, who: Author, *, actor: str, now: datetime) -> Count:
    """Erase it, batch by batch, and leave one line of history: how much it was and a hash of whose. What is on its way
    (a reply that is being sent) is cleaned when it has arrived. Run again after a death it goes on."""
    counted = await count(database, who)
    posts = [row.id for row in await _posts(database, who)]
    order = Order(who.brand_id, who.channel, WHY, actor, now)
    for start in range(0, len(posts), _AT_ONCE):
        async with database.write() as session:
            await take_turn(session, who.brand_id, who.channel)
            await purge(session, order, _M.id.in_(posts[start : start + _AT_ONCE]))
    async with database.write() as session:
        await _blank_samples(session, who)
        said = f"{WHY}: {counted}; author {author_hash(who.channel, '', who.name.lstrip('@'))}"
        given: dict[str, Any] = {"brand_id": who.brand_id, "actor": actor, "now": now, "why": said}
        await record(session, [entry("erasure", ids.next(now), "", "erased", **given)])
    await scrub_now(database, who.brand_id, who.channel, now)
    await database.tidy()
    return counted


async def _posts(database: Database, who: Author) -> list[Any]:
    """Ids and cases of their posts. No index leads to an author, so the table is read in stretches."""
    at = 0
    found: list[Any] = []
    here = _M.brand_id == who.brand_id, _M.channel == who.channel, _M.status != "withdrawn", HAS_WORDS, who.who
    while True:
        async with database.read() as session:
            connection = await session.connection()
            stretch = pick(_M.id).where(_M.id > at).order_by(_M.id).offset(_STRETCH - 1).limit(1)
            end = (await connection.execute(stretch)).scalar()
            query = pick(_M.id, _M.case_id).where(_M.id > at, *here)
            if end is not None:
                query = query.where(_M.id <= end)
            found += await connection.execute(query.order_by(_M.id))
        if end is None:
            return found
        at = end


async def _how_many(session: AsyncSession, column: Any, *which: ColumnElement[bool]) -> int:
    return int((await (await session.connection()).execute(pick(func.count(column)).where(*which))).scalar_one())


async def _samples(session: AsyncSession, who: Author) -> list[int]:
    needles = Needles([who.name, who.name.lstrip("@")])
    sources = pick(_S.id).where(_S.brand_id == who.brand_id, _S.channel == who.channel)
    rows = await (await session.connection()).execute(pick(_Q.id, _Q.place, _Q.sample).where(_Q.source_id.in_(sources)))
    return [row.id for row in rows if needles.found_in(f"{row.place}\n{row.sample}")]


async def _blank_samples(session: AsyncSession, who: Author) -> None:
    """Raw items of theirs that never became posts."""
    named = await _samples(session, who)
    clean = update(Quarantine).where(_Q.id.in_(named)).values(place="a post that was removed", sample="")
    await (await session.connection()).execute(clean)
