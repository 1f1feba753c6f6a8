"""The playbooks in force: files below `playbooks/<short name of the brand>/`, read again when they change.

A file that breaks leaves its last good version in force, also over a restart: a copy is kept in `.good` beside it.
What is wrong is told by `broken`, the doctor and `run.py playbooks`. A file that is taken away is in force no more.
"""

from __future__ import annotations

from pathlib import Path

from responders.last_good import LastGood
from responders.playbooks import Playbook, read_playbook

PLAYBOOKS = "playbooks"
"""The folder of all playbooks, in the data folder."""
_KEPT = ".good"


class Shelf:
    """All playbooks of an installation, by the short name of the brand."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._read = LastGood(lambda path, content: read_playbook(place(path), content), place)
        self._read.keep(lambda path: path.parent / _KEPT / path.name)

    def of(self, slug: str) -> tuple[Playbook, ...]:
        """Those in force for a brand, by the names of their files."""
        found = [self._read.of(path).good for path in self._files(slug)]
        return tuple(each for each in found if each is not None)

    def broken(self) -> list[str]:
        """What is wrong with which file, and whether an earlier version of it counts."""
        return [told for path in self.files() if (told := self._read.of(path).told)]

    def files(self) -> list[Path]:
        """Every file of every brand."""
        slugs = sorted(path.name for path in self.folder.iterdir()) if self.folder.is_dir() else []
        return [path for slug in slugs for path in self._files(slug)]

    def _files(self, slug: str) -> list[Path]:
        folder = self.folder / slug
        return sorted(folder.glob("*.toml")) if folder.is_dir() else []


def place(path: Path) -> str:
    """What errors call a playbook."""
    return f"{path.parent.name}/{path.name}"
