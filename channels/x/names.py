"""What X renamed when it went from "tweet" to "post", in one table. No I/O.

Source: X's OpenAPI 2.159 (February 2026) has the old names, 2.167 (August 2026) the new ones, except for the filtered
stream, whose request keeps the old. Which of them the live service takes is not known. So requests are spelled as the
settings say, answers are read in both spellings, and what was asked for and did not come is noticed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from net.decode import int_at, value_at

Spelling = Literal["tweet", "post"]

RENAMED: dict[str, str] = {
    # parameters
    "tweet.fields": "post.fields",
    "referenced_tweets.id": "referenced_posts",
    # fields
    "note_tweet": "note_post",
    "referenced_tweets": "referenced_posts",
    "edit_history_tweet_ids": "edit_history_post_ids",
    "retweet_count": "repost_count",
    # what an answer includes
    "tweets": "posts",
}
NOT_ASKED_FOR = frozenset({"author_id", "in_reply_to_user_id", "referenced_tweets", "edit_history_tweet_ids"})
"""Fields that 2.167 sends but does not take as values of `post.fields`."""

FIELDS = (
    "author_id", "conversation_id", "created_at", "edit_history_tweet_ids", "entities", "in_reply_to_user_id", "lang",
    "note_tweet", "public_metrics", "referenced_tweets",
)  # fmt: skip
EXPANSIONS = ("author_id", "referenced_tweets.id")
USER_FIELDS = ("public_metrics",)

_EVERY_POST_HAS = ("author_id", "conversation_id", "created_at", "edit_history_tweet_ids", "public_metrics")


def either(obj: object, name: str) -> object:
    """The value under the old name or the new one, or None."""
    found = value_at(obj, name)
    return value_at(obj, RENAMED[name]) if found is None else found


def spelled(params: Mapping[str, str], spelling: Spelling) -> dict[str, str]:
    """Parameters in old names as they are sent."""
    if spelling == "tweet":
        return dict(params)
    return {RENAMED.get(name, name): _values(name, value) for name, value in params.items()}


def _values(name: str, value: str) -> str:
    if name not in ("tweet.fields", "expansions"):
        return value
    dropped = NOT_ASKED_FOR if name == "tweet.fields" else frozenset()
    return ",".join(RENAMED.get(each, each) for each in value.split(",") if each not in dropped)


def missing(posts: Sequence[object]) -> tuple[str, ...]:
    """What was asked for, what every post has, and what no post of this page brought: X renamed it once more."""
    readable = [post for post in posts if int_at(post, "id")]
    if not readable:
        return ()
    return tuple(
        name
        for name in _EVERY_POST_HAS
        if all((either if name in RENAMED else value_at)(post, name) is None for post in readable)
    )
