"""The lists of an instance in both versions of its API: how each is asked for, and what its answer holds. Pure.

Version 3 (Lemmy 0.19) pages by number, version 4 (Lemmy 1.0) by an opaque token. A 1.0 server still answers the old
paths, but ignores there how a list is to be sorted and paged: they must not be used for lists.
"""

from __future__ import annotations

from dataclasses import dataclass

from channels.lemmy.convert import Api, address, said_in
from domain.errors import Undecodable
from net.decode import int_at, list_at, text_at, value_at

PAGE = 50
Params = list[tuple[str, str]]
_ITEMS = ("items", "comments", "posts", "mentions", "replies", "notifications", "search", "results", "content")
"""Under what an answer holds its list; version 4 changed its mind more than once before its release."""
ABOUT_US = ("mention", "reply")


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a list: its number, by which what is new is told, the post or comment, and its address."""

    key: int
    view: object
    address: str


def names(kind: str, api: Api, terms: tuple[str, ...]) -> tuple[str, ...]:
    """The lists that a kind of source reads."""
    if kind == "posts":
        return ("comments", "posts")
    if kind == "mentions":
        return ("mentions", "replies") if api == "v3" else ("notifications",)
    return tuple(f"{what}:{term}" for term in terms for what in ("comments", "posts"))


def call(name: str, api: Api, token: str) -> tuple[str, Params]:
    """Path and parameters of a page of a list. An empty token asks for the first one."""
    paging = [("limit", str(PAGE)), ("page" if api == "v3" else "page_cursor", token)]
    paging = [pair for pair in paging if pair[1]]
    what, _, term = name.partition(":")
    if term:
        wanted = [("q", term), ("search_term", term), ("type_", what.title()), ("sort", "New"), ("listing_type", "All")]
        return f"/api/{api}/search", [*wanted, *paging]
    if what == "notifications":
        return "/api/v4/account/notification/list", paging
    if what in ("mentions", "replies"):
        path = "/api/v3/user/mention" if what == "mentions" else "/api/v3/user/replies"
        return path, [("sort", "New"), ("unread_only", "false"), *paging]
    return f"/api/{api}/{what.removesuffix('s')}/list", [("type_", "All"), ("sort", "New"), *paging]


def raw_items(found: object, name: str) -> list[object]:
    """What a page of this list holds. Raises Undecodable when there is no list in the answer."""
    what = name.partition(":")[0]
    held = next((each for each in (what, *_ITEMS) if isinstance(value_at(found, each), list)), None)
    if held is None:
        raise Undecodable(f"the answer holds no list of {what}")
    return list_at(found, held)


def item_of(raw: object) -> Item | None:
    """An item of any list; None when it cannot be told apart from others."""
    view = value_at(raw, "data") or raw
    own = value_at(raw, "notification") or value_at(raw, "person_mention") or value_at(raw, "comment_reply")
    key, where = int_at(own or said_in(view), "id"), address(said_in(view))
    return Item(key, view, where) if key is not None and where else None


def concerns_us(raw: object) -> bool:
    """Whether an item is a post or comment at all and, of our notifications, one that speaks to us."""
    view, note = value_at(raw, "data") or raw, value_at(raw, "notification")
    kind = text_at(view, "type_")
    if kind and kind.lower() not in ("comment", "post"):
        return False
    return note is None or text_at(note, "kind", default="reply").lower() in ABOUT_US


def next_token(found: object, api: Api, token: str, count: int) -> str:
    """The token of the next page, or an empty string when there is none."""
    if api == "v4":
        return text_at(found, "next_page")
    return str((int(token) if token.isdecimal() else 1) + 1) if count else ""
