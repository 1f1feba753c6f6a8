"""Playbooks: read from files, applied where they say, and a broken file never takes the last good version away."""

import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from domain.errors import BadInput
from responders import fact_actions
from responders.playbooks import Playbook, over_limit, read_playbook
from responders.shelf import Shelf
from storage.tables import MentionRow
from storage.transitions import history
from tests.responders.world import World, with_parts

GOOD = """name = "Late trains"
text = "Say what happened."
review = 2027-06-01
themes = ["delivery"]
severity = 1

[limits]
EUR = 20
"""


def book(**more: Any) -> Playbook:
    given: dict[str, Any] = {"name": "Late", "text": "x", "review_on": date(2027, 6, 1), "version": "1"}
    return Playbook(**(given | more))


def test_a_playbook_is_read_with_a_version_that_changes_with_its_bytes() -> None:
    found = read_playbook("norda/late.toml", GOOD.encode())
    assert (found.name, found.review_on, found.limits) == ("Late trains", date(2027, 6, 1), {"EUR": 20.0})
    assert found.themes == {"delivery"}
    assert read_playbook("norda/late.toml", GOOD.replace("20\n", "21\n").encode()).version != found.version


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('name = "Late trains"', 'nam = "Late trains"', "line 1: nam: there is no such key"),
        ('name = "Late trains"\n', "", "name: needed"),
        ("review = 2027-06-01", 'review = "soon"', "line 3: review: needed: the day"),
        ('["delivery"]', '["trains"]', "line 4: themes: 'trains' is none; choose from safety"),
        ('["delivery"]', '"delivery"', "line 4: themes: write a list"),
        ("severity = 1", "severity = 7", "line 5: severity: write a number from 0 to 3"),
        ("EUR = 20", "EUR = -1", "line 8: EUR: write an amount"),
        ("EUR = 20", "ZZZ = 20", "line 8: ZZZ: no currency"),
        ("EUR = 20", "EUR = ", "line 8"),
        ("[limits]\nEUR = 20", "limits = 20", "line 7: limits: write a section"),
        ("[limits]\nEUR = 20", "limits = {EUR = -1}", "line 7: EUR: write an amount"),
        ("[limits]\nEUR = 20", "limits.EUR = -1", "line 7: EUR: write an amount"),
        ("severity = 1", 'channels = ["mastodn"]', "line 5: channels: 'mastodn' is none; choose from"),
        ("severity = 1", 'languages = ["ge"]', "line 5: languages: 'ge' is none; choose from"),
        ("severity = 1", 'market = "UK"', "line 5: market: UK has no market pack; choose from BA, DE, GB"),
        (
            'text = "Say what happened."\n',
            'text = """\nWhat to do:\nseverity = ask Mara\n"""\nmarket = "ZZ"\n',
            "line 6: market: ZZ has no market pack",
        ),
        (
            'text = "Say what happened."\nreview = 2027-06-01\nthemes = ["delivery"]\nseverity = 1\n',
            "text = '''\nseverity = ask Mara'''\nreview = 2027-06-01\nseverity = \"x\"\n",
            "line 5: severity: write a number",
        ),
    ],
)
def test_a_bad_line_is_named_with_what_to_do(old: str, new: str, said: str) -> None:
    assert old in GOOD
    with pytest.raises(BadInput) as error:
        read_playbook("norda/late.toml", GOOD.replace(old, new).encode())
    assert str(error.value).startswith("norda/late.toml")
    assert said in str(error.value)


def test_bytes_that_are_no_text_are_named_by_line() -> None:
    with pytest.raises(BadInput, match=r"norda/late.toml, line 2: this is not UTF-8"):
        read_playbook("norda/late.toml", b'name = "x"\n\xff')


def test_it_applies_where_it_says() -> None:
    only = book(themes=frozenset({"billing"}), channels=frozenset({"rss"}), languages=frozenset({"en"}), severity=2)
    assert only.applies({"billing", "service"}, 2, "rss", "en")
    assert not only.applies({"service"}, 2, "rss", "en")
    assert not only.applies({"billing"}, 1, "rss", "en")
    assert not only.applies({"billing"}, 2, "mastodon", "en")
    assert not only.applies({"billing"}, 2, "rss", None)
    assert book().applies((), 0, "rss", None)


@pytest.mark.parametrize(
    ("text", "lang", "beyond"),
    [
        ("We give you 20 EUR back.", "en", ""),
        ("We give you €20.50 back.", "en", "20.5 EUR is more than the 20 EUR of “Late”"),
        ("Vraćamo vam 25 eura.", "hr", "25 EUR is more than the 20 EUR of “Late”"),
        ("We give you 5 USD back.", "en", "5 USD, of which the playbooks say nothing"),
        ("Kami kembalikan Rp20.000.", "id", "20,000 IDR, of which the playbooks say nothing"),
        ("Your 30 minutes count, and 100 % of them.", "en", ""),
    ],
)
def test_an_amount_beyond_the_limit_is_found_in_every_language(text: str, lang: str, beyond: str) -> None:
    assert over_limit(text, lang, [book(limits={"EUR": 20.0})]) == beyond


LIMITS = {"EUR": 20.0, "USD": 20.0, "GBP": 20.0, "PHP": 500.0, "IDR": 100_000.0, "HUF": 5_000.0, "RSD": 1_000.0}


@pytest.mark.parametrize(
    ("text", "lang", "beyond"),
    [
        ("We give you EUR 20-50.", "en", "50 EUR is more"),
        ("We give you EUR 20 to 50.", "en", "50 EUR is more"),
        ("We can refund you P1,500.", "en", "1,500 PHP is more"),
        ("Ibabalik namin ang P1,500.", "tl", "1,500 PHP is more"),
        ("You get £20 now and £20 later.", "en", "40 GBP is more"),
        ("We give you 1\u202f500 € back.", "en", "1,500 EUR is more"),
        ("We pay CHF 500.", "en", "500 CHF, of which the playbooks say nothing"),
        ("We refund 500 PLN.", "en", "500 PLN, of which the playbooks say nothing"),
        ("Vratit ćemo vam 50 KM.", "hr", "50 BAM, of which the playbooks say nothing"),
    ],
)
def test_an_amount_is_read_as_people_write_it(text: str, lang: str, beyond: str) -> None:
    assert over_limit(text, lang, [book(limits=LIMITS)]).startswith(beyond)


@pytest.mark.parametrize(
    ("text", "lang", "quoted"),
    [
        ("We give you five hundred euros.", "en", "hundred euros"),
        ("We give you €5 thousand.", "en", "€5 thousand"),
        ("We give you 1000 bucks.", "en", "1000 bucks"),
        ("We give you 500 kr.", "en", "500 kr"),
        ("We give you ₹500.", "en", "₹500"),
        ("We give you 50,- EUR.", "en", "50,- EUR"),
        ("We give you S$15.", "en", "S$15"),
        ("Vraćamo vam pedeset eura.", "hr", "pedeset eura"),
        ("Vraćamo vam 5000 din.", "hr", "5000 din"),
        ("Visszatérítünk húszezer forintot.", "hu", "húszezer forintot"),
        ("Visszatérítünk 20e Ft-ot.", "hu", "20e Ft-ot"),
        ("Kami kembalikan 500rb.", "id", "500rb"),
        ("Kami kembalikan lima ratus ribu rupiah.", "id", "ratus ribu"),
        ("Atmaksāsim piecdesmit eiro.", "lv", "piecdesmit eiro"),
        ("Ibabalik namin ang limang daang piso.", "tl", "daang piso"),
    ],
)
def test_what_looks_like_money_and_cannot_be_read_is_beyond_every_limit(text: str, lang: str, quoted: str) -> None:
    said = over_limit(text, lang, [book(limits=LIMITS)])
    assert "cannot be read: write it in figures" in said
    assert quoted in said


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("Flight AB123 leaves at 10:30 on 12 May 2026, gate B12, row 50.", "en"),
        ("We won 3 prizes, TOP 10 and ISO 9001 among them.", "en"),
        ("Udaljeni smo 50 km od grada.", "hr"),
        ("Tatlo din po, 2 din.", "tl"),
        ("Ibabalik namin ang P200 po.", "tl"),
        ("Kami kembalikan Rp20.000 dan Rp 20 ribu.", "id"),
        ("You get 5 to 15 EUR.", "en"),
    ],
)
def test_what_is_no_money_or_within_the_limit_is_not_beyond_it(text: str, lang: str) -> None:
    assert over_limit(text, lang, [book(limits=LIMITS)]) == ""


def test_marks_are_read_in_small_letters_where_they_are_limited() -> None:
    assert over_limit("Vraćamo vam 50 km.", "hr", [book(limits={"BAM": 20.0})]).startswith("50 BAM is more")


def test_the_lowest_limit_counts_and_without_limits_nothing_is_beyond() -> None:
    both = [book(limits={"EUR": 50.0}), book(name="Small", limits={"EUR": 10.0})]
    assert "“Small”" in over_limit("We give you 20 EUR.", "en", both)
    assert over_limit("We give you 2,000 EUR.", "en", [book()]) == ""


def test_a_playbook_of_a_market_is_for_its_cases_alone() -> None:
    there = read_playbook("norda/late.toml", GOOD.replace("[limits]", 'market = "HR"\n[limits]').encode())
    case = (sorted(there.themes), 3, next(iter(there.channels), "rss"), next(iter(there.languages), "en"))
    assert [there.applies(*case, market) for market in ("HR", "GB", "")] == [True, False, False]


# --- the shelf ---------------------------------------------------------------------------------------------------


@pytest.fixture
def late(tmp_path: Path) -> Path:
    """A playbook of the brand norda."""
    path = tmp_path / "norda" / "late.toml"
    path.parent.mkdir()
    path.write_text(GOOD)
    return path


def _write(path: Path, text: str) -> None:
    """Another version, at another moment whatever the clock of the file system can tell apart."""
    path.write_text(text)
    at = path.stat().st_mtime_ns + 1_000_000_000
    os.utime(path, ns=(at, at))


def test_a_changed_file_counts_at_once_and_a_removed_one_no_more(late: Path) -> None:
    shelf = Shelf(late.parents[1])
    assert [each.name for each in shelf.of("norda")] == ["Late trains"]
    assert shelf.of("velotti") == ()
    _write(late, GOOD.replace("Late trains", "Late buses"))
    assert [each.name for each in shelf.of("norda")] == ["Late buses"]
    late.unlink()
    assert shelf.of("norda") == ()


@pytest.mark.parametrize("restarted", [False, True])
def test_a_broken_file_leaves_its_last_good_version_in_force(late: Path, restarted: bool) -> None:
    shelf = Shelf(late.parents[1])
    good = shelf.of("norda")
    _write(late, GOOD.replace("severity = 1", "severity = many"))
    shelf = Shelf(late.parents[1]) if restarted else shelf
    assert shelf.of("norda") == good
    (wrong,) = shelf.broken()
    assert "norda/late.toml" in wrong
    assert "line 5" in wrong
    assert "last good version stays in force" in wrong
    _write(late, GOOD)
    assert shelf.broken() == []


def test_a_file_that_was_never_good_is_not_in_force(late: Path) -> None:
    late.write_text("nothing")
    shelf = Shelf(late.parents[1])
    assert shelf.of("norda") == ()
    assert "nothing of it is in force" in shelf.broken()[0]


# --- in a case ---------------------------------------------------------------------------------------------------


async def test_an_amount_beyond_the_playbook_takes_two_and_the_history_keeps_the_version(world: World) -> None:
    async with world.db.write() as session:
        await session.exec(update(MentionRow).values(themes=["delivery"], severity=1, lang="en"))
    late = read_playbook("norda/late.toml", GOOD.encode())
    with_parts(world, playbooks=lambda slug: (late,) if slug == "norda" else ())
    await world.drafted()
    done = await world.approve("Hello Mara, we give you 30 EUR back.")
    assert done.status == "drafted"
    assert "30 EUR is more than the 20 EUR" in done.said
    assert (await world.approve("Hello Mara, we give you 20 EUR back.")).status == "approved"
    async with world.db.read() as session:
        steps = await history(session, "reply_check", world.reply_id)
    assert [(step.new, step.why) for step in steps if step.new == "playbooks"] == [
        ("playbooks", f"Late trains ({late.version})")
    ]


async def _notes_market(world: World, value: str) -> None:
    async with world.db.write() as session:
        await fact_actions.know(
            session, world.agent, world.case_id, key="market", value=value, now=world.now, parts=world.parts
        )


async def test_nobody_lifts_a_limit_by_noting_another_market(world: World) -> None:
    async with world.db.write() as session:
        await session.exec(update(MentionRow).values(themes=["delivery"], severity=1, lang="hr"))
    croatian = book(market="HR", limits={"EUR": 20.0})
    with_parts(world, playbooks=lambda slug: (croatian,))
    await world.drafted()
    await _notes_market(world, "US")
    done = await world.approve("Draga Mara, vraćamo Vam 500 eura.")
    assert (done.status, "500 EUR is more than the 20 EUR" in done.said) == ("drafted", True)


async def test_a_limit_of_a_market_that_was_noted_stays_when_another_is_noted(world: World) -> None:
    async with world.db.write() as session:
        await session.exec(update(MentionRow).values(themes=["delivery"], severity=1, lang="en"))
    with_parts(world, playbooks=lambda slug: (book(market="BA", limits={"EUR": 20.0}),))
    await world.drafted()
    await _notes_market(world, "BA")
    await _notes_market(world, "US")
    assert (await world.approve("Hello Mara, we give you 500 EUR back.")).status == "drafted"


async def test_a_market_without_a_pack_is_not_noted(world: World) -> None:
    with pytest.raises(BadInput, match="'Kroatien' has no market pack; write its two letters: choose from BA, DE"):
        await _notes_market(world, "Kroatien")
