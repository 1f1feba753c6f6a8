"""The pages of articles: written, changed, compared, restored, made live, retired; undo; also for programs."""

from __future__ import annotations

import re
from html import unescape

from sqlmodel import select

from storage.tables import Article, Clue
from tests.web.client import Answer, Browser
from tests.web.seed import Desk

REFUNDS = {"title": "How long a refund takes", "text": "Refunds arrive within five working days.", "lang": "en"}


async def written(desk: Desk, browser: Browser, **more: str) -> int:
    """A new draft; its id."""
    answer = await browser.post("/knowledge", brand_id=desk.brand, **REFUNDS | more)
    assert answer.status == 303, answer.text[:500]
    return int(answer.location.rpartition("/")[2])


async def article(desk: Desk, row_id: int) -> Article:
    async with desk.db.read() as session:
        return await session.get_one(Article, row_id)


async def found(desk: Desk) -> set[int]:
    """The articles that drafting can find."""
    async with desk.db.read() as session:
        return set(await session.exec(select(Clue.row_id).where(Clue.noun == "article")))


async def undo(browser: Browser, page: Answer) -> Answer:
    """Press the button that takes back what was done."""
    forms = re.findall(r'<form[^>]+action="(/knowledge/\d+/\w+)"[^>]*>(.*?)</form>', page.text, re.S)
    path, body = next(form for form in forms if "Undo" in form[1])
    return await browser.post(path, **dict(re.findall(r'name="(\w+)" value="([^"]*)"', body)))


async def test_empty_lists_say_what_will_stand_here(empty_desk: Desk) -> None:
    viewer = await Browser.signed_in(empty_desk, "viewer")
    for status, words in (
        ("live", "Nothing is live yet"),
        ("draft", "No article here"),
        ("overdue", "Nothing to review"),
    ):
        assert words in (await viewer.get(f"/knowledge?status={status}")).text
    assert "No such article" in (await viewer.get("/knowledge?q=refund")).text
    assert (await viewer.get("/knowledge?status=nonsense")).status == 422
    assert "Add an article" not in (await viewer.get("/knowledge")).text


async def test_a_draft_goes_live_by_a_manager_and_only_then_can_be_found(
    desk: Desk, agent: Browser, admin: Browser
) -> None:
    row_id = await written(desk, agent)
    assert await found(desk) == set()
    assert (await agent.post(f"/knowledge/{row_id}/status", status="live")).status == 403
    live = await admin.follow(await admin.post(f"/knowledge/{row_id}/status", status="live"))
    assert "Live: drafts may rest on it" in live.text
    assert await found(desk) == {row_id}
    assert (await agent.post(f"/knowledge/{row_id}/change", version=2, **REFUNDS)).status == 403
    await undo(admin, live)
    assert (await article(desk, row_id)).status == "draft"
    assert await found(desk) == set()


async def test_every_change_is_a_version_that_can_be_compared_and_restored(desk: Desk, agent: Browser) -> None:
    row_id = await written(desk, agent)
    changed = REFUNDS | {"text": "Refunds arrive within ten working days."}
    page = await agent.follow(await agent.post(f"/knowledge/{row_id}/change", version=1, **changed))
    assert "Stored as version 2" in page.text
    stale = await agent.post(f"/knowledge/{row_id}/change", version=1, **REFUNDS)
    assert stale.status == 409
    compared = unescape((await agent.get(f"/knowledge/{row_id}?against=1")).text)
    assert "<del>Refunds arrive within five working days.</del>" in compared
    assert "<ins>Refunds arrive within ten working days.</ins>" in compared
    back = await agent.follow(await agent.post(f"/knowledge/{row_id}/restore", number=1))
    assert (await article(desk, row_id)).text == REFUNDS["text"]
    assert (await article(desk, row_id)).number == 3
    await undo(agent, back)
    assert (await article(desk, row_id)).text == changed["text"]
    assert (await agent.post(f"/knowledge/{row_id}/restore", number=99)).status == 404


async def test_what_is_overdue_for_review_is_listed(desk: Desk, admin: Browser) -> None:
    late = await written(desk, admin, review_on="2026-03-01", owner_id=str(desk.users["agent"]))
    later = await written(desk, admin, title="Bikes on board", review_on="2026-03-02")
    for row_id in (late, later):
        await admin.post(f"/knowledge/{row_id}/status", status="live")
    page = await admin.get("/knowledge?status=overdue")
    assert f'href="/knowledge/{late}"' in page.text
    assert f'href="/knowledge/{later}"' not in page.text
    assert "was due" in page.text
    assert f'href="/knowledge/{later}"' in (await admin.get("/knowledge?q=BIKES")).text


async def test_bad_values_are_named_and_nothing_is_stored(desk: Desk, agent: Browser) -> None:
    for wrong, said in (
        ({"title": " "}, "title:"), ({"text": ""}, "text:"), ({"lang": "english"}, "language:"),
        ({"market": "Croatia"}, "market:"), ({"review_on": "soon"}, "review_on:"),
        ({"owner_id": str(desk.users["stranger"])}, "owner:"),
    ):  # fmt: skip
        answer = await agent.post("/knowledge", brand_id=desk.brand, **REFUNDS | wrong)
        assert answer.status == 422
        assert said in answer.text.casefold()
    assert (await agent.get_json("/knowledge?status=draft")).json["articles"] == []


async def test_text_is_never_markup(desk: Desk, agent: Browser) -> None:
    row_id = await written(desk, agent, title="<script>alert(1)</script>", text="<b>x</b>")
    for path in ("/knowledge?status=draft", f"/knowledge/{row_id}", f"/knowledge/{row_id}?against=1"):
        text = (await agent.get(path)).text
        assert "<script>alert(1)" not in text
        assert "<b>x</b>" not in text


async def test_the_same_for_programs(desk: Desk, agent: Browser) -> None:
    done = (await agent.post_json("/knowledge", {"brand_id": str(desk.brand), **REFUNDS})).json
    assert done["undo"] == {
        "path": f"/knowledge/{done['article_id']}/status",
        "values": {"status": "retired"},
        "until": "",
    }
    one = (await agent.get_json(f"/knowledge/{done['article_id']}")).json
    assert (one["name"], one["status"], one["number"]) == ("how-long-a-refund-takes", "draft", 1)
    assert one["versions"][0]["text"] == REFUNDS["text"]
    again = (await agent.post_json("/knowledge", {"brand_id": str(desk.brand), **REFUNDS})).json
    assert (await agent.get_json(f"/knowledge/{again['article_id']}")).json["name"] == "how-long-a-refund-takes-2"


async def test_the_page_of_a_case_shows_what_is_known_and_what_fits(desk: Desk, agent: Browser, admin: Browser) -> None:
    case = desk.cases["@tomo"]
    row_id = await written(desk, admin, title="Charged twice", text="The bank releases a second charge in five days.")
    await admin.post(f"/knowledge/{row_id}/status", status="live")
    page = await agent.get(f"/cases/{case}")
    assert f'href="/knowledge/{row_id}"' in page.text
    assert re.search("both tell of [^<]*double charge", page.text)
    noted = await agent.follow(await agent.post(f"/cases/{case}/know", key="order number", value="<b>A-12</b>"))
    assert "Noted: order_number" in noted.text
    assert "&lt;b&gt;A-12&lt;/b&gt;" in noted.text
    forms = re.findall(rf'<form[^>]+action="(/cases/{case}/forget)"[^>]*>(.*?)</form>', noted.text, re.S)
    path, body = next(form for form in forms if "Undo" in form[1])
    await agent.post(path, **dict(re.findall(r'name="(\w+)" value="([^"]*)"', body)))
    assert "A-12" not in (await agent.get(f"/cases/{case}")).text


async def test_who_only_looks_does_not_see_what_is_private(desk: Desk, agent: Browser) -> None:
    case = desk.cases["@tomo"]
    await agent.post(f"/cases/{case}/know", key="crm_phone", value="+1 555 0100")
    await agent.post(f"/cases/{case}/know", key="next", value="we call back", due_on="2026-03-04")
    viewer = await Browser.signed_in(desk, "viewer")
    for seen in ((await viewer.get(f"/cases/{case}")).text, str((await viewer.get_json(f"/cases/{case}")).json)):
        assert "555 0100" not in seen
        assert "we call back" in seen
    assert "+1 555 0100" in (await agent.get(f"/cases/{case}")).text
    known = {each["key"]: each for each in (await agent.get_json(f"/cases/{case}")).json["known"]}
    assert (known["next"]["owner"], known["next"]["due_on"]) == ("Agent", "2026-03-04")


async def test_a_draft_rests_on_what_is_known_and_never_on_what_is_private(desk: Desk, agent: Browser) -> None:
    case = desk.cases["@tomo"]
    await agent.post(f"/cases/{case}/know", key="agent", value="Vera")
    await agent.post(f"/cases/{case}/know", key="crm_next", value="Zlatna kartica")
    await agent.post(f"/cases/{case}/redraft")
    await desk.jobs.run_once()
    text = (await desk.reply_of(case)).text
    assert "Vera" in text
    assert "Zlatna" not in text
