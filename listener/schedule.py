"""When to poll next. Pure: the same values give the same moment."""

from __future__ import annotations

from datetime import datetime, timedelta

_LONGEST_WAIT_S = 3600.0
_LONGEST_LIMIT_S = 86_400.0
_JITTER_SHARE = 0.1


def after_success(now: datetime, interval_s: float, jitter: float) -> datetime:
    """The next regular poll. `jitter` in [0, 1) spreads sources that were added together by up to a tenth."""
    return now + timedelta(seconds=interval_s * (1 + _JITTER_SHARE * jitter))


def after_failure(now: datetime, interval_s: float, failures: int, jitter: float) -> datetime:
    """Longer each time: the interval doubles with each failure in a row, up to an hour."""
    wait = min(interval_s * 2 ** min(failures, 10), max(_LONGEST_WAIT_S, interval_s))
    return now + timedelta(seconds=wait * (1 + _JITTER_SHARE * jitter))


def after_limit(now: datetime, retry_at: datetime | None, interval_s: float) -> datetime:
    """As the network tells us, or one interval when it does not tell.

    Never longer than a day: quotas begin anew by then, and a wrong answer must not silence a source for good.
    """
    if retry_at is None:
        return now + timedelta(seconds=interval_s)
    return min(max(retry_at, now), now + timedelta(seconds=_LONGEST_LIMIT_S))


def is_silent(
    now: datetime, last_mention_at: datetime | None, listening_since: datetime, silence_after_s: float
) -> bool:
    """Whether the source has served nothing for longer than is normal for it."""
    return (now - max(last_mention_at or listening_since, listening_since)).total_seconds() > silence_after_s
