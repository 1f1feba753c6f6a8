"""The amounts of money that a reply names, for limits: what looks like money and cannot be read is told, never passed.

The reply contract asks of a figure where it comes from; here the question is how much, so the reading is greedier:
"EUR 20-50" is fifty, "£20 now and £20 later" forty, and "pedeset eura" is money of which nobody can say how much.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from responders.rules.figures import CURRENCY_WORD, NUMBER, Figure, figures, number_of
from responders.rules.words import LANGUAGES
from scoring.folding import fold

_ISO: Final = re.compile(
    r"""(?x)AED|AFN|AMD|AOA|ARS|AUD|AWG|AZN|BAM|BBD|BDT|BGN|BHD|BIF|BMD|BND|BOB|BRL|BSD|BTN|BWP|BYN|BZD|CAD|CDF|CHF|CLP|
    CNY|COP|CRC|CUP|CVE|CZK|DJF|DKK|DOP|DZD|EGP|ERN|ETB|EUR|FJD|FKP|GBP|GEL|GHS|GIP|GMD|GNF|GTQ|GYD|HKD|HNL|HRK|
    HTG|HUF|IDR|ILS|INR|IQD|IRR|ISK|JMD|JOD|JPY|KES|KGS|KHR|KMF|KPW|KRW|KWD|KYD|KZT|LAK|LBP|LKR|LRD|LSL|LYD|
    MAD|MDL|MGA|MKD|MMK|MNT|MOP|MRU|MUR|MVR|MWK|MXN|MYR|MZN|NAD|NGN|NIO|NOK|NPR|NZD|OMR|PAB|PEN|PGK|PHP|PKR|PLN|
    PYG|QAR|RON|RSD|RUB|RWF|SAR|SBD|SCR|SDG|SEK|SGD|SHP|SLE|SOS|SRD|SSP|STN|SVC|SYP|SZL|THB|TJS|TMT|TND|TTD|TWD|
    TZS|UAH|UGX|USD|UYU|UZS|VES|VND|VUV|WST|XAF|XCD|XOF|XPF|YER|ZAR|ZMW|ZWG"""
)
"""ISO 4217 with two that people still name, without what headlines shout (ALL, TOP, TRY)."""
_CODED = re.compile(rf"(?<!\w)([A-Z]{{2,3}})\s?({NUMBER})|(?<![\d.,])({NUMBER})[\s-]?([A-Z]{{2,3}})(?!\w)")
_MARKS = re.compile(rf"(?<![\d.,])({NUMBER})\s?km(?!\w)|(?<!\w)km\s?({NUMBER})")
"""Convertible marks in small letters, where a limit in them applies; elsewhere those are kilometres."""
_WORD = re.compile(rf"(?<!\w)(?:{CURRENCY_WORD}|bucks?|konvertibiln\w+ mar\w+|maraka)(?:-\w{{1,5}})?(?!\w)|[$¢£¤¥₠-⃀]")
"""Money wherever it stands. A sign of `figures` may have a number on either side."""
_BESIDE = re.compile(
    r"\d[\s-]?(?:(?:k|e|rb|ribu|jt|juta|ezer|tisuc\w*|tukst\w*|thousand|million)\.?\s)?"
    r"(?:kr|kronor|kroner|krona|krune?|kruna|din\.|dinar\w*|marks?|marke|maraka|francs?|fran[ck]\w*|"
    r"fr\.|sfr|zl|zlot\w*|lei|lev[as]?|lir[aei]\w*|yen|yuan|jen[ai]?|rub\w{1,3}|rubl\w+|rupees?|baht|ringgit|won|rand|chf|pln|czk|aud|cad|sgd|jpy|inr|myr|thb|nok|dkk)(?!\w)"
    r"|(?<!\w)(?:kr|fr|sfr|zl|din|chf|pln|czk|aud|cad|sgd|jpy|inr|myr|thb|nok|dkk)\.?\s?\d"
)
"""Money only beside a number: they are other words too."""
_DOLLARS = re.compile(r"(?<!\w)(?:ca?|a|nz|s|hk)\$")
"""Dollars of other countries, which `figures` takes for those of the US."""
_RUPIAH = re.compile(r"(?<!\w)(?:\d[\d.,]*|\w+)[\s-]?(?:rb|ribu|jt|juta)(?!\w)")
"""Where people count in rupiah, thousands and millions are money without a word for it."""
_TIMES = re.compile(
    r"[\s-]?(?:hundreds?|thousands?|millions?|billions?|mille|mio|mrd|ratus\w*|milia[rd]\w*|millio\w*|tisuc\w*|hiljad\w*|"
    r"stotin\w*|milijun\w*|milion\w*|simt\w*|tukst\w*|miljon\w*|libo\w*|daan\w*|milyon\w*|szaz\w*)(?!\w)"
)
"""What makes a number after a sign another one: "€5 thousand"."""
_OTHER_END = re.compile(
    rf"\s?(?:[-–—/]|to|do|ili|or|vagy|atau|sampai(?: dengan)?|hingga|lidz|vai|hanggang|o)\s?({NUMBER})(?![\w])"
)
"""The other end of "EUR 20-50"; that of "20-50 EUR" bears the sign."""


@dataclass(frozen=True, slots=True)
class Amounts:
    """`sums`: how much of each currency is named in all, a range by its upper end; `unread`: the first words that look
    like money and are no figure, as they are written."""

    sums: dict[str, float]
    unread: str


def amounts(text: str, lang: str | None, limited: Collection[str]) -> Amounts:
    """All money in a text in this language; `limited` are the currencies of the limits that apply, some of which
    people write in a way that means something else elsewhere ("P1,500", "50 km", "500rb")."""
    plain = _same_length(text)
    langs = [lang] if lang in LANGUAGES else ["en"]
    langs += ["tl"] if "PHP" in limited and lang != "tl" else []
    money = [each for each in figures(plain, langs) if each.kind.startswith("money ")]
    sums, read = defaultdict[str, float](float), list[tuple[int, int]]()
    for figure in money:
        end, value = _whole(plain, figure)
        sums[figure.kind[6:]] += value
        read.append((figure.start, end))
    for start, end, code, value in _by_code(text, plain, limited):
        if not _within(start, end, read):
            sums[code] += value
            read.append((start, end))
    unread = min(_unread(plain, lang, limited, read), default=None)
    return Amounts(dict(sums), _quote(text, *unread) if unread else "")


def _quote(text: str, start: int, end: int) -> str:
    """Whole words, with the one before: "fifty euros", not "euros"."""
    before = re.search(r"(?:\S+\s)?\S*$", text[:start])
    after = re.match(r"[\w.,]*\w", text[end:])
    return text[before.start() if before else start : end + (after.end() if after else 0)].strip(" .,;:!?")


def _same_length(text: str) -> str:
    """Folded letter by letter, so that places in it are places in the text."""
    return "".join(plain if len(plain := fold(char)) == 1 else char for char in text)


def _whole(plain: str, figure: Figure) -> tuple[int, float]:
    """Where the amount ends, and how much it is: the upper end of a range."""
    value = float(figure.readings[0][1])
    other = _OTHER_END.match(plain, figure.end)
    return (other.end(), max(value, number_of(other[1]))) if other else (figure.end, value)


def _by_code(text: str, plain: str, limited: Collection[str]) -> Iterator[tuple[int, int, str, float]]:
    for found in _CODED.finditer(text):
        code = found[1] or found[4]
        if code == "KM" or _ISO.fullmatch(code):
            yield *found.span(), "BAM" if code == "KM" else code, number_of(found[2] or found[3])
    for found in _MARKS.finditer(plain) if "BAM" in limited else ():
        yield *found.span(), "BAM", number_of(found[1] or found[2])


def _unread(
    plain: str, lang: str | None, limited: Collection[str], read: list[tuple[int, int]]
) -> Iterator[tuple[int, int]]:
    patterns = [_WORD, _BESIDE, *([_RUPIAH] if "IDR" in limited else [])]
    for pattern in patterns:
        for found in pattern.finditer(plain):
            if not _within(*found.span(), read) and not (lang == "tl" and "din" in found[0]):  # "2 din": two, too
                yield found.span()
    yield from (found.span() for found in _DOLLARS.finditer(plain))
    for start, end in read:
        if many := _TIMES.match(plain, end):
            yield start, many.end()


def _within(start: int, end: int, read: list[tuple[int, int]]) -> bool:
    return any(start < other_end and other_start < end for other_start, other_end in read)
