"""A JSON-lines file heard as if it were a network, at any speed."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from channels.manifest import Listening, SourceSettings
from channels.replay.convert import created_at, shifted, to_mention
from domain.errors import Gone, Undecodable, Unreachable
from domain.mention import Mention
from domain.ports import Cursor, Page, Unreadable
from net.decode import decode_json, int_at, time_at

PAGE = 500
MAX_LINE = 1_000_000


class ReplaySettings(SourceSettings, frozen=True, kw_only=True):
    """`speed`: 0 as fast as possible, 1 the original pace, 60 a minute per second. `shift`: "now" moves the posts to
    the time of the replay, "keep" leaves their own dates (due times are then long past)."""

    path: str
    speed: Annotated[float, msgspec.Meta(ge=0, le=1_000_000)] = 0.0
    shift: Literal["now", "keep"] = "now"
    started_at: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the replay stands: next byte and line, and the two moments that fix its pace."""

    offset: int
    line: int
    started: datetime
    first: datetime | None

    def cursor(self) -> Cursor:
        """As stored."""
        first = self.first.isoformat() if self.first else None
        return {"offset": self.offset, "line": self.line, "started_at": self.started.isoformat(), "first_at": first}


@dataclass(frozen=True, slots=True)
class Chunk:
    """Raw lines with the byte after each, and the size of the file."""

    lines: tuple[tuple[bytes, int], ...]
    size: int


class ReplaySource:
    """Reads up to PAGE lines that are due by now."""

    def __init__(self, listening: Listening) -> None:
        self._settings: ReplaySettings = listening.settings
        self._handles = listening.handles
        self._clock = listening.clock

    async def fetch(self, cursor: Cursor | None) -> Page:
        """Raises Gone when the file is not there, Unreachable when it cannot be read."""
        place, gap = self._place(cursor), None
        chunk = await asyncio.to_thread(read_lines, Path(self._settings.path), place.offset)
        if chunk.size < place.offset:
            gap = "the file is shorter than before; it is read again from its start"
            place = replace(place, offset=0, line=0)
            chunk = await asyncio.to_thread(read_lines, Path(self._settings.path), 0)
        return self._page(chunk, place, gap)

    def _place(self, cursor: Cursor | None) -> Place:
        started = time_at(cursor, "started_at") or time_at({"at": self._settings.started_at}, "at") or self._clock.now()
        offset, line = int_at(cursor, "offset") or 0, int_at(cursor, "line") or 0
        return Place(max(0, offset), max(0, line), started, time_at(cursor, "first_at"))

    def _page(self, chunk: Chunk, place: Place, gap: str | None) -> Page:
        mentions: list[Mention] = []
        unreadable: list[Unreadable] = []
        start, now = place.line, self._clock.now()
        for raw, end in chunk.lines:
            try:
                line = self._read(raw, end, chunk.size, place) if raw.strip() else None
            except Undecodable as problem:
                unreadable.append(Unreadable(f"line {place.line + 1}", problem.detail, raw[:2000]))
            else:
                if line and self._waits(line[1], now):
                    return Page(tuple(mentions), place.cursor(), False, place.line - start, (), tuple(unreadable), gap)
                if line:
                    place = replace(place, first=line[0])
                    mentions.append(line[2])
            place = replace(place, offset=end, line=place.line + 1)
        more = place.offset < chunk.size
        return Page(tuple(mentions), place.cursor(), more, place.line - start, (), tuple(unreadable), gap)

    def _read(self, raw: bytes, end: int, size: int, place: Place) -> tuple[datetime, datetime, Mention]:
        """The first line's own moment, the moment in the replay, and the mention."""
        value: Any = decode_json(raw, max_bytes=MAX_LINE)
        moment = created_at(value)
        first = place.first or moment
        speed, share = self._settings.speed, min(1.0, end / max(1, size))
        try:
            due = shifted(moment, first=first, started=place.started, speed=speed, share=share)
        except OverflowError:
            raise Undecodable("created_at is too far away from the other lines") from None
        posted = moment if self._settings.shift == "keep" else due
        return first, due, to_mention(value, posted.astimezone(UTC), self._handles)

    def _waits(self, due: datetime, now: datetime) -> bool:
        return self._settings.speed > 0 and due > now + timedelta(milliseconds=1)


def read_lines(path: Path, offset: int) -> Chunk:
    """Up to PAGE lines from this byte on. A line longer than MAX_LINE comes cut, so that it is quarantined."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(offset)
            return Chunk(tuple(_lines(file)), size)
    except FileNotFoundError:
        raise Gone(f"there is no file {path}") from None
    except OSError as error:
        raise Unreachable(f"{path} cannot be read: {error.strerror}") from error


def _lines(file: Any) -> list[tuple[bytes, int]]:
    found: list[tuple[bytes, int]] = []
    while len(found) < PAGE and (raw := file.readline(MAX_LINE + 1)):
        tail = raw
        while len(tail) > MAX_LINE and not tail.endswith(b"\n"):
            tail = file.readline(MAX_LINE + 1)
        found.append((raw, file.tell()))
    return found
