"""The one door of scoring: mentions in, scores out. Pure: the same mentions give the same scores."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple

from domain.mention import Mention, Score
from domain.ports import NO_HISTORY
from scoring.cleaning import MAX_CHARACTERS, Cleaner
from scoring.form import form_of
from scoring.language import WATCHED, Detector
from scoring.priority import (
    DEFAULT_WEIGHTS,
    Facts,
    Prioritiser,
    Weights,
    looks_like_spam,
    needs_answer,
    priority_of,
    severity_of,
)
from scoring.sentiment import NEUTRAL, felt, judge_page
from scoring.signals import find
from scoring.spacing import fold_for
from scoring.themes import themes_of
from scoring.words import table_for

NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)
LEAST_AGE_S = 900.0
"""What is younger counts as a quarter of an hour old: two shares in its first minute are no wave."""


class Heard(NamedTuple):
    """What mentions do not tell: when they were heard, and how many former posts their authors have."""

    at: datetime = NO_TIME
    earlier: Mapping[str, int] = NO_HISTORY


NOT_HEARD = Heard()


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
        self._at_names = tuple(f"@{handle}" for handle in self._handles)
        self._at_us = re.compile(
            rf"(?<![\w.])@(?:{'|'.join(map(re.escape, sorted(self._handles)))})(?!\w)", re.IGNORECASE
        )

    def warm(self) -> None:
        """Load the language model ahead of need; call it from a thread."""
        self.detector.warm()

    def score_batch(
        self, mentions: Sequence[Mention], now: datetime, earlier: Mapping[str, int] = NO_HISTORY
    ) -> list[Score]:
        """One score per mention, in order. `earlier` counts former mentions by author id, where storage knows.

        Stage by stage for the whole page, not post by post: the word tables of one stage then stay in the processor's
        cache, which saves a third of the time. What people taught comes on top: see `taught`.
        """
        facts, _ = self.facts(mentions, Heard(now, earlier))
        return [self.score_of(fact, m) for fact, m in zip(facts, mentions, strict=True)]

    def facts(self, mentions: Sequence[Mention], heard: Heard = NOT_HEARD) -> tuple[list[Facts], list[str]]:
        """What scores are made of, and the texts without names, handles and links."""
        texts = [(m.full_text if m.title else m.text)[:MAX_CHARACTERS] for m in mentions]
        detect, clean = self.detector.detect, self.cleaner.clean
        langs = [detect(text, m.lang_tag) for text, m in zip(texts, mentions, strict=True)]
        cleaned = [clean(text) for text in texts]
        reads = [table_for(lang).read(fold_for(text, lang)) for text, lang in zip(cleaned, langs, strict=True)]
        found = list(map(find, reads))
        own = list(map(felt, cleaned, reads, langs))
        addressed = [m.addressed or self._speaks_to_us(text) for m, text in zip(mentions, texts, strict=True)]
        forms = list(map(form_of, texts, cleaned, found, addressed))
        feelings = judge_page(cleaned, own, langs, forms)
        facts = [
            Facts(
                NEUTRAL if looks_like_spam(signals, form) else feeling,
                signals,
                form,
                to_us,
                m.author_followers,
                m.shares,
                heard.earlier.get(m.author_id, 0) if heard.earlier else 0,
                lang,
                shares_an_hour(m, heard.at) if m.shares else 0.0,
            )
            for m, lang, form, to_us, feeling, signals in zip(
                mentions, langs, forms, addressed, feelings, found, strict=True
            )
        ]
        return facts, cleaned

    def score(self, mention: Mention, earlier_mentions: int = 0) -> Score:
        """The score of one mention."""
        return self.score_batch([mention], NO_TIME, {mention.author_id: earlier_mentions})[0]

    def _speaks_to_us(self, text: str) -> bool:
        if "@" not in text or not self._handles:
            return False
        # the pattern must look at every character; nearly no post names us, and this shows it at once
        named = any(map(text.casefold().__contains__, self._at_names))
        return named and self._at_us.search(text) is not None

    def score_of(self, facts: Facts, mention: Mention) -> Score:
        """The score of a mention with these facts."""
        is_ours = bool(self._handles) and mention.author_handle.lstrip("@").casefold() in self._handles
        parts = self.prioritiser.parts(facts)
        severity = severity_of(facts.sentiment, facts.found, facts.form)
        concepts = tuple(facts.found.concepts)
        needed, why = needs_answer(facts, severity, mention.is_repost, is_ours)
        return Score(
            lang=facts.lang,
            sentiment=facts.sentiment.compound,
            label=facts.sentiment.label,
            priority=priority_of(parts),
            severity=severity,
            parts=parts,
            needs_answer=needed,
            why=why,
            themes=themes_of(concepts, facts.sentiment.label, facts.form.is_question),
            concepts=concepts,
        )


def shares_an_hour(mention: Mention, heard_at: datetime) -> float:
    """How fast it spread until it was heard; 0 when that is not known."""
    if heard_at <= mention.posted_at:
        return 0.0
    return 3600.0 * mention.shares / max(LEAST_AGE_S, (heard_at - mention.posted_at).total_seconds())


def score_text(text: str, lang: str | None = None, brand: BrandProfile | str | None = None) -> Score:
    """The score of a bare text; `lang` is the platform's tag, `brand` a profile or just a name."""
    mention = Mention(channel="text", external_id="", text=text, posted_at=NO_TIME, thread_id="", lang_tag=lang)
    return _scorer_for(brand).score(mention)


@lru_cache(maxsize=64)
def _scorer_of_name(name: str | None) -> Scorer:
    return Scorer(BrandProfile(names=(name,)) if name else None)


def _scorer_for(brand: BrandProfile | str | None) -> Scorer:
    return Scorer(brand) if isinstance(brand, BrandProfile) else _scorer_of_name(brand)
