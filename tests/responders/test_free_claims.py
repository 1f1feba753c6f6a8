"""Claims, promises and names in free words: found where no source has them, left alone where one does."""

from typing import Any

import pytest

from responders.contract import check
from responders.facts import facts_of
from responders.measuring import context_of


def rules(lang: str, reply: str, **known: str) -> set[str]:
    case: dict[str, Any] = {
        "mention": "My order is late",
        "author_name": "Ines Fable",
        "brand": "Copperpot",
        "known": known,
    }
    return {finding.rule for finding in check(reply, context_of(lang, facts_of(case, 2026), None))}


@pytest.mark.parametrize(
    ("lang", "reply", "rule"),
    [
        ("en", "I'm sorry, Ines. The kettle was refunded, and the two packers have been let go.", "unsupported_fact"),
        ("en", "I'm sorry, Ines. Your kettle is waiting in Ludwick, we have found it there.", "unsupported_fact"),
        ("en", "I'm asking about the kettle, and it'll be perfectly quiet from now on.", "over_promise"),
        ("id", "Maaf, Bu. Klaim Ibu sudah disetujui.", "unsupported_fact"),
        ("id", "Maaf, Bu. Pak Wiryanto juga mengalaminya.", "other_mention"),
        ("tl", "Pasensya na po. Gagana po nang tahimik ang bentilador.", "over_promise"),
    ],
)
def test_what_nobody_told_is_found(lang: str, reply: str, rule: str) -> None:
    assert rule in rules(lang, reply, agent="Noor", done="kettle refunded")


@pytest.mark.parametrize(
    ("lang", "reply", "known"),
    [
        ("tl", "Nabuksan ko na po ang account ninyo kanina.", "binuksan ang account"),
        ("tl", "May tanker po mula alas-sais hanggang alas-otso ng umaga.", "tanker 6:00-8:00 sa barangay hall"),
        ("id", "Truk tangki datang jam tujuh pagi.", "truk tangki pukul 07.00"),
        ("id", "Rp750.000 sudah dikembalikan.", "750rb dikembalikan"),
        ("en", "Both charges, £77 in all, have been taken off.", "2 x £38.50 taken off"),
        ("en", "It was down from 10 to 25 November.", "down 10-25 November"),
    ],
)
def test_what_is_known_in_other_words_is_left_alone(lang: str, reply: str, known: str) -> None:
    assert not rules(lang, reply, agent="Noor", done=known) & {"unsupported_fact", "over_promise"}


def test_a_number_before_another_sentence_is_no_date() -> None:
    assert "over_promise" in rules("tl", "Sa Lunes may tubig na po kayo.", zone="Purok 4. May sanggol")
