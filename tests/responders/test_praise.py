"""A thank-you names what was praised, and sells, asks and promises nothing, in six languages."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from responders.brief import Brief
from responders.contract import ReplyContext, check
from responders.drafters.composed import compose
from responders.drafters.phrasebook import LANGUAGES
from responders.promises import promises
from tests.responders.detector import detect

PRAISED = {
    "en": ("The conductor was so friendly, thank you, wonderful trip!", "conductor"),
    "hr": ("Kondukter je bio jako ljubazan, svaka čast, odlična vožnja!", "kondukter"),
    "hu": ("A kalauz nagyon kedves volt, köszönöm, remek utazás!", "kalauz"),
    "id": ("Kondekturnya ramah sekali, terima kasih, mantap!", "kondektur"),
    "lv": ("Konduktore bija ļoti laipna, paldies, lielisks brauciens!", "kondukt"),
    "tl": ("Ang bait ng konduktor, salamat, ang saya ng biyahe!", "konduktor"),
}
SALES = ("%", "offer", "discount", "popust", "kedvezmény", "diskon", "atlaide", "survey", "anketa", "kérdőív", "survei")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_thank_you_is_personal_short_and_free_of_promises(lang: str) -> None:
    text, named = PRAISED[lang]
    brief = Brief(
        brand="Norwind", sign_off="Mia, Norwind", author_name="Ana Maslačak", author_handle="ana", mention_id="m1",
        text=text, lang=lang, answer_lang=lang, label="positive",
    )  # fmt: skip
    context = ReplyContext(
        lang=lang, author_handle="ana", author_name="Ana Maslačak", max_length=500, length=len, allowed_hosts=(),
        own_handles=(), recent=(), detect=detect, sign_off="Mia, Norwind", facts=brief.facts, private=False,
    )  # fmt: skip
    for candidate in range(6):
        draft = compose(brief, candidate)
        assert "tone:praise" in draft.used, draft.text
        assert "Ana" in draft.text
        assert named in draft.text, draft.text
        assert len(draft.text) <= 300
        assert "?" not in draft.text
        assert not [word for word in SALES if word in draft.text.casefold()]
        assert promises(draft.text, lang, datetime(2026, 3, 2, tzinfo=UTC), ZoneInfo("UTC")) == []
        assert [finding for finding in check(draft.text, context) if finding.blocking] == []
