"""The books of the emulated X: who said what in which version, what is served of it, and the bill."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.emulators.late import Late
from tests.emulators.x_posts import Item, Said, id_at, item, renamed, user

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
OWN_ID = "9001"
PRICES = {"post": 5_000, "user": 10_000, "owned": 1_000}
"""Millionths of a US$."""


@dataclass
class XBooks(Late):
    """`posts` are all versions of all posts by id. `bill` is what X would charge, by UTC day."""

    now: Callable[[], datetime] = lambda: NOON + timedelta(hours=1)
    spelling: str = "tweet"
    own_name: str = "norda"
    posts: dict[int, Said] = field(default_factory=dict)
    people: dict[str, Item] = field(default_factory=dict)
    bill: dict[str, dict[str, int]] = field(default_factory=dict)
    hidden_fields: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self.people = {self.own_name: user(self.own_name, 2001)}

    def said(self, post: Said) -> None:
        """Called with each new post."""

    def say(self, text: str, author: str = "mara", *, at: datetime | None = None, **facts: Any) -> Said:
        """A new post, a minute after the last one unless `at` says so. An open stream gets it when a rule finds it."""
        last = max((said.at for said in self.posts.values()), default=NOON)
        at = at or last + timedelta(minutes=1)
        number = id_at(at)
        while number in self.posts:
            number += 1
        self.people.setdefault(author, user(author, len(self.people)))
        parent = self.posts.get(facts.get("reply_to", 0))
        said = Said(number, author, text, at, [number], **facts)
        said.conversation = parent.conversation or parent.history[0] if parent else number
        self.posts[number] = said
        self.said(said)
        return said

    def edit(self, said: Said, text: str, at: datetime) -> Said:
        """The same post with other words: a new id, known to all its versions."""
        new = self.say(text, said.author, at=at)
        new.history = [*said.history, new.id]
        new.conversation = said.conversation
        for number in said.history:
            self.posts[number].history = new.history
        return new

    def own(self) -> list[Said]:
        """What our account posted, oldest first."""
        return [said for _, said in sorted(self.posts.items()) if said.author == self.own_name]

    def usd(self, day: datetime | None = None) -> float:
        """The bill of a UTC day."""
        return sum(self.bill.get((day or self.now()).date().isoformat(), {}).values()) / 1_000_000

    def whole(self, chosen: list[Said], asked: Any, *, owned: bool = False) -> Item:
        """Posts with what was asked for, and what comes along; all of it goes on the bill."""
        expanded = set(asked.get("expansions", "").split(","))
        fields = set((asked.get("tweet.fields") or asked.get("post.fields", "")).split(","))
        body: Item = {"data": [self._item(said, fields, expanded) for said in chosen]}
        self._charge([f"p{said.id}" for said in chosen], PRICES["owned" if owned else "post"])
        includes: Item = {}
        if "author_id" in expanded:
            people = {said.author: self.people[said.author] for said in chosen if not said.broken}
            includes["users"] = [self._person(person, asked) for person in people.values()]
            self._charge([f"u{person['id']}" for person in people.values()], PRICES["user"])
        others = {each for said in chosen for each in (said.reply_to, said.quote, said.repost) if each in self.posts}
        if others and expanded & {"referenced_tweets.id", "referenced_posts"}:
            includes["tweets"] = [self._item(self.posts[each], fields, expanded) for each in sorted(others)]
            self._charge([f"p{each}" for each in sorted(others)], PRICES["post"])
        if any(includes.values()):
            body["includes"] = {name: items for name, items in includes.items() if items}
        if self.spelling == "post":
            body = renamed(body)
            if "tweets" in body.get("includes", {}):
                body["includes"]["posts"] = body["includes"].pop("tweets")
        return body

    def _item(self, said: Said, fields: set[str], expanded: set[str]) -> Item:
        kinds = (("replied_to", said.reply_to), ("quoted", said.quote), ("retweeted", said.repost))
        whole = item(said, self._ids(), [{"type": kind, "id": str(each)} for kind, each in kinds if each])
        parent = self.posts.get(said.reply_to)
        if parent:
            whole["in_reply_to_user_id"] = self.people[parent.author]["id"]
        always = {"id", "text", "edit_history_tweet_ids"}
        if self.spelling == "post":
            fields = {field.replace("note_post", "note_tweet") for field in fields}
            fields |= {"author_id", "referenced_tweets"} if {"author_id", "referenced_posts"} & expanded else set()
        kept = {name: value for name, value in whole.items() if name in fields | always}
        return {name: value for name, value in kept.items() if name not in self.hidden_fields}

    def _ids(self) -> dict[str, str]:
        return {name: person["id"] for name, person in self.people.items()} | {self.own_name: OWN_ID}

    def _person(self, person: Item, asked: Any) -> Item:
        kept = {"id", "name", "username", *asked.get("user.fields", "").split(",")}
        found = {name: value for name, value in person.items() if name in kept}
        return found | {"id": self._ids()[person["username"]]}

    def _charge(self, resources: list[str], price: int) -> None:
        """Each resource once a day."""
        day = self.bill.setdefault(self.now().date().isoformat(), {})
        for each in resources:
            day.setdefault(each, price)
