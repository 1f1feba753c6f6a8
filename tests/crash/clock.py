"""One moment shared by everybody in a trial: the child moves it, the world outside reads it."""

from __future__ import annotations

import asyncio
import mmap
import struct
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class SharedClock:
    """A clock in memory that survives the death of the process that moves it. Fork after it was made."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, 8)

    def now(self) -> datetime:
        return _EPOCH + timedelta(microseconds=struct.unpack("q", self._memory[:8])[0])

    def monotonic(self) -> float:
        return self.now().timestamp()

    def set(self, moment: datetime) -> None:
        self._memory[:8] = struct.pack("q", (moment - _EPOCH) // timedelta(microseconds=1))

    def move(self, seconds: float) -> None:
        self.set(self.now() + timedelta(seconds=seconds))

    async def sleep(self, seconds: float) -> None:
        self.move(max(0.0, seconds))
        await asyncio.sleep(0)
