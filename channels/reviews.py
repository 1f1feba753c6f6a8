"""What reviews of stores have in common: from a store's review to mentions. No I/O.

A review has stars, one answer at most, and an author who may change it at any time. A post is known by the store's id
of the review, and a change of it is an edit. But an author who changes words that were answered already has written
again: that is a post of its own in the thread of the review, so that the case opens once more.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from channels.manifest import Situation
from channels.upsert import REPLACES, Standing, answer_id, mark
from domain.mention import Mention, content_hash

BEST = 5
SAME_ACT = timedelta(minutes=1)
"""Moments that a store notes for one act may differ by so much."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """One review as its store gave it. `edited_at` is there when the store tells of a later change. `answer` is
    what stands under it; `native` what its publisher needs. `is_dated`: its moment is the store's, not a guess."""

    channel: str
    id: str
    text: str
    posted_at: datetime
    title: str = ""
    rating: int | None = None
    edited_at: datetime | None = None
    author_name: str = ""
    author_id: str = ""
    url: str = ""
    lang: str | None = None
    native: dict[str, Any] = field(default_factory=dict)
    answer: Standing | None = None
    is_dated: bool = True

    @property
    def last_at(self) -> datetime:
        """When the author last wrote."""
        return self.edited_at or self.posted_at

    @property
    def stamp(self) -> str:
        """Names this version of the review."""
        if self.is_dated:
            return f"{self.id}@{int(self.last_at.timestamp())}"
        return f"{self.id}:{content_hash(self.title, f'{self.rating} {self.text}')}"

    @property
    def is_changed_since_answer(self) -> bool:
        """Whether the author has written again after the answer that stands there."""
        answered_at = self.answer.written_at if self.answer else None
        return answered_at is not None and answered_at + SAME_ACT < self.last_at


def stars(rating: int | None) -> str:
    """Two of five as `★★☆☆☆`; empty when there is no rating."""
    return "★" * rating + "☆" * (BEST - rating) if rating is not None and 1 <= rating <= BEST else ""


def mention_of(review: Review) -> Mention:
    """The review as a post to us. Its stars stand in the title, so that a change of them alone is an edit, too."""
    again = review.is_changed_since_answer
    return Mention(
        channel=review.channel,
        external_id=review.stamp if again else review.id,
        text=review.text,
        title=f"{stars(review.rating)} {review.title}".strip(),
        posted_at=review.last_at if again else review.posted_at,
        thread_id=review.id,
        parent_id=review.id if again else None,
        url=review.url,
        author_id=review.author_id,
        author_name=review.author_name,
        lang_tag=review.lang,
        edited_at=review.edited_at,
        addressed=True,
        native={"rating": review.rating, **review.native, **_answer_facts(review)},
    )


def _answer_facts(review: Review) -> dict[str, Any]:
    """What an answer of ours meets there: one that counts, or one that it may replace."""
    if review.answer is None:
        return {}
    return {REPLACES: mark(review.answer.text)} if review.is_changed_since_answer else {"answered": True}


def answer_of(review: Review, own_id: str) -> Mention | None:
    """The answer that stands there as a post of ours: what a colleague posted by hand is found by it."""
    answer = review.answer
    if answer is None or answer.written_at is None or not own_id:
        return None
    return Mention(
        channel=review.channel,
        external_id=answer.external_id or answer_id(review.id),
        text=answer.text,
        posted_at=answer.written_at,
        thread_id=review.id,
        parent_id=review.id,
        url=answer.url or review.url,
        author_id=own_id,
    )


def is_answered(situation: Situation) -> bool:
    """For tables of answers: an answer to these very words stands there already."""
    return bool(situation.native.get("answered"))


def is_changed(situation: Situation) -> bool:
    """For tables of answers: the author has changed the review since it was answered."""
    return bool(situation.native.get(REPLACES))
