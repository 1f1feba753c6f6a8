"""The one door of scoring: mentions in, scores out. Pure: the same mentions give the same scores."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from domain.mention import Mention, Score
from scoring.cleaning import MAX_CHARACTERS, Cleaner
from scoring.language import WATCHED, Detector
from scoring.priority import DEFAULT_WEIGHTS, Facts, Prioritiser, Weights, needs_answer, priority_of, severity_of
from scoring.sentiment import judge
from scoring.signals import fold, table_for

NO_HISTORY: Mapping[str, int] = {}


@dataclass(frozen=True, slots=True)
class BrandProfile:
    """What scoring must know of a brand. `names` are brand and product names, `handles` our accounts without @."""

    names: tuple[str, ...] = ()
    handles: tuple[str, ...] = ()
    languages: frozenset[str] = WATCHED
    default_language: str | None = None
    weights: Weights = DEFAULT_WEIGHTS


class Scorer:
    """Scores the mentions of one brand: language, sentiment, severity, priority with reasons."""

    def __init__(self, brand: BrandProfile | None = None) -> None:
        self.brand = brand or BrandProfile()
        self.detector = Detector(self.brand.languages, self.brand.default_language)
        self.cleaner = Cleaner((*self.brand.names, *self.brand.handles))
        self.prioritiser = Prioritiser(self.brand.weights)
        self._handles = frozenset(handle.lstrip("@").casefold() for handle in self.brand.handles)
        self._at_us = re.compile(
            rf"(?<![\w.])@(?:{'|'.join(map(re.escape, sorted(self._handles)))})(?!\w)", re.IGNORECASE
        )

    def warm(self) -> None:
        """Load the language model ahead of need; call it from a thread."""
        self.detector.warm()

    def score_batch(
        self, mentions: Sequence[Mention], now: datetime, earlier: Mapping[str, int] = NO_HISTORY
    ) -> list[Score]:
        """One score per mention, in order. `earlier` counts former mentions by author id, where storage knows."""
        del now  # a score holds no time, so it never goes stale; the queue adds what is due
        return [self.score(mention, earlier.get(mention.author_id, 0)) for mention in mentions]

    def score(self, mention: Mention, earlier_mentions: int = 0) -> Score:
        """The score of one mention."""
        text = (mention.full_text if mention.title else mention.text)[:MAX_CHARACTERS]
        lang = self.detector.detect(text, mention.lang_tag)
        cleaned = self.cleaner.clean(text)
        facts = Facts(
            judge(cleaned, lang),
            table_for(lang).find(fold(cleaned)),
            "?" in cleaned or "？" in cleaned,
            mention.addressed or self._speaks_to_us(text),
            mention.author_followers,
            mention.shares,
            earlier_mentions,
            lang,
        )
        is_ours = mention.author_handle.lstrip("@").casefold() in self._handles
        return self._score(facts, mention.is_repost, is_ours)

    def _speaks_to_us(self, text: str) -> bool:
        return "@" in text and bool(self._handles) and self._at_us.search(text) is not None

    def _score(self, facts: Facts, is_repost: bool, is_ours: bool) -> Score:
        parts = self.prioritiser.parts(facts)
        severity = severity_of(facts.sentiment, facts.found)
        needed, why = needs_answer(facts, severity, is_repost, is_ours)
        return Score(
            lang=facts.lang,
            sentiment=facts.sentiment.compound,
            label=facts.sentiment.label,
            priority=priority_of(parts),
            severity=severity,
            parts=parts,
            needs_answer=needed,
            why=why,
        )


NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)


def score_text(text: str, lang: str | None = None, brand: BrandProfile | str | None = None) -> Score:
    """The score of a bare text; `lang` is the platform's tag, `brand` a profile or just a name."""
    mention = Mention(channel="text", external_id="", text=text, posted_at=NO_TIME, thread_id="", lang_tag=lang)
    return _scorer_for(brand).score(mention)


@lru_cache(maxsize=64)
def _scorer_of_name(name: str | None) -> Scorer:
    return Scorer(BrandProfile(names=(name,)) if name else None)


def _scorer_for(brand: BrandProfile | str | None) -> Scorer:
    return Scorer(brand) if isinstance(brand, BrandProfile) else _scorer_of_name(brand)
