"""GitHub's JSON, from REST and from GraphQL, to mentions. Pure.

A conversation is called `owner/name#number`, as people write it: issues, pull requests and discussions of a repository
share one row of numbers, while their ids differ between the two APIs. A comment goes by its id. On other servers than
github.com the host comes first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from urllib.parse import urlsplit

from domain.errors import Undecodable
from domain.mention import Mention
from net.decode import bool_at, clean_text, dict_at, text_at, time_at, value_at

CHANNEL = "github"
PUBLIC = "https://api.github.com"
Kind = Literal["issue", "discussion"]
_ISSUE = re.compile(r"/repos/([^/]+/[^/]+)/issues/(\d+)$")
_REPO = re.compile(r"^(?:https?://[^/]+/)?([\w.-]+/[\w.-]+?)(?:\.git)?/?$", re.ASCII)


@dataclass(frozen=True, slots=True)
class Us:
    """The asked server, our names there, whether our account is one of that server, and whether all that is said in
    what we listen to is meant for us."""

    server: str
    handles: tuple[str, ...] = ()
    answerable: bool = False
    ours: bool = False


@dataclass(frozen=True, slots=True)
class Thread:
    """The conversation a post stands in. `node` and `top` are what GraphQL needs to answer a discussion."""

    repo: str
    number: int
    kind: Kind = "issue"
    locked: bool = False
    node: str = ""
    top: str = ""
    parent: str = ""

    @property
    def name(self) -> str:
        """As people write it."""
        return f"{self.repo.lower()}#{self.number}"


@dataclass(frozen=True, slots=True)
class Said:
    """One post. `node` is its id in GraphQL, `changed_s` when it last changed (epoch seconds); `is_deleted`: a comment
    that was removed but still holds the place of its replies."""

    mention: Mention
    node: str
    changed_s: int
    is_deleted: bool = False


def server_of(base_url: str) -> str:
    """Host and port of an API, lower case; without an address it is GitHub's own."""
    return urlsplit(base_url or PUBLIC).netloc.lower()


def repo_name(text: str) -> str:
    """`owner/name` from that or from a repository's address; empty when it is neither."""
    found = _REPO.match(text.strip())
    return found.group(1) if found else ""


def thread_of(item: object) -> Thread:
    """Of an issue or a comment as REST gives them. Raises Undecodable."""
    if found := _ISSUE.search(text_at(item, "issue_url") or text_at(item, "url")):
        return Thread(found.group(1), int(found.group(2)), locked=bool_at(item, "locked"))
    raise Undecodable("an item without the address of its issue")


def said(item: object, thread: Thread, us: Us) -> Said:
    """One post, in the words of either API. Raises Undecodable without id, text or time."""
    text, posted_at = value_at(item, "body"), _time(item, "created_at", "createdAt")
    is_root = value_at(item, "title") is not None
    if text is None and is_root:
        text = ""  # an issue may have no more than a title
    if not isinstance(text, str) or posted_at is None:
        raise Undecodable("a post without text or time")
    changed_at = _time(item, "updated_at", "updatedAt") or posted_at
    root, author, comment = called(us.server, thread.name), _author(item), comment_name(item, thread.kind)
    if not is_root and not comment:
        raise Undecodable("a comment without an id")
    node = text_at(item, "node_id") or text_at(item, "id")
    mention = Mention(
        channel=CHANNEL,
        external_id=root if is_root else called(us.server, comment),
        text=clean_text(visible(text)).strip(),
        title=clean_text(text_at(item, "title")),
        posted_at=posted_at,
        thread_id=root,
        parent_id=None if is_root else called(us.server, thread.parent) if thread.parent else root,
        url=text_at(item, "html_url") or text_at(item, "url"),
        author_id=text_at(author, "id") or text_at(author, "databaseId"),
        author_handle=text_at(author, "login", default="ghost"),
        author_is_bot="Bot" in (text_at(author, "type"), text_at(author, "__typename")),
        edited_at=_edited_at(item, posted_at, changed_at, is_root),
        addressed=us.ours or _names_us(text, us.handles),
        native=_native(thread, us, node),
    )
    return Said(mention, node, int(changed_at.timestamp()), bool(text_at(item, "deletedAt")))


def _native(thread: Thread, us: Us, node: str) -> dict[str, Any]:
    return {
        "id": node,
        "kind": thread.kind,
        "repo": thread.repo,
        "number": thread.number,
        "server": us.server,
        "answerable": us.answerable,
        "locked": thread.locked,
        "node": thread.node,
        "top": thread.top,
    }


def visible(text: str) -> str:
    """The words without HTML comments, which readers do not see; templates are full of them."""
    shown, at = [], 0
    while (start := text.find("<!--", at)) >= 0 and (end := text.find("-->", start)) >= 0:
        shown.append(text[at:start])
        at = end + 3
    return "".join([*shown, text[at:]])


def called(server: str, name: str) -> str:
    """A name that is unique among all servers."""
    return name if server == server_of(PUBLIC) else f"{server}/{name}"


def comment_name(item: object, kind: Kind) -> str:
    """What a comment is called on its server; empty when it has no id."""
    # Ids of comments on issues have outgrown 32 bits; GraphQL has them in full under another name.
    number = text_at(item, "fullDatabaseId") or text_at(item, "databaseId") or text_at(item, "id")
    if not number.isdecimal():
        return ""
    return f"discussioncomment-{number}" if kind == "discussion" else f"comment-{number}"


def _author(item: object) -> dict[str, object]:
    """Who wrote it; nobody when the account is gone."""
    return dict_at(item, "user") or dict_at(item, "author")


def _edited_at(item: object, posted_at: datetime, changed_at: datetime, is_root: bool) -> datetime | None:
    """GraphQL says when the words changed. In REST a comment changes with its words only, an issue with anything."""
    told = time_at(item, "lastEditedAt")
    if told is None and not is_root and value_at(item, "updatedAt") is None and changed_at > posted_at:
        return changed_at
    return told


def _time(item: object, *names: str) -> datetime | None:
    return next((found for name in names if (found := time_at(item, name)) is not None), None)


def _names_us(text: str, handles: tuple[str, ...]) -> bool:
    if "@" not in text:
        return False
    named = {found.casefold() for found in re.findall(r"(?<![\w@/])@([\w-]+)", visible(text))}
    return any(handle.lstrip("@").casefold() in named for handle in handles)
