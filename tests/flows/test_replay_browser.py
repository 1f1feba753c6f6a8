"""`run.py replay` as a person uses it: sign in by the printed link, turn publishing on, answer by keyboard and mouse.

The file is the 3,000 real posts where they are at hand, otherwise our own demo. The sandbox network's books, which are
not ours, say what was posted.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, async_playwright, expect

from channels.sandbox.ledger import Ledger
from commands.first_run import DEMO_FILE
from tests.conftest import SHARED_DATA, require, required_names
from tests.flows.house import WAIT_S, until
from tests.pace import slowness
from tests.postgres import free_port
from tests.web.test_browser import ARGS

RUN = Path(__file__).resolve().parents[2] / "run.py"
REAL_POSTS = SHARED_DATA / "mentions" / "airline_sample.jsonl"
LIMIT_S = 90.0
"""On an idle machine."""
WAIT_MS = 60_000


@dataclass
class Replay:
    """A running command: its process, the link it printed, and its data folder."""

    process: asyncio.subprocess.Process
    link: str
    folder: Path

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Ask the database beside the running process, without being able to change it."""
        with closing(sqlite3.connect(f"file:{self.folder / 'earshot.db'}?mode=ro", uri=True)) as db:
            return db.execute(query).fetchall()

    def count(self, query: str) -> int:
        """One number."""
        return int(self.rows(query)[0][0])


@pytest.fixture
def posts() -> Path:
    """The real posts, or our own ones where no real ones are at hand."""
    if "shared" in required_names():
        require("shared", REAL_POSTS.is_file(), f"{REAL_POSTS} is not there")
    return REAL_POSTS if REAL_POSTS.is_file() else DEMO_FILE


@asynccontextmanager
async def replaying(file: Path, folder: Path) -> AsyncIterator[Replay]:
    """Run the command until the block ends; it must stop at a signal, by itself and without complaint."""
    env = os.environ | {"EARSHOT_NO_BOOTSTRAP": "1", "EARSHOT_PUBLISHING__UNDO_S": "1", "COLUMNS": "200"}
    command = [str(RUN), "replay", str(file), "--port", str(free_port()), "--data-dir", str(folder)]
    told = folder.parent / "said.txt"
    with told.open("wb") as out:  # a file, not a pipe: what it starts itself may hold a pipe open after its end
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-u", *command, "--brand", "Replayed", env=env, cwd=folder.parent, stdout=out, stderr=out
        )
    try:
        yield Replay(process, await until(lambda: _link(process, told), "a sign-in link", WAIT_S), folder)
        process.send_signal(signal.SIGINT)
        await asyncio.wait_for(process.wait(), 6)
        said = told.read_text()
        assert process.returncode == 0, said[-3000:]
        assert "Traceback" not in said
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _link(process: asyncio.subprocess.Process, told: Path) -> str | None:
    said = told.read_text()  # noqa: ASYNC240  (a small file)
    assert process.returncode is None, f"it ended before it printed a link:\n{said}"
    found = re.search(r"http://127\.0\.0\.1:\d+/sign-in/link/\S+", said)
    return found.group() if found else None


@asynccontextmanager
async def signed_in(chromium: str, link: str) -> AsyncIterator[Page]:
    """A browser that went in by the link; nothing on its pages may fail."""
    wrong: list[str] = []
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=chromium, headless=True, args=ARGS)
        page = await browser.new_page(viewport={"width": 1440, "height": 900})
        page.set_default_timeout(WAIT_MS)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        await page.goto(link)
        await page.get_by_role("button", name=re.compile("sign in", re.I)).click()
        yield page
        await browser.close()
    assert wrong == []


async def publishing_on(page: Page) -> None:
    """From the word on top of every page to the button in the settings."""
    await page.locator("summary", has_text=re.compile("off")).click()
    await page.get_by_role("link", name="Open the settings").click()
    await page.get_by_role("button", name="Turn publishing on").click()
    await expect(page.get_by_role("status").first).to_contain_text("Publishing is on")


async def heated_at_once(page: Page, brand: str) -> None:
    """The brand's page: no answer waits five minutes to cool down, as the gravest of a replay would."""
    await page.goto(brand)
    await page.get_by_label("Rule of 5").select_option("off")
    await page.get_by_role("button", name="Store").click()
    await expect(page.get_by_role("status").first).to_be_visible()


async def by_keyboard(page: Page, queue: str) -> int:
    """Approve the first case of the queue without the mouse; its id."""
    await page.goto(queue)
    await page.keyboard.press("j")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/cases/*")
    case_id = int(page.url.rpartition("/")[2])
    parts = page.locator("table.parts tbody tr")
    assert await parts.count() > 0
    for row in await parts.all():
        assert re.match(r"[+−-]?\d", (await row.locator("td.num").inner_text()).strip())
    await page.keyboard.press("a")
    await expect(page.get_by_role("status").first).to_contain_text(re.compile("approved", re.I))
    return case_id


async def by_mouse(page: Page, queue: str, not_this: int) -> int:
    """Approve another case by clicking; its id."""
    await page.goto(queue)
    await page.locator(f"a.row-link:not([href='/cases/{not_this}'])").first.click()
    await page.wait_for_url("**/cases/*")
    case_id = int(page.url.rpartition("/")[2])
    await page.get_by_role("button", name=re.compile("^Approve a?$|^Approve$")).first.click()
    await expect(page.get_by_role("status").first).to_contain_text(re.compile("approved", re.I))
    return case_id


async def test_the_replay_from_the_command_to_the_network(
    chromium: str, posts: Path, tmp_path: Path, record_property: Any
):
    before, began = slowness(), asyncio.get_running_loop().time()
    folder, (lines, heard) = tmp_path / "data", _lines(posts)
    async with replaying(posts, folder) as replay:

        async def all_stored() -> int | None:
            return replay.count("SELECT COUNT(*) FROM mention") if replay.count(_SEEN) == lines else None

        async def two_drafts() -> int | None:
            drafted = replay.count("SELECT COUNT(*) FROM reply WHERE status = 'drafted'")
            return drafted if drafted >= 2 else None

        assert await until(all_stored, f"{lines} lines read", WAIT_S) == heard
        heard_s = asyncio.get_running_loop().time() - began
        assert replay.count("SELECT COUNT(*) FROM quarantine") == 0
        async with signed_in(chromium, replay.link) as page:
            base = replay.link.partition("/sign-in")[0]
            await publishing_on(page)
            await heated_at_once(page, f"{base}/brands/{replay.count('SELECT id FROM brand')}")
            await until(two_drafts, "the first drafts", WAIT_S)
            queue = f"{base}/queue?draft=drafted"
            first = await by_keyboard(page, queue)
            second = await by_mouse(page, queue, first)
            sent = f"SELECT text FROM reply WHERE status = 'sent' AND case_id IN ({first}, {second})"

            async def both_sent() -> list[str] | None:
                texts = [text for (text,) in replay.rows(sent)]
                return texts if len(texts) == 2 else None

            texts = await until(both_sent, "both replies sent", WAIT_S)
            for case_id in (first, second):
                await page.goto(f"{base}/cases/{case_id}")
                await expect(page.locator("li.mention.ours")).to_have_count(1)
        posted, attempts = books(folder)
        assert sorted(posted) == sorted(texts)
        assert attempts == ["stored", "stored"]
        assert (
            replay.count("SELECT COUNT(*) FROM reply WHERE status IN ('sent', 'approved', 'sending', 'unknown')") == 2
        )
    took_s = asyncio.get_running_loop().time() - began
    record_property("seconds", round(took_s, 1))
    print(f"\nreplay of {lines} posts: all stored after {heard_s:.1f} s, both answered after {took_s:.1f} s")
    assert took_s < LIMIT_S * max(before, slowness())


def _lines(posts: Path) -> tuple[int, int]:
    """How many lines there are, and how many posts: a later line with the same id is an edit."""
    ids = [json.loads(line)["id"] for line in posts.read_bytes().splitlines() if line.strip()]
    return len(ids), len(set(ids))


_SEEN = "SELECT COALESCE(SUM(seen), 0) FROM source WHERE channel = 'replay'"


def books(folder: Path) -> tuple[list[str], list[str]]:
    """The posts of our account on the sandbox network, and how each request to publish ended there."""
    ledger = Ledger(folder / "sandbox" / "sandbox.db")
    try:
        attempts = ledger.attempts()
        made = [ledger.post(str(attempt.post_id)) for attempt in attempts if attempt.post_id]
        return [post.text for post in made if post], [attempt.outcome for attempt in attempts]
    finally:
        ledger.close()
