"""What a playbook lets one person offer may be offered: in all languages, at the desk too, and nothing else with it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from domain.reply import Finding
from responders.contract import check
from responders.drafting import Drafting
from responders.facts import facts_of
from responders.keeping import checked
from responders.knowing import gather
from responders.measuring import context_of
from responders.playbooks import goodwill, read_playbook
from storage.tables import MentionRow
from tests.responders.world import World, with_parts

POST = "My train was 2 hours late and nobody told us anything. Really poor."
OFFER = "goodwill, a voucher or a credit of up to 20 EUR"
BOOK = b"""name = "Late trains"
text = "Goodwill up to 20 EUR is yours to offer."
review = 2027-06-01

[limits]
EUR = 20
"""


def found(reply: str, lang: str, **known: str) -> list[Finding]:
    case = {"mention": POST, "author_name": "Ana", "brand": "Norda", "known": {"agent": "Noor", **known}}
    return check(reply, context_of(lang, facts_of({**case, "channel": "mastodon"}, 2026), None))


@pytest.mark.parametrize(
    ("lang", "reply"),
    [
        ("en", "Hi Ana, I'm sorry about the two hours. As a goodwill gesture we will credit {} EUR to you. Noor"),
        ("en", "Hi Ana, I'm sorry about the two hours. We'd like to offer you a {} EUR voucher for the wait. Noor"),
        ("hr", "Poštovana Ana, žao mi je zbog dva sata čekanja. Kao znak dobre volje nudimo Vam bon od {} EUR. Noor"),
        ("hu", "Kedves Ana, sajnálom a kétórás késést. Kárpótlásul {} eurós utalványt adunk Önnek. Noor"),
        ("id", "Kak Ana, maaf atas keterlambatan dua jam itu. Sebagai kompensasi kami beri voucher {} EUR. Noor"),
        ("lv", "Labdien, Ana! Atvainojiet par divām stundām. Kā kompensāciju piešķirsim kuponu {} EUR vērtībā. Noor"),
        ("tl", "Hi Ana, pasensya na po sa dalawang oras na delay. Bibigyan po namin kayo ng voucher na {} EUR. Noor"),
    ],
)  # fmt: skip
def test_goodwill_within_the_limit_may_be_offered_and_nothing_above(lang: str, reply: str) -> None:
    within, above = reply.format(15), reply.format(25)
    assert {each.rule for each in found(within, lang)} & {"unsupported_fact", "over_promise", "selling"}
    assert found(within, lang, may_offer=OFFER) == []
    assert "unsupported_fact" in {each.rule for each in found(above, lang, may_offer=OFFER)}


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("We have put a 15 EUR voucher on your account.", "We have put a 15 EUR voucher"),
        ("The fee is 15 EUR.", "15 EUR"),
        ("We will credit 15 EUR to you and your refund arrives tomorrow.", "tomorrow"),
        ("We will credit 15 EUR to you, we promise it will never happen again.", "never happen again"),
        ("While you wait, have a look at our new 15 EUR voucher packs.", "have a look at our new"),
        ("We will credit 15 GBP to you.", "15 GBP"),
        ("We will credit 15 EUR to you and your next order is free as a gift.", "is free"),
    ],
)
def test_what_stands_beside_an_offer_needs_a_source_as_ever(said: str, words: str) -> None:
    reply = f"Hi Ana, I'm sorry about the two hours with no word from us. {said} Noor"
    assert words in {each.words for each in found(reply, "en", may_offer=OFFER)}


@pytest.mark.parametrize("said", ["Sljedeća narudžba", "Nudimo Vam bon od 15 EUR i sljedeća narudžba"])
def test_a_gift_without_a_sum_is_none_of_it(said: str) -> None:
    reply = f"Poštovana Ana, žao mi je zbog dva sata. {said} Vam je gratis. Noor"
    assert "over_promise" in {each.rule for each in found(reply, "hr", may_offer=OFFER)}


def test_the_lowest_limit_counts_and_none_of_nothing() -> None:
    book = read_playbook("norda/late.toml", BOOK)
    lower = replace(book, limits={"EUR": 10.0, "HUF": 4000.0})
    assert goodwill([book]) == OFFER
    assert goodwill([book, lower]) == "goodwill, a voucher or a credit of up to 10 EUR or 4,000 HUF"
    assert goodwill([replace(book, limits={"EUR": 0.0})]) == goodwill([replace(book, limits={})]) == goodwill([]) == ""


async def test_at_the_desk_a_playbook_that_applies_lets_a_reply_offer_it(world: World, tmp_path: Path) -> None:
    book = read_playbook(str(tmp_path), BOOK)
    async with world.db.write() as session:
        await session.exec(update(MentionRow).values(text=POST, lang="en"))
    await world.drafted()
    reply = "I'm sorry about the two hours with no word from us. As a goodwill gesture we will credit 15 EUR to you."

    async def rules(*books: Any) -> set[str]:
        look = Drafting(world.parts.channels, lambda _: None).check
        with_parts(world, playbooks=lambda _: books, check=look)
        async with world.db.read() as session:
            case, row = await world.case(), await world.reply()
            given = await gather(session, case, row, world.clock.now())
            return {each.rule for each in await checked(session, given, reply, world.parts, world.clock.now())}

    assert "unsupported_fact" in await rules()
    assert "unsupported_fact" in await rules(replace(book, channels=frozenset({"reddit"})))
    assert await rules(book) & {"unsupported_fact", "over_promise"} == set()
