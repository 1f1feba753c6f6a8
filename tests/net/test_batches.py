"""Items of a stream in batches."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import pytest

from domain.errors import Unreachable
from net.batches import batches


async def items(count: int, error: Exception | None = None) -> AsyncGenerator[bytes]:
    for number in range(count):
        yield str(number).encode()
    if error is not None:
        raise error


async def test_a_burst_comes_in_batches_of_the_most_and_nothing_is_lost():
    found = [batch async for batch in batches(items(25), most=10, within_s=1, waiting=5)]
    assert [len(batch) for batch in found] == [10, 10, 5]
    assert [int(item) for batch in found for item in batch] == list(range(25))


async def test_a_batch_does_not_wait_for_more_than_its_time():
    async def slow() -> AsyncGenerator[bytes]:
        yield b"one"
        await asyncio.sleep(300)
        yield b"never"

    found = batches(slow(), most=10, within_s=0.05, waiting=5)
    async with asyncio.timeout(30):
        assert await anext(found) == [b"one"]
    await found.aclose()


async def test_what_came_before_an_error_is_given_first():
    found = batches(items(3, Unreachable("broke")), most=2, within_s=1, waiting=50)
    assert [await anext(found), await anext(found)] == [[b"0", b"1"], [b"2"]]
    with pytest.raises(Unreachable, match="broke"):
        await anext(found)


async def test_leaving_early_with_a_full_queue_closes_the_source():
    closed = asyncio.Event()

    async def endless() -> AsyncGenerator[bytes]:
        try:
            while True:
                yield b"x"
        finally:
            closed.set()

    found = batches(endless(), most=2, within_s=1, waiting=3)
    async with asyncio.timeout(30):
        assert await anext(found) == [b"x", b"x"]
        await asyncio.sleep(0.01)
        await found.aclose()
    assert closed.is_set()
