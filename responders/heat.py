"""The Rule of 5: how heated a message and an answer are, and how long an answer is held before its approval. Pure.

The rule is ours and plain on purpose: whoever is held can be told why. See docs/rule-of-five.md.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from responders.drafters.phrasebook import LANGUAGES, finder, pack
from responders.drafters.phrasebook import fold as bare
from responders.drafters.reading import is_shouted
from responders.rules.words import LANGUAGES as RULED
from responders.rules.words import words_of
from scoring.folding import fold

HOT = 0.5
SCATHING = 0.8
HOLD = timedelta(minutes=5)
OTHERS = 5
"""Other items that end a hold before its time does."""
RESERVE = timedelta(minutes=1)
"""What a hold leaves of the window, so that the answer can still be read, approved and sent within it."""
MANY_EDITS = 4
FEW_WORDS = 3
"""A sentence of so few words that calls somebody names means whom it is written to."""
_SENTENCES = re.compile(r"[.!?…;\n]+")


@dataclass(frozen=True, slots=True)
class Heat:
    """0.0 calm to 1.0, and what makes it so, in words for whoever is held."""

    value: float
    reasons: tuple[str, ...]


def incoming(text: str, lang: str | None, severity: int) -> Heat:
    """The heat of what a person wrote to us. Words count only in a language that has a phrase pack."""
    insults, hot = _count(text, lang, "insults"), _count(text, lang, "heat")
    return _sum(
        (max(min(insults, 2) * 0.4, HOT * _calls_us_names(text, lang)), "insults"),
        (min(hot, 2) * 0.25, "strong words"),
        (0.3 * is_shouted(text), "capital letters"),
        (0.1 * (text.count("!") >= 3), "exclamation marks"),
        (0.3 * (severity >= 3), "severity 3"),
    )


def own(text: str, lang: str | None, edits: int = 0) -> Heat:
    """The heat of our answer; `edits` is how often its writer changed it within the last five minutes."""
    blame = len(set(words_of(lang).phrases["defensive"].findall(fold(text)))) if lang in RULED and lang else 0
    return _sum(
        (0.6 * bool(_count(text, lang, "insults")), "an insult"),
        (min(blame, 2) * 0.5, "blame"),
        (0.5 * is_shouted(text), "capital letters"),
        (0.25 * (text.count("!") >= 3), "exclamation marks"),
        (0.25 * (edits >= MANY_EDITS), "many edits in a few minutes"),
    )


def is_held(theirs: Heat, ours: Heat, *, kind: str, severity: int) -> bool:
    """Whether approval waits. A calm holding reply goes out at once, unless the message is scathing or severe."""
    if ours.value >= HOT:
        return True
    if kind == "holding":
        return theirs.value >= SCATHING or (severity >= 3 and theirs.value >= HOT)
    return theirs.value >= HOT


def hold_until(began_at: datetime, due_at: datetime | None, others: int) -> datetime | None:
    """When a hold that began then ends; None where there is none. `others` are the items handled since it began.

    It never reaches the due time: it is shortened to leave RESERVE, and dropped where less than that is left.
    """
    if others >= OTHERS:
        return None
    end = began_at + HOLD if due_at is None else min(began_at + HOLD, due_at - RESERVE)
    return end if end > began_at else None


def _sum(*parts: tuple[float, str]) -> Heat:
    told = [(points, reason) for points, reason in parts if points]
    return Heat(min(1.0, round(sum(points for points, _ in told), 2)), tuple(reason for _, reason in told))


def _count(text: str, lang: str | None, table: str) -> int:
    # only its own language: an insult in one is an everyday word in another
    terms = pack(lang).raw[table] if lang in LANGUAGES and lang else []
    return len({match.group() for match in finder(terms).finditer(bare(text))}) if terms else 0


def _calls_us_names(text: str, lang: str | None) -> bool:
    """Whether an insult is meant for us, and not for a phone, a thief or the weather."""
    if lang not in LANGUAGES or not lang:
        return False
    words = pack(lang).words
    folded = [bare(sentence) for sentence in _SENTENCES.split(text)]
    called = [sentence for sentence in folded if words["called"].search(sentence)]
    return any(len(each.split()) <= FEW_WORDS or words["to_us"].search(each) for each in called)
