"""Market packs: all can be read, a bad one is named with its line, a broken one leaves the last good in force."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.errors import BadInput
from responders.gist import gist
from responders.market_of import market_of
from responders.markets import FOLDER, PACKS, Packs, read_market

GOOD = (FOLDER / "HR.toml").read_text(encoding="utf-8")
CODES = {"US", "GB", "HR", "BA", "RS", "HU", "ID", "LV", "PH", "DE", ""}


def where(**told: str) -> tuple[str, str]:
    """Code and reason of the market for these."""
    told = {"noted": "", "text": "", "lang": "", "holidays": "", "zone": "UTC"} | told
    found = market_of(PACKS.all(), **told)
    return found.market.code, found.why


def test_every_pack_of_ours_can_be_read() -> None:
    assert set(PACKS.all()) == CODES
    assert PACKS.broken() == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('zone = "Europe/Zagreb"', 'zone = "Europe/Zagrab"', "line 3: zone: 'Europe/Zagrab' is no time zone"),
        ('formality = "formal"', 'formality = "stiff"', "line 4: formality: choose one of formal, informal, neutral"),
        ('currency = "EUR"', 'currency = "euro"', "line 8: currency: write three capital letters"),
        ('hours = "Mon-Fri 08:00-16:00"', 'hours = "8-16"', "hours: write days and local times"),
        ('"Mon-Fri 08:00-16:00"', '"Fri-Mon 08:00-16:00"', "hours: the first day and time come before the last"),
        ('languages = ["hr"]', 'languages = "hr"', "line 2: languages: needed, as a list of texts"),
        ('languages = ["hr"]', 'languages = ["Croatian"]', "languages: 'Croatian' is none; write codes like hr"),
        ('"Zagreb", "Split"', '"Zagreb", "Atlantis"', "places: 'Atlantis' does not stand in scoring/places.txt"),
        ('name = "Croatia"', 'nome = "Croatia"', "line 1: nome: there is no such key; known are name"),
        ('name = "Croatia"', "", "HR.toml: name: needed, as a text"),
        ('name = "Croatia"', "name = Croatia", "mend that line"),
    ],
)
def test_a_bad_pack_is_named_with_its_line_and_what_to_do(old: str, new: str, said: str) -> None:
    assert old in GOOD
    with pytest.raises(BadInput) as error:
        read_market("HR.toml", GOOD.replace(old, new, 1).encode())
    assert said in str(error.value)
    assert str(error.value).startswith("HR.toml")


def test_a_pack_may_go_without_a_closing() -> None:
    kept = "".join(line for line in GOOD.splitlines(keepends=True) if not line.startswith("closing"))
    assert (read_market("HR.toml", kept.encode()).closing, kept == GOOD) == ("", False)


def test_a_file_is_called_like_a_country() -> None:
    for name in ("hr.toml", "XQ.toml", "Croatia.toml"):
        with pytest.raises(BadInput, match="two capital letters of a country"):
            read_market(name, GOOD.encode())
    with pytest.raises(BadInput, match="line 2: this is not UTF-8"):
        read_market("HR.toml", b"# a\n\xff")


def test_a_broken_file_leaves_its_last_good_version_in_force(tmp_path: Path) -> None:
    file, packs = tmp_path / "HR.toml", Packs(tmp_path)
    file.write_text(GOOD, encoding="utf-8")
    assert packs.all()["HR"].name == "Croatia"
    file.write_text(GOOD.replace("Europe/Zagreb", "nowhere"), encoding="utf-8")
    assert packs.all()["HR"].zone == "Europe/Zagreb"
    assert "zone" in packs.broken()[0]
    file.write_text(GOOD.replace("Croatia", "Hrvatska"), encoding="utf-8")
    os.utime(file, (1, 1))
    assert packs.all()["HR"].name == "Hrvatska"
    assert packs.broken() == []
    file.unlink()
    file.mkdir()
    assert packs.all()["HR"].name == "Hrvatska"
    assert "HR.toml: Is a directory; make it readable" in packs.broken()[0]
    file.rmdir()
    assert packs.all() == {}


def test_the_day_and_hour_there() -> None:
    croatia, manila = PACKS.all()["HR"], PACKS.all()["PH"]
    statehood = datetime(2026, 5, 30, 9, 0, tzinfo=UTC)
    assert croatia.holiday(statehood) == "Statehood Day"
    assert croatia.local(statehood).hour == 11
    late = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
    assert (manila.local(late).isoformat()[:16], manila.is_open(late)) == ("2026-03-03T07:30", False)
    monday = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    assert croatia.is_open(monday)
    assert not croatia.is_open(statehood)
    assert PACKS.all()[""].holiday(monday) == ""


def test_a_country_that_the_library_names_in_one_way_only_has_its_holidays_too() -> None:
    there = replace(PACKS.all()["GB"], code="NZ", zone="Pacific/Auckland", languages=("en", "lv"))
    waitangi = datetime(2026, 2, 6, 1, 0, tzinfo=UTC)
    assert there.holiday(waitangi) == "Waitangi Day"
    assert not there.is_open(waitangi)
    assert there.occasions(2026)[waitangi.date()] == "Waitangi Day"


def test_a_note_comes_first_then_a_place_then_the_language_then_the_brand() -> None:
    text = "My parcel to Zagreb is lost"
    assert where(noted="hu", text=text, lang="en") == ("HU", "noted for this case")
    assert where(text=text, lang="lv", holidays="US") == ("HR", "the post names Zagreb")
    assert where(text="from Zagreb to Riga", lang="lv") == ("LV", "by the language of the post")
    assert where(lang="en", holidays="US", zone="Europe/London") == ("US", "the brand keeps its holidays")
    assert where(lang="en", zone="Europe/London") == ("GB", "by the brand's time zone")
    assert where(lang="en") == ("", "no market is known")
    assert where(noted="XX", lang="hr") == ("HR", "by the language of the post")


def test_a_gist_names_what_a_text_tells_of() -> None:
    assert "double charge" in gist("Zašto mi je dvaput naplaćeno?", "hr")
    assert gist("", "hr") == ()
