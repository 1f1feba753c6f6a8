"""Accounts are stored once, and connected again only as the same one; what stopped for want of a sign-in goes on."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from sqlmodel import select

from domain.account import Account
from domain.errors import BadInput, Missing
from domain.ids import ids
from storage import sources, tables
from storage.accounts import Kept, keep_tried
from storage.transitions import move
from tests.storage.conftest import START, House
from tests.storage.test_ingest import rows


def tried(**more: Any) -> Account:
    given = {"channel": "rss", "handle": "@norda", "external_id": "1", "base_url": "https://social.example"} | more
    return Account(0, secrets={"secret_token": "new"}, **given)


def seal(row_id: int, secrets: Mapping[str, str]) -> str:
    return f"{row_id}:{secrets['secret_token']}"


async def keep(house: House, account: Account, again: int | None = None) -> Kept:
    async with house.db.write() as session:
        return await keep_tried(session, house.brand_id, account, seal, actor="user:1", now=START, again=again)


async def dead_with_sources(house: House, account_id: int) -> None:
    """The account is dead with two of its sources; a third one stopped for a reason of its own."""
    async with house.db.write() as session:
        for number, name in enumerate(("a", "b", "c")):
            session.add(
                tables.SourceRow(
                    id=ids.next(START) + number, brand_id=house.brand_id, account_id=account_id, channel="rss",
                    name=name, created_at=START,
                )
            )  # fmt: skip
        await session.flush()
        third = (await session.exec(select(tables.SourceRow).where(tables.SourceRow.name == "c"))).one()
        await sources.failed(session, third.id, START, "its settings are not valid", stop=True)
        await sources.account_dead(session, account_id, "token revoked", START)


async def test_a_new_account_is_stored_with_its_secrets_sealed_to_its_row(house: House) -> None:
    kept = await keep(house, tried(labelled=True))
    (row,) = await rows(house, tables.AccountRow)
    assert (kept.new, row.secrets, row.status, row.labelled) == (True, f"{row.id}:new", "working", True)


@pytest.mark.parametrize("base_url", ["https://social.example", "https://Social.example/"])
async def test_the_same_account_again_is_no_second_one(house: House, base_url: str) -> None:
    first = await keep(house, tried())
    kept = await keep(house, tried(handle="@norda_rail", base_url=base_url))
    (row,) = await rows(house, tables.AccountRow)
    assert (kept.new, kept.id, row.handle) == (False, first.id, "@norda_rail")


async def test_two_clicks_at_the_same_moment_are_one_account(house: House) -> None:
    await asyncio.gather(*(keep(house, tried()) for _ in range(3)))
    assert len(await rows(house, tables.AccountRow)) == 1


@pytest.mark.parametrize(
    "other", [{"external_id": "2", "handle": "@velotti"}, {"base_url": "https://far.example"}, {"channel": "mastodon"}]
)
async def test_connecting_again_as_somebody_else_is_refused_in_words(house: House, other: dict[str, str]) -> None:
    first = await keep(house, tried())
    await dead_with_sources(house, first.id)
    before = await rows(house, tables.AccountRow)
    with pytest.raises(BadInput, match="nothing was changed") as refused:
        await keep(house, tried(**other), again=first.id)
    assert "@norda" in str(refused.value)
    assert await rows(house, tables.AccountRow) == before


async def test_connecting_again_wakes_what_stopped_with_it_and_nothing_else(house: House) -> None:
    first = await keep(house, tried())
    await dead_with_sources(house, first.id)
    kept = await keep(house, tried(), again=first.id)
    assert (kept.new, kept.woken) == (False, 2)
    found = {row.name: (row.status, row.error) for row in await rows(house, tables.SourceRow)}
    assert found["a"] == found["b"] == ("listening", "")
    assert found["c"][0] == "stopped"
    steps = [(t.noun, t.new, t.actor) for t in await rows(house, tables.Transition)][-3:]
    assert steps == [
        ("account", "working", "user:1"),
        ("source", "listening", "user:1"),
        ("source", "listening", "user:1"),
    ]


async def test_a_removed_or_foreign_account_is_not_there(house: House) -> None:
    first = await keep(house, tried())
    async with house.db.write() as session:
        await move(
            session, "account", first.id, "working", "removed", brand_id=house.brand_id, actor="user:1", now=START
        )
    for account_id in (first.id, 7):
        with pytest.raises(Missing):
            await keep(house, tried(), again=account_id)
    assert (await keep(house, tried())).new
