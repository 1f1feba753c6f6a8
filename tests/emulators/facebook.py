"""A Facebook Page in the emulated Graph API, with its own books of posts and comments.

Written from the references of Page, PagePost, Comment and the edges feed, tagged and comments. What is not documented
is a switch: where an answer to an answer stands, whether the order of comments is heeded, whether the same words are
refused the second time.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.emulators.graph import NOON, Failed, Fields, GraphServer, Item, stamp

PAGE_ID, PAGE_NAME = "1010101010", "Norda Rail"
PAGE_FIELDS = {"id", "name", "username", "category", "instagram_business_account"}
POST_FIELDS = {
    "id", "message", "story", "created_time", "updated_time", "from", "permalink_url", "is_hidden", "parent_id",
    "shares",
}  # fmt: skip
COMMENT_FIELDS = {
    "id", "message", "created_time", "from", "parent", "permalink_url", "can_comment", "is_hidden", "like_count",
    "object", "comment_count", "attachment",
}  # fmt: skip
FILTERS, ORDERS = {"stream", "toplevel"}, {"chronological", "reverse_chronological"}


@dataclass
class FacebookServer(GraphServer):
    """`posts` and `comments` by id; `own_texts` is what stands there under our name."""

    own_id: str = PAGE_ID
    flattens: bool = True
    ignores_order: bool = False
    refuses_duplicates: bool = False
    read_lag: int = 0
    """How many readings of comments still lack our newest one."""
    is_page: bool = True
    posts: dict[str, Item] = field(default_factory=dict)
    comments: dict[str, Item] = field(default_factory=dict)
    _number: int = 0

    # --- what people do ---

    def _next(self, minute: float | None) -> tuple[int, datetime]:
        self._number += 1
        return self._number, NOON + timedelta(minutes=self._number if minute is None else minute)

    def post(
        self,
        text: str | None,
        author: str = PAGE_NAME,
        *,
        where: str = "feed",
        minute: float | None = None,
        **more: Any,
    ) -> Item:
        """Write a post: on the Page ("feed"), or elsewhere with a tag of it ("tagged")."""
        number, at = self._next(minute)
        owner = PAGE_ID if where == "feed" else "5050505050"
        name = f"{owner}_{9000 + number}"
        post: Item = {
            "id": name, "message": text, "at": at, "changed": at, "from": _person(author), "where": where,
            "permalink_url": f"https://www.facebook.com/{name.replace('_', '/posts/')}",
        } | more  # fmt: skip
        self.posts[post["id"]] = post
        return post

    def comment(
        self,
        post: Item,
        text: str | None,
        author: str = "Mara Testfield",
        *,
        under: Item | None = None,
        minute: float | None = None,
        **more: Any,
    ) -> Item:
        """Write a comment, or an answer to one."""
        number, at = self._next(minute)
        name = f"{post['id'].partition('_')[2]}_{number}"
        comment: Item = {
            "id": name, "message": text, "at": at, "from": _person(author), "post": post["id"], "can_comment": True,
            "is_hidden": False, "parent": {"id": under["id"]} if under else None,
            "permalink_url": f"{post['permalink_url']}?comment_id={number}",
        } | more  # fmt: skip
        self.comments[comment["id"] or f"broken{number}"] = comment
        post["changed"] = max(post["changed"], at)
        return comment

    def remove(self, item: Item) -> None:
        """Its author takes it back, with what stands below."""
        self.posts.pop(item["id"], None)
        below = {
            item["id"],
            *(
                each["id"]
                for each in self.comments.values()
                if item["id"] in (each["post"], (each["parent"] or {}).get("id"))
            ),
        }
        self.comments = {name: each for name, each in self.comments.items() if name not in below}

    def own_texts(self) -> list[str]:
        """Comments under our name."""
        return [each["message"] for each in self.comments.values() if each["from"]["id"] == PAGE_ID]

    # --- what Meta pushes ---

    def change(self, item: Item, verb: str = "add", field: str = "feed", told: datetime | None = None) -> Item:
        """One change, as a push tells it."""
        is_comment = "post" in item
        post = self.posts.get(item["post"]) if is_comment else item
        value: Item = {
            "item": "comment" if is_comment else "status", "verb": verb,
            "post_id": item["post"] if is_comment else item["id"],
            "from": item["from"], "message": item["message"], "created_time": int(item["at"].timestamp()),
        }  # fmt: skip
        if is_comment:
            value |= {"comment_id": item["id"], "parent_id": (item["parent"] or {"id": item["post"]})["id"]}
            value["post"] = {"id": item["post"], "permalink_url": post["permalink_url"] if post else ""}
        at = told or item["at"]
        return {"id": PAGE_ID, "time": int(at.timestamp()), "changes": [{"field": field, "value": _said(value)}]}

    @staticmethod
    def push(*entries: Item) -> bytes:
        """The body of a push."""
        return json.dumps({"object": "page", "entry": entries}).encode()

    # --- the API ---

    def node(self, name: str, fields: Fields) -> Item:
        if name in ("me", PAGE_ID):
            known = PAGE_FIELDS if self.is_page else PAGE_FIELDS - {"category"}
            page = {"id": PAGE_ID, "name": PAGE_NAME, "category": "Transport"}
            return self.pick(page, fields, known, "Page" if self.is_page else "User")
        if name in self.posts:
            return self._post_seen(self.posts[name], fields)
        if name in self.comments:
            return self._comment_seen(self.comments[name], fields)
        raise Failed(100, f"Unsupported get request. Object with ID '{name}' does not exist", subcode=33)

    def edge(self, name: str, edge: str, asked: Item, fields: Fields) -> list[Item]:
        if name == PAGE_ID and edge in ("feed", "tagged"):
            listed = [post for post in self.posts.values() if post["where"] == edge]
            return [self._post_seen(post, fields) for post in sorted(listed, key=lambda post: post["at"], reverse=True)]
        if edge == "comments" and (name in self.posts or name in self.comments):
            return self._comments(name, asked, fields)
        raise Failed(100, f"Unsupported get request. Object with ID '{name}' does not exist", subcode=33)

    def _comments(self, name: str, asked: Item, fields: Fields) -> list[Item]:
        if asked.get("filter", "toplevel") not in FILTERS or asked.get("order", "chronological") not in ORDERS:
            self.violations.append(f"comments: {asked}")
        below = [each for each in self.comments.values() if name in (each["post"], (each["parent"] or {}).get("id"))]
        if asked.get("filter") != "stream" and name in self.posts:
            below = [each for each in below if each["parent"] is None]
        newest = asked.get("order") == "reverse_chronological" and not self.ignores_order
        below = [each for each in below if self.shows(each["id"])]
        below.sort(key=lambda each: each["at"], reverse=newest)
        own = [each for each in below if each["from"]["id"] == PAGE_ID]
        if self.read_lag > 0 and own:
            self.read_lag -= 1
            below.remove(max(own, key=lambda each: each["at"]))
        return [self._comment_seen(each, fields) for each in below]

    def _post_seen(self, post: Item, fields: Fields) -> Item:
        """Who wrote a post that tags us is told to nobody but its author."""
        told = post | {"created_time": _written(post), "updated_time": stamp(post["changed"])}
        if post["where"] == "tagged":
            told.pop("from")
        return self.pick(told, fields, POST_FIELDS, "PagePost")

    def _comment_seen(self, comment: Item, fields: Fields) -> Item:
        return self.pick(comment | {"created_time": _written(comment)}, fields, COMMENT_FIELDS, "Comment")

    def create(self, name: str, edge: str, form: Item) -> Item:
        text = form.get("message", "")
        if edge != "comments" or not text:
            raise Failed(100, "(#100) Invalid parameter")
        above = self.comments.get(name)
        post = self.posts.get(above["post"] if above else name)
        if post is None:
            raise Failed(100, f"Unsupported post request. Object with ID '{name}' does not exist", subcode=33)
        if above is not None and not above["can_comment"]:
            raise Failed(200, "(#200) Permissions error", status=403)
        if self.refuses_duplicates and text in self.own_texts():
            raise Failed(506, "Duplicate status message")
        if above is not None and self.flattens and above["parent"]:
            above = self.comments.get(above["parent"]["id"], above)
        latest = max(each["at"] for each in (*self.posts.values(), *self.comments.values()))
        at = max(self.clock.now(), latest + timedelta(seconds=1))
        made = self.comment(post, text, PAGE_NAME, under=above, at=at)
        self.took(made["id"])
        return {"id": made["id"]}


def _person(name: str) -> Item:
    number = PAGE_ID if name == PAGE_NAME else str(7_000_000 + sum(map(ord, name)))
    return {"id": number, "name": name}


def _written(item: Item) -> str | None:
    at: datetime | None = item["at"]
    if item.get("dated") is False:
        return None
    return stamp(item["at"]).removesuffix("+0000") if item.get("naive") else stamp(item["at"]) if at else None


def _said(value: Item) -> Item:
    return {name: each for name, each in value.items() if each is not None}
