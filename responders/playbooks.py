"""Playbooks: what people may do in a kind of case, as plain TOML files. Pure; a bad one names file, line and mend.

    name = "Late trains"
    text = "Say what happened. Goodwill up to 20 EUR is yours to offer."
    review = 2027-06-01
    themes = ["delivery", "service"]
    channels = ["mastodon"]
    languages = ["en"]
    severity = 1
    market = "HR"

    [limits]
    EUR = 20

Needed are name, text and review. Without themes, channels, languages or market it applies to all; `severity` is
the least.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from channels.registry import manifests
from responders.markets import PACKS, choose_market
from responders.rules.amounts import amounts
from responders.toml_files import TomlFile
from scoring.concepts import THEMES
from scoring.language import NOT_LATIN, WATCHED

LONGEST_TEXT: Final = 4_000
_LONGEST_NAME = 80
_MOST_SEVERE = 3
CURRENCIES: Final = ("EUR", "USD", "GBP", "PHP", "IDR", "HUF", "HRK", "RSD", "BAM")
"""Those that `rules.figures` reads in words and signs, not only by their codes."""
_MARKET = re.compile(r"[A-Z]{2}")
_KEYS = ("name", "text", "review", "themes", "channels", "languages", "severity", "market", "limits")


@dataclass(frozen=True, slots=True, kw_only=True)
class Playbook:
    """One playbook. `version` is the beginning of a hash of its file; `limits` are amounts by currency, above which a
    reply needs a second person."""

    name: str
    text: str
    review_on: date
    version: str
    themes: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    severity: int = 0
    market: str = ""
    limits: Mapping[str, float] = field(default_factory=dict[str, float])

    def applies(self, themes: Iterable[str], severity: int, channel: str, lang: str | None, market: str = "") -> bool:
        """Whether it is for a case of these themes, this severity, on this channel, in this language and market."""
        return (
            severity >= self.severity
            and (not self.themes or not self.themes.isdisjoint(themes))
            and (not self.channels or channel in self.channels)
            and (not self.languages or lang in self.languages)
            and self.market in ("", market)
        )


def over_limit(text: str, lang: str | None, playbooks: Sequence[Playbook]) -> str:
    """The first amount of this reply that goes beyond the playbooks which apply, in words; empty when none does.

    The lowest limit of a currency counts, for all that the reply names of it. An amount in a currency of which they say
    nothing is beyond them: nobody converts money here. So is what looks like money and cannot be read.
    """
    lowest: dict[str, tuple[float, str]] = {}
    for each in playbooks:
        for currency, amount in each.limits.items():
            lowest[currency] = min(lowest.get(currency, (amount, each.name)), (amount, each.name))
    if not lowest:
        return ""
    named = amounts(text, lang, lowest)
    beyond = [_beyond(currency, amount, lowest) for currency, amount in named.sums.items()]
    unread = f"“{named.unread}” may be an amount and cannot be read: write it in figures with its currency, like 20 EUR"
    return next(filter(None, beyond), unread if named.unread else "")


def _beyond(currency: str, amount: float, lowest: Mapping[str, tuple[float, str]]) -> str:
    if currency not in lowest:
        return f"{amount:,.10g} {currency}, of which the playbooks say nothing"
    limit, name = lowest[currency]
    return f"{amount:,.10g} {currency} is more than the {limit:,.10g} {currency} of “{name}”" if amount > limit else ""


def read_playbook(place: str, content: bytes) -> Playbook:
    """The playbook in this file; `place` stands in the errors. Raises BadInput."""
    return _Reading(TomlFile(place, content)).playbook(version_of(content))


def version_of(content: bytes) -> str:
    """What a version is called: the beginning of the hash of its file."""
    return hashlib.sha256(content).hexdigest()[:12]


class _Reading:
    """One file being read: every complaint names its line."""

    def __init__(self, file: TomlFile) -> None:
        self._file, self._raw, self._wrong = file, file.raw, file.wrong

    def playbook(self, version: str) -> Playbook:
        self._file.check_keys(_KEYS)
        return Playbook(
            name=self._file.text("name", _LONGEST_NAME),
            text=self._file.text("text", LONGEST_TEXT),
            review_on=self._review(),
            version=version,
            themes=self._names("themes", THEMES),
            channels=self._names("channels", manifests()),
            languages=self._names("languages", sorted(WATCHED | NOT_LATIN)),
            severity=self._severity(),
            market=self._market(),
            limits=self._limits(),
        )

    def _review(self) -> date:
        value = self._raw.get("review")
        if not isinstance(value, date) or isinstance(value, datetime):
            raise self._wrong("review", "needed: the day on which somebody looks at it again, like 2027-06-01")
        return value

    def _names(self, key: str, known: Collection[str]) -> frozenset[str]:
        """A name that is none would keep the playbook from ever applying, and nobody would see it."""
        value = self._raw.get(key, [])
        if not isinstance(value, list):
            raise self._wrong(key, f'write a list, like {key} = ["one", "other"]')
        for name in value:
            if not isinstance(name, str) or name not in known:
                raise self._wrong(key, f"{name!r} is none; choose from {', '.join(known)}")
        return frozenset(value)

    def _severity(self) -> int:
        value = self._raw.get("severity", 0)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _MOST_SEVERE:
            raise self._wrong("severity", f"write a number from 0 to {_MOST_SEVERE}")
        return value

    def _market(self) -> str:
        value = self._raw.get("market", "")
        if not isinstance(value, str) or (value and not _MARKET.fullmatch(value)):
            raise self._wrong("market", "write the two capital letters of a country like HR, or leave it out")
        if value and value not in PACKS.all():
            raise self._wrong("market", f"{value} has no market pack; {choose_market()}, or leave it out")
        return value

    def _limits(self) -> dict[str, float]:
        value = self._raw.get("limits", {})
        if not isinstance(value, dict):
            raise self._wrong("limits", "write a section [limits] with lines like EUR = 20")
        for currency, amount in value.items():
            if currency not in CURRENCIES:
                raise self._wrong(currency, f"no currency that is read in replies; known are {', '.join(CURRENCIES)}")
            if isinstance(amount, bool) or not isinstance(amount, int | float) or not 0 <= amount < 1e12:
                raise self._wrong(currency, "write an amount, like EUR = 20")
        return {currency: float(amount) for currency, amount in value.items()}
