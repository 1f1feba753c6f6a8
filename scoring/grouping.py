"""The one door of grouping: a brand's posts in, the problem of each out, as the product and `run.py group` use it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from domain.mention import Mention
from scoring.cleaning import MAX_CHARACTERS
from scoring.near import hashed
from scoring.problems import Grouper, Telling
from scoring.scorer import NO_TIME, BrandProfile, Scorer
from scoring.traits import Reader


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
