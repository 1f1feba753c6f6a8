"""Playbooks: read from files, applied where they say, and a broken file never takes the last good version away."""

import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from domain.errors import BadInput
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
