"""The playbooks in force: files below `playbooks/<short name of the brand>/`, read again when they change.

A file that breaks leaves its last good version in force, also over a restart: a copy is kept in `.good` beside it.
What is wrong is told by `broken`, the doctor and `run.py playbooks`. A file that is taken away is in force no more.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import structlog

from domain.errors import BadInput
from responders.playbooks import Playbook, read_playbook

log = structlog.get_logger()

PLAYBOOKS = "playbooks"
"""The folder of all playbooks, in the data folder."""
_KEPT = ".good"
_LARGEST = 100_000
_Stamp = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Read:
    """A file as it was read: `good` is what is in force, `wrong` why that is an earlier version."""

    stamp: _Stamp
    good: Playbook | None
    wrong: str = ""


@dataclass
class Shelf:
    """All playbooks of an installation, by the short name of the brand."""

    folder: Path
    _read: dict[Path, _Read] = field(default_factory=dict[Path, _Read])

    def of(self, slug: str) -> tuple[Playbook, ...]:
        """Those in force for a brand, by the names of their files."""
        found = [self._of_file(path) for path in self._files(slug)]
        return tuple(each.good for each in found if each.good is not None)

    def broken(self) -> list[str]:
        """What is wrong with which file, and whether an earlier version of it counts."""
        found = [self._of_file(path) for path in self.files()]
        after = {True: "nothing of it is in force", False: "its last good version stays in force"}
        return [f"{each.wrong} ({after[each.good is None]})" for each in found if each.wrong]

    def files(self) -> list[Path]:
        """Every file of every brand."""
        slugs = sorted(path.name for path in self.folder.iterdir()) if self.folder.is_dir() else []
        return [path for slug in slugs for path in self._files(slug)]

    def _files(self, slug: str) -> list[Path]:
        folder = self.folder / slug
        return sorted(folder.glob("*.toml")) if folder.is_dir() else []

    def _of_file(self, path: Path) -> _Read:
        try:
            stamp = _stamp(path)
        except OSError as error:
            return _Read((0, 0), None, f"{_place(path)}: {error.strerror}")
        known = self._read.get(path)
        if known is None or known.stamp != stamp:
            known = self._read[path] = self._fresh(path, stamp)
        return known

    def _fresh(self, path: Path, stamp: _Stamp) -> _Read:
        try:
            content = read_bytes(path)
            good = read_playbook(_place(path), content)
        except BadInput as error:
            log.warning("a playbook cannot be read", file=_place(path), why=str(error))
            return _Read(stamp, self._last_good(path), str(error))
        _keep(path.parent / _KEPT / path.name, content)
        return _Read(stamp, good)

    def _last_good(self, path: Path) -> Playbook | None:
        if path in self._read:
            return self._read[path].good
        kept = path.parent / _KEPT / path.name
        try:
            return read_playbook(_place(path), kept.read_bytes())
        except (OSError, BadInput):
            return None


def read_bytes(path: Path) -> bytes:
    """What a file holds. BadInput when it cannot be read, or is no file of a sensible size."""
    try:
        if path.stat().st_size > _LARGEST:
            raise BadInput(f"{_place(path)}: more than {_LARGEST // 1000} kB; a playbook is a page of text")
        return path.read_bytes()
    except OSError as error:
        raise BadInput(f"{_place(path)}: {error.strerror}; make it readable for Earshot") from None


def _place(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


def _stamp(path: Path) -> _Stamp:
    found = path.stat()
    return found.st_mtime_ns, found.st_size


def _keep(path: Path, content: bytes) -> None:
    """A copy of a good version. Where the folder is not ours to write, a restart only knows the files as they are."""
    try:
        path.parent.mkdir(exist_ok=True)
        part = path.with_suffix(".part")
        part.write_bytes(content)
        part.replace(path)
    except OSError as error:
        log.warning("no copy of a playbook could be kept", file=path.name, why=error.strerror)
