"""Sixty people wait for one resolution, in one language: no two are told the same, and each draft says what it is."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from itertools import combinations, product
from statistics import mean

import pytest

from domain.reply import Finding
from responders.brief import Brief
from responders.contract import ReplyContext, check
from responders.drafters.composed import compose
from responders.facts import Facts
from responders.similarity import CEILING, similarity
from tests.responders.detector import detect

DONE = "every double charge has been refunded to the card it came from (2 March, 08:30)"
CAUSE = "since the update the app sent each payment to the bank twice"
BEGINNINGS = (
    "Norda charged my card twice for one ticket.",
    "Two payments for the same Norda ticket since the update!",
    "Why do I see a double charge from Norda on my statement?",
    "The Norda app took the money for my ticket two times.",
    "One ride to Riga, charged double. Norda, seriously?",
    "My mother paid twice for her Norda ticket and is upset.",
)
ENDINGS = (
    "I want my money back.",
    "Nobody answers the phone.",
    "That is 48 euros gone before rent day.",
    "Is anybody looking at this?",
    "Third time I write about it.",
    "My bank says it is your fault.",
    "I will not use the app again.",
    "How do I get a refund?",
    "This happened on Friday evening.",
    "Other people in the forum have the same.",
)
NAMES = ("Ines Par", "Luka Dren", "Bence Tar", "Sari Wan", "Anna Zar", "Petar Vir")


def briefs() -> list[Brief]:
    """Sixty cases of one problem."""
    found = []
    for number, (ending, beginning) in enumerate(product(ENDINGS, BEGINNINGS)):
        text, name = f"{beginning} {ending}", NAMES[number % len(NAMES)]
        known = {"agent": "Mia", "done": DONE, "cause": CAUSE}
        facts = Facts(mention=text, author_name=name, brand="Norda", known=known, channel="mastodon", year=2026)
        found.append(
            Brief(
                brand="Norda", sign_off="Mia", author_name=name, author_handle=f"person{number}",
                mention_id=str(number), text=text, lang="en", answer_lang="en", label="negative", severity=2,
                channel="mastodon", facts=facts,
            )
        )  # fmt: skip
    return found


def objections(brief: Brief, text: str) -> list[Finding]:
    context = ReplyContext(
        lang="en", author_handle=brief.author_handle, author_name=brief.author_name, max_length=500, length=len,
        allowed_hosts=(), own_handles=("norda",), recent=brief.recent, detect=detect, sign_off="Mia", facts=brief.facts,
        private=False,
    )  # fmt: skip
    return check(text, context)


def alike(texts: list[str]) -> tuple[float, float]:
    """Mean and most of all pairs."""
    found = [similarity(one, other) for one, other in combinations(texts, 2)]
    return mean(found), max(found)


def test_sixty_drafts_of_one_resolution_keep_apart(capsys: pytest.CaptureFixture[str]) -> None:
    told, blind, blocked = list[str](), list[str](), list[Finding]()
    for brief in briefs():
        recent = tuple(told)
        known = replace(brief, recent=recent)
        told.append(compose(known, 0, partial(objections, known)).text)
        blocked += [found for found in objections(known, told[-1]) if found.blocking]
        blind.append(compose(brief).text)
    (apart, most), (_, blind_most) = alike(told), alike(blind)
    says = sum("refunded to the card" in text for text in told)
    with capsys.disabled():
        print(f"\n60 drafts: mean {apart:.3f}, most {most:.2f}; blind most {blind_most:.2f}; say it {says}; {blocked}")
    assert not blocked
    assert most < CEILING
    assert says == 60
