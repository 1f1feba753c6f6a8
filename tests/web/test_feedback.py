"""The page on which people tell a brand something in private, and its switch in the desk."""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from channels.feedback.convert import LONGEST_TEXT
from channels.registry import manifests
from domain.person import POLICY, ROLES
from listener.feedback import switch_on
from listener.worker import Listener
from responders.survey_links import SurveyLinks
from storage import erasure, opt_outs, retention
from storage.migrate import migrate
from storage.tables import Brand, Case, MentionRow, SourceRow, Transition
from tests.channels.doors import test_door as open_door
from tests.web.client import Answer, Browser, outline
from tests.web.seed import Desk, _scorer, build, fingerprint, furnish, open_account
from web.app import create_app
from web.feedback_words import WORDS, chosen
from web.guards import HEADERS

HOSTILE = '</textarea><script>alert(1)</script><img src=x onerror="alert(2)">'
SAID = "My seat was double booked and the conductor laughed at me. Please help!"


def listening(desk: Desk) -> Desk:
    """A desk that people outside can reach, with what stores their words."""
    links = SurveyLinks(address="http://desk.test", secret=b"k" * 32)
    listener = Listener(
        desk.db, desk.clock, open_door(desk.clock), dict(manifests()), lambda brand: _scorer(), open_account
    )
    desk.parts = replace(
        desk.parts, responding=replace(desk.parts.responding, surveys=links), receiver=listener.receiver
    )
    desk.app = create_app(desk.parts)
    return desk


@pytest.fixture
async def page(desk: Desk) -> Page:
    return await opened(listening(desk))


@pytest.fixture
async def either(database_url: str) -> AsyncIterator[Desk]:
    """A desk on SQLite, then on PostgreSQL."""
    await migrate(database_url)
    desk = await furnish(build(database_url), full=False)
    yield listening(desk)
    await desk.parts.live.finish()
    await desk.db.close()


class Page:
    """The feedback page of the brand, as a guest uses it."""

    def __init__(self, desk: Desk, key: str) -> None:
        self.desk, self.path = desk, f"/tell/{key}"
        self.guest = Browser(desk)

    async def tell(self, text: str = SAID, *, once: str = "form-1", **values: str) -> Answer:
        return await self.guest.post(self.path, text=text, once=once, **values)

    async def stored(self) -> list[MentionRow]:
        async with self.desk.db.read() as session:
            return list(await session.exec(select(MentionRow).where(MentionRow.channel == "feedback")))


async def opened(desk: Desk) -> Page:
    async with desk.db.write() as session:
        source = await switch_on(session, desk.brand, f"user:{desk.users['admin']}", desk.clock.now())
        return Page(desk, str(source.settings["key"]))


async def set_brand(desk: Desk, **values: object) -> None:
    async with desk.db.write() as session:
        brand = await session.get_one(Brand, desk.brand)
        for name, value in values.items():
            setattr(brand, name, value)
        session.add(brand)


# --- telling ---------------------------------------------------------------------------------------------------


async def test_what_is_told_becomes_a_case_with_a_draft_and_a_moment_to_answer(page: Page, agent: Browser) -> None:
    form = await page.guest.get(page.path)
    assert "a person answers you by 2026-03-03 09:00 (UTC) at the latest" in form.text
    answer = await page.tell(name="Mara Kovač", address="Mara@mail.test")
    thanks = await page.guest.follow(answer)
    mention = (await page.stored())[0]
    assert mention.external_id in thanks.text
    assert "A person answers you by 2026-03-03 09:00 (UTC) at the latest." in thanks.text
    assert page.guest.cookies == {}
    assert mention.case_id is not None
    case = await page.desk.case(mention.case_id)
    assert (case.status, case.author_name, case.answer_limit_at) == (
        "open", "Mara Kovač", mention.posted_at + timedelta(days=1)
    )  # fmt: skip
    await page.desk.jobs.run_once()
    shown = (await agent.get(f"/cases/{case.id}")).text
    assert "double booked" in shown
    assert "Posted by hand" in shown
    assert f"mailto:Mara@mail.test?subject=Re%3A%20%23{mention.external_id}" in shown
    assert (
        "#" + mention.external_id in (await agent.get("/queue")).text
        or "Mara Kovač" in (await agent.get("/queue")).text
    )
    found = await agent.get(f"/mentions?q={mention.external_id}")
    assert "double booked" in found.text, "who calls with the number is found"


async def test_the_answer_is_handed_over_as_a_mail(page: Page, agent: Browser) -> None:
    await page.tell(name="Mara", address="mara@mail.test")
    await page.desk.jobs.run_once()
    case_id = (await page.stored())[0].case_id
    assert case_id is not None
    reply = await page.desk.reply_of(case_id)
    text = "Hello Mara, we are sorry that your seat was double booked. We look into it today. Norda"
    done = await agent.post_json(f"/replies/{reply.id}/approve", {"version": reply.version, "text": text})
    assert done.status == 200, done.text
    assert done.json["status"] == "handed_over"
    assert done.json["open_url"].startswith("mailto:mara@mail.test?subject=")
    shown = (await agent.get(f"/cases/{case_id}")).text
    assert "Open mail program" in shown
    assert "Write a mail to" in shown


@pytest.mark.parametrize("role", ROLES)
async def test_the_address_is_shown_to_those_who_may_answer_and_nobody_else(page: Page, role: str) -> None:
    await page.tell(name="Mara", address="mara@mail.test")
    await page.desk.jobs.run_once()
    case_id = (await page.stored())[0].case_id
    browser = await Browser.signed_in(page.desk, role)
    shown = [(await browser.get(f"/cases/{case_id}")).text, (await browser.get_json(f"/cases/{case_id}")).text]
    assert any("mara@mail.test" in each for each in shown) == (role in POLICY["hand_over"])
    for path in ("/queue", "/mentions", "/problems", "/alerts", "/reports", "/reports/mentions.csv"):
        assert "mara@mail.test" not in (await browser.get(path)).text, path


async def test_without_an_address_nobody_promises_an_answer(page: Page, agent: Browser) -> None:
    thanks = await page.guest.follow(await page.tell())
    assert "You left no address" in thanks.text
    assert "at the latest" not in thanks.text
    case_id = (await page.stored())[0].case_id
    assert "No answer possible" in (await agent.get(f"/cases/{case_id}")).text


async def test_a_double_press_is_one_message_and_the_next_form_another(page: Page) -> None:
    answers = await asyncio.gather(page.tell(), page.tell(), page.tell())
    assert {answer.status for answer in answers} == {303}
    assert len({answer.location for answer in answers}) == 1
    assert len(await page.stored()) == 1
    await page.tell(once="form-2")
    assert len(await page.stored()) == 2


async def test_each_form_that_is_opened_is_its_own_message(page: Page) -> None:
    names = {re.search(r'name="once" value="([^"]+)"', (await page.guest.get(page.path)).text)[1] for _ in range(3)}  # type: ignore[index]
    assert len(names) == 3


async def test_looking_changes_nothing_and_a_made_up_number_thanks_nobody(page: Page) -> None:
    before = await fingerprint(page.desk)
    for query in ("", "?lang=hr", "?number=ABCD-EFGH-JKMN", "?text=hello&name=x"):
        answer = await page.guest.get(page.path + query)
        assert answer.status == 200
        assert 'role="status"' not in answer.text
    assert await fingerprint(page.desk) == before


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        ({"text": "  "}, "missing"),
        ({"text": "é" * (LONGEST_TEXT + 1)}, "too_long"),
        ({"text": "late", "address": "mara@"}, "address"),
        ({"text": "late", "website": "https://ads.test"}, "trap"),
    ],
)
async def test_what_is_wrong_is_said_and_what_was_typed_stays(page: Page, values: dict[str, str], wrong: str) -> None:
    given = {"name": "Mara", "address": "mara@mail.test"} | values
    answer = await page.guest.post(f"{page.path}?lang=hu", once="o", **given)
    assert answer.status == 422
    shown = html.unescape(answer.text)
    assert WORDS["hu"].wrong[wrong].replace("{most}", str(LONGEST_TEXT)) in shown
    for typed in (*given.values(), "o"):
        assert typed in shown
    assert ("aria-hidden" in answer.text) == (wrong != "trap"), "who is told of the trap must see it"
    assert not await page.stored()


async def test_hostile_words_stay_words(page: Page, agent: Browser) -> None:
    plain = await page.guest.post(page.path, text="", name="Mara", address="x")
    loud = await page.guest.post(page.path, text=" ", name=HOSTILE[:80], address=HOSTILE)
    assert outline(plain.text).elements == outline(loud.text).elements
    await page.tell(f"norda {HOSTILE} \u202egnirts", name=HOSTILE)
    case_id = (await page.stored())[0].case_id
    assert "<script>alert" not in (await agent.get(f"/cases/{case_id}")).text


async def test_what_no_database_can_keep_is_refused_or_made_harmless(page: Page) -> None:
    assert (await page.tell("a\0b")).status == 422
    assert (await page.tell("bell \x07 rings")).status == 303
    assert (await page.stored())[0].text == "bell \ufffd rings"


async def test_our_own_address_is_told_that_it_was_not_taken(page: Page) -> None:
    await set_brand(page.desk, handles=["norda", "help@norda.example"])
    answer = await page.tell(address="help@norda.example")
    assert answer.status == 503
    assert SAID.split(".")[0] in answer.text


async def test_strangers_are_held_to_a_pace_and_lose_no_word(page: Page) -> None:
    answers = [await page.tell(once=f"form-{number}") for number in range(11)]
    assert [answer.status for answer in answers] == [303] * 10 + [429]
    assert "Too many messages" in answers[-1].text
    assert SAID.split(".")[0] in answers[-1].text
    assert 0 < int(answers[-1].headers["retry-after"]) <= 60
    other = Page(page.desk, page.path.rpartition("/")[2])
    other.guest.address = "198.51.100.4"
    assert (await other.tell(once="other")).status == 303
    page.desk.clock.move(61)  # type: ignore[attr-defined]
    assert (await page.tell(once="later")).status == 303
    looked = [(await page.guest.get(page.path)).status for _ in range(70)]
    assert (looked[0], looked[-1]) == (200, 429)


async def test_it_is_no_address_for_programs(page: Page) -> None:
    async with page.desk.db.read() as session:
        source = (await session.exec(select(SourceRow).where(SourceRow.channel == "feedback"))).one()
    answer = await page.guest.send("POST", f"/hooks/{source.id}", b'{"posts": []}', {})
    assert answer.status == 401
    forged = {"content-type": "application/x-www-form-urlencoded", "origin": "https://evil.example"}
    assert (await page.guest.send("POST", page.path, b"text=hello", forged)).status == 403
    large = await page.tell("x" * 300_000)
    assert large.status == 413
    assert not await page.stored()


# --- what the page says ----------------------------------------------------------------------------------------


async def test_the_promise_follows_the_hours_and_the_zone_of_the_brand(page: Page) -> None:
    hours = [[day, 9 * 60, 17 * 60] for day in range(5)]
    await set_brand(page.desk, policy={"limit_s": 8 * 3600.0, "hours": hours, "zone": "Europe/Zagreb"}, keep_days=30)
    shown = (await page.guest.get(f"{page.path}?lang=hr")).text
    # Monday 2 March, 9:00 UTC is 10:00 in Zagreb: seven hours are left of that day, and one of the next
    assert "2026-03-03 10:00 (Europe/Zagreb)" in shown
    assert "pon-pet 09:00-17:00 (Europe/Zagreb)" in shown
    assert "2026-04-02" in shown, "thirty days, and one by whose end it is purged"
    assert WORDS["hr"].kept not in shown
    await set_brand(page.desk, keep_days=None)
    assert WORDS["hr"].kept in (await page.guest.get(f"{page.path}?lang=hr")).text


@pytest.mark.parametrize("lang", WORDS)
async def test_the_page_speaks_the_language_of_the_visitor(page: Page, lang: str) -> None:
    words = WORDS[lang]
    by_browser = await page.guest.get(page.path, **{"accept-language": f"xx, {words.code}-ZZ;q=0.8, *;q=0.1"})
    by_switch = await page.guest.get(f"{page.path}?lang={lang}", **{"accept-language": "en"})
    for answer in (by_browser, by_switch):
        shown = html.unescape("".join(outline(answer.text).text))
        assert f'<html lang="{words.code}">' in answer.text
        assert {each for each in (words.title, words.what, words.send, words.kept) if each not in shown} == set()
        assert all(other.own_name in shown for other in WORDS.values())
    told = await page.guest.post(f"{page.path}?lang={lang}", text=SAID)
    assert html.escape(words.thanks, quote=False) in (await page.guest.follow(told)).text


@pytest.mark.parametrize(
    ("asked", "accept", "of_brand", "lang"),
    [
        ("", "de, hu;q=0.5, lv;q=0.7", [], "lv"),
        ("hr", "hu", [], "hr"),
        ("xx", "", ["de", "id"], "id"),
        ("", "fil-PH", [], "tl"),
        ("", "hu;q=0, de", [], "en"),
        ("", "hu;q=nan, hr;q=x, lv;level=1", [], "en"),
        ("", "," * 10_000 + "hu", [], "en"),
    ],
)
def test_which_language_is_shown(asked: str, accept: str, of_brand: list[str], lang: str) -> None:
    assert chosen(asked, accept, of_brand) == lang


def test_every_language_has_every_sentence_of_its_own() -> None:
    assert set(WORDS) == {"en", "hr", "hu", "id", "lv", "tl"}
    english = WORDS["en"]
    for lang, words in WORDS.items():
        assert set(words.wrong) == set(english.wrong)
        assert len(set(words.days)) == 7
        for name in ("intro", "by", "hours", "kept_until", "answered"):
            ours, theirs = (set(re.findall(r"{\w+}", getattr(each, name))) for each in (words, english))
            assert ours == theirs, (lang, name)
        assert lang == "en" or all(words.wrong[name] != english.wrong[name] for name in english.wrong)


async def test_the_page_holds_nothing_foreign(page: Page) -> None:
    await page.tell(name="Mara", address="mara@mail.test")
    thanks = await page.guest.follow(await page.tell(name="Mara", address="mara@mail.test"))
    for answer in (await page.guest.get(page.path), thanks):
        seen = outline(answer.text)
        assert all(link.startswith(("/static/", "/tell/")) for link in seen.links)
        assert not any(element.startswith("script") for element in seen.elements)
        assert answer.headers["content-security-policy"] == HEADERS["content-security-policy"]
        assert answer.headers["cache-control"] == "no-store"
        assert not answer.set_cookies
    assert "mara@mail.test" not in thanks.text


# --- the switch ------------------------------------------------------------------------------------------------


async def test_it_is_off_until_switched_on_and_a_new_link_makes_the_old_one_dead(desk: Desk, admin: Browser) -> None:
    switch = f"/brands/{desk.brand}/feedback"
    assert "Set public_url first" in (await admin.get(switch)).text
    assert (await admin.post(switch, to="on")).status == 422
    listening(desk)
    shown = await admin.follow(await admin.post(switch, to="on"))
    first = _key(shown)
    assert "Last changed" in shown.text
    assert "by Admin" in shown.text
    guest = Browser(desk)
    assert (await guest.get(f"/tell/{first}")).status == 200
    second = _key(await admin.follow(await admin.post(switch, to="new")))
    await admin.post(switch, to="off")
    assert "/tell/" not in (await admin.get(switch)).text
    desk.clock.move(10)  # type: ignore[attr-defined]
    dead = [await guest.get(f"/tell/{key}") for key in (first, second, "b" * 16, "nothing", "%C3%A9")]
    dead += [await guest.post(f"/tell/{key}", text=SAID) for key in (first, second)]
    assert {answer.status for answer in dead} == {404}
    assert len({answer.text for answer in dead}) == 1
    await admin.post(switch, to="on")
    assert (await guest.get(f"/tell/{second}")).status == 200, "the same link as before"
    async with desk.db.read() as session:
        source = (await session.exec(select(SourceRow.id).where(SourceRow.channel == "feedback"))).one()
        lines = list(await session.exec(select(Transition).where(Transition.row_id == source)))
    changes = [(line.new, line.actor) for line in sorted(lines, key=lambda line: line.id)]
    assert changes == [(new, f"user:{desk.users['admin']}") for new in ("on", "new link", "paused", "listening")]


def _key(answer: Answer) -> str:
    found = re.search(r"http://desk\.test/tell/(\w+)", answer.text)
    assert found is not None
    return found[1]


async def test_pressed_twice_it_says_so(desk: Desk, admin: Browser) -> None:
    listening(desk)
    switch = f"/brands/{desk.brand}/feedback"
    assert (await admin.post(switch, to="new")).status == 409
    for to in ("on", "off"):
        assert [(await admin.post(switch, to=to)).status for _ in range(2)] == [303, 409]
    assert (await admin.post(switch, to="sideways")).status == 422


async def test_its_source_is_paused_with_the_others_and_not_added_there(page: Page, admin: Browser) -> None:
    listed = (await admin.get("/sources")).text
    assert "What people tell us on our page" in listed
    assert "add=feedback" not in listed
    answer = await admin.post("/sources", brand_id=page.desk.brand, channel="feedback", name="n", set_key="b" * 16)
    assert answer.status == 422
    async with page.desk.db.read() as session:
        source = (await session.exec(select(SourceRow).where(SourceRow.channel == "feedback"))).one()
    await admin.post(f"/sources/{source.id}/pause")
    assert (await page.tell()).status == 404


# --- both databases --------------------------------------------------------------------------------------------


async def test_it_is_told_found_kept_and_erased_on_both_databases(either: Desk) -> None:
    page = await opened(either)
    admin = await Browser.signed_in(either, "admin")
    first = await page.tell(address="Mara@mail.test")
    assert (await page.guest.follow(first)).status == 200
    await asyncio.gather(*(page.tell("Norda, where is my refund?", once="two") for _ in range(3)))
    assert len(await page.stored()) == 2
    assert (await admin.get(f"/brands/{either.brand}/feedback")).status == 200
    now = either.clock.now()
    counted = await erasure.erase(
        either.db, erasure.author(either.brand, "feedback", "MARA@mail.test"), actor="user:1", now=now
    )
    assert (counted.posts, counted.cases) == (1, 1)
    assert "You left no address" not in (await page.guest.get(first.location)).text
    assert 'role="status"' not in (await page.guest.get(first.location)).text
    assert (await page.tell(address="Mara@mail.test")).status == 503, "what was erased does not come back"
    await set_brand(either, keep_days=5)
    async with either.db.write() as session:
        source = (await session.exec(select(SourceRow).where(SourceRow.channel == "feedback"))).one()
        assert await retention.purge_old(session, source.id, now + timedelta(days=6)) == 1
    assert [row.text for row in await page.stored()] == ["", ""]
    async with either.db.read() as session:
        assert len(list(await session.exec(select(Case).where(Case.channel == "feedback")))) == 2


# --- whoever types an address is not its owner -----------------------------------------------------------------


async def case_of(page: Page, number: int) -> int:
    case_id = sorted(await page.stored(), key=lambda row: row.id)[number].case_id
    assert case_id is not None
    return case_id


async def test_a_strangers_address_touches_neither_their_case_nor_what_is_approved_for_them(either: Desk) -> None:
    page, agent = await opened(either), await Browser.signed_in(either, "agent")
    await page.tell(name="Mara", address="mara@mail.test")
    await either.jobs.run_once()
    first = await case_of(page, 0)
    reply = await either.reply_of(first)
    text = "Hello Mara, we are sorry that your seat was double booked. We look into it today. Norda"
    await agent.post_json(f"/replies/{reply.id}/approve", {"version": reply.version, "text": text})
    before = await either.case(first), await either.reply_of(first)
    await page.tell(SAID, name="Eve", address="MARA@mail.test", once="two")
    second = await case_of(page, 1)
    assert second != first
    assert (await either.case(first), await either.reply_of(first)) == before
    views = [(await agent.get_json(f"/cases/{each}")).json for each in (first, second)]
    for view, other in zip(views, (second, first), strict=True):
        [maybe] = view["person"]["maybe"]
        assert (maybe["case_id"], maybe["why"]) == (
            str(other), ["both left the same e-mail address, which nobody checked"]
        )  # fmt: skip
    await agent.post(f"/cases/{first}/same-person", other_id=second)
    assert (await agent.get_json(f"/cases/{second}")).json["person"]["same"][0]["case_id"] == str(first)


async def test_a_wish_to_be_left_alone_counts_for_the_thread_it_is_said_in(either: Desk) -> None:
    page = await opened(either)
    await page.tell(name="Mara", address="mara@mail.test")
    await page.tell("Do not contact me again.", name="Eve", address="mara@mail.test", once="two")
    owner, stranger = sorted(await page.stored(), key=lambda row: row.id)
    async with either.db.read() as session:
        assert await opt_outs.standing_for(session, owner) is None
        assert await opt_outs.standing_for(session, stranger) is not None


async def test_what_an_address_left_is_found_nowhere_once_erased(either: Desk) -> None:
    page, now = await opened(either), either.clock.now()
    await page.tell(address="Mara@mail.test")
    await page.tell(address="mara@mail.test", once="two")
    who = erasure.author(either.brand, "feedback", "mara@Mail.test")
    assert (await erasure.erase(either.db, who, actor="user:1", now=now)).posts == 2
    assert [(row.text, row.native) for row in await page.stored()] == [("", {})] * 2


async def test_changing_the_language_keeps_what_was_typed(page: Page) -> None:
    form = (await page.guest.get(f"{page.path}?lang=en")).text
    assert 'formaction="' in form
    given = {"text": "", "name": "Mara", "address": "half@", "once": "o"}
    shown = await page.guest.post(f"{page.path}?lang=hr", only="language", **given)
    assert shown.status == 200
    assert WORDS["hr"].title in html.unescape(shown.text)
    assert all(typed in shown.text for typed in ("Mara", "half@", 'value="o"'))
    assert 'role="alert"' not in shown.text
    await page.guest.post(f"{page.path}?lang=hu", only="language", text=SAID)
    assert not await page.stored()
