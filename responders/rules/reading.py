"""A reply as the rules read it: sentences, and the same letters without accents, each traced to where it stands."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

from domain.remembering import remembered
from responders.links import addresses
from scoring.folding import plain_letter

_END = re.compile(r"[.!?…]+[\"'”’»)]*(?=\s)|\n+|(?<=[!?])(?=[A-ZÀ-Ž])")
_SHORT = re.compile(
    r"(?:^|[\s(])(?:\d{1,2}|npr|br|tzv|god|ul|sv|tel|no|nr|mr|mrs|ms|dr|st|pl|kb|stb|pld|kft|plkst|plk|hal|jl|bpk|sdr|tgl|gng|"
    r"brgy|bld|min|max|approx|vs|etc|e\.g|i\.e|u|[a-z])\.$",
    re.IGNORECASE,
)
_MAY_GO_ON = re.compile(r"\s*[a-zà-ž\d]")
_STOP = re.compile(r"[,;:–—(]| - ")
_HANDLE = re.compile(r"(?<![\w@./])@[A-Za-z0-9_][\w.-]*(?:@[\w.-]+)?")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence; `start` and `end` count in the folded reply."""

    start: int
    end: int
    plain: str
    is_question: bool
    reading: Reading = field(repr=False, compare=False)

    @property
    def written(self) -> str:
        """The words as they stand in the reply."""
        return self.reading.quote(self.start, self.end)

    def clause_before(self, at: int) -> str:
        """What stands between the last comma (or the beginning) and this place of the sentence."""
        stops = [found.end() for found in _STOP.finditer(self.plain, 0, at)]
        return self.plain[stops[-1] if stops else 0 : at]

    def clause(self, start: int, end: int) -> Sentence:
        """The part of it between commas in which this stretch stands."""
        begin = start - len(self.clause_before(start))
        stop = _STOP.search(self.plain, end)
        until = stop.start() if stop else len(self.plain)
        return replace(self, start=self.start + begin, end=self.start + until, plain=self.plain[begin:until])


@dataclass(frozen=True)
class Reading:
    """`plain` is the reply in lower case without accents; links and handles are blank in it."""

    text: str
    plain: str
    places: tuple[int, ...]

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        """All sentences that hold a letter or digit."""
        return tuple(_sentences(self))

    def quote(self, start: int, end: int) -> str:
        """The words as they stand in the reply."""
        return self.text[self.places[start] : self.places[max(start, end - 1)] + 1].strip()


@remembered(256)
def read(text: str) -> Reading:
    """The reply made ready for the rules."""
    plain, places = list[str](), list[int]()
    for at, char in enumerate(_without_addresses(text)):
        flat = plain_letter(char.lower()) if not char.isascii() else char.lower()
        plain.append(flat)
        places.extend([at] * len(flat))
    return Reading(text, "".join(plain), tuple(places))


def _without_addresses(text: str) -> str:
    for written, _ in addresses(text):
        text = text.replace(written, " " * len(written))
    return _HANDLE.sub(lambda found: " " * len(found[0]), text)


def _sentences(reading: Reading) -> Iterator[Sentence]:
    start = 0
    for end in (*_ends(reading), len(reading.plain)):
        plain = reading.plain[start:end]
        if any(char.isalnum() for char in plain):
            is_question = plain.rstrip(" \n\"'”’»)🙂😊🙏").endswith("?")
            yield Sentence(start, end, plain, is_question, reading)
        start = end


def _ends(reading: Reading) -> Iterator[int]:
    """Ends of sentences: not after an abbreviation, an initial or the number of a day ("12. svibnja")."""
    written = [reading.text[place] for place in reading.places]
    cased = "".join(written)
    for found in _END.finditer(cased):
        before = cased[max(0, found.start() - 12) : found.start()] + "."
        is_dot = cased[found.start() : found.end()].strip("\"'”’»)") == "."
        if is_dot and _SHORT.search(before) and _MAY_GO_ON.match(cased, found.end()):
            continue
        if is_dot and re.search(r"\b(?:[A-Z]|Mr|Mrs|Ms|Dr|No|Nr|Br|Bp|Jl|St)\.$", before):
            continue
        yield found.end()


def normal(text: str) -> str:
    """The text in one form of writing: full-width digits and ligatures become plain ones."""
    return unicodedata.normalize("NFKC", text)
