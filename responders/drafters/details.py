"""Safe words of the post itself: numbers of flights, trains and orders, routes, durations, amounts, known products.

Never taken over: names, addresses, phone or card numbers, free words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from responders.drafters.phrasebook import Pack, finder, fold, insults

LONGEST_WAIT = {"minute": 600, "hour": 96, "day": 90, "week": 30, "month": 24}
MOST_DIGITS = 9
"""More digits than this are a phone, card or account number rather than an order."""

_PLACE = r"[A-ZÀ-Ž][a-zà-ž]{2,14}(?: [A-ZÀ-Ž][a-zà-ž]{2,14})?|[A-Z]{3}"
_CODES = re.compile(r"\b([A-Z]{3})\s?(?:[-–>/]|->|to)\s?([A-Z]{3})\b")
_FLIGHT_CODE = re.compile(r"(?<![#\w/-])([A-Za-z]{2})\s?(\d{3,4})\b(?![:.,]\d)")
_NOT_AIRLINES = frozenset({"am", "pm", "at", "in", "of", "on", "to", "is", "rp", "dc", "no", "so", "or", "by", "my"})
_NOT_CODES = frozenset(
    [
        "THE",
        "AND",
        "BUT",
        "NOT",
        "FOR",
        "YOU",
        "ALL",
        "NOW",
        "WHY",
        "HOW",
        "WHO",
        "CEO",
        "FAQ",
        "WTF",
        "OMG",
        "LOL",
        "VIP",
        "MON",
        "TUE",
        "WED",
        "THU",
        "FRI",
        "SAT",
        "SUN",
        "JAN",
        "FEB",
        "USA",
    ]
)
_NOT_PLACES = frozenset(
    [
        "hell",
        "here",
        "there",
        "now",
        "then",
        "bad",
        "worse",
        "good",
        "great",
        "nowhere",
        "monday",
        "sunday",
        "friday",
        "god",
        "you",
        "me",
    ]
)
_AMOUNT = re.compile(
    r"(?<![\w.,])(?<!\d )(?:[$€£₱]\s?\d[\d.,]*|(?:Rp\.?|PHP|EUR|USD)\s?\d[\d.,]*(?:\s?(?:ribu|juta))?"
    r"|\d{1,3}(?:[ \u00a0]\d{3})*[\d.,]*\s?"
    r"(?:€|eura|euro|eiro|eur|Ft|forint|php|pesos|piso|rupiah|dollars|USD)(?![a-z]))",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"\b(?:[01]?\d|2[0-3])[:.][0-5]\d\b|\b\d{1,2} ?(?:am|pm|h)\b", re.IGNORECASE)
_DEVICE = re.compile(
    r"\b(?:(?:iphone|ipad|android|samsung|pixel|xiaomi|redmi|huawei|motorola|nokia|macbook|chrome|safari|firefox|laptop)"
    r"\w{0,4}|ios|macos|oppo|vivo|realme|windows|microsoft edge|tablet(?:s|u|om|a|en|ā)?)\b",
    re.IGNORECASE,
)
_NAMED_PLACE = re.compile(r"(?<=[^\W\d_] )[A-ZÀ-Ž][a-zà-ž]{3,}")
"""A capital letter within a sentence: enough to see that we need not ask where."""

_UNITS_AFTER = (
    r"(?!\s*(?:[:.,]\d|%|am\b|pm\b|h\b|hrs?\b|hours?\b|min|day|sat|perc|ór|nap|jam|hari|stund|dien|oras|x\b))"
)


@dataclass(frozen=True, slots=True)
class Details:
    """What the post itself says. `thing` is a key of the pack's [what] table; `duration` is (count, unit)."""

    thing: str | None
    number: str | None
    route: tuple[str, str] | None
    order: str | None
    product: str | None
    duration: tuple[str, str] | None
    amount: str | None
    has_place: bool
    has_time: bool = False
    has_device: bool = False

    @property
    def told(self) -> frozenset[str]:
        """What of it nobody needs to ask any more, in the words of `responders.rules.posts.TOLD`, and the device."""
        found = {
            "where": self.has_place or bool(self.number or self.route),
            "when": self.has_time,
            "device": self.has_device,
            "reference": self.order is not None,
        }
        return frozenset(name for name, is_told in found.items() if is_told)


def find_details(own: Pack, raw: str, folded: str) -> Details:
    """Find them; each is None when the post does not say it plainly."""
    thing, number = _thing(own, raw, folded)
    product = next((name for name, found in own.products.items() if found.search(folded)), None)
    return Details(
        thing=thing,
        number=number,
        route=_route(own, raw),
        order=_order(own, raw),
        product=product,
        duration=_duration(own, raw),
        amount=amount_in(raw) or None,
        has_place=bool(_NAMED_PLACE.search(raw)),
        has_time=bool(_CLOCK.search(raw)) or bool(own.words["times"].search(folded)),
        has_device=bool(_DEVICE.search(raw)),
    )


def amount_in(raw: str) -> str:
    """The first sum of money named, as it is written; "" without one."""
    found = _AMOUNT.search(raw)
    return found[0].strip(" .,") if found else ""


def _thing(own: Pack, raw: str, folded: str) -> tuple[str | None, str | None]:
    counts = {thing: len(found.findall(folded)) for thing, found in own.things.items()}
    thing = max(counts, key=lambda key: counts[key], default=None)
    thing = thing if thing and counts[thing] else None
    code = next((m for m in _FLIGHT_CODE.finditer(raw) if m[1].casefold() not in _NOT_AIRLINES), None)
    if code and thing in (None, "flight") and "flight" in own.things:
        return "flight", f"{code[1].upper()}{code[2]}"
    return thing, _number(own, thing, raw) if thing else None


def _number(own: Pack, thing: str, raw: str) -> str | None:
    stems = "|".join(re.escape(stem) for stem in own.raw["numbered"].get(thing, []))
    if not stems:
        return None
    least = 2 if thing in ("flight", "train") else 1
    after = rf"\b(?:{stems})[^\W\d]{{0,4}}\s*(?:no\.?|number|br\.?|nr\.?|broj|#)?\s*(\d{{{least},4}})\b{_UNITS_AFTER}"
    before = rf"(?<![:.,\d])\b(\d{{{least},4}})(?:-?(?:es|os|as|ös|ás)|\.)\s?(?:{stems})"
    found = re.search(f"{after}|{before}", raw, re.IGNORECASE)
    return (found[1] or found[2]) if found else None


def _route(own: Pack, raw: str) -> tuple[str, str] | None:
    for found in _CODES.finditer(raw):
        if found[1] != found[2] and not {found[1], found[2]} & _NOT_CODES:
            return found[1], found[2]
    for pattern in own.raw["routes"]:
        for found in re.finditer(pattern.replace("PLACE", _PLACE), raw):
            if _is_place(found[1]) and _is_place(found[2]) and found[1] != found[2]:
                return found[1], found[2]
    return None


def _is_place(word: str) -> bool:
    folded = fold(word)
    return word not in _NOT_CODES and not set(folded.split()) & _NOT_PLACES and not insults().search(folded)


def _order(own: Pack, raw: str) -> str | None:
    stems = "|".join(re.escape(stem) for stem in own.raw["order_words"])
    found = re.search(
        rf"\b(?:{stems})\w{{0,6}}\s*(?:no\.?|number|nr\.?|broj|br\.?|száma?|nomor|numurs|id)?\s*[:#(]?\s*#?"
        r"([A-Z]{0,4}-?\d{4,12})\b",
        raw,
        re.IGNORECASE,
    )
    return found[1] if found and sum(c.isdigit() for c in found[1]) <= MOST_DIGITS else None


def _duration(own: Pack, raw: str) -> tuple[str, str] | None:
    table = own.raw["durations"]
    units = {fold(word): unit for unit, words in table["units"].items() for word in words}
    numbers = {fold(word): str(count) for word, count in table["numbers"].items()}
    counts = "|".join(re.escape(word) for word in numbers)
    names = "|".join(re.escape(word) for word in sorted(units, key=len, reverse=True))
    text = _keep_decimals(raw)
    before, after = finder(table["before"]), finder(table["after"])
    for found in re.finditer(rf"(?<![\w:.])(\d{{1,3}}(?:\.\d)?|{counts})\s?\+?\s?({names})(?!\w)", text):
        count, unit = numbers.get(found[1], found[1]), units[found[2]]
        close_before = " ".join(text[: found.start()].split()[-2:])
        close_after = " ".join(text[found.end() :].split()[:4])
        if not (before.search(close_before) or after.match(close_after)):
            continue
        if 0 < float(count) <= LONGEST_WAIT[unit]:
            return count, unit
    return None


def _keep_decimals(raw: str) -> str:
    return " ".join(
        re.sub(r"(\d),(\d)\b", r"\1.\2", word) if word[:1].isdigit() else fold(word) for word in raw.split()
    )
