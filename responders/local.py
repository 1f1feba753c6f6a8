"""What is true where the customer lives: facts of the market pack, and what only another market has. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from responders.facts import Facts
from responders.markets import Market


@dataclass(frozen=True, slots=True)
class Local:
    """The pack of a case's market as a source: `texts` are what a claim may rest on, `names` ways to pay there,
    `emergency` numbers to ring in danger; `elsewhere` are names of ways to pay that one other market alone lists,
    with that market's name; `occasions` are its holidays: month and day as one number (1225), and their names."""

    code: str
    name: str
    currency: str
    texts: tuple[str, ...]
    names: tuple[str, ...]
    elsewhere: tuple[tuple[str, str], ...] = ()
    emergency: tuple[str, ...] = ()
    occasions: tuple[tuple[int, str], ...] = ()

    @property
    def cited(self) -> str:
        """How a finding names it."""
        return f"market pack {self.code}"


def located(facts: Facts, packs: Mapping[str, Market]) -> Facts:
    """The facts of a case with those of its market. A market without a pack tells nothing."""
    market = _market(facts, packs)
    return facts if market is None else replace(facts, local=local_of(packs, market, facts.year))


def formality_in(facts: Facts, packs: Mapping[str, Market], lang: str) -> str:
    """How to address the person in this language: as is noted, else as people do in their market; "" where neither
    says. Only what is noted is due: a house that writes otherwise there may."""
    market = _market(facts, packs)
    return facts.public.get("formality") or (market.addressed.get(lang, "") if market else "")


def _market(facts: Facts, packs: Mapping[str, Market]) -> Market | None:
    code = facts.market.strip().upper()
    return packs.get(code) if code else None


def local_of(packs: Mapping[str, Market], market: Market, year: int) -> Local:
    """This market as a source, beside all others, in that year and the next January; 0 knows no holidays."""
    listed = Counter(way for each in packs.values() for way in each.payment)
    elsewhere = tuple(
        (way, each.name)
        for each in packs.values()
        for way in each.payment
        if listed[way] == 1 and way not in market.payment and _is_name(way)
    )
    hours = f"{market.hours[0] // 60:02}:{market.hours[0] % 60:02}-{market.hours[1] // 60:02}:{market.hours[1] % 60:02}"
    return Local(
        market.code, market.name, market.currency, (f"open {hours}", *market.legal), market.payment, elsewhere,
        market.emergency, tuple(_occasions(market, year)),
    )  # fmt: skip


def _occasions(market: Market, year: int) -> Iterator[tuple[int, str]]:
    days = {**market.occasions(year), **market.occasions(year + 1)} if year else {}
    for day, called in days.items():
        if day.year == year or day.month == 1:  # others of the next year may move
            yield day.month * 100 + day.day, called


def _is_name(way: str) -> bool:
    """Written with a capital: "check" and "kartica" are words of a language, "Zelle" is only there."""
    return way[:1].isupper()
