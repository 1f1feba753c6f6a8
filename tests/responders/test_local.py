"""The pack of a case's market as a source: what holds there bears a claim, and what holds only elsewhere is advised
against."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from commands.check_reply import check_lines
from commands.draft import draft_lines
from domain.reply import Finding
from responders.contract import check
from responders.facts import facts_of
from responders.local import located
from responders.markets import PACKS
from responders.measuring import context_of
from responders.rules import reader

RESTATED = {
    "en": "Ines, I'm sorry that the kettle arrived without its lid.",
    "hr": "Ines, žao mi je što je kuhalo stiglo bez poklopca.",
    "hu": "Ines, sajnálom, hogy a vízforraló fedél nélkül érkezett.",
}


def found(lang: str, market: str, said: str, **case: Any) -> list[Finding]:
    given = {"mention": "The kettle came without its lid", "author_name": "Ines", "brand": "Norwind", "market": market}
    facts = located(facts_of(given | case, 2026), PACKS.all())
    return [each for each in check(f"{RESTATED[lang]} {said}", context_of(lang, facts, None))
            if each.rule == "unsupported_fact"]  # fmt: skip


@pytest.mark.parametrize(
    ("lang", "market", "said", "words", "cited"),
    [
        ("en", "GB", "The lid costs $4.50.", "$4.50", "in GBP (market pack GB)"),
        ("hr", "HR", "Poklopac stoji 4,50 KM.", "", ""),
        ("hr", "HR", "Poklopac stoji 450 forinti.", "450 forinti", "in EUR (market pack HR)"),
        ("hu", "HU", "A fedél ára 4,50 euró.", "4,50 euró", "in HUF (market pack HU)"),
        ("en", "GB", "You can pay for it with Zelle.", "Zelle", "People pay so in United States; in United Kingdom by"),
        ("en", "US", "You can pay for it with GCash.", "GCash", "(market pack US)"),
    ],
)
def test_what_holds_only_in_another_market_is_objected_to(
    lang: str, market: str, said: str, words: str, cited: str
) -> None:
    here = found(lang, market, said)
    assert [each.words for each in here if "market pack" in each.advice] == ([words] if words else [])
    assert not words or cited in here[0].advice
    assert len({each.words for each in here}) == len(here), "the same words are quoted once"
    is_price = any(map(str.isdigit, said))
    assert any(each.blocking for each in here) is (is_price and reader.runs()), "a way to pay is advised against"


@pytest.mark.parametrize(
    ("market", "said", "case"),
    [
        ("GB", "The lid costs $4.50.", {"knowledge": [{"id": "k1", "text": "A lid costs $4.50 outside the UK."}]}),
        ("GB", "You can pay for it with Zelle.", {"mention": "Can I pay for the lid with Zelle? The kettle had none"}),
        ("GB", "The lid costs £4.50.", {"known": {"price": "£4.50"}}),
        ("US", "You can pay for it with Venmo.", {}),
        ("", "You can pay for it by PayPal.", {"mention": "The kettle had no lid. Do you take PayPal?"}),
        ("GB", "Let me check that for you.", {}),
    ],
)
def test_what_the_case_or_our_knowledge_names_and_what_the_market_has_is_not(
    market: str, said: str, case: dict[str, Any]
) -> None:
    assert found("en", market, said, **case) == []


def claims(market: str, said: str) -> list[tuple[str, str]]:
    """What is objected to in a Croatian reply that says it."""
    facts = located(facts_of({"mention": "Nema poklopca", "author_name": "Ines", "market": market}, 2026), PACKS.all())
    return [(each.rule, each.words) for each in check(f"{RESTATED['hr']} {said}", context_of("hr", facts, None))]


def test_hours_and_terms_of_the_market_bear_a_claim_and_no_promise() -> None:
    open_till = "Naša služba za korisnike otvorena je od 08:00 do 16:00."
    assert {words for _, words in claims("", open_till)} >= {"08:00", "16:00"}
    assert claims("HR", open_till) == []
    assert claims("HR", open_till.replace("16", "20")) != []
    assert ("unsupported_fact", "15") in claims("", "Rok je 15 dana.")
    assert ("unsupported_fact", "15") not in claims("HR", "Rok je 15 dana.")
    promised = "Nazvat ćemo Vas do 16:00."
    assert claims("HR", promised) == claims("", promised) != []


@pytest.mark.parametrize(
    ("lang", "market", "holiday", "no_holiday"),
    [
        ("en", "GB", "25 December is a holiday.", "27 November is a holiday."),
        ("en", "US", "On 4 July, Independence Day, our workshop is closed.", "On 6 July our workshop is closed."),
        ("hr", "HR", "Dana 1. studenoga ne radimo.", "Dana 3. studenoga ne radimo."),
        ("hu", "HU", "Október 23. munkaszüneti nap.", "Október 24. munkaszüneti nap."),
        ("id", "ID", "Tanggal 17 Agustus kantor kami tutup.", "Tanggal 18 Agustus kantor kami tutup."),
        ("lv", "LV", "18. novembrī veikals ir slēgts.", "19. novembrī veikals ir slēgts."),
        ("tl", "PH", "Holiday po sa Disyembre 25.", "Holiday po sa Disyembre 22."),
    ],
)
def test_a_holiday_there_is_known_where_the_reply_calls_it_one(
    lang: str, market: str, holiday: str, no_holiday: str
) -> None:
    def objected(market: str, said: str) -> bool:
        facts = located(facts_of({"mention": "?", "market": market}, 2026), PACKS.all())
        quoted = [each.words for each in check(said, context_of(lang, facts, None)) if each.words != said]
        return any(any(map(str.isdigit, words)) for words in quoted)

    assert not objected(market, holiday)
    assert objected(market, no_holiday)
    assert objected("", holiday)


def test_a_holiday_is_no_date_of_anything_else() -> None:
    assert ("unsupported_fact", "25. prosinca") in claims("HR", "Novac smo Vam vratili 25. prosinca.")


def run(command: Any, *rows: dict[str, Any]) -> list[dict[str, Any]]:
    out = io.BytesIO()
    command(io.BytesIO("\n".join(map(json.dumps, rows)).encode()), out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_a_draft_addresses_people_as_in_their_market_and_only_what_is_noted_is_objected_to() -> None:
    case = {"mention": "Kuhalo nema poklopac", "author_name": "Ines", "brand": "Norwind", "market": "HR"}
    row = {"id": 1, "lang": "hr", "reply": "Ines, javi mi se i poslat ću ti broj."}
    several: list[dict[str, Any]] = [{}, {"known": {"formality": "ti"}}, {"known": {"formality": "vi"}}]
    told = [run(check_lines, {**row, "case": case | more}) for more in several]
    familiar = [
        any(f["rule"] == "register" and "Too familiar" in f["advice"] for f in each[0]["findings"]) for each in told
    ]
    assert familiar == [False, False, True]
    hungarian = case | {"mention": "Nem jött meg a fedél, és dühös vagyok!", "market": "HU"}
    (formal,) = run(draft_lines, {"id": 1, "lang": "hu", "case": hungarian})
    (noted,) = run(draft_lines, {"id": 1, "lang": "hu", "case": {**hungarian, "known": {"formality": "te"}}})
    assert formal["findings"] == noted["findings"] == []
    assert formal["reply"] != noted["reply"]
