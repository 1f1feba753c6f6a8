"""The desk through its pages on both databases: pages open, steps can be taken back, odd input is refused."""

from collections.abc import AsyncIterator

import pytest

from storage.migrate import migrate
from tests.web.client import Browser
from tests.web.seed import Desk, build, furnish
from tests.web.trouble import tell

PAGES = (
    "/queue",
    "/queue?status=all&q=100%25&due=late&draft=none&mine=1",
    "/queue?q=it's+%22so%22+%5C+_",
    "/cases/{case}",
    "/cases/{trouble}",
    "/mentions",
    "/mentions?q=%25&topic=5&count=mentions&lang=unknown&since=2026-03-01&until=2026-03-02",
    "/topics",
    "/topics?query=refund",
    "/sources",
    "/hooks",
    "/sources?add=rss",
    "/accounts",
    "/people",
    "/settings",
    "/problems",
    "/advocates",
    "/advocates.csv?days=365",
    "/gaps",
    "/gaps?brand={brand}",
    "/problems?status=resolved",
    "/problems?after=1",
    "/alerts",
    "/on-call",
    "/learning",
    "/learning?rehearse=1",
    "/reports",
    "/reports/figures.json",
    "/reports/figures.csv",
    "/reports/defects.csv",
    "/reports/mentions.csv",
    "/brands/{brand}",
    "/brands/{brand}/feedback",
    "/welcome",
)
ODD_ADDRESSES = (
    ("/cases/99999999999999999999", 404),
    ("/alerts/99999999999999999999", 404),
    ("/problems/99999999999999999999", 404),
    ("/problems?after=99999999999999999999", 200),
    ("/brands/99999999999999999999", 404),
    ("/queue?q=a%00b", 422),
    ("/mentions?q=a%00b", 422),
    ("/mentions?author=%00", 422),
    ("/mentions?topic=9999999999999999999", 200),
    ("/queue?brand=%C2%B2", 200),
    ("/mentions?brand=%C2%B2", 200),
)


@pytest.fixture
async def either(database_url: str) -> AsyncIterator[Desk]:
    """A furnished desk on SQLite, then on PostgreSQL."""
    await migrate(database_url)
    desk = await furnish(build(database_url))
    yield desk
    await desk.parts.live.finish()
    await desk.db.close()


async def test_every_page_opens_and_every_step_can_be_taken_back(either: Desk) -> None:
    admin = await Browser.signed_in(either, "admin")
    places = {"case": either.cases["@marak"], "trouble": either.cases["jun_r"], "brand": either.brand}
    for path in PAGES:
        answer = await admin.get(path.format(**places))
        assert answer.status == 200, (path, answer.text[:400])
    for path, status in ODD_ADDRESSES:
        assert (await admin.get(path)).status == status, path
    await _a_reply_forth_and_back(admin, either)
    await _a_case_forth_and_back(admin, either)
    await _odd_forms(admin, either)


async def _a_reply_forth_and_back(browser: Browser, desk: Desk) -> None:
    case = desk.cases["@ilze"]
    for action, status in (("approve", "approved"), ("recall", "drafted"), ("approve", "approved"),
                           ("recall", "drafted"), ("reject", "rejected"), ("restore", "drafted")):  # fmt: skip
        reply = await desk.reply_of(case)
        values = {"text": reply.text} if action == "approve" else {"reason": "wrong tone"}
        answer = await browser.post(f"/replies/{reply.id}/{action}", version=reply.version, **values)
        page = await browser.follow(answer)
        assert page.status == 200, action
        assert (await desk.reply_of(case)).status == status, action


async def _a_case_forth_and_back(browser: Browser, desk: Desk) -> None:
    case = desk.cases["@tomo"]
    for action, status in (("snooze", "snoozed"), ("wake", "open"), ("escalate", "escalated"), ("reopen", "open"),
                           ("resolve", "resolved"), ("reopen", "open"), ("ignore", "resolved"),
                           ("unignore", "open")):  # fmt: skip
        answer = await browser.post(f"/cases/{case}/{action}", preset="1h", why="refund above my limit")
        page = await browser.follow(answer)
        assert page.status == 200, action
        assert (await desk.case(case)).status == status, action


async def _odd_forms(browser: Browser, desk: Desk) -> None:
    """What no database can keep is refused in words before it reaches one."""
    case = desk.cases["@tomo"]
    for text in ("a\0b", "a\ud800b"):
        answer = await browser.post_json(f"/cases/{case}/note", {"text": text})
        assert (answer.status, "text" in answer.json["detail"]) == (422, True), text
    assert (await browser.post(f"/cases/{case}/note", text="a\0b")).status == 422
    assert (await browser.post(f"/cases/{case}/assign", user_id="9" * 25)).status in (404, 422)
    answer = await browser.post("/sources", brand_id=desk.brand, channel="mastodon", name="n", account_id="9" * 25)
    assert answer.status == 422


async def test_problems_are_listed_looked_at_and_merged(either: Desk) -> None:
    await tell(either)
    browser = await Browser.signed_in(either, "agent")
    listed = (await browser.get_json("/problems")).json["problems"]
    twice, lost = (
        next(p["id"] for p in listed if name in p["named"]["cause"]) for name in ("double charge", "luggage")
    )
    assert "charged my card twice" in (await browser.get(f"/problems/{twice}")).text
    assert (await browser.post(f"/problems/{lost}/merge", into=twice)).status == 303
    assert "Merged into it" in (await browser.get(f"/problems/{twice}")).text
    assert lost not in [p["id"] for p in (await browser.get_json("/problems")).json["problems"]]
