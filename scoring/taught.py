"""Scores with what people taught and what they said: the rules first, then the lessons, then a person's own word.

A brand without lessons is scored by the rules alone, at no cost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple

import msgspec

from domain.correction import FEELINGS, FELT, LEVELS, NOTHING_SAID, Said, points_to, within
from domain.mention import LABELS, Mention, Score
from domain.ports import NO_HISTORY
from scoring.concepts import THEMES
from scoring.learning import (
    LEAST_POINTS,
    MOST_FEELING,
    MOST_POINTS,
    MOST_URGENCY,
    POINTS_A_LEVEL,
    SHOWN,
    SURE,
    Judge,
    Lesson,
    bounded,
    distinct,
    learn,
    speaking,
    words_of,
)
from scoring.priority import Facts, priority_of
from scoring.scorer import NOT_HEARD, Heard, Scorer
from scoring.sentiment import Sentiment
from scoring.themes import OTHER

LEARNED, CORRECTED = "learned", "corrected"
FINDINGS: Final = (*FEELINGS, "unsure")
"""What the rules find as feeling, in the order of a judge: verdicts first."""
_LEVELS: Final = tuple(range(len(LEVELS)))


@dataclass(frozen=True, slots=True)
class Model:
    """What a brand's people taught, one judge for each question that anybody corrected."""

    feeling: Judge | None = None
    urgency: Judge | None = None
    themes: Mapping[str, Judge] = field(default_factory=dict)
    lessons: int = 0

    @property
    def is_empty(self) -> bool:
        """It moves nothing."""
        return self.feeling is None and self.urgency is None and not self.themes


class Shift(NamedTuple):
    """What lessons make of one post: the feeling, points of urgency, themes, and the words that did it."""

    felt: Sentiment
    points: float
    themes: tuple[str, ...]
    words: list[str]


@dataclass(frozen=True, slots=True)
class TaughtScorer:
    """The scorer of one brand with the models of all brands, which change under it as people teach."""

    scorer: Scorer
    models: Mapping[int, Model]
    brand_id: int

    def score_batch(
        self, mentions: Sequence[Mention], now: datetime, earlier: Mapping[str, int] = NO_HISTORY
    ) -> list[Score]:
        """Scores of a page that nobody has corrected yet."""
        model = self.models.get(self.brand_id)
        if model is None:
            return self.scorer.score_batch(mentions, now, earlier)
        return score_taught(self.scorer, mentions, model, heard=Heard(now, earlier))

    def restate(self, mentions: Sequence[Mention], said: Sequence[Said]) -> list[Score]:
        """Scores of mentions with what people said of each."""
        return score_taught(self.scorer, mentions, self.models.get(self.brand_id), said)


def score_taught(
    scorer: Scorer,
    mentions: Sequence[Mention],
    model: Model | None,
    said: Sequence[Said] = (),
    heard: Heard = NOT_HEARD,
) -> list[Score]:
    """One score per mention, in order, with this model and what people said of each."""
    facts, cleaned = scorer.facts(mentions, heard)
    words = [words_of(text) for text in cleaned] if model is not None else [[]] * len(facts)
    rows = zip(mentions, facts, words, said or [NOTHING_SAID] * len(facts), strict=True)
    return [_score(scorer, mention, fact, model, own, its) for mention, fact, own, its in rows]


def _score(scorer: Scorer, mention: Mention, facts: Facts, model: Model | None, words: list[str], said: Said) -> Score:
    score = scorer.score_of(facts, mention)
    if said.label:
        score = _felt(scorer, mention, facts, spoken(facts.sentiment, said.label), score)
        reason = f"a person says {said.label}; the rules: {facts.sentiment.label}"
        score = msgspec.structs.replace(score, parts=((*score.parts[0][:2], reason), *score.parts[1:]))
    if model is not None and words:
        score = _taught(scorer, mention, facts, model, words, said, score)
    return _as_said(score, said)


def _felt(scorer: Scorer, mention: Mention, facts: Facts, felt: Sentiment, score: Score) -> Score:
    if felt == facts.sentiment:
        return score
    return scorer.score_of(msgspec.structs.replace(facts, sentiment=felt), mention)


def spoken(sentiment: Sentiment, label: str) -> Sentiment:
    """The feeling a person names, as near to what was found as it can be."""
    return Sentiment(label, within(sentiment.compound or 0.0, FELT[label]))


def _taught(
    scorer: Scorer, mention: Mention, facts: Facts, model: Model, words: list[str], said: Said, score: Score
) -> Score:
    """The first part goes on telling what the rules found; what lessons change of it is in their own."""
    felt, because = facts.sentiment, list[str]()
    if model.feeling and not said.label:
        felt, because = _feeling(model.feeling, words, facts.sentiment)
    taught = _felt(scorer, mention, facts, felt, score)
    points, urgent = _urgency(model.urgency, words, score.severity) if model.urgency else (0.0, [])
    points = round(bounded(taught.priority - score.priority + points, MOST_POINTS), 1)
    themes = _themes(model.themes, words, taught.themes)
    if not points and felt == facts.sentiment and themes == taught.themes:
        return score
    reason = _reason([*because, *urgent], felt if felt != facts.sentiment else None)
    parts = (*score.parts, (LEARNED, points, reason))
    return msgspec.structs.replace(taught, parts=parts, priority=priority_of(parts), themes=themes)


def _feeling(judge: Judge, words: list[str], found: Sentiment) -> tuple[Sentiment, list[str]]:
    """The feeling after what lessons say, and the words that changed it."""
    known, place = judge.known(words), FINDINGS.index(found.label)
    chances = judge.chances(known, place)
    best = chances.index(max(chances))
    if not known or best == place or chances[best] < SURE:
        return found, []
    felt = spoken(found, FINDINGS[best])
    if abs((felt.compound or 0.0) - (found.compound or 0.0)) > MOST_FEELING:
        return found, []
    return felt, speaking(judge, known, [float(verdict == best) for verdict in range(len(chances))])


def _urgency(judge: Judge, words: list[str], severity: int) -> tuple[float, list[str]]:
    """Points for what the words say beyond the rules' own level, and the words that say it."""
    known = judge.known(words)
    if not known:
        return 0.0, []
    more = _expected(judge.chances(known, severity)) - _expected(judge.without_words[severity])
    points = round(bounded(POINTS_A_LEVEL * more, MOST_URGENCY), 1)
    if abs(points) < LEAST_POINTS:
        return 0.0, []
    return points, speaking(judge, known, [level if points > 0 else -level for level in _LEVELS])


def _expected(chances: Sequence[float]) -> float:
    return sum(level * chance for level, chance in enumerate(chances))


def _themes(judges: Mapping[str, Judge], words: list[str], themes: tuple[str, ...]) -> tuple[str, ...]:
    """Themes with those that lessons add or take away; none left is "other"."""
    kept = set(themes) - set(OTHER)
    for theme, judge in judges.items():
        if known := judge.known(words):
            is_it = judge.chances(known, int(theme in kept))[1] > SURE
            kept = kept | {theme} if is_it else kept - {theme}
    return tuple(name for name in THEMES if name in kept) or OTHER


def _reason(words: Sequence[str], felt: Sentiment | None) -> str:
    said = ", ".join(f'"{word}"' for word in distinct(words)[:SHOWN])
    so = f"; so it sounds {felt.label}" if felt is not None else ""
    return f"as people corrected posts with {said}{so}" if said else f"as people corrected others{so}"


def _as_said(score: Score, said: Said) -> Score:
    if said.themes is not None:
        score = msgspec.structs.replace(score, themes=said.themes or OTHER)
    if said.level is None:
        return score
    part = (CORRECTED, points_to(said.level, score.priority), f"a person says: {LEVELS[said.level]}")
    parts = (*score.parts, part)
    return msgspec.structs.replace(score, parts=parts, priority=priority_of(parts), severity=said.level)


# --- learning -----------------------------------------------------------------------------------------------------


def model_of(scorer: Scorer, mentions: Sequence[Mention], said: Sequence[Said]) -> Model:
    """What these posts teach, in whatever order: those that people corrected, and those that they saw and left."""
    in_order = sorted(zip(mentions, said, strict=True), key=lambda row: _place(row[0]))
    mentions, said = [mention for mention, _ in in_order], [its for _, its in in_order]
    facts, cleaned = scorer.facts(mentions)
    scores = [_for_lesson(scorer, m, f, s) for m, f, s in zip(mentions, facts, said, strict=True)]
    words = [tuple(words_of(text)) for text in cleaned]
    rows = list(zip(words, map(_author, mentions), facts, scores, said, strict=True))
    feelings = [
        Lesson(own, author, FINDINGS.index(fact.sentiment.label), FEELINGS.index(label))
        for own, author, fact, _, its in rows if (label := its.label or fact.sentiment.label) in FEELINGS
    ]  # fmt: skip
    urgencies = [
        Lesson(own, author, score.severity, score.severity if its.lesson_level is None else its.lesson_level)
        for own, author, _, score, its in rows
    ]
    corrected = {name for _, _, _, score, its in rows for name in _differing(score, its)}
    themes = {
        name: judge for name in THEMES if name in corrected and (judge := learn(
            [Lesson(own, author, int(name in score.themes), int(name in (score.themes if its.themes is None
             else its.themes))) for own, author, _, score, its in rows], 2, 2))
    }  # fmt: skip
    levels = len(LEVELS)
    return Model(
        learn(feelings, len(FINDINGS), len(FEELINGS)), learn(urgencies, levels, levels), themes,
        sum(its != NOTHING_SAID for its in said),
    )  # fmt: skip


def _place(mention: Mention) -> tuple[datetime, str, str]:
    return mention.posted_at, mention.channel, mention.external_id


def _for_lesson(scorer: Scorer, mention: Mention, facts: Facts, said: Said) -> Score:
    """What the rules say once the feeling is right: urgency learns what is left."""
    felt = spoken(facts.sentiment, said.label) if said.label else facts.sentiment
    return scorer.score_of(msgspec.structs.replace(facts, sentiment=felt), mention)


def _differing(score: Score, said: Said) -> set[str]:
    if said.themes is None:
        return set()
    return set(score.themes).symmetric_difference(said.themes) - set(OTHER)


def _author(mention: Mention) -> str:
    return mention.author_id or mention.author_handle or mention.external_id


assert set(FINDINGS) == set(LABELS)
