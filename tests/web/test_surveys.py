"""The author's page: open to whoever holds the link, in their language, without a name or a script."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.ids import ids
from domain.survey import KINDS
from responders.survey_links import SurveyLinks
from storage import transitions
from storage.tables import Case, Reply
from storage.tables_survey import Survey
from tests.web.client import Answer, Browser, outline
from tests.web.seed import Desk, fingerprint
from web.app import create_app
from web.guards import HEADERS
from web.survey_words import WORDS, words_in

LINKS = SurveyLinks(address="http://desk.test", secret=b"k" * 32)
HOSTILE = '</textarea><script>alert(1)</script><img src=x onerror="alert(2)">'


def with_links(desk: Desk) -> None:
    desk.parts = replace(desk.parts, responding=replace(desk.parts.responding, surveys=LINKS))
    desk.app = create_app(desk.parts)


async def asked(desk: Desk, kind: str = "csat", lang: str = "en") -> Survey:
    """The author of one of the cases was asked."""
    with_links(desk)
    now = desk.clock.now()
    survey = Survey(
        id=ids.next(now), brand_id=desk.brand, case_id=desk.cases["@tomo"], kind=kind, lang=lang, actor="user:1",
        created_at=now, expires_at=now + timedelta(days=30),
    )  # fmt: skip
    async with desk.db.write() as session:
        session.add(survey)
    return survey


async def stored(desk: Desk, survey: Survey) -> Survey:
    async with desk.db.read() as session:
        return await session.get_one(Survey, survey.id)


async def test_an_author_answers_and_changes_the_answer_without_signing_in(desk: Desk) -> None:
    survey = await asked(desk)
    path = f"/asked/{LINKS.token(survey)}"
    guest = Browser(desk)
    assert "How satisfied are you" in (await guest.get(path)).text
    answer = await guest.post(path, value="4", words="Quick, thank you")
    assert (answer.status, answer.location) == (303, f"{path}?thanks=1")
    page = await guest.get(answer.location)
    assert "Your answer has reached us" in page.text
    assert "Change answer" in page.text
    await guest.post(path, value="5", words="")
    row = await stored(desk, survey)
    assert (row.value, row.words) == (5, "")
    assert guest.cookies == {}


async def test_looking_changes_nothing_and_an_answer_in_the_address_is_none(desk: Desk) -> None:
    survey = await asked(desk)
    before = await fingerprint(desk)
    page = await Browser(desk).get(f"/asked/{LINKS.token(survey)}?value=1&thanks=1")
    assert page.status == 200
    assert "reached us" not in page.text
    assert await fingerprint(desk) == before
    assert (await stored(desk, survey)).value is None


@pytest.mark.parametrize("lang", WORDS)
@pytest.mark.parametrize("kind", KINDS)
async def test_the_page_speaks_the_language_of_the_author_and_offers_the_whole_scale(
    desk: Desk, lang: str, kind: str
) -> None:
    survey, words = await asked(desk, kind, lang), WORDS[lang]
    page = await Browser(desk).get(f"/asked/{LINKS.token(survey)}")
    shown = "".join(outline(page.text).text)
    assert f'<html lang="{words.code}">' in page.text
    assert words.questions[kind].format(brand="Norda") in shown
    assert {words.more, words.send, words.lowest[kind], words.highest[kind]} <= {
        part.strip() for part in (words.more, words.send, words.lowest[kind], words.highest[kind]) if part in shown
    }
    assert page.text.count('type="radio"') == KINDS[kind].highest - KINDS[kind].lowest + 1


def test_every_language_has_every_sentence_of_its_own() -> None:
    assert set(WORDS) == {"en", "hr", "hu", "id", "lv", "tl"}
    for lang, words in WORDS.items():
        for kind in KINDS:
            assert words.questions[kind].count("{brand}") == 1, (lang, kind)
            assert words.lowest[kind] != words.highest[kind]
        assert "{until}" in words.again
        assert lang == "en" or words.title != WORDS["en"].title
    assert words_in("xx") is WORDS["en"]


async def test_the_page_holds_nothing_foreign_and_no_name_of_theirs(desk: Desk) -> None:
    survey = await asked(desk)
    page = await Browser(desk).get(f"/asked/{LINKS.token(survey)}")
    seen = outline(page.text)
    assert all(link.startswith("/static/") or link.startswith("/asked/") for link in seen.links)
    assert not any(element.startswith("script") for element in seen.elements)
    assert page.headers["content-security-policy"] == HEADERS["content-security-policy"]
    assert page.headers["cache-control"] == "no-store"
    case = await desk.case(survey.case_id)
    for name in (case.author_name, case.author_handle, str(survey.case_id), str(survey.id)):
        assert name not in page.text


async def test_hostile_words_stay_words_on_both_pages(desk: Desk, agent: Browser) -> None:
    survey = await asked(desk)
    path = f"/asked/{LINKS.token(survey)}"
    guest = Browser(desk)
    await guest.post(path, value="3", words="plain")
    quiet = [outline((await guest.get(path)).text).elements, _case(await agent.get(f"/cases/{survey.case_id}"))]
    await guest.post(path, value="3", words=HOSTILE)
    loud = [outline((await guest.get(path)).text).elements, _case(await agent.get(f"/cases/{survey.case_id}"))]
    assert quiet == loud
    assert "<script>alert" not in (await agent.get(f"/cases/{survey.case_id}")).text


def _case(answer: Answer) -> list[str]:
    return [element for element in outline(answer.text).elements if element.startswith(("script", "img"))]


@pytest.mark.parametrize("value", ["", "0", "6", "-1", "3.5", "٣", "1e0"])
async def test_what_is_no_answer_is_asked_again_and_the_words_are_not_lost(desk: Desk, value: str) -> None:
    survey = await asked(desk)
    answer = await Browser(desk).post(f"/asked/{LINKS.token(survey)}", value=value, words="my words")
    assert answer.status == 422
    assert "choose a number" in answer.text
    assert "my words" in answer.text
    assert (await stored(desk, survey)).value is None


async def test_links_that_are_not_good_all_get_the_same_answer(desk: Desk) -> None:
    survey = await asked(desk)
    token = LINKS.token(survey)
    guest = Browser(desk)
    unsigned = token[:15] + "".join("c" if letter == "b" else "b" for letter in token[15:])
    bad = [unsigned, "b" * 45, "nothing", token + "b"]
    pages = [await guest.get(f"/asked/{each}") for each in bad]
    pages += [await guest.post(f"/asked/{each}", value="1") for each in bad]
    desk.clock.move(30 * 86_400)  # type: ignore[attr-defined]
    pages.append(await guest.get(f"/asked/{token}"))
    assert {page.status for page in pages} == {404}
    assert len({page.text for page in pages}) == 1
    assert all(words.gone in pages[0].text for words in WORDS.values())


async def test_strangers_are_held_to_a_pace(desk: Desk) -> None:
    await asked(desk)
    guest = Browser(desk)
    answers = [(await guest.get("/asked/nothing")).status for _ in range(70)]
    assert answers[0] == 404
    assert answers[-1] == 429


async def test_a_dissatisfied_author_is_back_in_the_queue_with_their_words(desk: Desk, agent: Browser) -> None:
    survey = await asked(desk)
    await _close(desk, survey.case_id)
    await Browser(desk).post(f"/asked/{LINKS.token(survey)}", value="1", words="Nobody ever called me back")
    assert (await desk.case(survey.case_id)).status == "open"
    page = await agent.get(f"/cases/{survey.case_id}")
    assert page.text.count("Nobody ever called me back") >= 2, "in the panel and in what happened"
    assert "answered the question: CSAT 1" in page.text


@pytest.mark.parametrize(("private", "words"), [(True, "Only they read the answer"), (False, "quote nothing of this")])
async def test_their_words_stand_beside_the_draft_with_who_would_read_it(
    desk: Desk, agent: Browser, private: bool, words: str
) -> None:
    survey = await asked(desk)
    channel = (await desk.case(survey.case_id)).channel
    manifest = replace(desk.parts.responding.channels[channel], private=private)
    channels = {**desk.parts.responding.channels, channel: manifest}
    desk.parts = replace(desk.parts, responding=replace(desk.parts.responding, channels=channels))
    desk.app = create_app(desk.parts)
    await _close(desk, survey.case_id)
    before = (await desk.reply_of(survey.case_id)).id
    await Browser(desk).post(f"/asked/{LINKS.token(survey)}", value="2", words="Nobody ever called me back")
    page = await agent.get(f"/cases/{survey.case_id}")
    assert words in page.text
    assert page.text.count("Nobody ever called me back") == 3, "beside the draft, in the panel and in what happened"
    await desk.jobs.run_once()
    draft = await desk.reply_of(survey.case_id)
    assert (draft.id != before, draft.status) == (True, "drafted")


async def _close(desk: Desk, case_id: int) -> None:
    async with desk.db.write() as session:
        case = await session.get_one(Case, case_id)
        await transitions.move(
            session, "case", case_id, case.status, "resolved", brand_id=case.brand_id, actor="user:1",
            now=desk.clock.now(), next_due_at=None,
        )  # fmt: skip


async def test_the_case_page_says_why_nobody_is_asked_and_shows_the_link_once_asked(desk: Desk, agent: Browser) -> None:
    case_id = desk.cases["@tomo"]
    await _close(desk, case_id)
    assert "set public_url" in (await agent.get(f"/cases/{case_id}")).text
    with_links(desk)
    assert "we never wrote to them" in (await agent.get(f"/cases/{case_id}")).text
    async with desk.db.write() as session:
        reply = await session.get_one(Reply, (await desk.reply_of(case_id)).id)
        reply.status = "sent"
    assert "Ask for satisfaction" in (await agent.get(f"/cases/{case_id}")).text
    done = await agent.post(f"/cases/{case_id}/ask-satisfaction", kind="nps", then=f"/cases/{case_id}")
    assert done.status == 303
    page = await agent.get(f"/cases/{case_id}")
    assert "http://desk.test/asked/" in page.text
    assert "never in public" in page.text


async def test_the_report_says_nothing_of_few_answers_and_how_sure_it_is_of_more(desk: Desk, admin: Browser) -> None:
    assert "Nobody was asked." in (await admin.get("/reports")).text
    now = desk.clock.now()
    cases = list(desk.cases.values())[:10]
    for count, shown in ((9, "too few answers"), (10, "72 % to 100 %")):
        async with desk.db.write() as session:
            for case_id in cases[:count] if count == 9 else cases[9:]:
                row = Survey(
                    id=ids.next(now), brand_id=desk.brand, case_id=case_id, kind="csat", lang="en", actor="user:1",
                    value=5, created_at=now, answered_at=now, expires_at=now + timedelta(days=30),
                )  # fmt: skip
                session.add(row)
        desk.clock.move(60)  # type: ignore[attr-defined]
        page = (await admin.get("/reports")).text
        assert shown in page
        assert f"{count} authors asked in this time, {count} have answered" in page
