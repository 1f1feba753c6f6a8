"""Where a source of YouTube stands, and what its next step is. Pure.

One round: search when one is due; list the threads of each target newest first; see what left the queue of held
comments; look up a part of the older threads, then of the older replies, by id. In between, whenever threads turn out
to have grown, their replies are read first. Each step is one call, and the place moves with its page.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

import msgspec

from channels.youtube.convert import Heard
from channels.youtube.quota import Meter, quota_day
from domain.ports import Cursor

Step = Literal["rest", "search", "list", "held", "check", "comments"]
STEPS: tuple[Step, ...] = ("search", "list", "held", "check", "comments", "rest")

WINDOW_S = 7 * 86_400
"""How far a new source reads back, and how far the daily deep reading goes."""
OVERLAP_S = 900
"""Read again behind the newest known comment: what was written at the same time may show up a little later."""
THREADS = 200
COMMENTS = 100
"""How many of the newest threads and replies are remembered, to see growth, edits and removals."""
VIDEOS = 50
REPLY_PAGES = 5
CUT_REPLIES = "the replies of a conversation could not be read to their end; some may be missing"


class Thread(msgspec.Struct, frozen=True, array_like=True):
    """A remembered thread."""

    video: str
    began_s: int
    replies: int
    ours: bool = False


class Place(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`at` is the target being listed, `token` its next page, `fresh_s` the newest moment this walk has seen; `newest`
    is the same of the last complete walk, by target. `deep` rounds read to the edge of the window. `seen` are ids that
    this round has read. `waiting`: threads whose replies are to be read; of the first, `pages` were and `reply_token`
    leads to the next. `held`: threads that wait for a moderator; `released`: those that no longer do. `lots`: ids being
    looked up, where an answer did not tell which of them are lost. `closed`: videos without comments, and on which day
    that was found. `found`: videos that searches found, newest first."""

    step: Step = "rest"
    at: int = 0
    token: str = ""
    fresh_s: int = 0
    deep: bool = False
    deep_day: str = ""
    turn: int = 0
    newest: dict[str, int] = {}
    threads: dict[str, Thread] = {}
    comments: tuple[str, ...] = ()
    seen: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    reply_token: str = ""
    pages: int = 0
    held: tuple[str, ...] = ()
    released: tuple[str, ...] = ()
    lots: tuple[tuple[str, ...], ...] = ()
    closed: dict[str, str] = {}
    found: tuple[str, ...] = ()
    searched_s: int = 0
    term: int = 0
    meter: Meter = Meter()

    def cursor(self) -> Cursor:
        """As stored."""
        stored: Cursor = msgspec.to_builtins(self)
        return stored

    @property
    def is_at_rest(self) -> bool:
        """Whether the round is over."""
        return self.step == "rest" and not self.waiting

    def onward(self) -> Place:
        """The next step of the round."""
        step = STEPS[STEPS.index(self.step) + 1]
        return msgspec.structs.replace(self, step=step, token="", fresh_s=0)


def place_of(cursor: Cursor | None) -> Place:
    """From a stored cursor; one of another make starts anew."""
    try:
        return msgspec.convert(cursor or {}, Place)
    except msgspec.ValidationError:
        return Place()


def begin(place: Place, now: datetime) -> Place:
    """A new round. The first one of a day is deep: it finds what was released late and what grew unnoticed."""
    today = quota_day(now)
    return msgspec.structs.replace(
        place, step="search", at=0, token="", seen=(), turn=place.turn + 1, deep=place.deep_day != today,
        deep_day=today, closed={video: day for video, day in place.closed.items() if day == today},
    )  # fmt: skip


def after_list(place: Place, target: str, moments: list[int], token: str, edge_s: int) -> Place:
    """After one page of a target's threads. The walk goes on until the page's last thread lies behind what is known,
    however long ago that is; a deep one, or the first of a target, until it lies behind the edge of the window as well.

    The last one and not any: a pinned comment may stand on top whatever its age.
    """
    fresh = max([place.fresh_s, *moments])
    known = place.newest.get(target, edge_s) - OVERLAP_S
    behind = min(edge_s, known) if place.deep else known
    if token and token != place.token and (not moments or moments[-1] >= behind):
        return msgspec.structs.replace(place, token=token, fresh_s=fresh)
    others = [(name, moment) for name, moment in place.newest.items() if name != target][-VIDEOS:]
    # Also a target without comments was read: a later walk goes back to where this one's window began.
    newest = dict([*others, (target, max(fresh, place.newest.get(target, 0)) or edge_s)])
    return msgspec.structs.replace(next_target(place), newest=newest)


def next_target(place: Place) -> Place:
    """Leave the target at hand, complete or not."""
    return msgspec.structs.replace(place, at=place.at + 1, token="", fresh_s=0)


def close(place: Place, video: str, now: datetime) -> Place:
    """A video without comments is no target for the rest of the day; the next one moves up to its place."""
    return msgspec.structs.replace(place, closed={**place.closed, video: quota_day(now)}, token="", fresh_s=0)


def remember(place: Place, heard: Iterable[Heard]) -> Place:
    """Threads that were read just now. Those with other replies than known wait for these to be read."""
    threads, waiting, read = dict(place.threads), list(place.waiting), list(heard)
    for each in read:
        known = threads.get(each.id)
        if not each.is_complete and each.replies != (known.replies if known else 0) and each.id not in waiting:
            waiting.append(each.id)
        threads[each.id] = Thread(each.video, each.began_s, each.replies, each.ours)
    newest = sorted(threads, key=lambda name: threads[name].began_s, reverse=True)[:THREADS]
    kept = {name: threads[name] for name in (*newest, *waiting) if name in threads}
    seen = (*place.seen, *(each.id for each in read if each.id in kept))
    return msgspec.structs.replace(place, threads=kept, waiting=tuple(waiting), seen=seen)


def remember_comments(place: Place, ids: Iterable[str]) -> Place:
    """Replies that were read just now, newest first."""
    kept = tuple(dict.fromkeys([*ids, *place.comments]))[:COMMENTS]
    seen = tuple(dict.fromkeys([*place.seen, *(name for name in ids if name in kept)]))
    return msgspec.structs.replace(place, comments=kept, seen=seen)


def forget(place: Place, gone: Iterable[str]) -> Place:
    """These are no longer there."""
    lost = set(gone)
    return msgspec.structs.replace(
        place,
        threads={name: thread for name, thread in place.threads.items() if name not in lost},
        comments=tuple(name for name in place.comments if name not in lost),
        waiting=tuple(name for name in place.waiting if name not in lost),
    )


def after_held(place: Place, ids: tuple[str, ...]) -> Place:
    """The threads that wait for a moderator now; those that did and do not are to be looked up."""
    released = tuple(name for name in place.held if name not in ids)
    return msgspec.structs.replace(place.onward(), held=ids, released=released)


def after_replies(place: Place, token: str) -> tuple[Place, str | None]:
    """After a page of replies of the first waiting thread; and what may have been missed."""
    if token and token != place.reply_token and place.pages + 1 < REPLY_PAGES:
        return msgspec.structs.replace(place, reply_token=token, pages=place.pages + 1), None
    gap = CUT_REPLIES if token else None
    return msgspec.structs.replace(place, waiting=place.waiting[1:], reply_token="", pages=0), gap
