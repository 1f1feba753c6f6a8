"""The one door of grouping: a brand's posts in, the problem of each out, as the product and `run.py group` use it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

import msgspec

from domain.mention import Mention
from scoring.cleaning import MAX_CHARACTERS
from scoring.near import hashed
from scoring.problems import Grouper, State, Telling
from scoring.scorer import NO_TIME, BrandProfile, Scorer
from scoring.traits import Reader, Traits


class BrandGroups:
    """Groups bare texts of one brand that nobody scored yet."""

    def __init__(self, brand: str | None = None) -> None:
        names = (brand,) if brand else ()
        self.scorer = Scorer(BrandProfile(names=names))
        self.reader, self.grouper = Reader(names), Grouper()

    def place(self, number: int, text: str, lang: str | None, at: datetime | None, author: str = "") -> int | None:
        """The problem of the next text, None when it stands alone. Numbers rise; the first of a problem names it."""
        mention = Mention(
            channel="text", external_id="", text=text, posted_at=NO_TIME, thread_id="", lang_tag=lang, author_id=author
        )
        score = self.scorer.score(mention)
        traits = self.reader.read(text[:MAX_CHARACTERS], score.lang, score.label)
        placed = self.grouper.place(Telling(number, at.timestamp() if at else 0.0, traits, author=author_hash(author)))
        return placed.problem if placed else None


def author_hash(author: str) -> int:
    """Stands for an author without naming them; 0 for nobody."""
    return hashed(author) if author else 0


def without_single(problems: Iterable[int | None]) -> list[int | None]:
    """A problem that one post alone told of is none yet."""
    found = list(problems)
    sizes: dict[int | None, int] = {}
    for problem in found:
        sizes[problem] = sizes.get(problem, 0) + 1
    return [problem if sizes[problem] > 1 else None for problem in found]


def recalled(memory: bytes) -> Grouper:
    """The grouper as it was left, a new one where nothing is stored. Raises ValueError when it cannot be read."""
    return Grouper(msgspec.msgpack.decode(memory, type=State)) if memory else Grouper()


def remembered(grouper: Grouper) -> bytes:
    """What to store of a grouper."""
    return msgspec.msgpack.encode(grouper.state())


class Stored(Protocol):
    """A stored mention, as far as grouping reads it."""

    id: int
    channel: str
    author_id: str
    author_handle: str
    title: str
    text: str
    lang: str | None
    label: str
    severity: int
    posted_at: datetime


def telling(row: Stored, reader: Reader, kin: int | None = None) -> Telling:
    """A stored mention on its way to a problem."""
    text = f"{row.title}\n{row.text}" if row.title else row.text
    author = author_hash(f"{row.channel}:{row.author_id or row.author_handle}")
    return Telling(row.id, row.posted_at.timestamp(), reader.read(text, row.lang, row.label), kin, author)


def named_by(members: Iterable[tuple[Stored, Traits]]) -> dict[str, dict[str, int]]:
    """How many of these mentions named which cause, place, language, channel and severity."""
    named = {kind: Counter[str]() for kind in ("cause", "place", "lang", "channel", "severity")}
    for row, traits in members:
        named["cause"].update(traits.causes)
        named["place"].update(traits.places)
        named["lang"][row.lang or "?"] += 1
        named["channel"][row.channel] += 1
        named["severity"][str(row.severity)] += 1
    return {kind: dict(counts) for kind, counts in named.items()}
