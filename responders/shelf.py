"""The playbooks in force: files below `playbooks/<short name of the brand>/`, read again when they change.

A file that breaks leaves its last good version in force, also over a restart: a copy is kept in `.good` beside it.
What is wrong is told by `broken`, the doctor and `run.py playbooks`. A file that is taken away is in force no more.
What the desk puts there is kept in `.versions` as well, each version once, by the beginning of its hash.
"""

from __future__ import annotations

from pathlib import Path

from domain.errors import BadInput
from responders.last_good import Known, LastGood, keep, read_bytes
from responders.playbooks import Playbook, read_playbook, version_of

PLAYBOOKS = "playbooks"
"""The folder of all playbooks, in the data folder."""
_KEPT = ".good"
_VERSIONS = ".versions"


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

    def looked(self, slug: str) -> list[tuple[str, Known[Playbook]]]:
        """Each file of a brand by its name without ending, and how it was read."""
        return [(path.stem, self._read.of(path)) for path in self._files(slug)]

    def text(self, slug: str, name: str) -> bytes | None:
        """What a file of the brand says now; None where there is none or it cannot be read."""
        path = next((path for path in self._files(slug) if path.stem == name), None)
        try:
            return read_bytes(path, place(path)) if path is not None else None
        except BadInput:
            return None

    def versions(self, slug: str, name: str) -> dict[str, bytes]:
        """Version -> what it said, of a file that the desk put there; the newest last."""
        folder = self.folder / slug / _VERSIONS / name
        paths = sorted(folder.glob("*.toml"), key=lambda path: (path.stat().st_mtime_ns, path.name))
        return {path.stem: path.read_bytes() for path in paths}

    def put(self, slug: str, name: str, content: bytes) -> None:
        """Put a file in force; what it said before is kept too. BadInput where the folder cannot be written."""
        path = self.folder / slug / f"{name}.toml"
        read_playbook(place(path), content)
        before = self.text(slug, name)
        try:
            for each in (before, content):
                if each is not None:
                    keep(path.parent / _VERSIONS / name / f"{version_of(each)}.toml", each)
            keep(path, content)
            self._read.of(path)
        except OSError as error:
            raise BadInput(f"{place(path)}: {error.strerror}; make the folder writable for Earshot") from None

    def take_away(self, slug: str, name: str) -> None:
        """It is in force no more; its versions stay."""
        before, path = self.text(slug, name), self.folder / slug / f"{name}.toml"
        try:
            if before is not None:
                keep(path.parent / _VERSIONS / name / f"{version_of(before)}.toml", before)
            path.unlink(missing_ok=True)
        except OSError as error:
            raise BadInput(f"{place(path)}: {error.strerror}; make the folder writable for Earshot") from None

    def put_back(self, slug: str, name: str, before: bytes | None) -> None:
        """The file says what it said before, whatever that was; None for no file. Raises OSError."""
        path = self.folder / slug / f"{name}.toml"
        if before is not None:
            keep(path, before)
        else:
            path.unlink(missing_ok=True)
            (path.parent / _KEPT / path.name).unlink(missing_ok=True)

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
