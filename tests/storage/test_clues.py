"""The index of clues: a look-up follows the newest rows of each clue and never walks through the table."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.dialects import sqlite

from storage import clues
from storage.clues import _newest
from tests.storage.conftest import House

COMMON = 5


@pytest.fixture
async def filled(house: House) -> House:
    """Clue 1 leads to rows 1 to 20, clue 2 to row 3 alone."""
    async with house.db.write() as session:
        for row_id in range(1, 21):
            await clues.put(session, house.brand_id, "article", row_id, [1, *([2] if row_id == 3 else [])])
    return house


async def look(house: House, *terms: int, noun: str = "article") -> dict[int, dict[int, int]]:
    async with house.db.read() as session:
        return await clues.find(session, house.brand_id, noun, terms, COMMON)


async def test_a_common_clue_leads_to_the_newest_and_a_rare_one_to_all_that_it_shares(filled: House) -> None:
    assert set(await look(filled, 1)) == {16, 17, 18, 19, 20}
    found = await look(filled, 1, 2)
    assert found[3] == {1: COMMON, 2: 1}, "also the common clue, whose newest rows do not reach it"
    assert await look(filled, 1, noun="case") == {}
    assert await look(filled) == await look(filled, 99) == {}


async def test_what_is_put_anew_or_taken_out_is_found_no_longer(filled: House) -> None:
    async with filled.db.write() as session:
        await clues.put(session, filled.brand_id, "article", 3, [7])
        await clues.take_out(session, "article", [20])
    assert await look(filled, 2) == {}
    assert set(await look(filled, 7)) == {3}
    assert 20 not in await look(filled, 1)


async def test_a_look_up_never_walks_through_the_table(filled: House) -> None:
    if filled.db.dialect != "sqlite":
        pytest.skip("PostgreSQL walks through a table of a few rows whatever its indexes are")
    values = {"brand": filled.brand_id, "noun": "article", "most": COMMON, "t0": 1, "t1": 2}
    shared = clues.sharing(filled.brand_id, "article", [1, 2], 2)
    compiled = select(shared).compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
    for query, given in ((_newest(2).text, values), (str(compiled), {})):
        async with filled.db.read() as session:
            explained = text(f"EXPLAIN QUERY PLAN {query}")
            plan = [row[3] for row in await (await session.connection()).execute(explained, given)]
        assert any("SEARCH clue USING" in step and "term=?" in step for step in plan)
        assert not any(step.startswith("SCAN clue") for step in plan)


async def test_rows_that_share_any_clue_are_found_however_common_it_is(filled: House) -> None:
    near = clues.sharing(filled.brand_id, "article", [1, 2], 2)
    async with filled.db.read() as session:
        rows = (await (await session.connection()).execute(select(near.c.row_id, near.c.shared))).all()
    assert dict(rows) == {row_id: 1 + (row_id == 3) for row_id in range(2, 21)}
