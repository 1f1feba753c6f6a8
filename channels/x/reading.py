"""One answer of X, read: its posts, what it includes, where it goes on. No I/O."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from channels.x.names import either, missing
from channels.x.problems import empty_problem
from channels.x.snowflake import number_at
from domain.ports import Unreadable
from net.decode import dict_at, int_at, list_at, text_at, value_at


@dataclass(frozen=True, slots=True)
class Included:
    """Users and posts that came along, by id."""

    users: dict[str, object]
    posts: dict[str, object]

    @classmethod
    def of(cls, body: object) -> Included:
        """From a whole answer, in either spelling."""
        includes = dict_at(body, "includes")
        posts = either(includes, "tweets")
        return cls(_by_id(list_at(includes, "users")), _by_id(posts if isinstance(posts, list) else []))

    def author(self, post: object) -> object:
        """Who wrote a post, or None."""
        return self.users.get(text_at(post, "author_id"))


def _by_id(items: Iterable[object]) -> dict[str, object]:
    return {found: item for item in items if (found := text_at(item, "id"))}


@dataclass(frozen=True, slots=True)
class Reading:
    """`newest` and `oldest` are the ids of the posts as numbers, 0 without posts; `token` is empty on the last page."""

    posts: tuple[object, ...]
    included: Included
    token: str
    newest: int
    oldest: int

    @classmethod
    def of(cls, body: object) -> Reading:
        """From a page. Raises the error inside it when it is none: a 2xx may say nothing but `errors`."""
        posts = tuple(list_at(body, "data"))
        if not posts and int_at(body, "meta", "result_count") != 0:
            raise empty_problem(body)
        ids = [number for post in posts if (number := number_at(post, "id"))]
        newest = max([number_at(body, "meta", "newest_id"), *ids])
        token = text_at(body, "meta", "next_token")
        return cls(posts, Included.of(body), token, newest, min(ids, default=0))


def notices(where: str, body: object, posts: Iterable[object]) -> tuple[Unreadable, ...]:
    """What X did not send though it was asked for: a new spelling, or a field that our access does not cover.

    Kept with a sample that is the same each time, so that it is told once and not with every page.
    """
    told = [f"X did not send {name}, which was asked for: see the setting `spelling`" for name in missing(tuple(posts))]
    for error in list_at(body, "errors"):
        kind = text_at(error, "type") + text_at(error, "title").lower()
        if "field" in kind:
            told.append(f"X did not send {text_at(error, 'field') or 'a field'}: {text_at(error, 'title')}")
    return tuple(Unreadable(where, why, why.encode()) for why in dict.fromkeys(told))


def references(post: object) -> dict[str, str]:
    """What a post refers to: kind ("replied_to", "quoted", "retweeted") and id."""
    found = either(post, "referenced_tweets")
    return {
        text_at(each, "type"): text_at(each, "id")
        for each in (found if isinstance(found, list) else [])
        if text_at(each, "type") and text_at(each, "id")
    }


def versions(post: object) -> list[str]:
    """The ids of a post, oldest first: each edit makes a new one. Without a history it is its own."""
    own, history = text_at(post, "id"), either(post, "edit_history_tweet_ids")
    numbers = sorted(number_at(history, at) for at in range(len(history))) if isinstance(history, list) else []
    found = [str(number) for number in numbers if number]
    return found if own in found else [own]


def long_form(post: object) -> object:
    """Where the whole text of a post of more than 280 characters stands, with its own entities; else None."""
    note = either(post, "note_tweet")
    return note if isinstance(value_at(note, "text"), str) else None
