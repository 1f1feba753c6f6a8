"""What a reply may rest on: the figures, words and concepts of everything that is known of a case."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from domain.remembering import remembered
from responders.facts import Facts
from responders.kinship import own_words
from responders.rules.figures import ENDING, HALF_DAY, MINUTES, Figure, Reading, figures
from responders.rules.reckoning import Told, told_of
from responders.rules.stems import stems
from responders.rules.words import words_of
from scoring.folding import fold

COMING = ("next", "plan", "eta", "commit", "promis", "schedul")
"""Keys of `known` that begin so tell what will be, so they prove nothing that has happened."""
DATED = frozenset({"yesterday", "morning", "afternoon", "tonight", "today", "last week"})
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SHORT_DAYS = re.compile(r"\b(?:mon|tues?|wed|thu(?:rs?)?|fri|sat|sun)\b")
_ONE_IN = re.compile(
    r"(?<![\d.,:/-])(\d{1,3}) (?:in|of|out of|sa|od|dari|no|mula sa) (?:every |bawat )?(\d{1,4})(?![\d.,:/-])"
)
_RELEASE = re.compile(r"(?<![\d.])\d{1,2}\.\d{1,2}\.\d{1,3}(?![\d.])")
"""The number of a version of some program ("2.9.1")."""
PAST = frozenset({"yesterday", "last week", "morning"})
MOST_READ = 8_000
"""So many characters of each source are read: whoever types waits for it."""
FREE = frozenset({"claim:free", "act:waive", "act:gift"})
FREELY_SAID = 2
"""Whole numbers up to here need no source: "one more question", "2 things"."""
TERMS = frozenset({"clock", "span", "spoken span", "percent"})
Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Ground:
    """`readings` of all figures, `figured` the same by kind, `joined` letters and digits without anything between,
    `stems` of all words, `known` those of what we know and may tell, the mention apart.

    `weekdays` are those that a source names, or of a date that is to come: a promise may rest on no other date.
    `happened` are the concepts that known facts (not plans, not policies) name, `named` those of any source, `told`
    those of the post, whose stems are `mention`. `names` is all text with the names of person and
    brand, `past` the stems of what is known to have happened; `foreign`: that is told in English, the reply is not.
    `local` are the hours and terms of the market's pack: what holds there, but no commitment of ours; `days_off` are
    the dates of its holidays, `occasions` what those are called.
    """

    readings: frozenset[Reading]
    figured: Told
    weekdays: frozenset[Reading]
    texts: str
    joined: str
    stems: frozenset[str]
    known: frozenset[str]
    mention: frozenset[str]
    happened: frozenset[str]
    named: frozenset[str]
    told: frozenset[str]
    names: str = ""
    foreign: bool = False
    past: frozenset[str] = frozenset()
    local: frozenset[Reading] = frozenset()
    days_off: frozenset[Reading] = frozenset()
    occasions: str = ""

    def bears(self, figure: Figure, written: str, *, promised: bool = False) -> bool:
        """Whether some source says this figure: as it is `written`, or in one of the ways it can be read.

        A day that is `promised` has to be told as such; one that has passed may be another name of a date.
        """
        if promised and figure.kind == "day" and figure.readings[0][1] not in PAST:
            return figure.readings[0] in self.readings or (
                ("day", "today") in self.readings and figure.readings[0][1] in ("tonight", "afternoon")
            )
        if promised and figure.kind == "weekday":
            return figure.readings[0] in self.weekdays
        borne = any(self._bears(kind, value) for kind, value in figure.readings)
        return borne or self.says(written) or self.says(ENDING.sub("", written))

    def holds(self, figure: Figure) -> bool:
        """Whether the market's pack says so."""
        return not self.local.isdisjoint(figure.readings)

    def says(self, written: str) -> bool:
        """Whether these very characters stand in a source, not inside a longer number or word."""
        bare = written.strip(" .,;:!?()'\"")
        before, after = (r"\w" if end.isalpha() else r"\d" for end in (bare[:1], bare[-1:]))
        return bool(bare) and re.search(rf"(?<!{before}){re.escape(bare)}(?!{after})", self.texts) is not None

    def _bears(self, kind: str, value: float | str) -> bool:
        if (kind.removeprefix("spoken "), value) in self.readings:
            return True
        if (kind, value) == ("spoken clock", HALF_DAY):
            return ("any", HALF_DAY / 60) in self.readings  # "till noon" where "8-12" stands
        if kind == "code":
            return str(value) in self.joined
        if kind == "day":
            return str(value) in DATED and self.is_dated
        if self.figured.follows(kind.removeprefix("spoken "), float(value)):
            return True
        if kind == "number":
            return ("anywhere", value) in self.readings or self._bears_number(float(value))
        return kind.startswith("money") and not value and not self.named.isdisjoint(FREE)

    @property
    def is_dated(self) -> bool:
        """Whether a source tells a day or a time, so that "yesterday" may well be right."""
        return any(kind in ("date", "clock", "weekday", "day") for kind, _ in self.readings)

    def _bears_number(self, value: float) -> bool:
        if value <= FREELY_SAID or ("any", value) in self.readings:
            return True
        return value >= 1_000 and f"{value:.0f}" in self.joined


def ground_of(facts: Facts, lang: str) -> Ground:
    """What the sources of this case bear, for a reply in this language."""
    articles = tuple(article.text[:MOST_READ] for article in facts.knowledge)
    known = tuple((key, text[:MOST_READ]) for key, text in facts.public.items())
    ways = facts.local.names if facts.local else ()
    names = " ".join((facts.author_name, facts.brand, *ways))
    terms = facts.local.texts if facts.local else ()
    alarm = facts.local.emergency if facts.local else ()
    kept = facts.local.occasions if facts.local else ()
    return _ground(facts.mention[:MOST_READ], known, articles, names, terms, alarm, kept, lang, facts.year)


@remembered(128)
def _ground(
    mention: str,
    known: Pairs,
    articles: tuple[str, ...],
    names: str,
    terms: tuple[str, ...],
    alarm: tuple[str, ...],
    kept: tuple[tuple[int, str], ...],
    lang: str,
    year: int,
) -> Ground:
    langs = tuple(dict.fromkeys((lang, "en")))
    said = [(key, fold(f"{key.replace('_', ' ').replace('.', ' ')}: {text}")) for key, text in known]
    every = [fold(mention), *(text for _, text in said), *map(fold, articles)]
    ahead = [text for key, text in said if not key.casefold().startswith("done")]
    readings = frozenset((*_all_readings(every, langs, year), *_anywhere(alarm, year)))
    return Ground(
        texts="\n".join(every),
        readings=readings,
        figured=told_of(readings),
        weekdays=frozenset(_weekdays_told(every, ahead, langs, year)),
        joined="|".join("".join(filter(str.isalnum, text)) for text in (*every, fold(names))),
        stems=frozenset(stem for text in every for each in langs for stem in stems(text, each)),
        known=frozenset(stem for text in every[1:] for each in langs for stem in stems(text, each)),
        mention=frozenset(stem for each in langs for stem in stems(every[0], each)),
        told=frozenset(concepts(every[:1], langs)),
        happened=frozenset(concepts([text for key, text in said if not _is_coming(key)], langs)),
        named=frozenset((*concepts(every, langs), *_implied_causes(known))),
        names="\n".join((*every, fold(names))),
        past=frozenset(stem for key, text in said if not _is_coming(key) for stem in stems(text, lang)),
        local=frozenset(_terms(terms)),
        days_off=frozenset(("date", day) for day, _ in kept),
        occasions=fold("\n".join(called for _, called in kept)),
        foreign=lang != "en" and own_words("en", "\n".join(every[1:])) > own_words(lang, "\n".join(every[1:])),
    )


def _implied_causes(known: Pairs) -> Iterator[str]:
    """A confirmed outage is a fault, in whatever words it is noted."""
    if any(key.casefold().startswith("known_outage") for key, _ in known):
        yield "cause:technical fault"


def _anywhere(alarm: Iterable[str], year: int) -> Iterator[Reading]:
    """Numbers that need no source: those to ring in danger, this year and the next."""
    yield from (("anywhere", float(number)) for number in (*alarm, *((year, year + 1) if year else ())))


def _terms(texts: Iterable[str]) -> Iterator[Reading]:
    """Hours, lengths of time, sums and shares of a market's pack, which is written in English."""
    for text in texts:
        for figure in figures(fold(text), ("en",)):
            yield from (("span" if kind == "spoken span" else kind, value) for kind, value in figure.readings
                        if kind in TERMS or kind.startswith("money"))  # fmt: skip


def _all_readings(texts: list[str], langs: tuple[str, ...], year: int) -> Iterator[Reading]:
    for text in texts:
        yield from _readings(text, langs, year)
        yield from _shares(text)
        for found in _SHORT_DAYS.finditer(text):
            yield "weekday", WEEKDAYS.index(found[0][:3])


def _weekdays_told(every: list[str], ahead: list[str], langs: tuple[str, ...], year: int) -> Iterator[Reading]:
    """Weekdays that some text names, and those of the dates in the texts of what may lie ahead."""
    for told, implied in ((every, ""), (ahead, "date")):
        for kind, value in _all_readings(told, langs, 0 if not implied else year):
            if kind == "weekday":
                yield kind, value


def _is_coming(name: str) -> bool:
    return name.casefold().startswith(COMING)


def _readings(text: str, langs: tuple[str, ...], year: int) -> Iterator[Reading]:
    for figure in figures(text, langs):
        for kind, value in figure.readings:
            yield kind.removeprefix("spoken ") if kind == "spoken clock" else kind, value
            if isinstance(value, float | int) and kind != "weekday":
                yield "any", float(value)
                yield from _implied(kind, float(value), year)


def _shares(text: str) -> Iterator[Reading]:
    """ "1 in 4" is 25 %."""
    for found in _ONE_IN.finditer(text):
        if 0 < int(found[1]) < int(found[2]):
            yield "percent", 100 * int(found[1]) / int(found[2])


def _implied(kind: str, value: float, year: int) -> Iterator[Reading]:
    """What else a told clock, date or length of time may be called."""
    if kind.endswith("clock"):
        yield "any", value // 60
        yield "any", (value // 60 - 12) % 24 if value > 720 else value // 60
    elif kind == "date":
        yield from _weekdays(int(value), year)
        yield "any", value % 100
        yield "month", int(value) // 100
    elif kind.endswith("span"):
        yield "span", value
        if value > MINUTES["hour"]:
            yield "span", value - value % MINUTES["hour"]  # "2 h 15 min" is more than two hours
        yield from (("any", value / unit) for unit in MINUTES.values())


def _weekdays(value: int, year: int) -> Iterator[Reading]:
    """The weekday of a date whose year nobody told: that of the post's year, or of the one before."""
    for each in (year - 1, year) if year else ():
        with suppress(ValueError):
            yield "weekday", date(each, value // 100, value % 100).weekday()


def concepts(texts: Iterable[str], langs: Iterable[str]) -> Iterator[str]:
    """The names of acts, causes and claims that these folded texts speak of."""
    joined = "\n".join(texts)
    if _RELEASE.search(joined):
        yield "claim:version"
    for words in map(words_of, langs):
        yield from (f"act:{name}" for name, act in {**words.acts, **words.weighty}.items() if act.any.search(joined))
        yield from (f"cause:{name}" for name, found in words.causes.items() if found.search(joined))
        yield from (f"claim:{name}" for name, found in words.claims.items() if found.search(joined))
