"""Files that people edit while Earshot runs: when one breaks, its last good version stays in force.

A copy of each good version is kept, where there is a place for it, so that a restart knows it too. What is wrong names
file, line and what to do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Generic, TypeVar

import structlog

from domain.errors import BadInput

log = structlog.get_logger()

T = TypeVar("T")
LARGEST: Final = 200_000
"""Bytes of a file: these are pages of text."""
_Stamp = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Known(Generic[T]):
    """A file as it was read: `good` is what is in force, `wrong` why that is an earlier version, or nothing at all."""

    stamp: _Stamp
    good: T | None
    wrong: str = ""

    @property
    def told(self) -> str:
        """What is wrong and what counts instead; "" of a good one."""
        after = "nothing of it is in force" if self.good is None else "its last good version stays in force"
        return f"{self.wrong} ({after})" if self.wrong else ""


class LastGood(Generic[T]):
    """Files of one kind. `read` makes something of a file's content or raises BadInput; `place` is what errors call a
    file."""

    def __init__(self, read: Callable[[Path, bytes], T], place: Callable[[Path], str]) -> None:
        self._make, self._place = read, place
        self._kept: Callable[[Path], Path] | None = None
        self._known = dict[Path, Known[T]]()

    def keep(self, where: Callable[[Path], Path]) -> None:
        """Keep a copy of each good version there from now on."""
        self._kept = where
        self._known.clear()

    def of(self, path: Path) -> Known[T]:
        """What of this file is in force; it is read again when it changed."""
        try:
            stamp = _stamp(path)
        except OSError as error:
            return Known((0, 0), None, f"{self._place(path)}: {error.strerror}; make it readable for Earshot")
        known = self._known.get(path)
        if known is None or known.stamp != stamp:
            known = self._known[path] = self._fresh(path, stamp)
        return known

    def _fresh(self, path: Path, stamp: _Stamp) -> Known[T]:
        try:
            content = read_bytes(path, self._place(path))
            good = self._make(path, content)
        except BadInput as error:
            log.warning("a file cannot be used", file=self._place(path), why=str(error))
            return Known(stamp, self._last_good(path), str(error))
        if self._kept is not None:
            self._copy(self._kept(path), content)
        return Known(stamp, good)

    def _copy(self, copy: Path, content: bytes) -> None:
        """Where the folder is not ours to write, a restart only knows the files as they are."""
        try:
            keep(copy, content)
        except OSError as error:
            log.warning("no copy of a good version could be kept", file=copy.name, why=error.strerror)

    def _last_good(self, path: Path) -> T | None:
        if path in self._known:
            return self._known[path].good
        try:
            return self._make(path, self._kept(path).read_bytes()) if self._kept is not None else None
        except (OSError, BadInput):
            return None


def read_bytes(path: Path, place: str) -> bytes:
    """What a file holds. BadInput when it cannot be read, or is no file of a sensible size."""
    try:
        if path.stat().st_size > LARGEST:
            raise BadInput(f"{place}: more than {LARGEST // 1000} kB; it is a page of text")
        return path.read_bytes()
    except OSError as error:
        raise BadInput(f"{place}: {error.strerror}; make it readable for Earshot") from None


def _stamp(path: Path) -> _Stamp:
    found = path.stat()
    return found.st_mtime_ns, found.st_size


def keep(path: Path, content: bytes) -> None:
    """Write a file whole or not at all. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_bytes(content)
    part.replace(path)
