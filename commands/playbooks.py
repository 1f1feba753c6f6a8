"""Checks playbooks: every file that is in force, or those of a folder before they are put there."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.markup import escape

from domain.errors import BadInput
from responders.last_good import read_bytes
from responders.playbooks import Playbook, read_playbook
from responders.shelf import Shelf, place

say = Console(highlight=False).print


def check(path: Path) -> bool:
    """Say of each playbook whether it can be read; True when all can. `path` is a file, a brand's folder, or all."""
    files = _files(path)
    if not files:
        say(
            f"no playbook in {escape(str(path))}: put files like late-trains.toml into a folder of a brand's short name"
        )
    bad = [file for file in files if not _is_good(file)]
    return not bad


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    return sorted(path.glob("*.toml")) or Shelf(path).files()


def _is_good(file: Path) -> bool:
    try:
        found = read_playbook(place(file), read_bytes(file, place(file)))
    except BadInput as error:
        say(f"[red]bad [/red] {escape(str(error))}", soft_wrap=True)
        return False
    say(f"[green]ok  [/green] {escape(_line(file, found))}", soft_wrap=True)
    return True


def _line(file: Path, found: Playbook) -> str:
    limits = ", ".join(f"{amount:,.10g} {currency}" for currency, amount in found.limits.items()) or "no limits"
    return (
        f"{file.parent.name}/{file.name}: “{found.name}”, version {found.version}, {limits}, review {found.review_on}"
    )
