"""Items of a stream in batches: few transactions when it is busy, no waiting when it is not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing


async def batches(
    items: AsyncGenerator[bytes], *, most: int, within_s: float, waiting: int
) -> AsyncGenerator[list[bytes]]:
    """At most `most` items and at most `within_s` seconds together, from the first one of a batch on.

    Reads on while the consumer works, up to `waiting` items; then the sender has to hold the rest. Ends with the
    items; what they raise is raised after all that came before it was given.
    """
    queue: asyncio.Queue[bytes | None] = asyncio.Queue(waiting)
    reading = asyncio.create_task(_read(items, queue))
    try:
        while (batch := await _next(queue, most, within_s)) is not None:
            yield batch
        await reading
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)


async def _read(items: AsyncGenerator[bytes], queue: asyncio.Queue[bytes | None]) -> None:
    """Puts the items and then None. Not when cancelled: then nobody takes, and a full queue would never let go."""
    try:
        async with aclosing(items):
            async for item in items:
                await queue.put(item)
    except Exception:
        await queue.put(None)
        raise
    await queue.put(None)


async def _next(queue: asyncio.Queue[bytes | None], most: int, within_s: float) -> list[bytes] | None:
    """The next items, or None when all were given."""
    first = await queue.get()
    if first is None:
        return None
    batch = [first]
    try:
        async with asyncio.timeout(within_s):
            while len(batch) < most:
                item = await queue.get()
                if item is None:
                    queue.put_nowait(None)
                    break
                batch.append(item)
    except TimeoutError:
        pass
    return batch
