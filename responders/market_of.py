"""Which market a case belongs to. Pure.

1. what a person noted under `market`;
2. a place that the post names and one pack lists;
3. the language of the post, where it is the first one of one pack alone;
4. the brand's own: the country whose holidays it keeps, else the pack of its time zone;
5. the default pack.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from responders.markets import UNKNOWN, Market
from scoring.folding import fold
from scoring.naming import WORD, places


@dataclass(frozen=True, slots=True)
class Found:
    """A market and why, in words."""

    market: Market
    why: str


def market_of(
    packs: Mapping[str, Market], *, noted: str, text: str, lang: str | None, holidays: str, zone: str
) -> Found:
    """The market by the rule above."""
    if (code := noted.strip().upper()) in packs and code:
        return Found(packs[code], "noted for this case")
    named = places_in(text)
    of_place = [(each, place) for each in packs.values() for place in named if place in each.places]
    if len({each.code for each, _ in of_place}) == 1:
        return Found(of_place[0][0], f"the post names {of_place[0][1]}")
    if (spoken := _only(each for each in packs.values() if lang and each.languages[:1] == (lang,))) is not None:
        return Found(spoken, "by the language of the post")
    if holidays in packs and holidays:
        return Found(packs[holidays], "the brand keeps its holidays")
    if (there := _only(each for each in packs.values() if each.code and each.zone == zone)) is not None:
        return Found(there, "by the brand's time zone")
    return Found(packs.get("", UNKNOWN), "no market is known")


def _only(found: Iterable[Market]) -> Market | None:
    listed = list(found)
    return listed[0] if len(listed) == 1 else None


def places_in(text: str) -> list[str]:
    """The places of our list that a text names."""
    return list(places().find([fold(word) for word in WORD.findall(text)]))
