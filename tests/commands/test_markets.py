"""`markets` and `doctor`: a bad market pack is named with its line."""

from pathlib import Path

import pytest

from commands import doctor
from commands.markets import check
from config.settings import Settings
from domain.errors import BadInput
from responders.markets import FOLDER, Packs
from tests.migrated import make_current

GOOD = (FOLDER / "LV.toml").read_text(encoding="utf-8")


def test_good_and_bad_files_are_told_apart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(FOLDER) is True
    bad = tmp_path / "LV.toml"
    bad.write_text(GOOD.replace("Europe/Riga", "Riga"), encoding="utf-8")
    assert check(bad) is False
    said = capsys.readouterr().out
    assert "LV.toml: Latvia, Europe/Riga, EUR" in said
    assert "LV.toml, line 3: zone: 'Riga' is no time zone; write one like" in said
    with pytest.raises(BadInput, match="no market pack here"):
        check(tmp_path / "nothing")


async def test_the_doctor_tells_of_a_broken_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, packs = Settings(data_dir=tmp_path / "data"), Packs(tmp_path)
    settings.data_dir.mkdir()
    await make_current(settings.database)
    monkeypatch.setattr(doctor, "PACKS", packs)
    (tmp_path / "LV.toml").write_text(GOOD, encoding="utf-8")
    assert await doctor.examine(settings) is True
    assert "market packs: LV" in capsys.readouterr().out
    (tmp_path / "LV.toml").write_text(GOOD.replace('"formal"', '"stiff"'), encoding="utf-8")
    assert await doctor.examine(settings) is False
    said = capsys.readouterr().out
    assert "LV.toml, line 4: formality: choose one of formal, informal, neutral" in said
    assert "run.py markets" in said
