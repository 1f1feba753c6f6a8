"""Whether a reply is about this very case: names nothing of it (canned), or asks for what it tells already."""

from __future__ import annotations

import re
from collections.abc import Iterator

from domain.remembering import remembered
from domain.reply import Finding
from responders.facts import Facts
from responders.rules.context import ReplyContext, finding
from responders.rules.figures import figures
from responders.rules.ground import Ground, ground_of
from responders.rules.reader import kinds
from responders.rules.reading import Reading, Sentence, read
from responders.rules.stems import stem, stems
from responders.rules.tone import does_something, phrases
from responders.rules.words import LANGUAGES, Words, words_of
from responders.similarity import CEILING, FEWEST_SCRIPT_WORDS, bare, bodies, closest
from scoring.folding import fold
from scoring.signals import find
from scoring.words import table_for

FEWEST_WORDS = 12
"""A shorter reply may name nothing of the case."""
MOSTLY_SCRIPT = 3
COURTESIES = frozenset({"thanks", "help", "wish", "asks", "harsh", "late", "no answer", "staff"})
"""Concepts that any answer speaks of."""
FEWEST_DIGITS = 3
"""Fewer in a code are a count: "25packs"."""
FEW = 2
KEYS = {
    "order": "order orders booking reservation ref reference ticket invoice tracking pnr parcel resi awb claim",
    "email": "email mail",
    "phone": "phone tel telephone mobile msisdn",
    "address": "address street",
    "name": "fullname",
    "date": "date day when since start purchased bought",
    "account": "account customer user contract member meter",
    "place": "city town place store branch location area station stop district street shop airport hotel restaurant",
    "product": "product item article model error",
    "device": "device model handset router modem os browser laptop",
    "version": "version build",
    "photo": "photo photos picture image screenshot attachment attachments video",
    "flight": "flight train bus line route tram",
    "tried": "tried steps attempted restarted",
    "serial": "serial imei model meter",
    "staff": "staff colleague employee driver courier technician",
}
"""Under which keys of `known` a detail stands."""
NAMED = {
    "name", "full", "first", "last", "family", "surname", "customer", "passenger", "guest", "booking", "account",
    "holder",
}  # fmt: skip
"""Of such words alone is a key under which the person's name stands: that of a shop is another matter."""

ASKED = {
    "order": "asks_number", "place": "asks_where", "photo": "asks_picture", "name": "asks_name",
}  # fmt: skip
"""What kind of sentence (`speech`) asks for a detail, in whatever words."""
OTHER = {"order": ("serial", "account", "phone", "email", "secret"), "name": ("staff",)}
"""What reads like asking for a detail and is another: a serial number is no order's, a colleague's name not theirs."""
SURE = 0.9
"""From so likely on it does."""
THING = (
    r"(?:order|booking|parcel|ticket|posilj|paket|narudzb|rezervacij|prijav|predmet|csomag|rendeles|foglalas|"
    r"sutijum|pasutijum|rekin|remont|pesanan)\w*"
)
"""What is numbered: an order, a parcel, a ticket."""
_NUMBERED = re.compile(
    rf"\b{THING}(?:\W+(?:br|broj|nr|no|num\w*|szam\w*|kod\w*))?\W{{1,3}}\d{{3,}}(?![\d.,])|"
    rf"\b\d{{3,}}-?\w{{0,3}}\s{THING}"
)
"""A short number beside what it numbers: "paket 4471", "4471-es csomag"."""
_VERSION = re.compile(r"\b\d+\.\d{1,2}(?![\d,]|\s?(?:€|\$|eur|usd|kn|ft))")
_VALUE = re.compile(r"\W{0,3}(?:\w+\W{1,2})?[\w-]*\d{3}")
_UNKNOWN = re.compile(
    r"^\W*$|\b(?:unknown|not (?:known|given|stated|yet)|none|n/a|missing|nepoznat\w*|nije poznat\w*|ne zna\w*|"
    r"nem ismert|ismeretlen|"
    r"hianyzik|belum|tidak diketahui|hindi pa|di pa|nav zinam\w*|nezinam\w*|\?)"
)
"""A value that says that we do not know."""

TIMES = frozenset({"date", "month", "weekday", "clock", "day"})
SPANS = frozenset({"span", "spoken span"})
_HOW_LONG = re.compile(
    r"\b(?:koliko dugo|otkad\w*|miota|meddig|mennyi ideje|cik ilgi|kops kura|how long|berapa lama|gaano)\b"
)
_WHAT_HOUR = re.compile(
    r"\b(?:what time|u koliko sati|hany ora(?:kor)?|milyen idopont\w*|(?:jam|pukul) berapa|cikos|anong oras)\b"
)
_WHICH_DAY = re.compile(
    r"\b(?:(?:what|which) (?:day|date)|koj\w+ (?:dan\w*|datum\w*)|(?:melyik|milyen) (?:nap\w*|datum\w*)"
    r"|tanggal berapa|hari apa|k[au]\w+ (?:dien\w*|datum\w*)|anong (?:araw|petsa))\b"
)
_WHEN_IT_SUITS = re.compile(
    r"\b(?:odgovara\w*|pase|bi|biste|zelite|lenne|volna|megfelel\w*|jo|der|deretu|butu|ert\w+|velaties|velies|"
    r"suits?|would|prefer\w*|best|cocok|sebaiknya|pwede|puwede|gusto)\b"
)
"""Whoever asks so asks for a time to come."""


def canned(text: str, context: ReplyContext) -> Iterator[Finding]:
    """What somebody else got lately, or a script that would fit anybody."""
    body = bare(text)
    if len(body.split()) < FEWEST_SCRIPT_WORDS:
        return
    if body in bodies(context.recent):
        yield finding("canned", text, "Somebody got this very text lately. Say it in words meant for this person.")
        return
    alike, other = closest(text, context.recent)
    if alike > CEILING:
        yield finding("canned", other, f"It is {alike:.0%} the same as this recent reply. Reword what is not theirs.")
    elif context.facts is not None and context.lang in LANGUAGES and _fits_anybody(text, context, context.facts):
        yield finding("canned", text, "This would fit anybody: name what happened to this person.")


def _fits_anybody(text: str, context: ReplyContext, facts: Facts) -> bool:
    reading, ground = read(text), ground_of(facts, context.lang)
    shared = named_of_case(reading, context.lang, facts, ground)
    scripted = {sentence.start for sentence, _ in phrases(text, context, "scripted")}
    if any(does_something(each, words_of(context.lang)) for each in reading.sentences if each.start not in scripted):
        return False
    if len(reading.plain.split()) < FEWEST_WORDS:
        return bool(scripted) and not shared
    return bool(scripted) and (not shared or (len(shared) == 1 and len(scripted) >= MOSTLY_SCRIPT))


def named_of_case(reading: Reading, lang: str, facts: Facts, ground: Ground) -> set[str]:
    """The words and figures of the reply that stand in the case, apart from names and everyday words."""
    names = set(stems(fold(f"{facts.author_name} {facts.brand} {facts.known.get('agent', '')}"), lang))
    words = words_of(lang)
    own = {stem for stem in stems(reading.plain, lang) if stem not in names} - _everyday(words)
    told = {
        f"#{f.readings[0][1]}"
        for f in figures(reading.plain, (lang,))
        if ground.bears(f, reading.plain[f.start : f.end]) and f.kind != "number"
    }
    return (own & ground.stems) | told | (_concepts(reading.plain, lang) & _concepts(fold(facts.mention), lang))


@remembered(256)
def _concepts(plain: str, lang: str) -> frozenset[str]:
    """What this text tells of, as scoring reads it, so that an outage is one in whatever words."""
    return frozenset(find(table_for(lang).read(plain)).concepts) - COURTESIES


def _everyday(words: Words) -> set[str]:
    return set(stems(" ".join(words.everyday), words.lang)) | words.everyday


def asks_known(text: str, context: ReplyContext) -> Iterator[Finding]:
    """A question whose answer stands in the post or in what we know."""
    if context.facts is None or context.lang not in LANGUAGES:
        return
    reading, words = read(text), words_of(context.lang)
    for sentence in reading.sentences:
        for detail, kind in ASKED.items():
            if kinds(sentence.written).get(kind, 0) < SURE or _others(detail, sentence, words, context.facts):
                continue
            if _is_told(detail, context.facts, words, context.lang):
                yield finding("asks_known", sentence.written, "We know this already: use it instead of asking.")
        if not (sentence.is_question or words.phrases["asks"].search(sentence.plain)):
            continue
        for detail in words.asked:
            found = _asked(detail, sentence, words, context.facts)
            if detail == "date" and _is_wish(sentence, words):
                continue
            if found and _VALUE.match(sentence.plain, found.end()):
                continue  # it tells the number, or asks for one that it names
            if found and (
                _is_told(detail, context.facts, words, context.lang)
                or (detail == "date" and _is_dated(sentence, context.facts, words))
            ):
                quoted = _asking(reading, sentence, found)
                yield finding("asks_known", quoted, "We know this already: use it instead of asking.")
        for found in _asked_again(sentence, words, context.facts):
            quoted = _asking(reading, sentence, found)
            yield finding("asks_known", quoted, "We know this already: use it instead of asking.")


def asks_other(sentence: Sentence, facts: Facts, lang: str) -> bool:
    """Whether it asks for what only reads like something that we know: another number, somebody else's name."""
    words = words_of(lang)
    asks = sentence.is_question or words.phrases["asks"].search(sentence.plain)
    return bool(asks and any(_others(detail, sentence, words, facts) for detail in OTHER))


def _asked(detail: str, sentence: Sentence, words: Words, facts: Facts) -> re.Match[str] | None:
    """The words that ask for this detail, and for none of OTHER."""
    others = _others(detail, sentence, words, facts)
    every = words.asked[detail].finditer(sentence.plain)
    return next((each for each in every if not any(_covers(other, each) for other in others)), None)


def _covers(other: re.Match[str], found: re.Match[str]) -> bool:
    """Whether the number is of the other kind: "broj modela" in "koji je broj modela", not "javite broj" before one."""
    return other.start() < found.end() <= other.end()


def _others(detail: str, sentence: Sentence, words: Words, facts: Facts) -> list[re.Match[str]]:
    """The words that ask for what only reads like this detail, and that nobody told."""
    return [
        found
        for other in OTHER.get(detail, ())
        if not _is_told(other, facts, words, words.lang)
        for found in words.asked[other].finditer(sentence.plain)
    ]


def _is_dated(sentence: Sentence, facts: Facts, words: Words) -> bool:
    """Whether the post tells in one sentence what is asked after and a day or time of it."""
    asked = set(stems(sentence.plain, words.lang)) - _everyday(words)
    kinds = _kinds_asked(sentence)
    for told in read(facts.mention).sentences:
        timed = any(figure.kind in kinds for figure in figures(told.plain, (words.lang,)))
        own = set(stems(told.plain, words.lang)) if timed else set()
        if any(one.startswith(other) or other.startswith(one) for one in asked for other in own):
            return True
    return False


def _is_wish(sentence: Sentence, words: Words) -> bool:
    """Whether it asks for a time to come that suits the person, not when something was."""
    found = kinds(sentence.written)
    return bool(_WHEN_IT_SUITS.search(sentence.plain)) or found.get("asks_wish", 0) > found.get("asks_when", 0)


def _kinds_asked(sentence: Sentence) -> frozenset[str]:
    """Which figures would answer: who told a day may be asked for the hour, and the other way about."""
    if _WHAT_HOUR.search(sentence.plain):
        return frozenset({"clock"})
    if _WHICH_DAY.search(sentence.plain):
        return TIMES - {"clock"}
    return TIMES | SPANS if _HOW_LONG.search(sentence.plain) else TIMES


def _asked_again(sentence: Sentence, words: Words, facts: Facts) -> Iterator[re.Match[str]]:
    """ "Which seats?" where `known` has seats, "how many boxes?" where the post says two boxes."""
    keys = {
        stem
        for key, value in facts.public.items()
        if _is_answer(value)
        for stem in stems(fold(key.replace("_", " ")), words.lang)
    }
    counted = set(_counted(fold("\n".join((facts.mention, *facts.public.values()))), words.lang))
    for name, told in (("which", keys - {"agent", "next", "done", "formal"}), ("count", counted)):
        if name == "count" and re.search(r"\d", sentence.plain):
            continue  # who names the count asks for another one
        for found in words.phrases[name].finditer(sentence.plain):
            after = " ".join(sentence.plain[found.end() :].split()[:FEW])
            if told.intersection(stems(after, words.lang)):
                yield found


def _counted(plain: str, lang: str) -> Iterator[str]:
    """The stems of what is counted in this text."""
    for found in re.finditer(r"\b\d{1,3}\s+(?:x\s+)?([^\W\d_]{3,})", plain):
        yield from stems(found[1].ljust(4), lang)
        yield stem(found[1], lang)


def _asking(reading: Reading, sentence: Sentence, found: re.Match[str]) -> str:
    return reading.quote(sentence.start + found.start(), sentence.start + found.end())


def _is_told(detail: str, facts: Facts, words: Words, lang: str) -> bool:
    names = set(KEYS.get(detail, detail).split())
    told = (key for key, value in facts.public.items() if _is_answer(value) and not key.startswith(("next", "done")))
    parts = [set(re.split(r"[\W\d_]+", key.casefold())) for key in told]
    if any(names & each or (detail in each and each <= NAMED) for each in parts):
        return True
    if detail == "place" and _names_place(facts, words):
        return True
    plain = fold(facts.mention)
    return _stands_in_mention(detail, plain, lang)


def _names_place(facts: Facts, words: Words) -> bool:
    """Whether the post names a place ("u Splitu", "from Leeds")."""
    names = fold(f"{facts.brand} {facts.author_name}").split()
    for found in re.finditer(r"(?<![.!?] )(?<!^)\b([^\W\d_]+) ([A-ZÀ-Ž][^\W\d_]{2,})", facts.mention):
        if words.phrases["places"].fullmatch(fold(found[1])) and fold(found[2]) not in names:
            return True
    return False


def _is_answer(value: str) -> bool:
    return bool(value.strip()) and not _UNKNOWN.search(fold(value))


def _stands_in_mention(detail: str, plain: str, lang: str) -> bool:
    found = figures(plain, dict.fromkeys((lang, "en")))
    if detail in ("order", "flight"):
        digits = r"(?<![\d.,])\d{5,}(?![\d.,])" if detail == "order" else r"(?<![\d.,])\d{3,4}(?![\d.,])"
        codes = [str(f.readings[0][1]) for f in found if f.kind == "code"]
        numbered = detail == "order" and _NUMBERED.search(plain)
        told = any(sum(map(str.isdigit, code)) >= FEWEST_DIGITS for code in codes) or re.search(digits, plain)
        return bool(told or numbered)
    if detail == "email":
        return bool(re.search(r"[\w.+-]+@[\w-]+\.\w", plain))
    if detail == "device":
        return bool(
            re.search(
                r"\b(?:iphone|ipad|android|samsung|galaxy|pixel|xiaomi|redmi|huawei|oppo|vivo|nokia|windows|"
                r"macbook|macos|ios|linux|ubuntu|chrome|firefox|safari|xperia|oneplus|honor|motorola|realme|poco)\b",
                plain,
            )
        )
    return detail == "version" and _VERSION.search(plain) is not None
