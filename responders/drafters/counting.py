"""Lengths of time in the words of a pack."""

from __future__ import annotations

from responders.drafters.phrasebook import Pack


def spoken(own: Pack, count: str, unit: str) -> str:
    """The length with the right form of its unit ("minute" to "month"): "2 sata", "5 sati", "2,5 sata"."""
    words = own.raw["durations"]
    written = count.replace(".", words.get("decimal", "."))
    return f"{written} {words[unit][_plural(own.lang, count)]}"


def _plural(lang: str, count: str) -> int:
    """Which of the pack's forms goes with the count: Croatian has three, English and Latvian two, the others one."""
    if lang not in ("en", "lv", "hr"):
        return 0
    if "." in count:
        return 1
    number = int(count)
    if lang == "en":
        return 0 if number == 1 else 1
    ends_in_one = number % 10 == 1 and number % 100 != 11
    if lang == "lv" or ends_in_one:
        return 0 if ends_in_one else 1
    return 1 if number % 10 in (2, 3, 4) and number % 100 not in (12, 13, 14) else 2
