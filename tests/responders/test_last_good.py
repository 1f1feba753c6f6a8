"""Files that people edit: a broken one names file, line and what to do, and its last good version stays in force, also
over a restart. The same for playbooks, market packs and the sentences of drafts."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from domain.errors import BadInput
from responders.drafters import phrasebook
from responders.last_good import LARGEST, LastGood
from responders.markets import FOLDER, Packs
from responders.shelf import Shelf
from tests.responders.test_playbooks import GOOD

Now = tuple[str, list[str]]
"""What is in force of a file, and what is wrong."""


def _playbook(folder: Path) -> Now:
    shelf = Shelf(folder)
    return "".join(each.name for each in shelf.of("norda")), shelf.broken()


def _market(folder: Path) -> Now:
    packs = Packs(folder)
    packs.keep_in(folder / "good")
    return "".join(each.name for each in packs.all().values()), packs.broken()


def _phrases(patch: pytest.MonkeyPatch, folder: Path) -> Now:
    """As a process that has just started reads them."""
    patch.setattr(phrasebook, "FOLDER", folder / "phrases")
    patch.setattr(phrasebook, "_files", LastGood(phrasebook._parsed, phrasebook._place))
    phrasebook._read.cache_clear()
    phrasebook.keep_in(folder / "good")
    try:
        named = phrasebook._read("lv", "informal")["opening"]["again"][0]
    except BadInput as error:
        named = str(error)
    phrasebook._read.cache_clear()
    return named, phrasebook.broken()


def _laid(folder: Path, kind: str) -> tuple[Path, str]:
    """A good file of a kind in its place, and its text."""
    if kind == "phrases":
        for name in ("lv.toml", "en.toml", "informal/lv.toml"):
            (folder / "phrases" / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(phrasebook.FOLDER / name, folder / "phrases" / name)
        path = folder / "phrases" / "informal" / "lv.toml"
        return path, path.read_text("utf-8")
    path = folder / ("norda/late.toml" if kind == "playbook" else "LV.toml")
    path.parent.mkdir(exist_ok=True)
    path.write_text(GOOD if kind == "playbook" else (FOLDER / "LV.toml").read_text("utf-8"), "utf-8")
    return path, path.read_text("utf-8")


def _write(path: Path, text: str) -> None:
    path.write_text(text, "utf-8")
    at = path.stat().st_mtime_ns + 1_000_000_000
    os.utime(path, ns=(at, at))


BROKEN = [
    ("playbook", "severity = 1", "severity = many", "norda/late.toml", "line 5"),
    ("playbook", "severity = 1", "severity = 9", "norda/late.toml, line 5", "a number from 0 to 3"),
    ("playbook", "severity = 1", "severe = 1", "norda/late.toml, line 5", "there is no such key; known are"),
    ("market", "Europe/Riga", "Riga", "LV.toml, line 3", "write one like Europe/Zagreb"),
    ("market", 'currency = "EUR"', "currency = EUR", "LV.toml", "mend that line"),
    ("phrases", "[opening]", "[opening", "informal/lv.toml", "mend that line"),
    ("phrases", "{about}", "{customer}", "informal/lv.toml, line ", "unknown field ['customer']; known are"),
]


@pytest.mark.parametrize(("kind", "old", "new", "where", "mend"), BROKEN)
def test_a_broken_file_of_each_kind_leaves_its_last_good_version_in_force_over_a_restart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, old: str, new: str, where: str, mend: str
) -> None:
    path, text = _laid(tmp_path, kind)
    started: Callable[[Path], Now] = {"playbook": _playbook, "market": _market}.get(
        kind, partial(_phrases, monkeypatch)
    )
    good, wrong = started(tmp_path)
    assert good
    assert wrong == []
    assert old in text
    _write(path, text.replace(old, new, 1))
    still, (wrong_now,) = started(tmp_path)
    assert still == good
    assert wrong_now.startswith(where)
    assert mend in wrong_now or mend.startswith("line")
    assert "its last good version stays in force" in wrong_now


@pytest.mark.parametrize("kind", ["playbook", "market", "phrases"])
def test_without_a_good_version_nothing_of_it_is_in_force_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    path, _ = _laid(tmp_path, kind)
    started: Callable[[Path], Now] = {"playbook": _playbook, "market": _market}.get(
        kind, partial(_phrases, monkeypatch)
    )
    _write(path, "nothing")
    good, (wrong,) = started(tmp_path)
    assert good == "" or "mend that line" in good
    assert "nothing of it is in force" in wrong


def test_a_bad_sentence_is_found_in_its_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, text = _laid(tmp_path, "phrases")
    lines = text.split("\n")
    at = next(n for n, line in enumerate(lines) if line.startswith("said = [") and n > 60)
    _write(path, "\n".join([*lines[:at], lines[at].replace('["', '["{nobody} ', 1), *lines[at + 1 :]]))
    _, (wrong,) = _phrases(monkeypatch, tmp_path)
    assert f"lv.toml, line {at + 1}: kinds." in wrong


def test_a_file_of_any_size_is_not_read(tmp_path: Path) -> None:
    path, _ = _laid(tmp_path, "market")
    _write(path, "#" * (LARGEST + 1))
    _, (wrong,) = _market(tmp_path)
    assert "more than 200 kB" in wrong
