"""`playbooks` and `doctor`: a bad playbook is named with its line."""

from pathlib import Path

import pytest

from commands.doctor import examine
from commands.playbooks import check
from config.settings import Settings
from tests.migrated import make_current

GOOD = 'name = "Late trains"\ntext = "Say what happened."\nreview = 2099-06-01\n[limits]\nEUR = 20\n'


def _put(folder: Path, name: str, text: str) -> Path:
    path = folder / "playbooks" / "norda" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_good_and_bad_files_are_told_apart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _put(tmp_path, "late.toml", GOOD)
    assert check(tmp_path / "playbooks") is True
    bad = _put(tmp_path, "lost.toml", GOOD.replace("EUR", "Euro"))
    assert check(tmp_path / "playbooks") is False
    assert check(bad) is False
    assert check(bad.parent) is False
    said = capsys.readouterr().out
    assert "norda/late.toml: “Late trains”" in said
    assert "norda/lost.toml, line 5: Euro: no currency" in said


def test_an_empty_folder_says_what_belongs_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(tmp_path) is True
    assert "no playbook in" in capsys.readouterr().out


async def test_the_doctor_tells_of_a_broken_one_and_of_a_folder_of_no_brand(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(data_dir=tmp_path)
    await make_current(settings.database)
    path = _put(tmp_path, "late.toml", GOOD)
    assert await examine(settings) is True
    assert "norda is no brand" in capsys.readouterr().out
    path.write_text("name = 7\n" + GOOD.partition("\n")[2])
    assert await examine(settings) is False
    said = capsys.readouterr().out
    assert "norda/late.toml, line 1: name: needed" in said
    assert "last good version stays in force" in said
