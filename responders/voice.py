"""How a brand speaks in each language: form of address, greeting, closing. Pure.

A greeting holds `{name}`, for the person's name as it is said in a greeting. Whoever has no name fit to be said is
greeted as the phrase pack does, and so is everybody where a brand has no greeting of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from domain.errors import BadInput
from responders.contract import check
from responders.drafters.phrasebook import LANGUAGES, first_written
from responders.facts import Facts
from responders.rules.context import Detect, ReplyContext
from responders.rules.register import address_in
from scoring.folding import fold

SETTING: Final = "spoken"
"""Under this name in `Brand.voice`: language -> what is set in it."""
PARTS: Final = {"formality": "form of address", "greeting": "greeting", "closing": "closing"}
FORMS: Final = ("", "formal", "informal")
"""Forms of address; "" is as people do in the market of the case."""
NAME: Final = "{name}"
LONGEST: Final = 80
MOST_WORDS: Final = 4
"""A longer greeting is none: it would stand in every reply, and a name in it is not found when its owner is erased."""

_SOMEBODY: Final = "Ana"
"""A name in all six languages, the same in each form."""
_BRACES = re.compile(r"\{[^{}]*\}?|\}")
_ENDS: Final = {"greeting": (",", "!"), "closing": (",", ".", "!", "?")}
_SALUTES: Final[Mapping[str, frozenset[str]]] = {
    lang: frozenset(fold(words).split())
    for lang, words in {
        "en": "dear hi hello hey greetings morning afternoon evening kind best warm regards wishes sincerely yours",
        "hr": "bok pozdrav pozdravi poštovani poštovana dragi draga dobar hej srdačan srdačno lijep ugodan hvala",
        "hu": "kedves szia helló hello tisztelt üdv üdvözlöm üdvözlettel tisztelettel napot köszönjük köszönettel",
        "id": "halo hai kak kakak salam selamat terima kasih hormat hi dear hello",
        "lv": "labdien sveiki sveika sveicināti čau hei cienījamais cienījamā cieņu labrīt paldies",
        "tl": "kumusta magandang mabuhay salamat hi hello hey dear",
    }.items()
}
"""Words of greetings and closings, folded: both are too short for a detector. Borrowed ones stand in each language."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a brand set in one language; "" leaves it to the market (form of address) or the phrase pack."""

    formality: str = ""
    greeting: str = ""
    closing: str = ""


def spoken(voice: Mapping[str, Any], languages: Sequence[str], lang: str) -> Spoken:
    """What the brand with this voice, which answers in `languages`, set in this one.

    A voice from before held one text for all languages: its form of address counts in each of them, its greeting and
    closing in the brand's first one."""
    if SETTING in voice:
        return Spoken(**voice[SETTING].get(lang, {}))
    is_first = lang == first_written(languages)
    greeting, closing = (" ".join(str(voice.get(key) or "").split()) if is_first else "" for key in _ENDS)
    form = address_in(str(voice.get("formality") or ""))
    return Spoken(form, greeting if NAME in greeting else "", closing)


def respoken(voice: Mapping[str, Any], languages: Sequence[str], said: Mapping[str, Spoken]) -> dict[str, Any]:
    """The voice with what is `said` in some languages; what stands in others is carried over."""
    whole = {lang: spoken(voice, languages, lang) for lang in LANGUAGES} | dict(said)
    kept = {key: value for key, value in voice.items() if key not in PARTS}
    return {**kept, SETTING: {lang: asdict(each) for lang, each in whole.items() if each != Spoken()}}


def checked(typed: Spoken, lang: str, hosts: Sequence[str], detect: Detect) -> Spoken:
    """What was typed, without spaces around it. BadInput says which part cannot stand in a reply (which may link to
    `hosts`), and why; it takes up to two seconds, because the reply contract is asked."""
    said = replace(typed, greeting=typed.greeting.strip(), closing=typed.closing.strip())
    if said.formality not in FORMS:
        raise BadInput(f"{PARTS['formality']}: choose formal or informal, or leave it to the market")
    for part in _ENDS:
        text = getattr(said, part)
        if text and (wrong := _wrong(part, text) or _objection(text, said.formality, lang, hosts, detect)):
            raise BadInput(f"{PARTS[part]}: {wrong}")
    return said


def _wrong(part: str, text: str) -> str:
    """What is wrong with its form; "" for nothing."""
    unknown = [each for each in _BRACES.findall(text) if part == "closing" or each != NAME]
    if len(text) > LONGEST:
        return f"{len(text)} characters are too many; the most is {LONGEST}"
    if not text.isprintable():
        return "it stands on one line; take the line breaks and invisible characters out"
    if unknown:
        only = f"only {NAME} is filled in" if part == "greeting" else "nothing in braces is filled in here"
        return f"{unknown[0]} is not known; {only}"
    if part == "greeting" and text.count(NAME) != 1:
        return f"write {NAME} once, where the person's name goes; empty leaves it to the phrase pack"
    if part == "greeting" and len(text.replace(NAME, " ").split()) > MOST_WORDS + 1:
        return f"{MOST_WORDS} words beside the name are enough; the rest belongs in the answer"
    if not text.endswith(_ENDS[part]):
        return f"end it with one of {' '.join(_ENDS[part])} so that the next words follow well"
    return ""


def _objection(text: str, formality: str, lang: str, hosts: Sequence[str], detect: Detect) -> str:
    """What the reply contract says against these words alone, or that they greet in another language."""
    text = text.replace(NAME, _SOMEBODY)
    found = _greets_in(text, lang) or detect(text.replace(_SOMEBODY, ""))
    if found != lang and found in LANGUAGES:
        return f"“{text}” reads as {found}, not as {lang}"
    facts = Facts(mention="", author_name=_SOMEBODY, known={"formality": formality} if formality else {})
    context = ReplyContext(lang=lang, author_name=_SOMEBODY, allowed_hosts=tuple(hosts), detect=detect, facts=facts)
    return next((f"“{each.words}”: {each.advice}" for each in check(text, context)), "")


def _greets_in(text: str, lang: str) -> str:
    """The other language whose greetings hold a word of these, where this one's hold none; "" for no such."""
    words = set(re.findall(r"\w+", fold(text)))
    if words & _SALUTES[lang]:
        return ""
    return next((other for other, salutes in _SALUTES.items() if words & salutes), "")
