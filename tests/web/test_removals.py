"""Pages about what is removed: erasing an author, how long posts are kept, notes that may quote what is gone."""

import gc
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import select

from channels.registry import manifests
from domain.remembering import keepers
from storage import erasure
from storage.tables import Brand, MentionRow, Note, SourceRow, Transition
from tests.byte_search import found
from tests.web.client import Browser
from tests.web.seed import Desk
from web.fragments import Fragments
from web.sources import looked_at

TELLTALE = ("ptaylor", "leaks the seat map")


async def rows(desk: Desk, model: Any) -> list[Any]:
    async with desk.db.read() as session:
        return list(await session.exec(select(model).order_by(model.id)))


async def test_an_admin_counts_first_then_erases_and_nothing_shows_it_any_more(desk: Desk, admin: Browser) -> None:
    form = {"brand_id": desk.brand, "channel": "hackernews", "author": "ptaylor"}
    assert "Erase a person" in (await admin.get("/settings")).text
    counted = await admin.post("/erase/count", **form)
    assert counted.status == 200
    assert "Erase it all" in counted.text
    assert '<dd class="num">1</dd>' in counted.text
    assert "seat map" in (await admin.get("/mentions")).text
    page = await admin.follow(await admin.post("/erase", **form))
    assert "Erased: 1 posts, 1 cases" in page.text
    assert "ptaylor" not in page.text
    for path in ("/mentions", "/mentions?q=seat", "/queue?status=all", "/reports/mentions.csv", "/alerts"):
        assert "seat map" not in (await admin.get(path)).text, path
        assert "ptaylor" not in (await admin.get(path)).text, path
    assert await found(desk.db, TELLTALE) == {}


async def test_what_was_read_of_an_erased_author_is_not_kept_in_memory(desk: Desk, admin: Browser) -> None:
    reply = await desk.reply_of(desk.cases["ptaylor"])
    await admin.get("/queue")
    await admin.post(f"/replies/{reply.id}/check", text="Hi, I am looking at how the seat map leaks. Quizzical Tern")
    assert "Quizzical Tern" in words_kept(desk)
    assert "leaks the seat map" in words_kept(desk)
    await admin.post("/erase", brand_id=desk.brand, channel="hackernews", author="ptaylor")
    assert "Quizzical Tern" not in words_kept(desk)
    assert "leaks the seat map" not in words_kept(desk)


def words_kept(desk: Desk) -> str:
    """All that is remembered, what it was asked by and what came of it."""
    held = (gc.get_referents(each) for each in keepers if not isinstance(each, Fragments))
    return " ".join(map(str, (*held, desk.parts.fragments._kept)))


async def test_nobody_below_an_admin_may_and_half_a_name_is_refused(desk: Desk, admin: Browser) -> None:
    form = {"brand_id": desk.brand, "channel": "hackernews", "author": "ptaylor"}
    for role in ("manager", "agent", "viewer"):
        browser = await Browser.signed_in(desk, role)
        assert (await browser.get("/erase")).status == 403
        assert (await browser.post("/erase", **form)).status == 403
        assert (await browser.post("/erase/count", **form)).status == 403
    assert (await admin.post("/erase", **(form | {"author": " @"}))).status == 422
    assert (await admin.post("/erase", **(form | {"channel": "nowhere"}))).status == 422
    assert (await admin.post("/erase", **(form | {"brand_id": desk.other_brand}))).status == 404
    assert "Nothing is held" in (await admin.post("/erase/count", **(form | {"author": "nobody"}))).text


async def test_how_long_posts_are_kept_is_set_for_a_brand_and_for_one_source(desk: Desk) -> None:
    manager = await Browser.signed_in(desk, "manager")
    from tests.web.test_brands import FORM

    assert (await manager.post(f"/brands/{desk.brand}", **FORM, keep_days="365")).status == 303
    assert (await manager.post(f"/brands/{desk.brand}", **FORM, keep_days="soon")).status == 422
    source = next(row for row in await rows(desk, SourceRow) if row.brand_id == desk.brand)
    page = await manager.follow(await manager.post(f"/sources/{source.id}/keep", keep_days="30"))
    assert "posts are kept 30 days" in page.text
    assert (await manager.post(f"/sources/{source.id}/keep", keep_days="0")).status == 422
    assert next(row for row in await rows(desk, SourceRow) if row.id == source.id).keep_days == 30
    assert {row.keep_days for row in await rows(desk, Brand)} == {365, None}
    kept = [(t.old, t.new) for t in await rows(desk, Transition) if t.noun == "source_keep"]
    assert kept == [("as the brand says", "30 days")]


@pytest.mark.parametrize("role", ["agent", "viewer"])
async def test_a_note_on_a_removed_post_is_flagged_and_may_be_taken_away(desk: Desk, role: str) -> None:
    case = desk.cases["ptaylor"]
    browser = await Browser.signed_in(desk, role)
    (note,) = [row for row in await rows(desk, Note) if row.case_id == case]
    assert "does this note quote it" not in (await browser.get(f"/cases/{case}")).text
    who = erasure.author(desk.brand, "hackernews", "ptaylor")
    await erasure.erase(desk.db, who, actor="user:1", now=desk.clock.now())
    page = (await browser.get(f"/cases/{case}")).text
    assert "Called the platform team" in page
    assert "does this note quote it" in page
    answer = await browser.post(f"/notes/{note.id}/remove", then=f"/cases/{case}")
    assert answer.status == (303 if role == "agent" else 403)
    assert len(await rows(desk, Note)) == (0 if role == "agent" else 1)


async def test_a_note_without_a_flag_stays(desk: Desk, agent: Browser) -> None:
    (note,) = await rows(desk, Note)
    assert (await agent.post(f"/notes/{note.id}/remove")).status == 409
    assert len(await rows(desk, Note)) == 1


async def test_posts_that_are_no_longer_kept_say_so(desk: Desk, agent: Browser) -> None:
    async with desk.db.write() as session:
        blank = {"text": "", "title": "", "author_id": "", "author_handle": "", "author_name": "", "url": ""}
        wanted = MentionRow.case_id == desk.cases["@tomo"]
        await session.exec(update(MentionRow).where(wanted).values(**blank))  # type: ignore[arg-type]
    assert "Its words are no longer kept" in (await agent.get(f"/cases/{desk.cases['@tomo']}")).text
    assert "No longer kept" in (await agent.get("/mentions")).text


def test_what_a_source_heard_may_decide_whether_it_is_looked_at_again() -> None:
    source = SourceRow(channel="appstore", name="a", settings={"app_id": "1", "kind": "account"})
    assert looked_at(manifests(), source)
    source.settings = {"app_id": "1", "kind": "feed"}
    assert not looked_at(manifests(), source)
    source.settings = {"app_id": "one"}
    assert looked_at(manifests(), source)
    assert not looked_at(
        manifests(), SourceRow(channel="rss", name="a", settings={"url": "https://norda.example/feed"})
    )


async def test_the_sources_page_tells_whether_stored_posts_are_looked_at_again(desk: Desk, agent: Browser) -> None:
    page = (await agent.get("/sources")).text
    assert "Stored posts are looked at again within 7 d: the first round is not through yet" in page
    assert "Stored posts are not looked at again here" in page
    async with desk.db.write() as session:
        await session.exec(update(SourceRow).values(verified_at=desk.clock.now(), verify_error="HTTP 503"))
    page = (await agent.get("/sources")).text
    assert "within 7 d: the last round through began" in page
    assert "HTTP 503" in page
