"""The fields of a status that we read, typed, so that a page is decoded straight into them. No I/O.

An honest page takes the fast way. One odd item (a number where a text belongs) sends its page the careful way, on
which every item is read field by field and only what is unusable is lost. Both ways end in a `Status`.
"""

from __future__ import annotations

from typing import TypeVar

import msgspec

from net.decode import bool_at, decode_as, decode_json, dict_at, int_at, list_at, text_at, value_at


class Author(msgspec.Struct, gc=False):
    """Who wrote it."""

    acct: str | None = None
    id: str | None = None
    uri: str | None = None
    url: str | None = None
    display_name: str | None = None
    note: str | None = None
    followers_count: int | None = None
    bot: bool | None = None


class Named(msgspec.Struct, gc=False):
    """Someone whom a status mentions."""

    id: str | None = None


class Post(msgspec.Struct, gc=False):
    """A status as written. `id` is valid on the asked server only."""

    id: str | None = None
    uri: str | None = None
    url: str | None = None
    created_at: str | int | float | None = None
    edited_at: str | int | float | None = None
    content: str | None = None
    spoiler_text: str | None = None
    visibility: str | None = None
    language: str | None = None
    in_reply_to_id: str | None = None
    in_reply_to_account_id: str | None = None
    reblogs_count: int | None = None
    account: Author | None = None
    mentions: list[Named] | None = None


class Status(Post, gc=False):
    """What a timeline lists: a post, or a boost of another one."""

    reblog: Post | None = None


_PAGE = msgspec.json.Decoder(list[Status])


def read_page(body: bytes) -> object:
    """A page of statuses: a list of `Status`, or of plain JSON values where they are odd. Raises Undecodable."""
    page = decode_as(_PAGE, body)
    return decode_json(body) if page is None else page


def as_status(item: object) -> Status:
    """A plain JSON value as a status; what has the wrong type reads as absent."""
    status = _read(Status, item)
    if boosted := dict_at(item, "reblog"):
        status.reblog = _read(Post, boosted)
    return status


P = TypeVar("P", bound=Post)


def _read(kind: type[P], item: object) -> P:
    return kind(
        id=_exact(item, "id"),
        uri=text_at(item, "uri"),
        url=text_at(item, "url"),
        created_at=_moment(item, "created_at"),
        edited_at=_moment(item, "edited_at"),
        content=_exact(item, "content"),
        spoiler_text=text_at(item, "spoiler_text"),
        visibility=text_at(item, "visibility"),
        language=text_at(item, "language"),
        in_reply_to_id=text_at(item, "in_reply_to_id"),
        in_reply_to_account_id=_exact(item, "in_reply_to_account_id"),
        reblogs_count=int_at(item, "reblogs_count"),
        account=_author(value_at(item, "account")),
        mentions=[Named(_exact(named, "id")) for named in list_at(item, "mentions")],
    )


def _author(item: object) -> Author:
    return Author(
        acct=text_at(item, "acct"),
        id=_exact(item, "id"),
        uri=text_at(item, "uri"),
        url=text_at(item, "url"),
        display_name=text_at(item, "display_name"),
        note=text_at(item, "note"),
        followers_count=int_at(item, "followers_count"),
        bot=bool_at(item, "bot"),
    )


def _exact(item: object, name: str) -> str | None:
    """Only a text counts: an id of another type is none that the server would take back."""
    found = value_at(item, name)
    return found if isinstance(found, str) else None


def _moment(item: object, name: str) -> str | int | float | None:
    found = value_at(item, name)
    return found if isinstance(found, (str, int, float)) and not isinstance(found, bool) else None
