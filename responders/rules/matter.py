"""What the person's post is: its tone as the reader hears it, where it is sure of one, all else as scoring reads it."""

from __future__ import annotations

from domain.mention import Score
from domain.remembering import remembered
from responders.rules import posts
from responders.rules.context import ReplyContext
from responders.rules.words import LANGUAGES
from scoring.scorer import score_text

GRAVE = frozenset({"safety", "legal", "privacy"})
SEVERE, GRAVEST = 2, 3
"""From such a severity on jokes are out of place, and anything but trouble has to be heard for certain; from the second
on nothing merry is heard at all."""
PLEASED = frozenset({"praise", "thanks", "chat"})


@remembered(256)
def score_of(mention: str, lang: str) -> Score:
    """The score of a post in this language."""
    return score_text(mention, lang)


def is_grave(context: ReplyContext) -> bool:
    """Whether it is about safety, law or private data: what we admit there may be held against us."""
    return bool(context.facts and not GRAVE.isdisjoint(score_of(context.facts.mention, context.lang).themes))


def is_serious(context: ReplyContext) -> bool:
    """Whether jokes are out of place."""
    return bool(context.facts and score_of(context.facts.mention, context.lang).severity >= SEVERE)


def is_complaint(context: ReplyContext) -> bool:
    """Whether the person is waiting for more than a thank-you. A row of question marks after praise is a picture that
    got lost on the way."""
    if context.facts is None:
        return False
    asked = context.facts.mention.rstrip()
    is_asked = asked.endswith("?") and not (asked.endswith("??") and is_praise(context))
    return is_asked or _tone(context, context.facts.mention) == "question" or is_trouble(context)


def is_trouble(context: ReplyContext) -> bool:
    """Whether something has gone wrong for the person."""
    if context.facts is None:
        return False
    tone, score = _tone(context, context.facts.mention), score_of(context.facts.mention, context.lang)
    return tone == posts.COMPLAINT if tone else score.label == "negative" or score.severity >= 1


def is_praise(context: ReplyContext) -> bool:
    """Whether the person is pleased or jokes, or nothing is known of what they wrote."""
    if context.facts is None:
        return True
    tone = _tone(context, context.facts.mention)
    return tone in PLEASED if tone else score_of(context.facts.mention, context.lang).label == "positive"


def _tone(context: ReplyContext, mention: str) -> str | None:
    """The tone, where it is heard for sure: trouble unless scoring finds the post positive, all else neither where the
    matter is severe or grave, nor in a language that the reader has not learned."""
    heard, score = posts.heard(mention), score_of(mention, context.lang)
    if heard is None or heard.tone is None:
        return None
    if heard.tone == posts.COMPLAINT:
        return None if score.label == "positive" else heard.tone
    is_weighed = weighs_up(
        heard.tone,
        score.severity,
        is_grave=not GRAVE.isdisjoint(score.themes),
        is_certain=heard.is_certain,
        is_safe=heard.is_safe,
    )
    return heard.tone if is_weighed and _is_ours(context, mention) else None


def weighs_up(tone: str, severity: int, *, is_grave: bool, is_certain: bool, is_safe: bool) -> bool:
    """Whether a tone counts in so severe a matter: trouble always; all else only where the reader hears no danger, and
    in a grave or severe one only for certain, nothing merry where it is grave."""
    if tone == posts.COMPLAINT:
        return True
    if not is_safe:
        return False
    if tone in PLEASED:
        return not is_grave and severity < (GRAVEST if is_certain else SEVERE)
    return is_certain or not (is_grave or severity >= SEVERE)


def _is_ours(context: ReplyContext, mention: str) -> bool:
    lang = context.detect(mention) if context.detect else None
    return lang is None or lang in LANGUAGES
