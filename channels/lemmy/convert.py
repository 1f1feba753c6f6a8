"""Lemmy's JSON to mentions, in both versions of its API. No I/O.

Identity: the same post or comment has another number on every instance, but one address (`ap_id`) everywhere. Version 4
of the API says published_at, updated_at and ap_id where version 3 says published, updated and actor_id.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from urllib.parse import urlsplit

from domain.account import Account
from domain.errors import Undecodable
from domain.mention import Mention
from net.decode import bool_at, int_at, text_at, time_at, value_at

CHANNEL = "lemmy"
Api = Literal["v3", "v4"]


def server_of(base_url: str) -> str:
    """Host and port of an instance, lower case."""
    return urlsplit(base_url).netloc.lower()


@dataclass(frozen=True, slots=True)
class Site:
    """An instance as one poll knows it. `private`: shows its lists only to members. `languages`: codes by number."""

    base_url: str
    account: Account | None = None
    api: Api = "v3"
    private: bool = False
    languages: dict[str, str] = field(default_factory=dict)

    @property
    def server(self) -> str:
        """The instance's name in `native`."""
        return server_of(self.base_url)

    @property
    def own_name(self) -> str:
        """Our account as others write it, user@host; empty when it is elsewhere."""
        here = self.account is not None and server_of(self.account.base_url) == self.server
        return self.account.handle if self.account is not None and here else ""


def address(item: object) -> str:
    """What a post, comment or person is called on every instance."""
    found = text_at(item, "ap_id") or text_at(item, "actor_id")
    return found if found.startswith(("https://", "http://")) else ""


def moment(item: object, name: str) -> datetime | None:
    """A date of an item: `published` or `updated`."""
    return time_at(item, f"{name}_at") or time_at(item, name)


def said_in(view: object) -> object:
    """The comment of a view or, where there is none, its post."""
    return value_at(view, "comment") or value_at(view, "post")


def is_withdrawn(view: object) -> bool:
    """Deleted by its author, or removed by moderators."""
    said = said_in(view)
    return bool_at(said, "deleted") or bool_at(said, "removed")


def handle_of(person: object) -> str:
    """user@host."""
    name, host = text_at(person, "name"), server_of(address(person))
    return f"{name}@{host}" if name and host else ""


def answered_id(comment: object) -> int | None:
    """The number of the comment that this one answers; None when it answers the post. A path is "0.24.27"."""
    above = text_at(comment, "path").split(".")[-2:-1]
    found = int_at(above, 0)
    return found or None


def calls(text: str, own_name: str) -> bool:
    """Whether the text names our account."""
    return bool(own_name) and re.search(rf"(?<![\w@/])@{re.escape(own_name)}(?![\w-]|\.\w)", text, re.I) is not None


def to_mention(
    view: object, site: Site, *, addresses: dict[int, str] | None = None, addressed: bool = False
) -> Mention:
    """A view of a post or comment as a mention. `addresses`: of comments by number, where known. Raises Undecodable."""
    said, post, author = said_in(view), value_at(view, "post"), value_at(view, "creator")
    is_comment = value_at(view, "comment") is not None
    number, thread, posted_at = int_at(said, "id"), address(post), moment(said, "published")
    external_id, author_id = address(said), address(author)
    text = value_at(said, "content") if is_comment else text_at(said, "body")
    if number is None or not external_id or not thread or not author_id or posted_at is None:
        raise Undecodable("a post needs id, ap_id, creator and date, and a comment its post")
    if not isinstance(text, str) or not (text or text_at(post, "name")):
        raise Undecodable("a post without text")
    answered = answered_id(said) if is_comment else None
    above = (addresses or {}).get(answered) if answered else thread
    return Mention(
        channel=CHANNEL,
        external_id=external_id,
        text=text.strip(),
        title="" if is_comment else text_at(post, "name").strip(),
        posted_at=posted_at,
        thread_id=thread,
        parent_id=above if is_comment else None,
        url=_url(site, is_comment, number) or external_id,
        author_id=author_id,
        author_handle=handle_of(author),
        author_name=text_at(author, "display_name") or text_at(author, "name"),
        author_is_bot=bool_at(author, "bot_account"),
        lang_tag=site.languages.get(text_at(said, "language_id")),
        edited_at=moment(said, "updated"),
        addressed=addressed or calls(text, site.own_name),
        native={
            "id": number,
            "post_id": int_at(post, "id"),
            "is_comment": is_comment,
            "server": site.server,
            "api": site.api,
            "answerable": bool(site.own_name),
            "locked": bool_at(post, "locked") or bool_at(said, "locked"),
            "link": "" if is_comment else text_at(post, "url")[:2000],
        },
    )


def _url(site: Site, is_comment: bool, number: int) -> str:
    """Where our account can answer by hand: a post can only be answered on the instance one is signed in to."""
    if not site.own_name:
        return ""
    return f"{site.base_url.rstrip('/')}/{'comment' if is_comment else 'post'}/{number}"
