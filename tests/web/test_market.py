"""The market of a case on its page: why, the time and day there, the address, a gist; on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from html import unescape

import pytest

from responders.drafting import brief_of, facts_for
from responders.knowing import gather
from storage import replies
from storage.migrate import migrate
from storage.tables import Brand, Case
from tests.web.client import Browser
from tests.web.seed import Desk, build, furnish


@pytest.fixture
async def either(database_url: str) -> AsyncIterator[Desk]:
    """A furnished desk on SQLite, then on PostgreSQL."""
    await migrate(database_url)
    desk = await furnish(build(database_url))
    yield desk
    await desk.parts.live.finish()
    await desk.db.close()


async def test_the_page_of_a_case_tells_of_its_market_and_a_note_corrects_it(either: Desk) -> None:
    agent, place = await Browser.signed_in(either, "agent"), f"/cases/{either.cases['@tomo']}"
    page = unescape((await agent.get(place)).text)
    for words in ("Market: Croatia", "By the language of the post", "Poštovani", "1.234,50 €", "within 15 days"):
        assert words in page
    assert "gist from word lists, not a translation" in page
    here = (await agent.get_json(place)).json["market"]
    assert (here["code"], here["formality"], here["local"][:16]) == ("HR", "formal", "2026-03-02T10:00")
    assert "double charge" in here["gist"]["post"]
    await agent.post(f"{place}/know", key="market", value="ba")
    here = (await agent.get_json(place)).json["market"]
    assert (here["code"], here["why"]) == ("BA", "noted for this case")


async def test_what_a_draft_leaves_out_because_it_is_noted_in_another_language_stands_beside_it(either: Desk) -> None:
    agent, place = await Browser.signed_in(either, "agent"), f"/cases/{either.cases['@tomo']}"
    assert "data-unsaid" not in (await agent.get(place)).text
    await agent.post(f"{place}/know", key="next", value="accounting looks at both charges with the bank")
    page = unescape((await agent.get(place)).text)
    assert "leaves to you what is known as <b>next</b>" in page
    assert "accounting looks at both charges with the bank</q>" in page
    assert "Noted in Croatian" in page
    await agent.post(f"{place}/know", key="next", value="računovodstvo s bankom provjerava obje naplate")
    assert "data-unsaid" not in (await agent.get(place)).text


async def test_knowledge_for_that_market_is_found_and_for_another_one_is_not(either: Desk) -> None:
    admin, place = await Browser.signed_in(either, "admin"), f"/cases/{either.cases['@tomo']}"
    for market in ("HR", "HU"):
        made = await admin.post(
            "/knowledge", brand_id=either.brand, title=f"Charged twice {market}", lang="hr", market=market,
            text="Dvostruka naplata: iznos se vraća u roku od pet dana.",
        )  # fmt: skip
        await admin.post(f"{made.location}/status", status="live")
    page = (await admin.get(place)).text
    assert "Charged twice HR" in page
    assert "Charged twice HU" not in page


async def test_drafting_is_told_the_market_and_how_its_people_are_addressed(either: Desk) -> None:
    async with either.db.write() as session:
        case = await session.get_one(Case, either.cases["@tomo"])
        reply = await replies.live(session, case.id)
        assert reply is not None
        given = await gather(session, case, reply, either.clock.now())
        facts = facts_for(given)
        brief = brief_of(given, either.parts.channels[reply.channel])
        assert (facts.market, facts.known["formality"], brief.formality) == ("HR", "formal", "formal")
        assert "market" not in facts.known
        brand = await session.get_one(Brand, case.brand_id)
        brand.voice = brand.voice | {"formality": "informal"}
        session.add(brand)
        await session.flush()
        given = await gather(session, case, reply, either.clock.now())
        assert facts_for(given).known["formality"] == "informal"


async def test_a_draft_speaks_as_the_brand_set_it_in_its_language_and_in_no_other(either: Desk) -> None:
    said = {
        "hr": {"formality": "informal", "greeting": "Zdravo, {name}!", "closing": "Lijep pozdrav,"},
        "en": {"greeting": "Dear {name},", "closing": "Kind regards,"},
    }
    async with either.db.write() as session:
        case = await session.get_one(Case, either.cases["@tomo"])
        brand = await session.get_one(Brand, case.brand_id)
        brand.voice = brand.voice | {"spoken": said}
        session.add(brand)
        reply = await replies.live(session, case.id)
        assert reply is not None
        given = await gather(session, case, reply, either.clock.now())
    responding = either.parts.responding
    draft = await responding.compose(given)
    assert (draft.lang, draft.text[:7], "\n" in draft.text) == ("hr", "Zdravo,", True)
    assert draft.text.splitlines()[0].endswith("Lijep pozdrav,")
    assert await responding.checked(given, draft.text) == ()
    formal = await responding.checked(given, "Zdravo! Javit ćemo Vam se čim saznamo više o ovoj naplati.")
    assert "register" in {each.rule for each in formal}
    hungarian = replace(given, mention=given.mention.model_copy(update={"lang": "hu"}))
    brief = brief_of(hungarian, either.parts.channels[reply.channel])
    assert (brief.answer_lang, brief.greeting, brief.closing, brief.formality) == ("hu", "", "", "")
