"""Pages of YouTube's items read into mentions. One item that cannot be read is set apart. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import msgspec

from channels.youtube.convert import (
    Heard,
    Spot,
    Us,
    is_public,
    thread_heard,
    to_mention,
    video_to_mention,
)
from channels.youtube.place import Thread
from domain.errors import Undecodable
from domain.mention import Mention
from domain.ports import Unreadable
from net.decode import bool_at, list_at, text_at, value_at


@dataclass(slots=True)
class Read:
    """What one page held. `comments` are ids of replies, `heard` the facts of threads."""

    mentions: list[Mention] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)

    def each(self, items: Iterable[object], where: str, read: Callable[[object], None]) -> None:
        """Read them one by one."""
        for item in items:
            try:
                read(item)
            except Undecodable as error:
                self.unreadable.append(Unreadable(f"youtube {where}", str(error), msgspec.json.encode(item)[:2000]))


def read_threads(items: Iterable[object], us: Us, *, ours: bool, signed: bool) -> Read:
    """Comment threads, with their replies where the page holds all of them.

    `ours`: they stand under our own videos. Whether replies are allowed is said of the one who asks, so it counts
    only when we are `signed` in.
    """
    found = Read()

    def read(thread: object) -> None:
        if not is_public(thread):
            return
        top = value_at(thread, "snippet", "topLevelComment")
        heard = thread_heard(thread, us, ours=ours)
        spot = Spot(heard.video, heard.id, heard.ours)
        can_reply = not signed or bool_at(thread, "snippet", "canReply", default=True)
        if is_public(top):
            found.mentions.append(to_mention(top, spot, us, can_reply=can_reply, addressed=ours))
        found.heard.append(heard)
        if heard.is_complete:
            _read_replies(found, list_at(thread, "replies", "comments"), spot, us)

    found.each(items, "thread", read)
    return found


def read_replies(items: Iterable[object], spot: Spot, us: Us) -> Read:
    """Replies of one thread."""
    found = Read()
    _read_replies(found, items, spot, us)
    return found


def _read_replies(found: Read, items: Iterable[object], spot: Spot, us: Us) -> None:
    def read(comment: object) -> None:
        if is_public(comment):
            mention = to_mention(comment, spot, us)
            found.mentions.append(mention)
            found.comments.append(mention.external_id)

    found.each(items, "reply", read)


def read_again(items: Iterable[object], threads: Mapping[str, Thread], us: Us) -> Read:
    """Replies that were looked up by id. Where the thread is no longer remembered, only that they are there counts."""
    found = Read()

    def read(comment: object) -> None:
        top = text_at(comment, "snippet", "parentId")
        if (thread := threads.get(top)) is not None and is_public(comment):
            found.mentions.append(to_mention(comment, Spot(thread.video, top, thread.ours), us))

    found.each(items, "reply", read)
    return found


def read_videos(items: Iterable[object]) -> Read:
    """Videos that a search found."""
    found = Read()
    found.each(items, "video", lambda result: found.mentions.append(video_to_mention(result)))
    return found
