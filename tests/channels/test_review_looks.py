"""Stored reviews are looked at again: what the stores have in common."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from channels.review_looks import look_again
from channels.reviews import Review, mention_of
from channels.upsert import Standing
from domain.errors import Gone, RateLimited, Refused, Undecodable
from domain.ports import Held

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def review(name: str, text: str = "It crashes", **facts: object) -> Review:
    return Review(channel="store", id=name, text=text, posted_at=NOON, native={"review": name}, **facts)  # type: ignore[arg-type]


def held(of: Review) -> Held:
    mention = mention_of(of)
    return Held(mention.external_id, mention.thread_id, mention.url, mention.addressed, mention.native)


class Store:
    """`reviews` by id; an error stands for what asking for it raises."""

    def __init__(self, *reviews: Review) -> None:
        self.reviews: dict[str, Review | Exception] = {each.id: each for each in reviews}
        self.asked: list[str] = []
        self.closed: Exception | None = None

    async def find(self, name: str) -> Review | None:
        self.asked.append(name)
        found = self.reviews.get(name)
        if isinstance(found, Exception):
            raise found
        return found

    async def lists(self) -> None:
        self.asked.append("list")
        if self.closed:
            raise self.closed


async def test_what_stands_what_changed_and_what_is_gone():
    store = Store(review("a"), review("b", "It crashes no more"))
    found = await look_again([held(review(name)) for name in "abc"], store.find, store.lists)
    assert {name: post and post.text for name, post in found.items()} == {
        "a": "It crashes", "b": "It crashes no more", "c": None,
    }  # fmt: skip
    assert store.asked == ["a", "b", "c", "list"]


async def test_a_store_that_does_not_list_us_its_reviews_makes_none_gone():
    store = Store(review("a"))
    store.closed = Gone("no such app")
    assert set(await look_again([held(review("a")), held(review("b"))], store.find, store.lists)) == {"a"}
    store.closed = Refused("forbidden")
    assert set(await look_again([held(review("a")), held(review("b"))], store.find, store.lists)) == {"a"}


async def test_a_review_that_was_changed_after_an_answer_is_two_posts_and_both_go_with_it():
    first = review("a")
    later = {"edited_at": NOON + timedelta(hours=2), "answer": Standing("Sorry", written_at=NOON + timedelta(hours=1))}
    changed = review("a", "It still crashes", **later)
    posts = [held(first), held(changed)]
    assert len({post.external_id for post in posts}) == 2
    store = Store(changed)
    found = await look_again(posts, store.find, store.lists)
    assert {name: post and post.text for name, post in found.items()} == {posts[1].external_id: "It still crashes"}
    assert store.asked == ["a"]
    store.reviews.clear()
    assert await look_again(posts, store.find, store.lists) == dict.fromkeys(post.external_id for post in posts)


async def test_one_that_cannot_be_read_costs_only_itself_and_a_limit_ends_the_look():
    store = Store(review("a"))
    store.reviews |= {"b": Undecodable("odd"), "c": Refused("forbidden")}
    assert set(await look_again([held(review(name)) for name in "abc"], store.find, store.lists)) == {"a"}
    assert await look_again([Held("x", "x", "", True, {})], store.find, store.lists) == {}
    store.reviews["c"] = RateLimited(NOON)
    with pytest.raises(RateLimited):
        await look_again([held(review(name)) for name in "abc"], store.find, store.lists)
