"""What of a page concerns us: our own posts apart, the rest matched and scored. One bad post costs only itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from domain.mention import Mention, Score
from domain.ports import NO_HISTORY, Page, Scorer, Unreadable
from listener.ears import Ears
from storage.arriving import Arrival

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Sorted:
    """A page, sorted. `newest_at` is the moment of its newest post, matching or not; without posts, when it came."""

    arrivals: tuple[Arrival, ...]
    own: tuple[Mention, ...]
    unreadable: tuple[Unreadable, ...]
    newest_at: datetime | None


def sort_page(ears: Ears, page: Page, now: datetime, earlier: Mapping[str, int] = NO_HISTORY) -> Sorted:
    """Match and score a page; `earlier` counts former posts by author id. What cannot be matched is quarantined, what
    cannot be scored is kept unscored."""
    matched: list[tuple[Mention, list[int]]] = []
    own: list[Mention] = []
    unreadable = list(page.unreadable)
    newest: datetime | None = None if page.mentions or not page.seen else now
    for mention in page.mentions:
        try:
            newest = max(_aware(mention), newest or mention.posted_at)
            topics = ears.matcher.match(mention)
        except Exception as error:
            unreadable.append(poison(mention, error))
            continue
        if is_ours(mention, ears.own_names):
            own.append(mention)
        elif topics or mention.addressed or ears.takes_all:
            matched.append((mention, topics))
    scores = score_page(ears.scorer, [mention for mention, _ in matched], now, earlier)
    arrivals = tuple(Arrival(m, s, t) for (m, t), s in zip(matched, scores, strict=True))
    return Sorted(arrivals, tuple(own), tuple(unreadable), newest)


def _aware(mention: Mention) -> datetime:
    if mention.posted_at.tzinfo is None:
        raise ValueError("a moment without a zone")
    return mention.posted_at


def is_ours(mention: Mention, own_names: frozenset[str]) -> bool:
    """Whether one of our accounts, or somebody under one of our names, wrote it or would get the answer."""
    names = mention.author_handle.casefold().lstrip("@"), mention.author_id, str(mention.native.get("to")).casefold()
    return not own_names.isdisjoint(names)


def poison(mention: Mention, error: Exception) -> Unreadable:
    """A post that cannot be worked on, as quarantine keeps it."""
    log.warning(
        "post set aside", channel=mention.channel, post=repr(mention.external_id)[:80], why=type(error).__name__
    )
    sample = f"{mention.title}\n{mention.text}".encode("utf-8", "backslashreplace")
    place = mention.external_id.encode("ascii", "backslashreplace").decode()[:200].replace("\x00", "\\x00")
    return Unreadable(f"post {place}", f"cannot be stored ({type(error).__name__})", sample)


def score_page(
    scorer: Scorer, mentions: Sequence[Mention], now: datetime, earlier: Mapping[str, int] = NO_HISTORY
) -> list[Score | None]:
    """Scores of a page; a post that makes the scorer fail gets None and costs only itself."""
    try:
        return list(scorer.score_batch(mentions, now, earlier))
    except Exception:
        log.exception("a page could not be scored at once; scoring its posts one by one")
        return [_score_alone(scorer, mention, now, earlier) for mention in mentions]


def _score_alone(scorer: Scorer, mention: Mention, now: datetime, earlier: Mapping[str, int]) -> Score | None:
    try:
        return scorer.score_batch([mention], now, earlier)[0]
    except Exception:
        log.exception("post could not be scored", channel=mention.channel, external_id=mention.external_id)
        return None
