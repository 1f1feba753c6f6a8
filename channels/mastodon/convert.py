"""Mastodon's JSON to mentions. No I/O.

Identity: a status' `uri` is the same on every server, its `id` only on the one that was asked. So `uri` is the
external id (one post heard on two servers is one mention) and the local id is kept in `native`.
"""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlsplit

from domain.account import Account
from domain.errors import Undecodable
from domain.mention import Mention
from net.decode import bool_at, dict_at, html_to_text, int_at, list_at, text_at, time_at, value_at

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


def names_us(status: object, server: str, account: Account | None) -> bool:
    """Whether the post mentions our account or answers it. Account ids count only on their own server."""
    if account is None or not account.external_id or server_of(account.base_url) != server:
        return False
    named = [value_at(person, "id") for person in list_at(status, "mentions")]
    return account.external_id in (*named, value_at(status, "in_reply_to_account_id"))


def _count(status: object, *path: str) -> int | None:
    found = int_at(status, *path)
    return found if found is not None and 0 <= found < MOST else None


def _native(status: object, server: str, account: Account | None) -> dict[str, object]:
    """What an answer needs later: the local id, the server it is valid on, and how public the post is."""
    note = html_to_text(text_at(status, "account", "note"))
    return {
        "id": local_id(status),
        "server": server,
        "answerable": account is not None and server_of(account.base_url) == server,
        "acct": text_at(status, "account", "acct"),
        "visibility": text_at(status, "visibility", default="public"),
        "nobot": "#nobot" in note.casefold().split(),
    }


def to_mention(
    status: object,
    *,
    server: str,
    account: Account | None = None,
    addressed: bool = False,
    thread: Thread | None = None,
) -> Mention:
    """One status (or the one it boosts) as a mention. Raises Undecodable.

    A reply whose root is not known (`thread` None) starts a thread of its own: to guess would join strangers.
    """
    boosted = dict_at(status, "reblog")
    post: object = boosted or status
    external_id, posted_at = identity(post, server), time_at(post, "created_at")
    acct, content = text_at(post, "account", "acct"), value_at(post, "content")
    if not acct or not isinstance(content, str) or posted_at is None:
        raise Undecodable("a status without author, content or time")
    parent, root = thread or Thread(None, external_id)
    return Mention(
        channel=CHANNEL,
        external_id=external_id,
        text=html_to_text(content),
        title=text_at(post, "spoiler_text").strip(),
        posted_at=posted_at,
        thread_id=root,
        parent_id=parent,
        url=text_at(post, "url") or external_id,
        author_id=text_at(post, "account", "uri") or text_at(post, "account", "url") or full_handle(acct, server),
        author_handle=full_handle(acct, server),
        author_name=text_at(post, "account", "display_name"),
        author_followers=_count(post, "account", "followers_count"),
        author_is_bot=bool_at(post, "account", "bot"),
        lang_tag=text_at(post, "language") or None,
        edited_at=time_at(post, "edited_at"),
        addressed=addressed or names_us(post, server, account),
        is_repost=bool(boosted),
        shares=_count(post, "reblogs_count") or 0,
        native=_native(post, server, account),
    )
