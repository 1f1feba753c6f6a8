"""Stores a page, also one that holds a post the database cannot take: that post is set aside, the rest goes in."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from sqlalchemy.exc import DataError, IntegrityError, ProgrammingError, StatementError

from domain.opt_out import WORDS, Words
from domain.ports import Unreadable
from listener.arrivals import poison
from storage.database import Database
from storage.ingest import Arrival, PageIn, Stored, store_page
from storage.opt_outs import note_heard
from storage.removals import without_removed

POISONOUS: Final = (
    DataError,
    IntegrityError,
    ProgrammingError,
    UnicodeError,
    ValueError,
    OverflowError,
    TypeError,
    AttributeError,
)


class _TakeBack(Exception):
    """Ends a trial transaction."""


async def store_page_without_poison(database: Database, page: PageIn, words: Words = WORDS) -> Stored:
    """`store_page` in one transaction. When one of its posts makes that fail, the page goes in without it.

    `words` are what an author says on this channel who wants to be left alone.
    """
    try:
        return await _store(database, page, words)
    except StatementError as error:
        if type(error) is not StatementError and not isinstance(error, POISONOUS):
            raise
        return await _store(database, await _without(database, page, error), words)
    except POISONOUS as error:
        return await _store(database, await _without(database, page, error), words)


async def _store(database: Database, page: PageIn, words: Words) -> Stored:
    async with database.write() as session:
        page = await without_removed(session, page)
        stored = await store_page(session, page)
        await note_heard(session, page, words)
        return stored


async def _without(database: Database, page: PageIn, error: Exception) -> PageIn:
    """The page without the posts that fail alone; the error again when none does."""
    good: list[Arrival] = []
    bad: list[Unreadable] = []
    for arrival in page.arrivals:
        problem = await _fails(database, replace(page, arrivals=[arrival], own=(), withdrawn=(), unreadable=()))
        if problem is None:
            good.append(arrival)
        else:
            bad.append(poison(arrival.mention, problem))
    if not bad:
        raise error
    return replace(page, arrivals=good, unreadable=(*page.unreadable, *bad))


async def _fails(database: Database, page: PageIn) -> Exception | None:
    try:
        async with database.write() as session:
            await store_page(session, page)
            raise _TakeBack
    except _TakeBack:
        return None
    except (StatementError, *POISONOUS) as error:
        return error
