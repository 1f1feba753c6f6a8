"""The examples of speech as labelled sentences, each in a case that bears nothing of it, or all that it asks for."""

from __future__ import annotations

from typing import Final

from domain.reply import Finding
from responders.contract import check
from responders.facts import facts_of
from responders.measuring import context_of
from scoring.language import Detector

BAD: Final = {
    "defensive": "defensive", "sends_away": "brush_off", "noted": "brush_off", "selling": "selling",
    "admits": "legal_admission", "jargon": "jargon", "slang": "register",
    "promises": "over_promise", "deeds": "unsupported_fact",
}  # fmt: skip
"""Section -> the rule that has to object; `promises` and `deeds` where nothing is known of them."""
ASKS: Final = {
    "asks_number": {"order_number": "NK-48213", "booking": "NK-48213", "customer_number": "7751203",
                    "invoice": "2026-1188", "ticket": "NK-48213", "policy": "P-20771", "tracking": "NK48213"},
    "asks_contact": {"email": "mara.vesely@mail.example", "phone": "+44 20 7946 0321", "address": "4 Elm Row, Leeds"},
    "asks_when": {"date": "21 November", "time": "8:40", "since": "21 November"},
    "asks_where": {"place": "Leeds", "shop": "Elm Row", "station": "Leeds", "city": "Leeds", "stop": "Elm Row"},
    "asks_what": {"device": "Tarn 5", "model": "Tarn 5", "version": "4.2.1", "line": "14", "flight": "NK 240",
                  "product": "kettle", "error": "E27"},
    "asks_name": {"name": "Mara Vesely"},
    "asks_picture": {"photo": "sent on 21 November", "receipt": "sent on 21 November"},
}  # fmt: skip
"""Section -> what is known, so that nothing of it needs to be asked."""
GOOD: Final = ("feels", "restates", "steps", "offers", "tells", "closes", "fine_hard", "asks_wish")
FREE: Final = frozenset({"restates", "tells", "closes", "fine_hard"})
"""Sections whose figures and facts rest on a case that is not shown here: claims in them are not judged."""
CLAIMS: Final = frozenset({"unsupported_fact", "over_promise"})
OF_A_CASE: Final = frozenset({"personal_data", "canned", "other_mention", "bad_link"})
"""Rules that need the whole reply, or the names and numbers of the case it belongs to."""
TROUBLE: Final = {
    "en": "Nothing works since yesterday and nobody answers me, I am furious. A lawyer will hear of it.",
    "hr": "Od jučer ništa ne radi i nitko mi se ne javlja, bijesan sam. Javit ću se odvjetniku.",
    "hu": "Tegnap óta semmi sem működik, és senki sem válaszol, dühös vagyok. Ügyvédhez fordulok.",
    "id": "Dari kemarin semuanya rusak dan tidak ada yang menjawab, saya marah sekali. Saya akan ke pengacara.",
    "lv": "Kopš vakardienas nekas nestrādā un neviens neatbild, esmu dusmīgs. Vērsīšos pie advokāta.",
    "tl": "Kahapon pa sira lahat at walang sumasagot, galit na galit na ako. Lalapit na ako sa abogado.",
}
STEP: Final = {
    "en": "I am asking the colleagues right now.", "hr": "Upravo pitam kolege.", "hu": "Most kérdezem a kollégákat.",
    "id": "Saya sedang menanyakannya ke rekan saya.", "lv": "Tūlīt jautāju kolēģiem.",
    "tl": "Tinatanong ko na ngayon ang mga kasama ko.",
}  # fmt: skip
_DETECT: Final = Detector().detect


def found_in(lang: str, section: str, sentence: str, *, known: bool = True) -> list[Finding]:
    """All objections to it. What is all right may stand beside a step of ours, so that no rule misses one."""
    told = ASKS.get(section, {}) if known else {}
    told = {key: value for each in ASKS.values() for key, value in each.items()} if section == "asks_wish" else told
    case = {"mention": TROUBLE[lang], "author_name": "", "brand": "Norda", "known": told, "knowledge": [],
            "channel": "facebook", "market": ""}  # fmt: skip
    reply = f"{sentence} {STEP[lang]}" if section in GOOD or section in ASKS else sentence
    reply = reply if sentence[-1] in ".!?…)" else f"{sentence}. {STEP[lang]}" if reply != sentence else sentence
    return check(reply, context_of(lang, facts_of(case, 2026), _DETECT))


def is_caught(lang: str, section: str, sentence: str) -> bool:
    """Whether the rule that is due objects (to what is asked: where it is known)."""
    due = BAD.get(section, "asks_known")
    return any(found.rule == due for found in found_in(lang, section, sentence))


def alarms(lang: str, section: str, sentence: str) -> list[Finding]:
    """What is objected to without reason: all in GOOD sections, and questions for what nobody knows."""
    found = found_in(lang, section, sentence, known=section == "asks_wish")
    return [each for each in found if each.rule not in OF_A_CASE and not _rests_on_a_case(each, section)]


def _rests_on_a_case(found: Finding, section: str) -> bool:
    """Whether its case could bear it: a name or a figure, or any claim in FREE sections."""
    is_detail = " " not in found.words or any(map(str.isdigit, found.words))
    return found.rule in CLAIMS and (section in FREE or is_detail)
