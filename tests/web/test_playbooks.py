"""Playbooks in the desk: what changes is shown before, errors name the line, versions, undo; also for programs."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from responders import playbook_actions
from responders.playbooks import version_of
from responders.shelf import Shelf
from storage.people import person_of
from storage.tables import Transition
from tests.web.client import Answer, Browser
from tests.web.seed import Desk

LATE = """name = "Late trains"
text = "Say which train. Goodwill up to 20 EUR is yours to offer."
review = 2027-06-01
themes = ["delivery"]

[limits]
EUR = 20
"""
MORE = LATE.replace("EUR = 20", "EUR = 50")


@pytest.fixture
def shelf(desk: Desk, tmp_path: Path) -> Shelf:
    """Where the playbooks of this desk are kept."""
    found = Shelf(tmp_path / "playbooks")
    parts = desk.app.state.parts
    desk.app.state.parts = replace(parts, responding=replace(parts.responding, shelf=found, playbooks=found.of))
    return found


async def put(desk: Desk, browser: Browser, content: str = LATE, seen: str = "", file: str = "late-trains") -> Answer:
    return await browser.post("/playbooks", brand_id=desk.brand, file=file, content=content, seen=seen)


async def undo(browser: Browser, page: Answer) -> Answer:
    """Press the button that takes back what was done."""
    forms = re.findall(r'<form[^>]+action="(/playbooks/\d+/\w+)"[^>]*>(.*?)</form>', page.text, re.S)
    path, body = next(form for form in forms if "Undo" in form[1])
    return await browser.post(path, **dict(re.findall(r'name="(\w+)" value="([^"]*)"', body)))


async def test_what_changes_is_shown_before_and_nothing_is_in_force_until_somebody_says_so(
    desk: Desk, admin: Browser, shelf: Shelf
) -> None:
    first = await admin.post("/playbooks/preview", brand_id=desk.brand, content=LATE.replace("\n", "\r\n"))
    assert "A new playbook" in first.text
    assert 'name="file" value="late-trains"' in first.text, "named after its name"
    assert shelf.of("norda") == ()
    await put(desk, admin)
    (book,) = shelf.of("norda")
    assert (book.name, book.limits) == ("Late trains", {"EUR": 20.0})
    second = unescape((await admin.post("/playbooks/preview", brand_id=desk.brand, content=MORE)).text)
    assert "What changes" in second
    assert "<del>EUR = 20</del>" in second
    assert "<ins>EUR = 50</ins>" in second
    assert f'name="seen" value="{version_of(LATE.encode())}"' in second
    assert shelf.of("norda") == (book,)
    same = await admin.post("/playbooks/preview", brand_id=desk.brand, content=LATE)
    assert "Nothing changes" in same.text


async def test_a_file_may_be_uploaded(desk: Desk, admin: Browser, shelf: Shelf) -> None:
    body = "".join(
        f'--x\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n{value}\r\n'
        for name, more, value in (
            ("brand_id", "", str(desk.brand)), ("content", "", ""), ("file", "", ""),
            ("upload", '; filename="Late Trains 2.toml"\r\nContent-Type: text/plain', LATE),
        )
    ) + "--x--\r\n"  # fmt: skip
    headers = {"content-type": "multipart/form-data; boundary=x", "accept": "text/html", "origin": "http://desk.test"}
    page = await admin.send("POST", "/playbooks/preview", body.encode(), headers | {"sec-fetch-site": "same-origin"})
    assert page.status == 200, page.text[:300]
    assert 'name="file" value="late-trains-2"' in page.text


@pytest.mark.parametrize(
    ("content", "said", "bad"),
    [
        (LATE.replace("themes", "topics"), "late-trains.toml, line 4: topics: there is no such key", "topics ="),
        (LATE.replace("EUR = 20", "EUR = many"), "mend that line", "EUR = many"),
        (LATE.replace("EUR = 20", "XAU = 1"), "late-trains.toml, line 7: XAU: no currency", "XAU = 1"),
        (LATE.replace("[limits]", 'market = "hr"\n[limits]'), "market: write the two capital letters", 'market = "hr"'),
    ],
)
async def test_errors_name_the_line_and_show_it_and_the_words_are_not_lost(
    desk: Desk, admin: Browser, shelf: Shelf, content: str, said: str, bad: str
) -> None:
    await put(desk, admin)
    answer = await admin.post("/playbooks/preview", brand_id=desk.brand, file="late-trains", content=content)
    page = unescape(answer.text)
    assert answer.status == 422
    assert said in page
    assert re.search(rf"<mark>{re.escape(bad)}", page)
    assert content in page
    assert (await put(desk, admin, content, seen=version_of(LATE.encode()))).status == 422
    assert [book.limits for book in shelf.of("norda")] == [{"EUR": 20.0}], "the last good version stays"


async def test_versions_can_be_compared_restored_and_every_step_undone(
    desk: Desk, admin: Browser, shelf: Shelf
) -> None:
    old, new = version_of(LATE.encode()), version_of(MORE.encode())
    await put(desk, admin)
    assert (await put(desk, admin, MORE)).status == 409, "somebody else's version was not seen"
    page = await admin.follow(await put(desk, admin, MORE, seen=old))
    assert f"In force as version {new}" in page.text or f"in force as version {new}" in page.text
    here = f"/playbooks/{desk.brand}?file=late-trains"
    compared = unescape((await admin.get(f"{here}&against={old}")).text)
    assert "<del>EUR = 20</del>" in compared
    assert "Restore" in compared
    await undo(admin, page)
    assert [book.version for book in shelf.of("norda")] == [old]
    gone = await admin.follow(await admin.post(f"/playbooks/{desk.brand}/remove", file="late-trains"))
    assert shelf.of("norda") == ()
    assert "in force no more" in (await admin.get(here)).text
    await undo(admin, gone)
    assert [book.version for book in shelf.of("norda")] == [old]
    await admin.post(f"/playbooks/{desk.brand}/restore", file="late-trains", version=new)
    assert [book.version for book in shelf.of("norda")] == [new]
    async with desk.db.read() as session:
        steps = await session.exec(select(Transition).where(Transition.noun == "playbook").order_by(col(Transition.id)))
        assert [(step.old, step.new) for step in steps] == [
            ("", old), (old, new), (new, old), (old, ""), ("", old), (old, new),
        ]  # fmt: skip


async def test_the_first_import_is_undone_by_taking_it_away(desk: Desk, admin: Browser, shelf: Shelf) -> None:
    await undo(admin, await admin.follow(await put(desk, admin)))
    assert shelf.of("norda") == ()


async def test_agents_read_and_only_managers_change(desk: Desk, admin: Browser, agent: Browser, shelf: Shelf) -> None:
    await put(desk, admin)
    page = await agent.get("/playbooks")
    assert "Late trains" in page.text
    assert "Import a playbook" not in page.text
    assert (await put(desk, agent, MORE)).status == 403
    assert "Take away" not in (await agent.get(f"/playbooks/{desk.brand}?file=late-trains")).text


@pytest.mark.parametrize("file", ["../late", "a/b", ".good", "Late", "", "x" * 61])
async def test_a_name_leads_nowhere_else(desk: Desk, admin: Browser, shelf: Shelf, file: str) -> None:
    assert (await put(desk, admin, file=file)).status == 422
    assert not list(shelf.folder.parent.rglob("*.toml"))


async def test_a_broken_file_is_told_and_mended_here(desk: Desk, admin: Browser, shelf: Shelf) -> None:
    await put(desk, admin)
    path = shelf.folder / "norda" / "late-trains.toml"
    path.write_text(LATE.replace("EUR = 20", "EUR = lots of them"), "utf-8")
    page = unescape((await admin.get("/playbooks")).text)
    assert "its last good version stays in force" in page
    assert "Late trains" in page
    broken = version_of(path.read_bytes())
    assert (await put(desk, admin, MORE, seen=broken)).status == 303
    assert [book.limits for book in shelf.of("norda")] == [{"EUR": 50.0}]
    (row,) = json.loads((await admin.get("/playbooks", accept="application/json")).text)["playbooks"]
    assert (row["file"], row["limits"], row["wrong"]) == ("late-trains", {"EUR": 50.0}, "")


async def fail(desk: Desk, action: str, **values: str) -> None:
    """Do it in a transaction that comes to nothing."""
    given: dict[str, Any] = {"now": desk.clock.now(), "parts": desk.app.state.parts.responding, "file": "late-trains"}
    async with desk.db.write() as session:
        who = await person_of(session, desk.users["admin"])
        assert who is not None
        await getattr(playbook_actions, action)(session, who, desk.brand, **given, **values)
        raise ZeroDivisionError


@pytest.mark.parametrize(
    ("action", "values"), [("put", {"content": MORE, "seen": version_of(LATE.encode())}), ("remove", {})]
)
async def test_what_comes_to_nothing_leaves_the_last_file(
    desk: Desk, admin: Browser, shelf: Shelf, action: str, values: dict[str, str]
) -> None:
    await put(desk, admin)
    with pytest.raises(ZeroDivisionError):
        await fail(desk, action, **values)
    assert shelf.text("norda", "late-trains") == LATE.encode()
    (book,) = shelf.of("norda")
    assert book.limits == {"EUR": 20.0}


async def test_a_first_version_that_comes_to_nothing_is_no_file(desk: Desk, shelf: Shelf) -> None:
    with pytest.raises(ZeroDivisionError):
        await fail(desk, "put", content=LATE, seen="")
    assert shelf.files() == []
