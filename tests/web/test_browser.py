"""The desk in a real browser: by keyboard, by mouse, live, on a small screen, and without JavaScript."""

import gc
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, async_playwright

from commands.collector import settle_collector
from domain.clock import SystemClock
from storage import sessions
from storage.migrate import migrate
from storage.settings import start_publishing
from tests.web.seed import Desk, build, furnish, hear, without_risk
from tests.web.server import free_port, serving

ARGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync"]  # fmt: skip
WAIT_MS = 60_000
"""Nothing here measures speed: a machine that stands still for some seconds is no fault of the desk."""


@dataclass
class Window:
    """A browser and the desk it looks at."""

    desk: Desk
    base: str
    browser: Browser
    token: str
    errors: list[str]

    async def page(self, **options: Any) -> Page:
        """A new signed-in page; what it complains about is kept in `errors`."""
        context = await self.browser.new_context(**options)
        await context.add_cookies([{"name": "earshot", "value": self.token, "url": self.base}])
        page = await context.new_page()
        page.set_default_timeout(WAIT_MS)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)
        return page


@pytest.fixture(scope="module", autouse=True)
def settled() -> Iterator[None]:
    """The collector as the program sets it. Else it walks over all that thousands of tests have left behind while a
    page is loading: a second at a time."""
    thresholds = gc.get_threshold()
    settle_collector()
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)


@pytest.fixture
async def window(chromium: str, tmp_path: Path) -> AsyncIterator[Window]:
    """A full desk on the real clock behind a real server."""
    url = f"sqlite+aiosqlite:///{tmp_path / 'desk.db'}"
    await migrate(url)
    port = free_port()
    desk = await furnish(build(url, SystemClock(), f"http://127.0.0.1:{port}"))
    async with desk.db.write() as session:
        await start_publishing(session, actor=f"user:{desk.users['admin']}", now=desk.clock.now())
        token = await sessions.open_session(session, desk.users["agent"], desk.clock.now())
    async with serving(desk, port) as base, async_playwright() as play:
        browser = await play.chromium.launch(executable_path=chromium, headless=True, args=ARGS)
        window = Window(desk, base, browser, token, [])
        yield window
        await browser.close()
        assert window.errors == []
    await desk.db.close()


async def test_approve_by_keyboard_alone_and_take_it_back(window: Window):
    await without_risk(window.desk)
    page = await window.page()
    await page.goto(f"{window.base}/queue?draft=drafted")
    await page.keyboard.press("j")
    await page.keyboard.press("j")
    await page.keyboard.press("k")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/cases/*")
    first = int(page.url.rpartition("/")[2])
    await page.keyboard.press("e")
    await page.keyboard.press("Control+End")
    await page.keyboard.type(" Hvala na strpljenju.")
    await page.keyboard.press("Enter")  # a new line, never a send
    assert (await window.desk.reply_of(first)).status == "drafted"
    await page.keyboard.press("Escape")
    async with page.expect_navigation():
        await page.keyboard.press("Shift+A")
    assert int(page.url.rpartition("/")[2]) != first
    reply = await window.desk.reply_of(first)
    assert reply.status == "approved"
    assert "Hvala na strpljenju." in reply.text
    async with page.expect_navigation():
        await page.keyboard.press("z")
    assert (await window.desk.reply_of(first)).status == "drafted"


async def test_control_enter_approves_from_the_editor(window: Window):
    await without_risk(window.desk)
    page = await window.page()
    case = window.desk.cases["@tomo"]
    await page.goto(f"{window.base}/cases/{case}")
    await page.keyboard.press("e")
    async with page.expect_navigation():
        await page.keyboard.press("Control+Enter")
    assert (await window.desk.reply_of(case)).status == "approved"


async def test_one_key_mends_and_once_nothing_is_left_to_mend_puts_it_back(window: Window):
    page = await window.page()
    case = window.desk.cases["@ilze"]
    await page.goto(f"{window.base}/cases/{case}")
    draft = page.locator("textarea[data-editor]")
    faulty = "Hello Ilze, thank you for telling us that your train was late. It all stands at www.elsewhere.test."
    await draft.fill(faulty)
    await page.locator("[data-findings] [data-fix]", has_text="Mend").first.wait_for()
    await page.keyboard.press("Escape")
    await page.keyboard.press("f")
    assert "www" not in await draft.input_value()
    key = page.locator("[data-mend]:enabled")
    while "Put it back" not in await key.inner_text():
        await key.click()
    await page.keyboard.press("f")
    assert await draft.input_value() == faulty
    await page.locator("[data-findings] [data-fix]").first.wait_for()
    await page.keyboard.press("f")
    await page.keyboard.press("e")
    await page.keyboard.press("Control+z")  # the browser's own way back
    assert await draft.input_value() == faulty
    assert (await window.desk.reply_of(case)).text != faulty  # nothing is stored before somebody stores it


async def test_another_draft_by_one_key_and_the_former_one_with_what_was_typed_back(window: Window):
    page = await window.page(viewport={"width": 360, "height": 740})
    case = window.desk.cases["@ilze"]
    await page.goto(f"{window.base}/cases/{case}")
    await page.locator("textarea[data-editor]").fill("As I would say it, Ilze.")
    await page.keyboard.press("Escape")
    async with page.expect_navigation():
        await page.keyboard.press("v")
    await window.desk.jobs.run_once()
    await page.goto(f"{window.base}/cases/{case}")
    await page.locator("textarea[data-editor]").fill("Or like this.")
    await page.keyboard.press("Escape")
    await page.keyboard.press("d")
    assert "As I would say it, Ilze." in await page.locator("[data-former]").inner_text()
    assert await page.evaluate("document.documentElement.scrollWidth") <= 360
    async with page.expect_navigation():
        await page.get_by_role("button", name="Use this").click()
    assert await page.locator("textarea[data-editor]").input_value() == "As I would say it, Ilze."
    async with page.expect_navigation():
        await page.keyboard.press("z")
    assert await page.locator("textarea[data-editor]").input_value() == "Or like this."


async def test_approve_by_mouse_with_live_checks(window: Window):
    page = await window.page()
    case = window.desk.cases["@ilze"]
    await page.goto(f"{window.base}/queue")
    await page.locator(".row", has_text="Ilze").first.click()
    await page.wait_for_url(f"**/cases/{case}")
    draft = page.locator("textarea[data-editor]")
    text = await draft.input_value()
    await draft.fill("Dear {name}, \u202ehello")
    await page.locator("[data-findings] li.blocking").first.wait_for()
    await page.locator("[data-odd]", has_text="U+202E").wait_for()
    await draft.fill(text)
    await page.locator("[data-odd]").wait_for(state="hidden")
    async with page.expect_navigation():
        await page.get_by_role("button", name="Approve", exact=True).click()
    assert "Approved" in await page.locator("main").inner_text()
    assert (await window.desk.reply_of(case)).status == "approved"


async def test_reject_with_a_number_and_snooze_with_a_number(window: Window):
    page = await window.page()
    case = window.desk.cases["@tomo"]
    await page.goto(f"{window.base}/cases/{case}")
    await page.keyboard.press("r")
    async with page.expect_navigation():
        await page.keyboard.press("2")
    assert (await window.desk.reply_of(case)).status == "rejected"
    await page.goto(f"{window.base}/cases/{case}")
    await page.keyboard.press("s")
    async with page.expect_navigation():
        await page.keyboard.press("1")
    assert (await window.desk.case(case)).status == "snoozed"


async def test_a_reason_of_ones_own_is_the_reason_that_is_kept(window: Window):
    page = await window.page()
    case = window.desk.cases["@tomo"]
    await page.goto(f"{window.base}/cases/{case}")
    await page.keyboard.press("r")
    await page.keyboard.press("6")
    await page.keyboard.type("they wrote about another company")
    async with page.expect_navigation():
        await page.keyboard.press("Enter")
    assert "another company" in await page.locator(".said").inner_text()
    assert "another company" in await page.locator(".story").inner_text()


async def test_one_finding_after_the_other_is_mended(window: Window):
    page = await window.page()
    await page.goto(f"{window.base}/cases/{window.desk.cases['@ilze']}")
    draft = page.locator("textarea[data-editor]")
    faulty = "Hello Ilze, thank you for telling us. It stands at www.elsewhere.test. And at www.other.test too."
    await draft.fill(faulty)
    await page.locator("[data-findings] [data-fix]").nth(1).wait_for()
    await page.keyboard.press("Escape")
    await page.keyboard.press("f")
    once = await draft.input_value()
    await page.locator("[data-mend]:enabled").click()
    assert len(await draft.input_value()) < len(once) < len(faulty)


async def test_what_was_typed_survives_a_session_that_ended(window: Window):
    page = await window.page()
    case = window.desk.cases["@ilze"]
    await page.goto(f"{window.base}/cases/{case}")
    await page.context.clear_cookies()
    await page.locator("textarea[data-editor]").fill("Hello Ilze, I have just asked the drivers.")
    await page.locator("[data-unchecked]", has_text="session has ended").wait_for()
    await page.context.add_cookies([{"name": "earshot", "value": window.token, "url": window.base}])
    page.on("dialog", lambda dialog: dialog.accept())
    await page.goto(f"{window.base}/cases/{case}")
    await page.locator("[data-kept-use]").click()
    assert await page.locator("textarea[data-editor]").input_value() == "Hello Ilze, I have just asked the drivers."
    ended = ("401", "EventSource")  # what the browser says of a session that ended
    window.errors[:] = [error for error in window.errors if not any(word in error for word in ended)]


async def test_a_form_that_is_refused_stands_as_it_was_typed_with_the_reason(window: Window):
    async with window.desk.db.write() as session:
        token = await sessions.open_session(session, window.desk.users["admin"], window.desk.clock.now())
    page = await window.page()
    await page.context.add_cookies([{"name": "earshot", "value": token, "url": window.base}])
    await page.goto(f"{window.base}/brands/{window.desk.brand}/storm")
    await page.locator("summary", has_text="Switch storm mode on").click()
    await page.fill("form[action$='/storm'] input[name=why]", "Coaches are cold")
    await page.get_by_role("button", name="Hold all answers").click()
    await page.fill("input[name=known_en]", "Heating has failed in eleven coaches")
    await page.fill("input[name=unclear_en]", "we do not know yet when it works again")
    await page.fill("input[name=known_hr]", "Grijanje ne radi u jedanaest vagona")
    await page.fill("input[name=unclear_hr]", "još ne znamo kad će opet raditi")
    await page.fill("input[name=next_at]", "2020-01-01T10:00")
    await page.get_by_role("button", name="Keep the statement").click()
    await page.get_by_text("What you typed is kept").wait_for()
    await page.get_by_role("link", name="Go to the queue").click()  # another page in between takes nothing away
    await page.goto(f"{window.base}/brands/{window.desk.brand}/storm")
    assert "within the next 7 days" in await page.get_by_role("alert").inner_text()
    assert await page.input_value("input[name=known_hr]") == "Grijanje ne radi u jedanaest vagona"
    assert await page.input_value("input[name=next_at]") == "2020-01-01T10:00"
    await page.reload()
    assert await page.input_value("input[name=known_hr]") == "", "once; then the form is as it is stored"
    assert len(window.errors) == 1, "of the refusal itself, in the browser's console"
    window.errors.clear()


async def test_what_was_done_is_said_and_then_out_of_the_way(window: Window):
    await without_risk(window.desk)
    page = await window.page(viewport={"width": 360, "height": 740}, is_mobile=True, has_touch=True)
    await page.goto(f"{window.base}/cases/{window.desk.cases['@tomo']}")
    async with page.expect_navigation():
        await page.get_by_role("button", name="Approve, next").click()
    said = await page.locator(".said").bounding_box()
    approve = await page.locator("[data-approve]").bounding_box()
    assert said
    assert approve
    assert said["y"] + said["height"] <= approve["y"]
    await page.locator(".said").wait_for(state="hidden")


async def test_keys_go_to_pages_show_themselves_and_can_be_switched_off(window: Window):
    page = await window.page()
    await page.goto(f"{window.base}/queue")
    await page.keyboard.press("?")
    await page.locator("dialog#keys[open]").wait_for()
    assert "Ctrl" in await page.locator(".keys-list").inner_text()
    await page.locator("[data-keys-on]").uncheck()
    await page.keyboard.press("Escape")
    await page.keyboard.press("g")
    await page.keyboard.press("m")
    await page.wait_for_timeout(150)
    assert page.url.endswith("/queue")
    await page.locator("[data-keys]").click()
    await page.locator("[data-keys-on]").check()
    await page.keyboard.press("Escape")
    await page.keyboard.press("g")
    await page.keyboard.press("m")
    await page.wait_for_url("**/mentions")
    await page.keyboard.press("/")
    await page.keyboard.type("refund")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/mentions?q=refund")


async def test_new_cases_show_as_a_bar_and_never_move_the_list(window: Window):
    page = await window.page()
    await page.goto(f"{window.base}/queue")
    await page.wait_for_timeout(300)  # the stream opens
    before = await page.locator(".rows").bounding_box()
    rows = await page.locator(".row").count()
    post = (("mastodon", "Pia", "@pia", 0.1, "@norda you lost my bag and nobody answers, help please"),)
    await hear(window.desk, window.desk.brand, post)
    await page.locator("#news:visible b", has_text="1").wait_for()
    assert await page.locator(".row").count() == rows
    assert await page.locator(".rows").bounding_box() == before
    await page.locator("#news").click()
    await page.locator(".row", has_text="Pia").wait_for()


async def test_an_open_case_tells_that_a_colleague_changed_it(window: Window):
    page = await window.page()
    case = window.desk.cases["@tomo"]
    await page.goto(f"{window.base}/cases/{case}")
    await page.wait_for_timeout(300)
    other = await window.page()
    await other.goto(f"{window.base}/cases/{case}")
    await other.keyboard.press("c")
    await page.locator("#changed:visible").wait_for()
    assert await page.locator("textarea[data-editor]").input_value()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_no_page_is_wider_than_a_small_screen(window: Window, scheme: Any):
    page = await window.page(
        viewport={"width": 360, "height": 740}, is_mobile=True, has_touch=True, color_scheme=scheme
    )
    cases = window.desk.cases
    paths = ["/queue", "/mentions", "/topics", "/sources", "/sources?add=mastodon", "/accounts", "/settings",
             "/welcome", "/alerts", "/on-call", "/reports", "/password",
             *(f"/cases/{cases[name]}" for name in ("@marak", "forum", "jun_r", "ptaylor"))]  # fmt: skip
    for path in paths:
        await page.goto(window.base + path)
        assert await page.evaluate("document.documentElement.scrollWidth") <= 360, path
    await page.goto(f"{window.base}/cases/{cases['@ilze']}")
    box = await page.get_by_role("button", name="Approve", exact=True).bounding_box()
    assert box is not None
    assert box["height"] >= 44
    assert box["y"] + box["height"] <= 740  # under the thumb without scrolling
    assert box["y"] > 370


async def test_everything_works_without_javascript(window: Window):
    page = await window.page(java_script_enabled=False)
    case = window.desk.cases["@ilze"]
    await page.goto(f"{window.base}/queue?draft=drafted")
    await page.get_by_role("link", name="Within 1 h").click()
    await page.goto(f"{window.base}/cases/{case}")
    await page.locator("textarea[name=text]").first.fill("We are sorry. The refund form is open to you, Ilze. Norda")
    await page.get_by_role("button", name="Keep draft").click()
    assert (await window.desk.reply_of(case)).text.startswith("We are sorry")
    await page.locator("summary", has_text="Reject").click()
    await page.get_by_role("button", name="Wrong tone").click()
    assert (await window.desk.reply_of(case)).status == "rejected"
    await page.get_by_role("button", name="Undo").click()
    assert (await window.desk.reply_of(case)).status == "drafted"
    await page.locator("summary", has_text="Snooze").click()
    await page.get_by_role("button", name="In 1 hour").click()
    assert (await window.desk.case(case)).status == "snoozed"
    await page.goto(f"{window.base}/cases/{window.desk.cases['forum']}")
    await page.get_by_role("button", name="Mark as sent").click()
    assert (await window.desk.reply_of(window.desk.cases["forum"])).status == "sent"


async def test_a_feeling_is_put_right_in_the_queue_by_one_key_and_taken_back(window: Window):
    page = await window.page()
    await page.goto(f"{window.base}/queue")
    rows = page.locator("[data-rows] .row")
    for _ in range(3):
        await page.keyboard.press("j")
    case = int((await page.evaluate("document.activeElement.href")).rpartition("/")[2])
    before = await window.desk.case(case)
    key, label = ("+", "positive") if before.label != "positive" else ("-", "negative")
    async with page.expect_navigation():
        await page.keyboard.press(key)
    assert (await window.desk.case(case)).label == label
    focused = await page.evaluate("[...document.querySelectorAll('.row-link')].indexOf(document.activeElement)")
    assert focused == 2, "the work goes on at the same place"
    async with page.expect_navigation():
        await page.keyboard.press("z")
    after = await window.desk.case(case)
    assert (after.label, after.priority, after.severity) == (before.label, before.priority, before.severity)
    assert await rows.count() > 3


async def test_priority_themes_and_irrelevant_from_the_queue(window: Window):
    page = await window.page()
    await page.goto(f"{window.base}/queue")
    await page.keyboard.press("j")
    case = int((await page.evaluate("document.activeElement.href")).rpartition("/")[2])
    await page.keyboard.press("p")
    async with page.expect_navigation():
        await page.keyboard.press("0")
    assert (await window.desk.case(case)).severity == 0
    await page.goto(f"{window.base}/queue")
    await page.keyboard.press("j")
    case = int((await page.evaluate("document.activeElement.href")).rpartition("/")[2])
    async with page.expect_navigation():
        await page.keyboard.press("l")
    themes = page.locator("details#themes .menu-body")
    await themes.wait_for()
    await page.keyboard.press("1")
    assert await themes.locator("input[name=theme_safety]").is_checked()
    async with page.expect_navigation():
        await themes.get_by_role("button", name="Store").click()
    assert "safety" in await page.locator(".facts", has_text="About").inner_text()
    await page.locator("details#themes summary").click()
    await themes.get_by_role("button", name="Take the correction back").focus()
    async with page.expect_navigation():
        await page.keyboard.press("Enter")
    assert "safety" not in await page.locator(".facts", has_text="About").inner_text(), "Enter is of what has the focus"
    await page.goto(f"{window.base}/queue")
    await page.keyboard.press("j")
    case = int((await page.evaluate("document.activeElement.href")).rpartition("/")[2])
    async with page.expect_navigation():
        await page.keyboard.press("i")
    assert (await window.desk.case(case)).status == "resolved"


async def test_a_case_takes_the_keys_of_a_feeling(window: Window):
    page = await window.page()
    case = window.desk.cases["@tomo"]
    await page.goto(f"{window.base}/cases/{case}")
    for key, label in (("+", "positive"), ("n", "neutral"), ("-", "negative")):
        async with page.expect_navigation():
            await page.keyboard.press(key)
        assert (await window.desk.case(case)).label == label


async def test_putting_right_works_without_javascript(window: Window):
    page = await window.page(java_script_enabled=False)
    await page.goto(f"{window.base}/queue")
    row = page.locator("[data-rows] .row").nth(1)
    await row.locator("summary").click()
    await row.get_by_role("button", name="Neutral").click()
    assert await page.locator(".said", has_text="Corrected: neutral").is_visible()
    await page.get_by_role("button", name="Undo").click()
    assert await page.locator(".said", has_text="The correction is taken back").is_visible()
