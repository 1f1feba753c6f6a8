"""A draft offers a private message only where there is one; elsewhere it leads to a way of the brand, or to none."""

import re
from dataclasses import replace
from typing import Any

import pytest

from channels.manifest import Manifest
from channels.registry import manifests
from domain.errors import BadInput
from listener import feedback
from responders.brief import Brief
from responders.contact import contact_of
from responders.contract import check
from responders.drafters.composed import compose
from responders.drafters.phrasebook import LANGUAGES
from responders.drafting import Drafting
from responders.facts import Facts
from responders.measuring import context_of
from responders.survey_links import SurveyLinks
from storage.tables import Brand
from tests.responders.detector import detect
from tests.responders.test_knowing import given, says
from tests.responders.world import World

REFUNDS = {
    "en": "I have been waiting 3 weeks for my refund and nobody answers!",
    "hr": "Već tri tjedna čekam povrat novca i nitko se ne javlja!",
    "hu": "Három hete várok a pénzem visszatérítésére, és senki sem válaszol!",
    "id": "Sudah tiga minggu saya menunggu refund dan tidak ada yang membalas!",
    "lv": "Jau trīs nedēļas gaidu naudas atmaksu, un neviens neatbild!",
    "tl": "Tatlong linggo ko nang hinihintay ang refund ko at walang sumasagot!",
}
PAGE, MAIL = "https://care.norda.example/tell/bcdfghjkmnpqrstv", "help.desk@norda.example"
MESSAGE = re.compile(
    r"(?i)private message|message us|direct message|privat\w+ poru[kc]|privát üzenet|pesan pribadi|pesan langsung"
    r"|privāt\w+ ziņ|mag-message"
)
REFERENCE = re.compile(
    r"(?i)reference|order number|referentni|broj narudžbe|azonosítószám|rendelésszám|nomor (?:referensi|pesanan)"
    r"|(?:atsauces|pasūtījuma) numur"
)
SHORT = 350
"""Where a text may not even have so many characters, the sentence that asks may leave with its way."""
LINKS = SurveyLinks(address="https://care.norda.example", secret=b"k" * 32)


def refund(lang: str, channel: Manifest, way: str = "", formality: str = "") -> Brief:
    known = {"agent": "Mia, Norda"} | ({"in_private": way} if way else {})
    facts = Facts(mention=REFUNDS[lang], author_name="Mara", brand="Norda", channel=channel.name, known=known)
    return Brief(
        brand="Norda", sign_off="Mia, Norda", author_name="Mara", author_handle="mara", mention_id="1",
        text=REFUNDS[lang], lang=lang, answer_lang=lang, label="negative", severity=2, channel=channel.name,
        facts=facts, max_length=channel.max_length, length=channel.length, private=channel.private,
        messages=bool(channel.messages), formality=formality,
    )  # fmt: skip


def wrong_ways(channel: Manifest, told: Manifest | None = None) -> list[str]:
    """Drafts on this channel that lead where nobody there can go; `told` is what drafting takes for its facts."""
    found, can_message = list[str](), bool(channel.messages)
    for lang in LANGUAGES:
        for candidate, way in enumerate((PAGE, MAIL, "")):
            text = compose(refund(lang, told or channel, way), candidate).text
            asks, offers = bool(REFERENCE.search(text)), bool(MESSAGE.search(text))
            led = way in text if way else "@" in text or "http" in text
            is_short = channel.max_length < SHORT and not asks
            if channel.private or can_message:
                right = asks and offers == (not channel.private) and PAGE not in text and MAIL not in text
            else:
                right = not offers and asks == led and (led == bool(way) or is_short)
            found += [] if right else [text]
    return found


@pytest.mark.parametrize("name", sorted(manifests()))
def test_a_complaint_about_a_refund_leads_only_where_its_author_can_go(name: str) -> None:
    assert wrong_ways(manifests()[name]) == []


def test_a_private_message_offered_where_there_is_none_would_be_noticed() -> None:
    play = manifests()["googleplay"]
    wrong = wrong_ways(play, replace(play, messages="a network that says so by mistake"))
    assert len(wrong) == len(LANGUAGES) * 3
    assert all(map(MESSAGE.search, wrong))


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("formality", ["formal", "informal"])
@pytest.mark.parametrize("way", [PAGE, MAIL, ""])
def test_the_contract_is_content_with_it(lang: str, formality: str, way: str) -> None:
    for name in ("googleplay", "hackernews"):
        brief = refund(lang, manifests()[name], way, formality)
        for candidate in range(2):
            text = compose(brief, candidate).text
            assert check(text, context_of(lang, brief.facts, detect)) == [], text
            assert (way or "Mia") in text
            if way:
                lacking = replace(brief.facts, known={"agent": "Mia, Norda"})
                assert "bad_link" in {each.rule for each in check(text, context_of(lang, lacking, detect))}


async def test_the_desk_leads_to_the_open_feedback_page_else_to_the_contact(world: World) -> None:
    await says(world, REFUNDS["en"])
    async with world.db.write() as session:
        brand = await session.get_one(Brand, world.brand_id)
        brand.voice = {**brand.voice, "contact": MAIL}
        page = await feedback.switch_on(session, world.brand_id, world.admin.actor, world.now)
        link = LINKS.page(page.settings["key"])
    assert await ways_of(world, LINKS) == (link, [])
    assert await ways_of(world, None) == (MAIL, [])
    async with world.db.write() as session:
        await feedback.switch_off(session, world.brand_id, world.admin.actor, world.now)
    assert await ways_of(world, LINKS) == (MAIL, ["bad_link"])
    async with world.db.write() as session:
        brand = await session.get_one(Brand, world.brand_id)
        brand.voice = {}
    assert await ways_of(world, LINKS) == ("", ["bad_link"])


async def ways_of(world: World, surveys: SurveyLinks | None) -> tuple[str, list[str]]:
    """Where a draft leads, and what stops a reply that leads to the feedback page."""
    drafting, found = Drafting(world.parts.channels, detect, surveys), await given(world)
    text = (await drafting.compose(found)).text
    assert not MESSAGE.search(text)
    assert not [each for each in drafting.check(found, text) if each.blocking]
    led = re.search(r"https://\S+|\S+@\S+\w", text)
    pages = [f"I read about your refund: {each}" for each in _pages(found)] if surveys else []
    return led[0] if led else "", [each.rule for page in pages for each in drafting.check(found, page) if each.blocking]


def _pages(found: Any) -> list[str]:
    return [LINKS.page(found.feedback or "bcdfghjkmnpqrstv")]


@pytest.mark.parametrize(
    "text", ["", MAIL, "help@norda.example", "https://norda.example/contact", " https://norda.example "]
)
def test_a_contact_is_a_mail_address_or_a_link(text: str) -> None:
    assert contact_of(text) == text.strip()


@pytest.mark.parametrize(
    "text",
    ["help", "norda.example", "http://norda.example", "mailto:help@norda.example", "javascript:alert(1)", "@norda",
     "https://norda.example, help@norda.example", "https://norda", "https://help@norda.example", "help@norda",
     "write to help@norda.example", "https://norda.example/a b"],
)  # fmt: skip
def test_anything_else_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(BadInput, match=r"private contact: .* neither one e-mail address nor one link"):
        contact_of(text)
