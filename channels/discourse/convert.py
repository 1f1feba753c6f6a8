"""Discourse's JSON to mentions. No I/O.

Identity: a post's number is its own on one forum only, so the forum stands before it. The conversation is the topic.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from domain.account import Account
from domain.errors import Undecodable
from domain.mention import Mention
from net.decode import bool_at, html_to_text, int_at, text_at, time_at, value_at

CHANNEL = "discourse"
REGULAR = 1
"""The type of a post that people wrote for everybody; others are whispers among staff and notes of the system."""


def server_of(base_url: str) -> str:
    """Host, port and path of a forum's address, lower case."""
    parts = urlsplit(base_url)
    return f"{parts.netloc}{parts.path.rstrip('/')}".lower()


def external_id(server: str, post_id: int) -> str:
    """What a post is called here; the forum opens it under the same path."""
    return f"{server}/p/{post_id}"


def author_id(server: str, user_id: int) -> str:
    """What a person is called here: the number stays when the username changes."""
    return f"{server}/u/{user_id}"


def topic_url(base_url: str, topic_id: int, post_number: int) -> str:
    """Where people see a post."""
    return f"{base_url.rstrip('/')}/t/{topic_id}/{post_number}"


@dataclass(frozen=True, slots=True)
class Site:
    """A forum as one poll knows it. `least` and `most`: characters of a reply there, 0 where unknown."""

    base_url: str
    account: Account | None = None
    least: int = 0
    most: int = 0

    @property
    def server(self) -> str:
        """The forum's name in ids."""
        return server_of(self.base_url)

    @property
    def own_name(self) -> str:
        """Our username on this forum, or an empty string."""
        here = self.account is not None and server_of(self.account.base_url) == self.server
        return self.account.handle if self.account is not None and here else ""


def is_withdrawn(post: object) -> bool:
    """Deleted, deleted by its author (who leaves a stub for a day), or hidden by the community's flags."""
    return bool_at(post, "hidden") or bool_at(post, "user_deleted") or text_at(post, "deleted_at") != ""


def is_for_everybody(post: object) -> bool:
    """Whether it is an ordinary post."""
    return int_at(post, "post_type") in (None, REGULAR)


def names(post: object, text: str, own_name: str) -> bool:
    """Whether the post calls us by name or answers us."""
    if not own_name:
        return False
    answered = text_at(post, "reply_to_user", "username").casefold()
    called = re.search(rf"(?<![\w@/])@{re.escape(own_name)}(?![\w-]|\.\w)", text, re.IGNORECASE)
    return answered == own_name.casefold() or called is not None


def to_mention(
    post: object, site: Site, *, title: str = "", parent_id: int | None = None, addressed: bool = False
) -> Mention:
    """One post as a mention: as its author typed it where the forum tells, else as shown. Raises Undecodable.

    `title` is the topic's; only its first post speaks under it. `parent_id` is the answered post where it is known.
    """
    post_id, topic_id, number = (int_at(post, name) for name in ("id", "topic_id", "post_number"))
    user_id, username, posted_at = int_at(post, "user_id"), text_at(post, "username"), time_at(post, "created_at")
    typed, shown = value_at(post, "raw"), value_at(post, "cooked")
    if post_id is None or topic_id is None or number is None or not username or posted_at is None:
        raise Undecodable("a post needs id, topic_id, post_number, username and created_at")
    if not isinstance(typed, str) and not isinstance(shown, str):
        raise Undecodable("a post without text")
    text = typed.strip() if isinstance(typed, str) and typed else html_to_text(text_at(post, "cooked"))
    server = site.server
    return Mention(
        channel=CHANNEL,
        external_id=external_id(server, post_id),
        text=text,
        title=title.strip() if number == 1 else "",
        posted_at=posted_at,
        thread_id=f"{server}/t/{topic_id}",
        parent_id=external_id(server, parent_id) if parent_id is not None else None,
        url=topic_url(site.base_url, topic_id, number),
        author_id=author_id(server, user_id) if user_id is not None else f"{server}/u/{username.casefold()}",
        author_handle=username,
        author_name=text_at(post, "name") or username,
        author_is_bot=user_id is not None and user_id < 0,  # the system's own accounts have negative numbers
        lang_tag=text_at(post, "locale") or None,
        edited_at=time_at(post, "updated_at") if (int_at(post, "version") or 1) > 1 else None,
        addressed=addressed or names(post, text, site.own_name),
        native={
            "id": post_id,
            "topic_id": topic_id,
            "post_number": number,
            "server": server,
            "answerable": bool(site.own_name),
            "least": site.least,
            "most": site.most,
        },
    )
