"""What is known of a case, as a draft can say it: told in the language of the answer, or left to whoever approves."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from responders.brief import Brief
from responders.drafters.asking import NEEDS
from responders.drafters.details import amount_in
from responders.drafters.phrasebook import Pack, fold, pack
from responders.drafters.when import said_when
from scoring.function_words import ENGLISH
from scoring.language import Detector

LONGEST_SAID = 160
"""Longer notes are for colleagues: nobody wants them in an answer."""

FEWEST_TOLD, MOSTLY = 4, 0.75
"""Fewer words are a name or a code; of a statement so many characters are letters."""
FEWEST_STATED = 2
"""Words of the statement of a storm, which two people read: "lietotne nedarbojas" is a whole sentence."""
_STATED = frozenset({"known_outage", "still_unclear"})
_MIXED = 6
"""One English word in so many is borrowed ("gamit ang card mula tanghali")."""

INNER = frozenset(
    {"agent", "done", "next", "promised", "known", "outage", "formality", "formal", "obracanje", "voice", "site",
     "said", "tried", "supervisor", "cs", "dev", "humas", "pic", "admin", "gm", "staff", "owner", "kontak",
     "contact", "author", "petugas", "quote", "name", "address", "email", "phone", "mail", "internal", "note",
     "notes", "order", "item", "product", "market", "private"}
)  # fmt: skip
"""Words of keys that have a sentence of their own, tell who does it, or only what the person knows."""

FEWEST_READ = 3
"""So few words tell their language also without letters of its own."""

_CONTACT = re.compile(r"@|https?:|www\.|\d{5,}")
_YES = frozenset({"yes", "true", "1", "confirmed", "da", "igen", "ya", "ja", "jā", "oo"})
_NO = frozenset({"no", "false", "0", "none", "not known", "unknown", "ne", "nem", "nē", "tidak", "hindi"})
_WORD = re.compile(r"[^\W\d_]{2,}")
_UNSETTLED = re.compile(
    r"\b(?:not|no|never|cannot|pending|requested|request|waiting|awaiting|if|unless|maybe|might|may be|asked|declined"
    r"|refused|denied|rejected|started|failed)\b"
)
_SPLIT = re.compile(r"[^a-z]+")


@dataclass(frozen=True, slots=True)
class Known:
    """What of a case can be said, in the answer's words; empty where there is nothing. `keys` are all that is known,
    private ones too: what we know privately is not asked for either. `unsaid` are key and value of what stands in
    another language than the answer."""

    agent: str = ""
    done: str = ""
    next: str = ""
    told: str = ""
    outage: bool = False
    outage_where: str = ""
    keys: frozenset[str] = frozenset()
    sources: tuple[str, ...] = ()
    unsaid: tuple[tuple[str, str], ...] = ()

    @property
    def hints(self) -> tuple[str, ...]:
        """What is left to whoever approves."""
        return tuple(
            f"known.{key} is not said, because it is not in the answer's language: {value}"
            for key, value in self.unsaid
        )

    def answers(self, need: str) -> bool:
        """Whether this question need not be asked."""
        return not self.keys.isdisjoint(NEEDS[need])


def known_of(brief: Brief, own: Pack) -> Known:
    """What this brief's facts let a draft say."""
    facts, unsaid, sources = brief.facts, list[tuple[str, str]](), list[str]()

    def said(key: str) -> str:
        value = " ".join(facts.public.get(key, "").split()).rstrip(" .")
        text = _said(value, own, FEWEST_STATED if key in _STATED else FEWEST_READ) if value else ""
        if text:
            sources.append(f"known.{key}")
        elif value:
            unsaid.append((key, value))
        return text

    outage = facts.public.get("known_outage", "").strip()
    is_out = bool(outage) and fold(outage) not in _NO
    where = said("known_outage") if is_out and fold(outage) not in _YES else ""
    if is_out and not where:
        sources.append("known.known_outage")
    told_key, told = _told(brief, own)
    if told:
        sources.append(f"known.{told_key}")
    return Known(
        told=told,
        agent=" ".join(facts.public.get("agent", "").split()),
        done=said("done"),
        next=said("next"),
        outage=is_out,
        outage_where=where,
        keys=frozenset(word for key in facts.known for word in _SPLIT.split(key.casefold()) if word),
        sources=tuple(sources),
        unsaid=tuple(unsaid),
    )


def _told(brief: Brief, own: Pack) -> tuple[str, str]:
    """The key and value of the noted statement, apart from the keys with a meaning, that shares most with the post."""
    theirs = set(stems(brief.text))
    found = [(key, " ".join(value.split()).rstrip(" .")) for key, value in brief.facts.public.items()]
    found = [(key, value) for key, value in found if not _is_inner(key) and _is_statement(key, value, own)]
    return max(found, key=lambda pair: len(theirs.intersection(stems(pair[1]))), default=("", ""))


def stems(text: str) -> list[str]:
    """The beginnings of its longer words."""
    return [word[:5] for word in fold(text).split() if len(word) > 3]


def _is_inner(key: str) -> bool:
    return not INNER.isdisjoint(_SPLIT.split(fold(key)))


def _is_statement(key: str, value: str, own: Pack) -> bool:
    return not why_not_told(value, own.lang, FEWEST_STATED if key in _STATED else FEWEST_TOLD)


def why_not_told(value: str, lang: str, fewest: int = FEWEST_TOLD) -> str:
    """Why it does not read as a statement of its own in this language, as something to mend; empty where it does."""
    words, letters = [word for word in _WORD.findall(value) if word.islower()], sum(c.isalpha() for c in value)
    if len(value) > LONGEST_SAID:
        return f"at most {LONGEST_SAID} characters"
    if _CONTACT.search(value):
        return "leave out links, addresses and numbers of five figures or more"
    if len(words) < fewest:
        return f"at least {fewest} words in small letters"
    if letters < MOSTLY * len(value.replace(" ", "")):
        return "more words and fewer figures"
    return why_not_understood(value, lang, min(fewest, FEWEST_READ))


def why_not_understood(value: str, lang: str, fewest: int = FEWEST_READ) -> str:
    """Why an answer in this language does not say this note word by word, as something to mend; empty where it does."""
    if len(value) > LONGEST_SAID:
        return f"at most {LONGEST_SAID} characters"
    if _is_in(value, lang, fewest):
        return ""
    letters = f" and its own letters ({', '.join(_OWN_LETTERS[lang])})" if lang in _OWN_LETTERS else ""
    return f"it does not read as that language: use a few more of its own words{letters}, and fewer English ones"


def is_understood(value: str, lang: str) -> bool:
    """Whether an answer in this language says this note word by word."""
    return not why_not_understood(value, lang)


def is_told(value: str, lang: str) -> bool:
    """Whether it reads as a statement of its own in this language."""
    return not why_not_told(value, lang)


def _said(value: str, own: Pack, fewest: int) -> str:
    """The value itself where the answer's readers understand it, else what of it can be said in their words."""
    when, amount = said_when(own, value), amount_in(value)
    if not _WORD.search(value):
        return when or value
    if not why_not_understood(value, own.lang, fewest):
        return value
    act = _act(value, own)
    details = ", ".join(filter(None, (amount, when)))
    if act:
        return f"{act} ({details})" if details else str(act)
    return details if details and not _words_beside(value, details) else ""


def _act(value: str, own: Pack) -> str:
    """What an English note tells of, as a noun of the answer's language; "" where it tells of what is not settled."""
    folded = fold(value)
    if _UNSETTLED.search(folded):
        return ""
    return next((str(own.raw["acts"][name]) for name, found in pack("en").acts.items() if found(folded)), "")


def _words_beside(value: str, details: str) -> bool:
    """Whether the value says more than its date, time and amount."""
    return len(fold(value).split()) > len(fold(details).split()) + 1


def _is_in(value: str, lang: str, fewest: int) -> bool:
    """Whether this short text is in the language. Nobody would understand a note in another one, so doubt says no."""
    words = _WORD.findall(value.casefold())
    english = sum(word in ENGLISH or word in _ENGLISH_NOTES for word in words)
    if lang == "en":
        return bool(english) or _detected(value, lang) == "en"
    if english * _MIXED > len(words) and not _has_own_letters(value, lang):
        return False
    return _detected(value, lang) == lang and (len(words) >= fewest or _has_own_letters(value, lang))


def _detected(value: str, lang: str) -> str | None:
    return _detector(lang).detect(value)


@cache
def _detector(lang: str) -> Detector:
    """Notes are in English or in the answer's language: so few languages are told apart in a few words."""
    return Detector() if lang == "en" else Detector({"en", lang})


def _has_own_letters(value: str, lang: str) -> bool:
    return any(letter in _OWN_LETTERS.get(lang, "") for letter in value.casefold())


_OWN_LETTERS = {"hr": "čćđšž", "hu": "áéíóöőúüű", "lv": "āčēģīķļņšūž"}
_ENGLISH_NOTES = frozenset(
    [
        "refund",
        "refunded",
        "issued",
        "sent",
        "order",
        "parcel",
        "technician",
        "visit",
        "courier",
        "call",
        "back",
        "delivery",
        "replacement",
        "booked",
        "card",
        "account",
        "outage",
        "restored",
        "by",
        "until",
        "on",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "morning",
        "afternoon",
        "evening",
        "hours",
        "days",
        "team",
        "update",
        "check",
        "confirmed",
        "shipped",
        "repaired",
        "fixed",
        "new",
        "cause",
        "area",
        "since",
    ]
)
