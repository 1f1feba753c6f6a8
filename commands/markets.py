"""Checks market packs: those that are in force, or a file or folder before it is put there."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.markup import escape

from domain.errors import BadInput
from responders.markets import read_market

say = Console(highlight=False).print


def check(path: Path) -> bool:
    """Say of each pack whether it can be read; True when there is one and all can. BadInput where nothing is there."""
    files = [path] if path.is_file() else sorted(path.glob("*.toml"))
    if not files:
        raise BadInput(f"{path}: no market pack here; they are called like HR.toml")
    bad = [file for file in files if not _is_good(file)]
    return not bad


def _is_good(file: Path) -> bool:
    try:
        found = read_market(file.name, file.read_bytes())
    except OSError as error:
        say(f"[red]bad [/red] {escape(file.name)}: {error.strerror}; make it readable", soft_wrap=True)
        return False
    except BadInput as error:
        say(f"[red]bad [/red] {escape(str(error))}", soft_wrap=True)
        return False
    say(f"[green]ok  [/green] {escape(file.name)}: {escape(found.name)}, {found.zone}, {found.currency}")
    return True
