"""Pushes: stored before the sender is thanked, the same once more changes nothing, strangers change nothing at all."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from channels.manifest import Listening
from domain import crashpoint
from domain.errors import BadInput, Moved, RateLimited, SignInFailed, Undecodable, Unreachable
from domain.ports import Page
from storage import sources, tables
from storage.transitions import move
from tests.listener.rig import NOON, House, post

SIGNED = {"sender": "ours"}


def receive(listening: Listening, headers: Mapping[str, str], body: bytes, now: datetime) -> Page:
    """Posts by name; a name that begins with "?" is only named, and read from the network."""
    if headers.get("sender") != "ours":
        raise SignInFailed("not ours")
    try:
        names = json.loads(body)
    except ValueError:
        raise Undecodable("no JSON") from None
    said = tuple(post(name, f"norda {name}") for name in names if not name.startswith("?"))
    gone = tuple(name[1:] for name in names if name.startswith("-"))
    asked = [name for name in names if name.startswith("?")]
    heard = tuple(each for each in said if not each.external_id.startswith("-"))
    return Page(heard, {"at": 0} if asked else None, bool(asked), len(names), gone)


def greet(listening: Listening, query: Mapping[str, str]) -> str:
    if query.get("token") != "ours":
        raise SignInFailed("not ours")
    return query["challenge"]


async def pushed(house: House, **settings: Any) -> int:
    """A source of a network that only pushes."""
    house.listener.manifests["tape"] = house.tape.manifest(
        source=None, stream=None, receive=receive, greet=greet, silence_after_s=3600.0
    )
    return await house.source(account=await house.account(), **settings)


async def both(house: House) -> int:
    """A source of a network that is polled and pushes as well."""
    house.listener.manifests["tape"] = house.tape.manifest(receive=receive, silence_after_s=3600.0)
    return await house.source()


async def push(house: House, source: int, *names: str, headers: Mapping[str, str] = SIGNED) -> Any:
    return await house.listener.receiver.receive(source, headers, json.dumps(names).encode())


async def test_a_push_is_stored_when_it_returns_and_once_more_changes_nothing(either: House) -> None:
    source = await pushed(either)
    heard = await push(either, source, "1", "2")
    assert (heard.seen, heard.stored.new) == (2, 2)
    assert await either.texts() == ["norda 1", "norda 2"]
    cases, moves = await either.rows(tables.Case), await either.rows(tables.Transition)
    again = await push(either, source, "1", "2")
    assert (again.seen, again.stored.new) == (2, 0)
    assert (await either.rows(tables.Case), await either.rows(tables.Transition)) == (cases, moves)
    row = await either.get(source)
    assert (row.seen, row.stored, row.late, row.cursor, row.last_ok_at) == (4, 2, 0, None, NOON)
    await push(either, source, "-1")
    assert next(row.status for row in await either.rows(tables.MentionRow)) == "withdrawn"


async def test_pushes_at_the_same_time_make_each_post_once(either: House) -> None:
    source = await pushed(either)
    heard = await asyncio.gather(*(push(either, source, "1", "2") for _ in range(6)))
    assert sum(each.stored.new for each in heard) == 2
    assert len(await either.rows(tables.Case)) == 2


async def test_strangers_learn_nothing_and_change_nothing(house: House) -> None:
    source, polled = await pushed(house), await house.source("feed", "rss", url="https://feeds.example/a")
    before = await house.rows(tables.SourceRow)
    for target, headers in ((source, {}), (polled, SIGNED), (7, SIGNED)):
        with pytest.raises(SignInFailed):
            await push(house, target, "1", headers=headers)
    with pytest.raises(Undecodable):
        await house.listener.receiver.receive(source, SIGNED, b"{")
    assert await house.rows(tables.SourceRow) == before
    assert await house.rows(tables.Transition) == []
    assert await house.texts() == []


@pytest.mark.parametrize("rests", ["paused", "stopped"])
async def test_a_source_that_rests_takes_nothing(either: House, rests: str) -> None:
    source, how = await pushed(either), {"brand_id": either.brand_id, "actor": "user:1", "now": NOON}
    async with either.db.write() as session:
        await move(session, "source", source, "listening", rests, **how)  # type: ignore[arg-type]
    with pytest.raises(Moved):
        await push(either, source, "1")
    with pytest.raises(SignInFailed):
        await push(either, source, "1", headers={})
    assert await either.texts() == []


async def test_it_is_never_polled_and_its_silence_is_a_gap(either: House) -> None:
    source = await pushed(either)
    either.clock.move(4000)
    assert await either.listener.run_once() == 0
    for minutes in (0, 30, 50):
        either.clock.move(60 * minutes)
        await push(either, source, str(minutes))
    row = await either.get(source)
    assert await either.line(source) == ["seen"]
    assert row.next_poll_at == either.clock.now() + timedelta(seconds=3600)
    either.clock.move(3700)
    await push(either, source, "late")
    assert await either.line(source) == ["seen", "gap"]
    gap = next(stretch for stretch in await either.rows(tables.Coverage) if stretch.state == "gap")
    assert gap.reason == "nothing was pushed to us for longer than is normal"


async def test_a_push_leaves_claim_cursor_and_timeline_to_the_polls(either: House) -> None:
    source = await both(either)
    either.tape.posts["a"] = [post(str(n), f"norda {n}") for n in range(3)]

    async def push_in_the_middle() -> None:
        if len(either.tape.asked) == 2:
            either.clock.move(20)
            await push(either, source, "2", "new")

    either.tape.before = push_in_the_middle
    heard = await either.listener.poll(source)
    assert heard is not None
    assert (heard.pages, heard.stored.new) == (2, 2)
    row = await either.get(source)
    assert (row.cursor, row.late, row.stored, row.claimed_until) == ({"at": 3}, 0, 4, None)
    assert len(await either.rows(tables.Coverage)) == 1
    await push(either, source, "later")
    assert len(await either.rows(tables.Coverage)) == 1


async def test_what_a_push_only_names_is_read_at_once(house: House) -> None:
    source = await both(house)
    house.tape.posts["a"] = [post(str(n), f"norda {n}") for n in range(3)]
    heard = await push(house, source, "9", "?0")
    assert (heard.pages, heard.stored.new) == (3, 4)
    row = await house.get(source)
    assert (row.cursor, row.late) == (None, 0)


async def test_more_than_is_looked_up_at_once_is_never_thanked_for(house: House) -> None:
    source = await both(house)
    house.tape.posts["a"] = [post(str(n), f"norda {n}") for n in range(200)]
    with pytest.raises(Unreachable, match="more was named"):
        await push(house, source, "?0")


@pytest.mark.parametrize("trouble", [SignInFailed("revoked"), Unreachable("reset"), Undecodable("no JSON")])
async def test_what_cannot_be_read_now_is_left_with_the_sender(house: House, trouble: Exception) -> None:
    source = await both(house)
    house.tape.posts["a"] = [post("0", "norda 0")]
    house.tape.troubles.append(trouble)
    with pytest.raises(Unreachable):
        await push(house, source, "?0")
    assert (await house.get(source)).status == "listening"
    house.tape.troubles.append(RateLimited(NOON + timedelta(seconds=9)))
    with pytest.raises(RateLimited):
        await push(house, source, "?0")
    await push(house, source, "?0")
    assert await house.texts() == ["norda 0"]


class Died(BaseException):
    """The process is gone."""


@pytest.mark.parametrize("point", ["ingest.before_insert", "ingest.before_cursor", "ingest.before_commit"])
async def test_dying_in_the_middle_stores_nothing_by_halves(either: House, point: str) -> None:
    source = await pushed(either)

    def die(name: str) -> None:
        if name == point:
            raise Died

    crashpoint.arm(die)
    try:
        with pytest.raises(Died):
            await push(either, source, "1", "2")
    finally:
        crashpoint.arm(None)
    assert (await either.texts(), await either.rows(tables.Case), await either.rows(tables.Reply)) == ([], [], [])
    assert (await either.get(source)).seen == 0
    assert (await push(either, source, "1", "2")).stored.new == 2


async def test_a_network_asks_whether_an_address_is_ours(house: House) -> None:
    source, other = await pushed(house), await house.source("feed", "rss", url="https://feeds.example/a")
    ask = house.listener.receiver.greet
    assert await ask(source, {"token": "ours", "challenge": "42"}) == "42"
    for target, query in ((source, {"challenge": "42"}), (other, {"token": "ours"}), (7, {"token": "ours"})):
        with pytest.raises(SignInFailed):
            await ask(target, query)
    house.listener.manifests["tape"] = house.tape.manifest(receive=receive)
    with pytest.raises(SignInFailed):
        await ask(source, {"token": "ours", "challenge": "42"})


async def test_pushes_of_a_dead_account_stay_with_their_sender(house: House) -> None:
    source = await pushed(house)
    (account,) = await house.rows(tables.AccountRow)
    async with house.db.write() as session:
        await sources.account_dead(session, account.id, "revoked", NOON)
    with pytest.raises(SignInFailed):
        await push(house, source, "1")


async def test_nobody_adds_a_source_whose_pushes_nothing_could_prove(house: House) -> None:
    await pushed(house)
    with pytest.raises(BadInput, match="add a Tape account"):
        await house.source("b")
