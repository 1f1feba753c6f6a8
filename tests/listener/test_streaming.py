"""Streams: they go on from the stored cursor, end when a person or the words say so, and one break is no alarm."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import pytest

from domain.errors import Refused, SignInFailed, Unreachable
from domain.ports import Page
from storage import tables
from storage.transitions import move
from tests.listener.rig import NOON, House, post


def frame(number: int, text: str = "", **more: object) -> Page:
    """One page of the stream."""
    return Page((post(str(number), text or f"norda {number}"),), {"seq": number}, seen=1, **more)  # type: ignore[arg-type]


class Follower:
    """Starts the stream when it is due, as the listener does each second."""

    def __init__(self, house: House, source: int) -> None:
        self.house, self.source = house, source

    async def go(self, *items: object) -> None:
        """Put these on the stream and give the listener time to take them."""
        for item in items:
            self.house.tape.live.put_nowait(item)  # type: ignore[arg-type]
        await self.until(lambda: self.house.tape.live.empty())
        await asyncio.sleep(0.02)

    async def until(self, done: Callable[[], bool]) -> None:
        for _ in range(3000):
            await self.house.listener.start_due()
            await asyncio.sleep(0.01)
            if done():
                return
        raise AssertionError("the stream did not get there")

    async def ended(self) -> None:
        """Wait until the connection is closed and its task is done."""
        await asyncio.gather(*self.house.listener._polling.values(), return_exceptions=True)
        await asyncio.sleep(0)

    @property
    def starts(self) -> list[object]:
        """The cursors that connections began with."""
        return [cursor for _, cursor, _ in self.house.tape.asked]

    async def row(self) -> tables.SourceRow:
        return await self.house.get(self.source)


async def stored(house: House, text: str) -> None:
    """Wait until this post is stored."""
    for _ in range(300):
        if text in await house.texts():
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"{text} was not heard")


@pytest.fixture
async def stream(house: House) -> AsyncIterator[Follower]:
    yield Follower(house, await house.source(kind="stream"))
    for task in list(house.listener._polling.values()):
        task.cancel()
    await asyncio.gather(*house.listener._polling.values(), return_exceptions=True)


async def test_a_broken_stream_goes_on_from_the_stored_cursor_within_seconds(house: House, stream: Follower) -> None:
    await stream.go(frame(1), frame(2), Unreachable("reset by peer"))
    await stream.ended()
    row = await stream.row()
    assert (row.status, row.cursor, row.claimed_until) == ("listening", {"seq": 2}, None)
    assert row.next_poll_at == house.clock.now() + timedelta(seconds=1)
    house.clock.move(2)
    await stream.go(frame(3))
    assert stream.starts == [None, {"seq": 2}]
    assert await house.texts() == ["norda 1", "norda 2", "norda 3"]


async def test_a_stream_that_does_not_come_up_fails_with_growing_waits_and_recovers(
    house: House, stream: Follower
) -> None:
    await stream.go(frame(1), Unreachable("reset"))
    waits = []
    for _ in range(6):
        await stream.ended()
        row = await stream.row()
        assert row.next_poll_at is not None
        waits.append((row.next_poll_at - house.clock.now()).total_seconds())
        house.clock.move(waits[-1])
        await stream.go(Unreachable("refused"))
    assert waits == [1, 2, 5, 15, 60, 60]
    await stream.ended()
    assert (await stream.row()).status == "failing"
    house.clock.move(60)
    await stream.go(frame(2), frame(3))
    row = await stream.row()
    assert (row.status, row.failures) == ("listening", 0)
    assert await house.line(stream.source) == ["late"]
    moves = [t.new for t in await house.rows(tables.Transition) if t.noun == "source"]
    assert moves == ["failing", "listening"]


async def test_a_place_that_is_too_old_leaves_a_gap(house: House, stream: Follower) -> None:
    await stream.go(frame(1), Unreachable("reset"))
    await stream.ended()
    house.clock.move(5000)
    await stream.go(frame(9, gap="the stream no longer holds our place"))
    assert await house.line(stream.source) == ["gap"]


async def test_a_quiet_stream_saw_that_nothing_was_said_and_keeps_its_claim(house: House, stream: Follower) -> None:
    house.listener.claims.prolong_s = 0.01
    await stream.go(frame(1))
    house.clock.move(250)
    await asyncio.sleep(0.05)
    house.clock.move(250)
    await asyncio.sleep(0.05)
    row = await stream.row()
    assert row.claimed_until is not None
    assert row.claimed_until > house.clock.now()
    house.clock.move(7200)
    await stream.go(frame(2))
    assert await house.line(stream.source) == ["seen"]
    assert stream.starts == [None]


@pytest.mark.parametrize("quiet", [True, False])
async def test_a_person_pauses_a_stream_and_it_ends(house: House, stream: Follower, quiet: bool) -> None:
    house.listener.claims.prolong_s = 0.02 if quiet else 60.0
    await stream.go(frame(1))
    async with house.db.write() as session:
        await move(
            session, "source", stream.source, "listening", "paused",
            brand_id=house.brand_id, actor="user:1", now=NOON,
        )  # fmt: skip
    if not quiet:
        house.tape.live.put_nowait(frame(2))
    async with asyncio.timeout(30):
        await stream.ended()
    assert ((await stream.row()).status, house.tape.closed) == ("paused", 1)
    assert await house.texts() == ["norda 1"]


async def test_new_words_are_heard_on_the_same_place_without_a_hole(house: House, stream: Follower) -> None:
    await stream.go(frame(1))
    await house.topic("delay")
    await stream.go(frame(2))
    await stream.ended()
    assert house.tape.closed == 1
    house.clock.move(2)
    await stream.go(frame(3, "a delay"))
    assert stream.starts == [None, {"seq": 2}]
    assert await house.texts() == ["norda 1", "norda 2", "a delay"]


@pytest.mark.parametrize("error", [Refused("no such stream"), SignInFailed("who are you")])
async def test_what_only_a_person_can_mend_stops_a_stream(house: House, stream: Follower, error: Exception) -> None:
    await stream.go(frame(1), error)
    await stream.ended()
    assert (await stream.row()).status == "stopped"


async def test_stopping_the_listener_closes_streams_and_lets_go(house: House, stream: Follower) -> None:
    listening = asyncio.create_task(house.listener.run(0.01))
    house.tape.live.put_nowait(frame(1))
    await stored(house, "norda 1")
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)
    assert house.tape.closed == 1
    assert (await stream.row()).claimed_until is None


async def test_streams_do_not_take_the_places_of_polls(house: House, stream: Follower) -> None:
    house.listener.concurrency = 1
    await stream.go(frame(1))
    house.tape.posts["b"] = [post("b1", "norda b")]
    await house.source("poll", tape="b")
    await house.listener.start_due()
    await stored(house, "norda b")
