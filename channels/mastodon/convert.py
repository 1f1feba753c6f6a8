"""Mastodon's JSON to mentions. No I/O.

Identity: a status' `uri` is the same on every server, its `id` only on the one that was asked. So `uri` is the
external id (one post heard on two servers is one mention) and the local id is kept in `native`.
"""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlsplit

from channels.mastodon.status import Author, Post, Status, as_status
from domain.account import Account
from domain.errors import Undecodable
from domain.mention import Mention
from net.decode import html_to_text, parse_time, text_at, value_at

CHANNEL = "mastodon"
MOST = 1 << 31


class Thread(NamedTuple):
    """What a reply answers and what its conversation began with, by identity."""

    parent: str | None
    root: str


def server_of(base_url: str) -> str:
    """Host and port of an address, lower case: names the server on which a local id is valid."""
    return urlsplit(base_url).netloc.lower()


def local_id(item: object) -> str:
    """The id of a status or notification on the asked server. Ids are opaque strings. Raises Undecodable."""
    found = value_at(item, "id")
    if not isinstance(found, str) or not found:
        raise Undecodable("an item without an id")
    return found


def identity(status: object, server: str) -> str:
    """What the post is called on every server. Raises Undecodable."""
    own = local_id(status)
    return text_at(status, "uri") or text_at(status, "url") or f"{server}/{own}"


def full_handle(acct: str, server: str) -> str:
    """`user@host`; servers leave out their own host."""
    return acct if not acct or "@" in acct else f"{acct}@{server}"


def is_own(status: object, server: str, account: Account | None, handles: tuple[str, ...]) -> bool:
    """Whether we wrote it ourselves."""
    same_server = account is not None and server_of(account.base_url) == server
    if same_server and account and account.external_id == text_at(status, "account", "id", default="-"):
        return True
    acct = full_handle(text_at(status, "account", "acct"), server).casefold()
    return bool(acct) and acct in {full_handle(each.lstrip("@"), server).casefold() for each in handles}


def names_us(post: Post, server: str, account: Account | None) -> bool:
    """Whether the post mentions our account or answers it. Account ids count only on their own server."""
    if account is None or not account.external_id or server_of(account.base_url) != server:
        return False
    named = [person.id for person in post.mentions or ()]
    return account.external_id in (*named, post.in_reply_to_account_id)


def _count(found: int | None) -> int | None:
    return found if found is not None and 0 <= found < MOST else None


def _native(post: Post, author: Author, server: str, account: Account | None) -> dict[str, object]:
    """What an answer needs later: the local id, the server it is valid on, and how public the post is."""
    return {
        "id": post.id,
        "server": server,
        "answerable": account is not None and server_of(account.base_url) == server,
        "acct": author.acct,
        "visibility": post.visibility or "public",
        "nobot": _wants_no_bot(author.note or ""),
    }


def _wants_no_bot(note: str) -> bool:
    folded = note.casefold()
    # most notes say nothing of it, and reading their HTML would cost as much as reading the post
    return ("nobot" in folded or "&" in note) and "#nobot" in html_to_text(note).casefold().split()


def to_mention(
    item: object,
    *,
    server: str,
    account: Account | None = None,
    addressed: bool = False,
    thread: Thread | None = None,
) -> Mention:
    """One status (or the one it boosts) as a mention. Raises Undecodable.

    A reply whose root is not known (`thread` None) starts a thread of its own: to guess would join strangers.
    """
    status = item if isinstance(item, Status) else as_status(item)
    post = status.reblog or status
    if not post.id:
        raise Undecodable("an item without an id")
    author, posted_at = post.account, parse_time(post.created_at)
    if author is None or not author.acct or post.content is None or posted_at is None:
        raise Undecodable("a status without author, content or time")
    external_id = post.uri or post.url or f"{server}/{post.id}"
    parent, root = thread or (None, external_id)
    handle = full_handle(author.acct, server)
    return Mention(
        channel=CHANNEL,
        external_id=external_id,
        text=html_to_text(post.content),
        title=(post.spoiler_text or "").strip(),
        posted_at=posted_at,
        thread_id=root,
        parent_id=parent,
        url=post.url or external_id,
        author_id=author.uri or author.url or handle,
        author_handle=handle,
        author_name=author.display_name or "",
        author_followers=_count(author.followers_count),
        author_is_bot=author.bot or False,
        lang_tag=post.language or None,
        edited_at=parse_time(post.edited_at) if post.edited_at else None,
        addressed=addressed or names_us(post, server, account),
        is_repost=status.reblog is not None,
        shares=_count(post.reblogs_count) or 0,
        native=_native(post, author, server, account),
    )
