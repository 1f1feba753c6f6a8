"""Whether the person is addressed as they are due, in one way throughout, in a calm voice."""

from __future__ import annotations

import re
from collections.abc import Iterator

from domain.reply import Finding
from responders.rules.context import ReplyContext, finding
from responders.rules.matter import is_grave, is_praise, is_serious
from responders.rules.tone import PLAIN_ACRONYMS, phrases
from responders.rules.words import LANGUAGES, words_of
from scoring.folding import fold


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


FORMAL = _words(
    "formal formalno formala formalis formalan hivatalos resmi official polite sopan hormat pormal magalang respectful "
    "vi on maga jus anda po opo magazo magazas magazodas persiranje mr mrs ms dr bapak ibu pak bu"
)
INFORMAL = _words(
    "informal neformalno neformala kozvetlen santai akrab kaswal impormal casual friendly familiar plain "
    "ti te tu kamu tegezo tegezes tegezodes"
)
"""Words that a note of the address is in, folded. Who is "casual, without po" is addressed informally."""
PLURAL = {"hr": frozenset({"vas", "vam", "vama"}), "lv": frozenset({"jums", "jūs"})}
"""Also the plural of the familiar address: said once and in small letters, they may mean the person's family."""
EITHER = frozenset({"tl"})
"""Where polite people say "po" and "mo" in one breath."""
_SHOUT = re.compile(r"(?<![\w@#/.-])[A-ZÀ-Ž]{3,}(?:[\s,!]+[A-ZÀ-Ž]{2,})*(?![\w@/.-])")
_JOLLY = re.compile("[😂🤣😜😝🤪🥳🎉🎊😎😆😁😉🙃💃🕺🔥💪😹🤭😏👻🍾🥂]")
_LAUGHTER = "😂🤣😜😝🤪😆😹🤭😏"
_LAUGHING = re.compile(f"[{_LAUGHTER}]")
_LAUGHED = re.compile(r"\b(?:a?(?:ha){2,}h?|(?:he){2,}h?|(?:hi){2,}|(?:wk){2,}|lo+l|lmao)\b", re.IGNORECASE)
"""Whoever writes so may be answered with a laugh; at the beginning of a post it is mostly a bitter one."""
_CHEERFUL = re.compile("[😀😃😄😊🙂☺😍🥰😇👍✨😘]")
"""Hearts and open arms are none: they comfort."""


def register(text: str, context: ReplyContext) -> Iterator[Finding]:
    """The wrong form of address, two forms in one reply, slang, shouting, jokes where nothing is funny."""
    if context.lang not in LANGUAGES:
        return
    yield from _address(text, context)
    for words in _slang(text, context):
        if context.facts is not None:
            yield finding("register", words, "Too familiar: say it as you would to a person you do not know.")
    yield from _stiff(text, context)
    for words in _shouts(text, context):
        yield finding("register", words, "Capitals shout: write it in small letters.")
    yield from _out_of_place(text, context)


def _slang(text: str, context: ReplyContext) -> Iterator[str]:
    """Too familiar words. Nobody minds them who asked for the familiar address, or who writes so too; and what the
    case is about may be called like one."""
    wanted = due(context)
    lists = {"formal": ("slang", "casual"), "informal": ()}.get(wanted, ("slang",))
    theirs = set(re.findall(r"\w+", fold(_told(context))))
    found = (words for name in lists for _, words in phrases(text, context, name))
    yield from (words for words in found if not set(re.findall(r"\w+", fold(words))) <= theirs)


def _told(context: ReplyContext) -> str:
    """All words of the case, its names too."""
    facts = context.facts
    return " ".join((*(source for _, source in facts.sources), facts.brand, facts.author_name)) if facts else ""


def due(context: ReplyContext) -> str:
    """ "formal", "informal", or "" when nobody said."""
    return address_in(context.facts.known.get("formality", "")) if context.facts else ""


def address_in(note: str) -> str:
    """ "formal" or "informal", in whatever words it was noted; "" when they say neither."""
    asked = set(re.findall(r"\w+", fold(note)))
    if asked & INFORMAL:
        return "informal"
    return "formal" if asked & FORMAL else ""


def _address(text: str, context: ReplyContext) -> Iterator[Finding]:
    words = words_of(context.lang)
    names = _names(context)
    formal, informal = _first(words.formal, text, names), _first(words.informal, text, names)
    wanted = due(context)
    if wanted == "formal" and informal:
        yield finding("register", informal, "Too familiar: this person is to be addressed formally.")
    elif wanted == "informal" and formal and not (informal and _means_many(words.formal, text, names, context.lang)):
        yield finding("register", formal, "Too formal: this person is to be addressed informally.")
    elif context.lang not in EITHER and context.facts is not None and formal and informal and not wanted:
        yield finding("register", informal, f"Two forms of address in one reply (also “{formal}”): keep to one.")


def _means_many(pattern: re.Pattern[str], text: str, names: set[str], lang: str) -> bool:
    found = [text[each.start() : each.end()] for each in pattern.finditer(text.lower())]
    formal = [word for word in found if word.lower() not in names]
    return len(formal) == 1 and formal[0] in PLURAL.get(lang, ())


def _names(context: ReplyContext) -> set[str]:
    """The words of the names in the case, which may end like a verb."""
    facts = context.facts
    given = (facts.brand, facts.author_name, facts.known.get("agent", "")) if facts else (context.author_name,)
    return set(re.findall(r"\w+", " ".join(given).lower()))


def _first(pattern: re.Pattern[str], text: str, names: set[str]) -> str:
    """The first address found that is no name."""
    found = (each for each in pattern.finditer(text.lower()) if each[0] not in names)
    return next((text[each.start() : each.end()] for each in found), "")


def _stiff(text: str, context: ReplyContext) -> Iterator[Finding]:
    if due(context) == "informal":
        for _, words in phrases(text, context, "stiff"):
            yield finding("register", words, "Too stiff for this person: say it as people talk.")


def _shouts(text: str, context: ReplyContext) -> Iterator[str]:
    told = _told(context)
    for found in _SHOUT.finditer(text):
        words = re.findall(r"\w+", found[0])
        loud = [word for word in words if word not in PLAIN_ACRONYMS and word not in told]
        if context.facts is not None and (len(loud) >= 2 or (len(loud) == 1 and len(loud[0]) >= 5)):
            yield found[0]


def _out_of_place(text: str, context: ReplyContext) -> Iterator[Finding]:
    places = ((_LAUGHING, not is_praise(context)), (_JOLLY, is_serious(context)), (_CHEERFUL, is_grave(context)))
    theirs = context.facts.mention if context.facts else ""
    if _LAUGHED.search(theirs, 1) and not is_grave(context):
        theirs += _LAUGHTER
    shown = (one for pattern, applies in places if applies for one in pattern.findall(text))
    found = next((one for one in shown if one not in theirs), "")
    if found:
        yield finding("register", found, "Nothing is funny here: leave the picture out.")
