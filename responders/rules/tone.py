"""How a reply treats the person: scripts, brush-offs, arguing, selling, inside words, admissions."""

from __future__ import annotations

import re
from collections.abc import Iterator

from domain.reply import Finding
from responders.rules.claims import ROOTS, everyday_of, is_to_come
from responders.rules.context import ReplyContext, finding
from responders.rules.deeds import NAMED
from responders.rules.figures import figures
from responders.rules.ground import ground_of
from responders.rules.matter import is_complaint, is_grave, is_trouble
from responders.rules.reading import Sentence, read
from responders.rules.stems import stems
from responders.rules.words import LANGUAGES, Words, words_of
from scoring.folding import fold

_ACRONYM = re.compile(r"(?<![\w@#/.-])[A-Z]{2,6}\d?(?![\w@/-])|(?<![\w@#/.-])[A-Z]\d(?![\w@/]|[.,]\d)")
_DECIMAL = re.compile(r"\d[.,:]?\d{2,}")
INTERNAL = re.compile("intern|note|ticket|escal|queue|log|ops", re.IGNORECASE)
"""Under such keys stands what we say among ourselves."""
NEAR = 14
FEWEST_ACRONYMS = 2
"""One alone may be the name of a place or a product."""
PLAIN_ACRONYMS = frozenset(
    [
        "SMS",
        "PIN",
        "GPS",
        "USB",
        "PDF",
        "DM",
        "DMS",
        "PM",
        "ID",
        "TV",
        "SIM",
        "QR",
        "OK",
        "EU",
        "UK",
        "US",
        "USA",
        "VAT",
        "PDV",
        "AFA",
        "PVN",
        "URL",
        "ATM",
        "IBAN",
        "IOS",
        "LTE",
        "EUR",
        "USD",
        "PHP",
        "HUF",
        "IDR",
        "GBP",
        "RSD",
        "BAM",
        "KM",
        "AM",
        "CET",
        "UTC",
        "GMT",
        "WIFI",
        "NFC",
        "HD",
        "LED",
        "PC",
        "CD",
        "DVD",
        "ABS",
        "UV",
        "BPJS",
        "KTP",
        "SIM",
        "NIK",
        "CCTV",
        "WA",
        "IG",
        "FB",
        "COD",
        "SOS",
        "VIP",
        "FAQ",
        "UI",
        "II",
        "III",
        "IV",
        "WC",
        "KN",
        "FT",
        "RP",
        "PS",
        "PPS",
        "PHL",
        "MNL",
        "OIB",
        "MUP",
        "HR",
        "HU",
        "LV",
        "PH",
        "RP",
        "OTP",
        "CVV",
        "TLDR",
        "ASAP",
        "FYI",
        "BTW",
        "AC",
        "DC",
        "RAM",
        "SSD",
        "LCD",
        "VPN",
        "APP",
        "CEO",
        "LGBT",
        "PWD",
        "SSS",
        "GSIS",
        "NBI",
        "GCASH",
        "VISA",
        "WIB",
        "WITA",
        "WIT",
    ]
)
"""Short forms that everybody knows."""


def phrases(text: str, context: ReplyContext, name: str) -> Iterator[tuple[Sentence, str]]:
    """Each place where a phrase of this list stands, with its sentence."""
    if context.lang not in LANGUAGES:
        return
    reading = read(text)
    for sentence in reading.sentences:
        for found in words_of(context.lang).phrases[name].finditer(sentence.plain):
            yield sentence, reading.quote(sentence.start + found.start(), sentence.start + found.end())


def jargon(text: str, context: ReplyContext) -> Iterator[Finding]:
    """Words that only we use, unless the person used them first."""
    asked = context.facts.mention.casefold() if context.facts else ""
    found = [words for _, words in phrases(text, context, "jargon")]
    if context.facts is not None and not is_shouted(text):
        strange = [
            short for short in _ACRONYM.findall(text) if short not in PLAIN_ACRONYMS and not _is_known(short, context)
        ]
        found += strange if found or len(set(strange)) >= FEWEST_ACRONYMS else []
    for words in dict.fromkeys(found):
        is_sum = re.search(rf"{re.escape(words)}[.,]\d", text)  # "P1,500" is money, "P1" a priority of ours
        theirs = re.search(rf"(?<!\w){re.escape(words.casefold())}", asked)
        is_name = fold(words) in fold(context.author_name).split()
        if not is_sum and not theirs and not is_name and not _is_in_article(words, context):
            yield finding("jargon", words, "Only we say this: say it in words that the person uses.")


def _is_in_article(words: str, context: ReplyContext) -> bool:
    """Whether an article says these very words: those are written for customers."""
    plain = fold(words)
    return context.facts is not None and any(plain in fold(article.text) for article in context.facts.knowledge)


def _is_known_way(words: str, context: ReplyContext) -> bool:
    """Whether all these words, but for those of any answer, stand in what is known."""
    own = set(stems(fold(words), context.lang)) - everyday_of(context.lang)
    return bool(own) and context.facts is not None and own <= ground_of(context.facts, context.lang).known


def _is_known(short: str, context: ReplyContext) -> bool:
    facts = context.facts
    if facts is None:
        return False
    told = (value for key, value in facts.public.items() if not INTERNAL.search(key))
    names = (facts.brand, facts.author_name, *told, *(article.text for article in facts.knowledge))
    return any(re.search(rf"(?<!\w){re.escape(short)}(?!\w)", name) for name in names)


def is_shouted(text: str) -> bool:
    """Whether most of the letters are capitals."""
    letters = [char for char in text if char.isalpha()]
    return 2 * sum(map(str.isupper, letters)) > len(letters)


def defensive(text: str, context: ReplyContext) -> Iterator[Finding]:
    """Arguing with the person, or blaming them."""
    for sentence, words in phrases(text, context, "defensive"):
        if _is_denied(sentence, words, context):
            continue
        yield finding("defensive", words, "This argues with the person: say what you will do instead.")


def _is_denied(sentence: Sentence, words: str, context: ReplyContext) -> bool:
    """Whether a "not" stands right before these words ("it was not clearly written")."""
    at = sentence.plain.find(fold(words))
    before = sentence.plain[max(0, at - NEAR) : at] if at > 0 else ""
    return bool(words_of(context.lang).phrases["not"].search(before))


def selling(text: str, context: ReplyContext) -> Iterator[Finding]:
    """An offer where somebody needs help."""
    for _, words in phrases(text, context, "selling"):
        if not _is_asked_for(words, context):
            yield finding("selling", words, "Nobody in trouble wants to buy: leave the offer out.")
    for words in _only_prices(text, context):
        yield finding("selling", words, "Nobody in trouble wants to buy: leave the offer out.")


def _is_asked_for(words: str, context: ReplyContext) -> bool:
    """Whether the post asks for it, or (a single word such as "discount") anything we know speaks of it. Whoever
    complains of a thing without a question does not want another one."""
    if context.facts is None:
        return False
    ground, own = ground_of(context.facts, context.lang), stems(fold(words), context.lang)
    if " " not in words:
        return bool(ground.stems.intersection(own))
    asks = "?" in context.facts.mention or not is_trouble(context)
    return asks and bool(ground.mention.intersection(own))


def _only_prices(text: str, context: ReplyContext) -> Iterator[str]:
    """A price called small ("only 4.99") that the person never mentioned."""
    if context.facts is None or context.lang not in LANGUAGES:
        return
    reading, asked = read(text), fold(context.facts.mention)
    for figure in figures(reading.plain, (context.lang,)):
        before = reading.plain[max(0, figure.start - 12) : figure.start + 1]
        small = words_of(context.lang).phrases["only"].search(before)
        written = reading.plain[figure.start : figure.end]
        is_number = any(kind == "number" for kind, _ in figure.readings)
        is_price = figure.kind.startswith("money") or (is_number and _DECIMAL.search(written))
        if small and is_price and re.sub(r"\D", "", written) not in re.sub(r"\D", " ", asked):
            yield reading.quote(figure.start, figure.end)


def legal_admission(text: str, context: ReplyContext) -> Iterator[Finding]:
    """Words by which we admit guilt or a duty to pay, where that is for others to say."""
    for _, words in phrases(text, context, "liable"):
        if not _is_in_article(words, context):
            yield finding(
                "legal_admission", words, "This admits guilt or a duty to pay: apologise, and leave that open."
            )
    if is_grave(context):
        for _, words in phrases(text, context, "fault"):
            yield finding(
                "legal_admission", words, "In such a matter this admits guilt: apologise, and leave that open."
            )


def brush_off(text: str, context: ReplyContext) -> Iterator[Finding]:
    """Sends the person away, or thanks and stops, and does nothing about it."""
    if context.lang not in LANGUAGES or context.facts is None:
        return
    words, sentences = words_of(context.lang), read(text).sentences
    away = [each for each in phrases(text, context, "sends_away") if not _is_known_way(each[1], context)]
    for sentence, quoted in away:
        if not any(does_something(other, words) for other in sentences if other is not sentence):
            yield finding(
                "brush_off", quoted, "This sends the person away: say what you do about it, or ask what you need."
            )
    if away or not is_complaint(context) or any(does_something(each, words) for each in sentences):
        return
    retold = _retold(text, context)
    if retold < ROOTS:
        for _, quoted in phrases(text, context, "noted"):
            if not _is_known_way(quoted, context):
                yield finding("brush_off", quoted, "This thanks and stops: say what happens next.")
    if not retold and is_trouble(context) and context.lang not in NAMED and not _tells_what_comes(text, context):
        yield finding("brush_off", text, "Nothing happens in this answer: say what happens next, or ask.")


def _retold(text: str, context: ReplyContext) -> int:
    """How many words of what we know beyond the post one sentence retells at most, courtesies apart."""
    if context.facts is None:
        return 0
    ground, words = ground_of(context.facts, context.lang), words_of(context.lang)
    names = set(stems(fold(f"{context.facts.known.get('agent', '')} {context.facts.author_name}"), context.lang))
    ours = ground.known - ground.mention - everyday_of(context.lang) - names
    told = (each.plain for each in read(text).sentences if not words.phrases["noted"].search(each.plain))
    return max((len(ours.intersection(stems(plain, context.lang))) for plain in told), default=0)


def _tells_what_comes(text: str, context: ReplyContext) -> bool:
    """Whether it speaks of what will be, or of a figure that we know."""
    if context.facts is None:
        return False
    ground, words, reading = ground_of(context.facts, context.lang), words_of(context.lang), read(text)
    if any(is_to_come(each, words) for each in reading.sentences):
        return True
    return any(
        ground.bears(each, reading.plain[each.start : each.end]) for each in figures(reading.plain, (words.lang,))
    )


def does_something(sentence: Sentence, words: Words) -> bool:
    """Whether it asks, or tells what we do or the person can do."""
    plain = words.phrases["feels"].sub(" ", sentence.plain)
    return sentence.is_question or bool(words.phrases["steps"].search(plain))
