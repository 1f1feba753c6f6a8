"""What the database already holds of a page: one look-up of each kind for all its posts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, func
from sqlalchemy import select as pick
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.arrays import listed, one_of
from storage.case_duties import awaits_us
from storage.driver import Query, fetch, run
from storage.promises import SHOWN_BROKEN
from storage.tables import Case, MentionRow, Reply, UtcDateTime, table

_M, _C, _R = (table(model).c for model in (MentionRow, Case, Reply))


class Known(NamedTuple):
    """What of a stored mention decides whether a post is new, edited or seen."""

    external_id: str
    id: int
    content_hash: str
    status: str
    case_id: int | None
    version: int
    thread_id: str
    addressed: bool


class Theirs(NamedTuple):
    """A case that its author still has with us: what its posts are about and the threads they stand in."""

    author_id: str
    case_id: int
    themes: set[str]
    threads: set[str]

    def takes(self, about: Iterable[str], thread: str) -> bool:
        """Whether a further post of its author, about these themes in that thread, belongs to it."""
        return not self.themes.isdisjoint(about) or thread in self.threads


@cache
def _known(dialect: str) -> Select[Any]:
    here = _M.brand_id == bindparam("brand"), _M.channel == bindparam("channel")
    return pick(*(_M[name] for name in Known._fields)).where(*here, one_of(_M.external_id, "names", dialect))


@cache
def _first_copies(dialect: str) -> Select[Any]:
    wanted = _M.brand_id == bindparam("brand"), one_of(_M.text_hash, "hashes", dialect)
    return pick(_M.text_hash, func.min(_M.id)).where(*wanted).group_by(_M.text_hash)


@cache
def _cases(dialect: str) -> Select[Any]:
    here = _C.brand_id == bindparam("brand"), _C.channel == bindparam("channel")
    return pick(_C.id).where(*here, one_of(_C.thread_id, "threads", dialect))


@cache
def _of_authors(dialect: str) -> Select[Any]:
    here = _C.brand_id == bindparam("brand"), _C.channel == bindparam("channel")
    recent = (_C.status != "resolved") & (_C.last_mention_at >= bindparam("since", type_=UtcDateTime))
    alive = recent | awaits_us(bindparam("shown_since", type_=UtcDateTime))
    theirs = pick(_C.author_id, _C.id, _M.themes, _M.thread_id).join(MentionRow, _M.case_id == _C.id)
    return theirs.where(*here, one_of(_C.author_id, "authors", dialect), alive).order_by(_C.id)


@cache
def _our_threads(dialect: str) -> Select[Any]:
    here = _R.brand_id == bindparam("brand"), _R.channel == bindparam("channel")
    sent = pick(_R.external_id, _C.thread_id).join(Case, _C.id == _R.case_id)
    return sent.where(*here, one_of(_R.external_id, "names", dialect))


class Shelf:
    """Looks things up for one brand and channel, inside the page's transaction."""

    def __init__(self, session: AsyncSession, brand_id: int, channel: str) -> None:
        self._session = session
        self._dialect = session.get_bind().dialect.name
        self._here = {"brand": brand_id, "channel": channel}

    async def mentions(self, names: Iterable[str]) -> dict[str, Known]:
        """The stored mentions with these native ids."""
        rows = await self._fetch(_known, names=names)
        return {row[0]: Known(*row) for row in rows}

    async def our_threads(self, parents: Iterable[str]) -> dict[str, str]:
        """Threads of our own replies: an answer to what we said belongs to the same case."""
        return {row[0]: row[1] for row in await self._fetch(_our_threads, names=parents)}

    async def cases(self, threads: Iterable[str]) -> dict[str, Case]:
        """The cases of these threads, by thread. Nearly all threads are new, so whole rows are read for hits only."""
        return _by_thread(await self.held(await self.case_ids(threads)))

    async def case_ids(self, threads: Iterable[str]) -> set[int]:
        """As `cases`, the ids alone, and not held."""
        return {row[0] for row in await self._fetch(_cases, threads=threads)}

    async def cases_and_copies(
        self, threads: Iterable[str], hashes: Iterable[int]
    ) -> tuple[dict[str, Case], dict[int, int]]:
        """`cases`, and the first mention of the brand with each of these text hashes."""
        wanted = self._query(_cases, threads=threads), self._query(_first_copies, hashes=hashes)
        cases, copies = await run(await self._session.connection(), *wanted)
        return _by_thread(await self.held([row[0] for row in cases])), {row[0]: row[1] for row in copies}

    async def of_authors(self, authors: Iterable[str], now: datetime, within: timedelta) -> list[Theirs]:
        """The cases of these authors that are not resolved and had a post within this time, or in which we owe them
        something; the oldest first."""
        wanted = self._query(_of_authors, authors=authors)
        moments = {"since": now - within, "shown_since": now - SHOWN_BROKEN}
        rows = await (await self._session.connection()).execute(wanted.statement, {**wanted.values, **moments})
        found: dict[int, Theirs] = {}
        for author_id, case_id, themes, thread in rows:
            theirs = found.setdefault(case_id, Theirs(author_id, case_id, set(), set()))
            theirs.themes.update(themes)
            theirs.threads.add(thread)
        return list(found.values())

    async def held(self, ids: Iterable[int]) -> list[Case]:
        """These cases, held, in id order: what is decided on their statuses must still be true when it is written."""
        if not (ids := list(ids)):
            return []
        query = select(Case).where(_C.id.in_(ids)).order_by(_C.id).with_for_update()
        return list(await self._session.exec(query.execution_options(populate_existing=True)))

    async def hold(self, ids: Iterable[int]) -> None:
        """As `held`, and nothing is read."""
        if ids := list(ids):
            query = pick(_C.id).where(_C.id.in_(ids)).order_by(_C.id).with_for_update()
            await (await self._session.connection()).execute(query)

    async def _fetch(self, statement: Any, **many: Iterable[Any]) -> Any:
        query = self._query(statement, **many)
        return await fetch(await self._session.connection(), query.statement, query.values)

    def _query(self, statement: Any, **many: Iterable[Any]) -> Query:
        values = {name: listed(set(wanted), self._dialect) for name, wanted in many.items()}
        return Query(statement(self._dialect), self._here | values)


def _by_thread(cases: Iterable[Case]) -> dict[str, Case]:
    return {case.thread_id: case for case in cases}
