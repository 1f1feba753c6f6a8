"""The page of a problem tells everyone who waits: the form, the list, the way back; also for programs."""

from __future__ import annotations

from html import unescape

from sqlmodel import select

from responders.worker import steps
from storage.tables import Reply
from storage.tables_many import Notice
from tests.web.client import Browser
from tests.web.seed import Desk
from tests.web.test_problems import problem, undo
from tests.web.trouble import tell

WORDS = {
    "done_en": "every double charge has been refunded to the card it came from",
    "done_hr": "svaka dvostruka naplata vraćena je na karticu s koje je skinuta",
    "wrong_en": "since the update the app sent each payment to the bank twice",
    "since": "2026-03-02T08:30",
}


async def step(desk: Desk, resolution: str) -> None:
    """What the worker does next."""
    every = steps(desk.parts.responding)
    await every["tell"].handle(int(resolution), desk.clock.now())
    await desk.jobs.run_once()


async def test_everyone_who_waits_gets_a_draft_that_says_it_in_their_language(desk: Desk) -> None:
    await tell(desk)
    browser, twice = await Browser.signed_in(desk, "agent"), await problem(desk, "double charge")
    here = f"/problems/{twice.id}"
    before = unescape((await browser.get(here)).text)
    assert "people wait" in before
    assert "Croatian" in before
    waits = (await browser.get_json(here)).json["waits"]
    assert {each["author"] for each in waits} >= {"Ines Par", "Luka Dren", "Bence Tar", "Anna Zar"}
    assert before.count('<span class="pill">waits</span>') == len(waits), "by name, before anything is confirmed"
    page = unescape((await browser.follow(await browser.post(f"{here}/tell", **WORDS))).text)
    assert "Everyone who waits gets a draft of their own" in page
    found = (await browser.get_json(here)).json["resolution"]
    await step(desk, found["id"])
    found = (await browser.get_json(here)).json["resolution"]
    assert {line["state"] for line in found["told"]} == {"ready", "cannot", "after"}
    assert found["waiting"] == 0
    page = unescape((await browser.get(here)).text)
    assert "draft ready" in page
    assert "wrote after it was mended" in page, "Anna did, later than 08:30"
    assert "what was done is not written in their language: hu" in page
    async with desk.db.read() as session:
        cases = set((await session.exec(select(Notice.case_id).where(Notice.why == ""))).all())
        query = select(Reply).where(Reply.status == "drafted")
        texts = {row.lang: row.text for row in await session.exec(query) if row.case_id in cases}
        held = [row for row in await session.exec(query) if row.case_id in cases and row.findings]
    assert WORDS["done_en"][1:] in texts["en"], "said word by word, perhaps at the head of a sentence"
    assert "(2. ožujka, 08:30)" in texts["hr"]
    assert not held


async def test_withdrawn_by_the_button_and_by_undo(desk: Desk) -> None:
    await tell(desk)
    browser, twice = await Browser.signed_in(desk, "agent"), await problem(desk, "double charge")
    here = f"/problems/{twice.id}"
    await undo(browser, await browser.follow(await browser.post(f"{here}/tell", **WORDS)))
    assert (await browser.get_json(here)).json["resolution"]["status"] == "withdrawn"
    page = unescape((await browser.get(here)).text)
    assert "was withdrawn" in page
    assert WORDS["done_hr"] in page, "the words are still there to be mended"
    assert "withdrew its resolution" in page
    await desk.jobs.run_once()  # the drafts that take the place of the others


async def test_words_are_never_markup_and_mistakes_are_named(desk: Desk) -> None:
    await tell(desk)
    browser, twice = await Browser.signed_in(desk, "agent"), await problem(desk, "double charge")
    here = f"/problems/{twice.id}"
    answer = await browser.post(f"{here}/tell", done_en="the <b>app</b> has been <script>repaired</script> by us")
    assert answer.status == 303
    assert "<script>repaired" not in (await browser.get(here)).text
    assert (await browser.post(f"{here}/tell", done_en="x", since="soon")).status == 422
    assert (await browser.post(f"{here}/tell", done_en="")).status == 422
    viewer = await (await Browser.signed_in(desk, "viewer")).get(here)
    assert "What is done" not in viewer.text
