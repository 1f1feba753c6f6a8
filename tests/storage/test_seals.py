"""History cannot be changed unseen: the database refuses, and where it was bypassed, the seals tell."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from domain.ids import ids
from storage import tables
from storage.seals import broken_seals, seal_all, seal_brand
from storage.transitions import move
from tests.storage.conftest import START, House
from tests.storage.test_ingest import rows


@pytest.fixture
async def sealed(house: House) -> House:
    """Three seals: over two, two and one transitions."""
    moves = [("listening", "failing"), ("failing", "listening"), ("listening", "paused"), ("paused", "listening")]
    for number, (old, new) in enumerate([*moves, moves[0]]):
        now = START + timedelta(minutes=number)
        async with house.db.write() as session:
            await move(
                session, "source", house.source_id, old, new,
                brand_id=house.brand_id, actor="user:1", now=now, why=f"why {number}",
            )  # fmt: skip
            if number % 2 or number == 4:
                await seal_brand(session, house.brand_id, now)
    return house


async def broken(house: House) -> list[int]:
    async with house.db.read() as session:
        return await broken_seals(session, house.brand_id)


async def bypass(house: House, *statements: str) -> None:
    """What somebody with the database's own password may do: switch the guard off, and write."""
    async with house.db.engine.begin() as connection:
        if house.db.dialect == "sqlite":
            await connection.execute(text("DROP TRIGGER transition_no_delete"))
            await connection.execute(text("DROP TRIGGER transition_no_change"))
        else:
            await connection.execute(text("ALTER TABLE transition DISABLE TRIGGER ALL"))
        for statement in statements:
            await connection.execute(text(statement))


async def transitions(house: House) -> list[tables.Transition]:
    return await rows(house, tables.Transition)


async def test_untouched_history_holds(sealed: House) -> None:
    assert await broken(sealed) == []
    assert [(seal.number, seal.count) for seal in await rows(sealed, tables.Seal)] == [(1, 2), (2, 2), (3, 1)]
    assert all(each.seal_id for each in await transitions(sealed))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE transition SET new = 'stopped' WHERE id = :id",
        "UPDATE transition SET actor = 'user:2' WHERE id = :id",
        "UPDATE transition SET why = '' WHERE id = :id",
        "UPDATE transition SET seal_id = NULL WHERE id = :id",
        "UPDATE transition SET row_id = 1 WHERE id = :id",
        "DELETE FROM transition WHERE id = :id",
    ],
)
async def test_the_database_refuses_to_change_history(sealed: House, statement: str) -> None:
    first = (await transitions(sealed))[0]
    with pytest.raises(DBAPIError, match="append-only"):
        async with sealed.db.engine.begin() as connection:
            await connection.execute(text(statement), {"id": first.id})
    assert await broken(sealed) == []


async def test_also_what_is_not_sealed_yet_cannot_be_changed(house: House) -> None:
    async with house.db.write() as session:
        await move(
            session, "source", house.source_id, "listening", "paused",
            brand_id=house.brand_id, actor="user:1", now=START,
        )  # fmt: skip
    with pytest.raises(DBAPIError, match="append-only"):
        async with house.db.engine.begin() as connection:
            await connection.execute(text("UPDATE transition SET actor = 'user:9'"))


async def test_a_changed_row_breaks_its_seal(sealed: House) -> None:
    third = (await transitions(sealed))[2]
    await bypass(sealed, f"UPDATE transition SET actor = 'user:2' WHERE id = {third.id}")
    assert 2 in await broken(sealed)


async def test_a_changed_moment_breaks_its_seal(sealed: House) -> None:
    first, second, *_ = await transitions(sealed)
    await bypass(sealed, f"UPDATE transition SET at = (SELECT at FROM transition WHERE id = {first.id}) "
                         f"WHERE id = {second.id}")  # fmt: skip
    assert 1 in await broken(sealed)


async def test_a_removed_row_breaks_its_seal(sealed: House) -> None:
    await bypass(sealed, f"DELETE FROM transition WHERE id = {(await transitions(sealed))[0].id}")
    assert 1 in await broken(sealed)


async def test_swapped_rows_break_their_seals(sealed: House) -> None:
    all_ = await transitions(sealed)
    one, other = all_[0], all_[2]
    swap = "UPDATE transition SET seal_id = {} WHERE id = {}"
    await bypass(sealed, swap.format(other.seal_id, one.id), swap.format(one.seal_id, other.id))
    assert {1, 2} <= set(await broken(sealed))


async def test_an_invented_row_breaks_its_seal(sealed: House) -> None:
    first = (await transitions(sealed))[0]
    columns = "brand_id, noun, row_id, old, new, actor, at, why, seal_id"
    await bypass(sealed, f"INSERT INTO transition (id, {columns}) SELECT {ids.next(START)}, {columns} "
                         f"FROM transition WHERE id = {first.id}")  # fmt: skip
    assert 1 in await broken(sealed)


async def test_a_removed_batch_breaks_the_chain(sealed: House) -> None:
    middle = (await rows(sealed, tables.Seal))[1]
    await bypass(
        sealed,
        f"DELETE FROM transition WHERE seal_id = {middle.id}",
        f"DELETE FROM seal WHERE id = {middle.id}",
    )
    assert await broken(sealed) == [3]


async def test_a_seal_that_was_cut_off_shows_by_the_rows_it_left(sealed: House) -> None:
    last = (await rows(sealed, tables.Seal))[2]
    await bypass(sealed, f"DELETE FROM seal WHERE id = {last.id}")
    assert await broken(sealed) != []


async def test_sealing_goes_on_from_the_last_seal_and_does_nothing_twice(sealed: House) -> None:
    assert await seal_all(sealed.db, START + timedelta(hours=1)) == 0
    async with sealed.db.write() as session:
        await move(
            session, "source", sealed.source_id, "failing", "listening",
            brand_id=sealed.brand_id, actor="user:1", now=START + timedelta(hours=2),
        )  # fmt: skip
    assert await seal_all(sealed.db, START + timedelta(hours=2)) == 1
    assert await broken(sealed) == []
