"""An Instagram professional account in the emulated Graph API, with its own books of media and comments.

Written from the references of IG User (media, tags, mentions, mentioned_comment, mentioned_media), IG Media (comments)
and IG Comment (replies). What is not documented is a switch: the order of answers, whether a next page is named.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.emulators.graph import NOON, Failed, Fields, GraphServer, Item, stamp

USER_ID, USERNAME, PAGE_ID = "17841400000000001", "norda.rail", "1010101010"
PAGE_FIELDS = {"id", "name", "username", "category", "instagram_business_account"}
USER_FIELDS = {"id", "username", "mentioned_comment", "mentioned_media"}
MEDIA_FIELDS = {
    "id",
    "caption",
    "timestamp",
    "comments_count",
    "permalink",
    "username",
    "media_type",
    "comments",
    "owner",
}
COMMENT_FIELDS = {
    "id",
    "text",
    "timestamp",
    "username",
    "from",
    "parent_id",
    "hidden",
    "media",
    "replies",
    "like_count",
}
MOST_COMMENTS = 50


@dataclass
class InstagramServer(GraphServer):
    """`media` and `comments` by id; media of others carry what they are to us: "tags" or "caption"."""

    own_id: str = USER_ID
    has_account: bool = True
    oldest_answer_first: bool = True
    names_next_page: bool = True
    read_lag: int = 0
    media: dict[str, Item] = field(default_factory=dict)
    comments: dict[str, Item] = field(default_factory=dict)
    _number: int = 0
    _answered: set[str] = field(default_factory=set)

    # --- what people do ---

    def _next(self, minute: float | None) -> tuple[int, datetime]:
        self._number += 1
        return self._number, NOON + timedelta(minutes=self._number if minute is None else minute)

    def post(
        self, caption: str = "", author: str = USERNAME, *, names: str = "", minute: float | None = None, **more: Any
    ) -> Item:
        """Publish media. `names`: how somebody else's media names us, "tags" or "caption"."""
        number, at = self._next(minute)
        media: Item = {
            "id": f"1790000000000{number:04d}", "caption": caption, "at": at, "username": author, "names": names,
            "permalink": f"https://www.instagram.com/p/norda{number}/",
        } | more  # fmt: skip
        self.media[media["id"]] = media
        return media

    def comment(
        self,
        media: Item,
        text: str,
        author: str = "mara_test",
        *,
        under: Item | None = None,
        minute: float | None = None,
        **more: Any,
    ) -> Item:
        """Write a comment, or an answer to one: it stands under the top comment."""
        number, at = self._next(minute)
        comment: Item = {
            "id": f"1787000000000{number:04d}", "text": text, "at": at, "username": author, "media_id": media["id"],
            "hidden": False, "parent_id": (under["parent_id"] or under["id"]) if under else None,
        } | more  # fmt: skip
        self.comments[comment["id"] or f"broken{number}"] = comment
        return comment

    def remove(self, item: Item) -> None:
        """Its author takes it back, with what stands below."""
        gone = {
            item["id"],
            *(each["id"] for each in self.comments.values() if item["id"] in (each["parent_id"], each["media_id"])),
        }
        self.comments = {name: each for name, each in self.comments.items() if name not in gone}
        self.media.pop(item["id"], None)

    def own_texts(self) -> list[str]:
        """Comments under our name."""
        return [each["text"] for each in self.comments.values() if each["username"] == USERNAME]

    # --- what Meta pushes ---

    def told(self, item: Item) -> Item:
        """The entry of a push about this: a comment under our media, or what names us elsewhere."""
        media = self.media.get(str(item.get("media_id", item["id"])), {})
        if "media_id" in item and media.get("username", USERNAME) == USERNAME:
            value: Item = {"id": item["id"], "text": item["text"], "from": _person(item["username"])}
            value |= {"media": {"id": item["media_id"], "media_product_type": "FEED"}}
            value |= {"parent_id": item["parent_id"]} if item["parent_id"] else {}
            return self.entry("comments", value)
        if "media_id" in item:
            return self.entry("mentions", {"media_id": item["media_id"], "comment_id": item["id"]})
        return self.entry("mentions", {"media_id": item["id"]})

    @staticmethod
    def entry(field: str, value: Item) -> Item:
        """One change."""
        return {"id": USER_ID, "time": int(NOON.timestamp()), "changes": [{"field": field, "value": value}]}

    @staticmethod
    def push(*entries: Item) -> bytes:
        """The body of a push."""
        return json.dumps({"object": "instagram", "entry": entries}).encode()

    # --- the API ---

    def node(self, name: str, fields: Fields) -> Item:
        self._answered = {each["parent_id"] for each in self.comments.values()}
        if name == "me":
            connected = {"id": USER_ID, "username": USERNAME} if self.has_account else None
            page = {"id": PAGE_ID, "name": "Norda Rail", "instagram_business_account": connected}
            return self.pick(page, fields, PAGE_FIELDS, "Page")
        if name == USER_ID:
            return self._user(fields)
        comment = self.comments.get(name)
        if comment is not None and self.media[comment["media_id"]]["username"] == USERNAME:
            return self._comment_seen(comment, fields)
        if name in self.media and self.media[name]["username"] == USERNAME:
            return self._media_seen(self.media[name], fields)
        raise _missing(name)

    def _user(self, fields: Fields) -> Item:
        """What names us elsewhere is shown through our own account only."""
        user: Item = {"id": USER_ID, "username": USERNAME}
        if (asked := fields.get("mentioned_comment")) is not None:
            comment = self.comments.get(asked["arguments"].get("comment_id", ""))
            if comment is None or f"@{USERNAME}" not in comment["text"]:
                raise _missing("comment")
            user["mentioned_comment"] = self._comment_seen(comment, asked["fields"])
        if (asked := fields.get("mentioned_media")) is not None:
            media = self.media.get(asked["arguments"].get("media_id", ""))
            if media is None or media["names"] != "caption":
                raise _missing("media")
            user["mentioned_media"] = self._media_seen(media, asked["fields"])
        return {name: value for name, value in user.items() if name == "id" or name in fields}

    def edge(self, name: str, edge: str, asked: Item, fields: Fields) -> list[Item]:
        self._answered = {each["parent_id"] for each in self.comments.values()}
        if name == USER_ID and edge in ("media", "tags"):
            own = [each for each in self.media.values() if (each["username"] == USERNAME) == (edge == "media")]
            listed = [each for each in own if edge == "media" or each["names"] == "tags"]
            return [self._media_seen(each, fields) for each in _newest_first(listed)]
        if edge == "comments" and self.media.get(name, {}).get("username") == USERNAME:
            self._at_most(MOST_COMMENTS, asked)
            top = [each for each in self.comments.values() if each["media_id"] == name and not each["parent_id"]]
            return [self._comment_seen(each, fields) for each in _newest_first(top)]
        if edge == "replies" and name in self.comments:
            self._at_most(MOST_COMMENTS, asked)
            return [self._comment_seen(each, fields) for each in self._answers(name)]
        raise _missing(name)

    def _at_most(self, most: int, asked: Item) -> None:
        if int(asked.get("limit", most)) > most:
            self.violations.append(f"limit {asked['limit']}")

    def _answers(self, name: str) -> list[Item]:
        below = [each for each in self.comments.values() if each["parent_id"] == name and self.shows(each["id"])]
        answers = _newest_first(below)
        own = [each for each in answers if each["username"] == USERNAME]
        if self.read_lag > 0 and own:
            self.read_lag -= 1
            answers.remove(own[0])
        return answers[::-1] if self.oldest_answer_first else answers

    def _paged(self, path: list[str], items: list[Item], asked: Item) -> Item:
        body = super()._paged(path, items, asked)
        if not self.names_next_page:
            body.get("paging", {}).pop("next", None)
        return body

    def _media_seen(self, media: Item, fields: Fields) -> Item:
        count = sum(each["media_id"] == media["id"] for each in self.comments.values())
        told = media | {"timestamp": stamp(media["at"]), "comments_count": count}
        told["caption"] = self._without_at(media, media["caption"])
        if "comments" in fields:
            top = [each for each in self.comments.values() if each["media_id"] == media["id"] and not each["parent_id"]]
            told["comments"] = self._inner_list(_newest_first(top), fields["comments"])
        return self.pick(told, fields, MEDIA_FIELDS, "IGMedia")

    def _comment_seen(self, comment: Item, fields: Fields) -> Item:
        media = self.media[comment["media_id"]]
        told = comment | {"timestamp": _written(comment), "from": _person(comment["username"])}
        told["text"] = self._without_at(media, comment["text"])
        told["media"] = {"id": media["id"], "permalink": media["permalink"]}
        if "replies" in fields and comment["id"] in self._answered and (answers := self._answers(comment["id"])):
            told["replies"] = self._inner_list(answers, fields["replies"])
        return self.pick(told, fields, COMMENT_FIELDS, "IGComment")

    def _inner_list(self, comments: list[Item], asked: Fields) -> Item:
        size = int(asked["arguments"].get("limit", 25))
        return {"data": [self._comment_seen(each, asked["fields"]) for each in comments[:size]]}

    @staticmethod
    def _without_at(media: Item, text: str) -> str:
        """Under somebody else's media the sign before our name is left out."""
        return text if media["username"] == USERNAME else text.replace(f"@{USERNAME}", USERNAME)

    def create(self, name: str, edge: str, form: Item) -> Item:
        text, comment = form.get("message", ""), self.comments.get(form.get("comment_id", ""))
        if not text:
            raise Failed(100, "(#100) Invalid parameter")
        if edge == "replies" and name in self.comments:
            above: Item | None = self.comments[name]
            media = self.media[self.comments[name]["media_id"]]
            if self.comments[name]["hidden"] or media["username"] != USERNAME:
                raise Failed(10, "(#10) Cannot reply to this comment", status=403)
        elif edge == "mentions" and name == USER_ID and form.get("media_id") in self.media:
            media, above = self.media[form["media_id"]], comment
            if comment is None and (form.get("comment_id") or media["names"] != "caption"):
                raise Failed(100, "(#100) The media does not mention the user")
        else:
            raise _missing(name)
        latest = max(each["at"] for each in (*self.media.values(), *self.comments.values()))
        at = max(self.clock.now(), latest + timedelta(seconds=1))
        made = self.comment(media, text, USERNAME, under=above, at=at)
        self.took(made["id"])
        return {"id": made["id"]}


def _missing(name: str) -> Failed:
    return Failed(100, f"Unsupported request. Object with ID '{name}' does not exist", subcode=33)


def _newest_first(items: list[Item]) -> list[Item]:
    return sorted(items, key=lambda each: each["at"], reverse=True)


def _person(name: str) -> Item:
    return {"id": USER_ID if name == USERNAME else str(6_000_000 + sum(map(ord, name))), "username": name}


def _written(item: Item) -> str | None:
    if item.get("dated") is False:
        return None
    return stamp(item["at"]).removesuffix("+0000") if item.get("naive") else stamp(item["at"])
