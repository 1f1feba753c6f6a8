"""Ids of posts carry the moment they were made: the upper bits count milliseconds. No I/O."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from net.decode import int_at

EPOCH = datetime(2010, 11, 4, 1, 42, 54, 657_000, tzinfo=UTC)
OVERLAP_MS = 40_000
"""Ids are only roughly in order: machines that make them differ by up to ten seconds, and the search takes posts in up
to thirty seconds late (without an end, its own window ends 30 s ago)."""

SKEW = timedelta(hours=1)
"""How far X's clock may be ahead of ours."""

_SHIFT = 22


def number_at(obj: object, *path: str | int) -> int:
    """The id at `path` as a number, 0 when there is none."""
    return max(0, int_at(obj, *path) or 0)


def moment_of(post_id: int) -> datetime:
    """When the post was made."""
    return EPOCH + timedelta(milliseconds=post_id >> _SHIFT)


def first_id_at(moment: datetime) -> int:
    """The lowest id that a post of this moment can have."""
    return max(0, (moment - EPOCH) // timedelta(milliseconds=1)) << _SHIFT


def believable(post_id: int, now: datetime) -> int:
    """The id, or the highest one that can exist by now. An id of the future would make a source deaf until then."""
    return min(post_id, first_id_at(now + SKEW))


def overlapped(post_id: int) -> int:
    """Where to read from again when this is the newest id known."""
    return max(0, (post_id >> _SHIFT) - OVERLAP_MS) << _SHIFT
