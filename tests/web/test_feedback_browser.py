"""The feedback page in a real browser: without JavaScript, by keyboard alone, on a small screen, in the dark."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import async_playwright

from domain.clock import SystemClock
from storage.migrate import migrate
from tests.web.seed import build, furnish
from tests.web.server import free_port, serving
from tests.web.test_browser import ARGS, WAIT_MS
from tests.web.test_feedback import Page, listening, opened
from web.feedback_words import WORDS


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[tuple[Page, str]]:
    """A feedback page on the real clock behind a real server, and its whole address."""
    url = f"sqlite+aiosqlite:///{tmp_path / 'desk.db'}"
    await migrate(url)
    port = free_port()
    desk = await furnish(build(url, SystemClock(), f"http://127.0.0.1:{port}"), full=False)
    told = await opened(listening(desk))
    async with serving(desk, port) as base:
        yield told, base + told.path
    await desk.parts.live.finish()
    await desk.db.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_guest_tells_something_by_keyboard_on_a_small_screen(
    chromium: str, served: tuple[Page, str], scheme: Any
) -> None:
    told, address = served
    small: Any = {"width": 360, "height": 740}
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=chromium, headless=True, args=ARGS)
        page = await browser.new_page(java_script_enabled=False, locale="hr-HR", viewport=small, color_scheme=scheme)
        page.set_default_timeout(WAIT_MS)
        for lang in WORDS:
            await page.goto(f"{address}?lang={lang}")
            box = await page.locator("main").bounding_box()
            assert box is not None
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= 360
        await page.goto(address)
        assert await page.get_by_role("heading", name=WORDS["hr"].title).count() == 1
        await page.get_by_label(WORDS["hr"].what).focus()
        for typed in ("Moje mjesto je bilo zauzeto, molim pomoć.", "Mara", "mara@mail.test"):
            await page.keyboard.type(typed)
            await page.keyboard.press("Tab")
        await page.get_by_role("button", name=WORDS["hu"].own_name).click()
        assert await page.get_by_label(WORDS["hu"].address).input_value() == "mara@mail.test"
        await page.get_by_role("button", name=WORDS["hr"].own_name).click()
        await page.get_by_label(WORDS["hr"].address).focus()
        await page.keyboard.press("Enter")  # past the trap: the button has the focus
        await page.get_by_role("heading", name=WORDS["hr"].thanks).wait_for()
        stored = (await told.stored())[0]
        assert (stored.author_name, stored.native["to"]) == ("Mara", "mara@mail.test")
        assert await page.get_by_text(stored.external_id).is_visible()
        assert await page.context.cookies() == []
        await browser.close()
