"""What a comment or submission becomes, and what counts as taken back. Without I/O."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from channels.reddit.convert import is_edited, is_withdrawn, names_us, thread_of, to_mention, url_of
from domain.errors import Undecodable
from tests.emulators.reddit import RedditServer, comment_name, thread_name


def thing(data: dict[str, Any]) -> dict[str, Any]:
    return {"kind": data["name"][:2], "data": data}


def comment(**changes: Any) -> dict[str, Any]:
    return thing(RedditServer().say("Norda *fails* &amp; <b>me</b>", number=7, thread=3) | changes)


def submission(**changes: Any) -> dict[str, Any]:
    return thing(RedditServer().submit("Norda?", "Every day.", number=3, subreddit="Norda_Rail") | changes)


def test_comment_becomes_a_mention_of_its_thread():
    mention = to_mention(comment(parent_id=comment_name(2), edited=1795176000.0), answer_in=frozenset({"norda"}))
    assert (mention.external_id, mention.parent_id) == (comment_name(7), comment_name(2))
    assert mention.thread_id == thread_name(3)
    assert (mention.title, mention.text) == ("", "Norda *fails* &amp; <b>me</b>"), "as typed: a comment has no title"
    assert mention.url.startswith("https://www.reddit.com/r/norda/comments/")
    assert (mention.author_handle, mention.author_id) == ("mara", "t2_mara")
    assert mention.edited_at == datetime.fromtimestamp(1795176000, UTC)
    assert mention.native == {"subreddit": "norda", "may_answer": True, "locked": False, "archived": False}


def test_submission_is_its_own_thread_and_keeps_its_title():
    mention = to_mention(submission(num_crossposts=4, locked=True))
    assert (mention.external_id, mention.thread_id, mention.parent_id) == (thread_name(3), thread_name(3), None)
    assert mention.full_text == "Norda?\nEvery day."
    assert mention.shares == 4
    assert mention.native["locked"] is True
    assert mention.native["may_answer"] is False, "nobody listed the subreddit"


def test_listed_subreddits_are_compared_without_case():
    assert to_mention(submission(), answer_in=frozenset({"norda_rail"})).native["may_answer"] is True


@pytest.mark.parametrize(
    "found",
    [
        comment(author="[deleted]", body="[deleted]"),
        comment(author="[deleted]", body="[removed]"),
        comment(author="[deleted]"),
        comment(body="[removed]"),
        submission(selftext="[removed]", removed_by_category="moderator"),
        submission(selftext="", is_self=False, removed_by_category="automod_filtered"),
    ],
)
def test_deleted_and_removed_posts_are_withdrawn(found: dict[str, Any]):
    assert is_withdrawn(found)


def test_live_posts_are_not_withdrawn():
    assert not is_withdrawn(comment())
    assert not is_withdrawn(submission())
    assert not is_withdrawn(submission(selftext="", is_self=False))


def test_edits_are_a_moment_or_only_true():
    assert [is_edited(comment(edited=edited)) for edited in (False, None, 1795176000.0, True)] == [
        False, False, True, True,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("hi u/norda_help", True),
        ("hi /u/Norda_Help!", True),
        ("u/norda_help_fan", False),
        ("menu/norda_help", False),
        ("norda_help", False),
    ],
)
def test_being_named(text: str, named: bool):
    assert names_us(text, "norda_help") is named
    assert to_mention(comment(body=text), own_name="norda_help").addressed is named
    assert not names_us(text, "")


def test_item_of_the_inbox_finds_its_thread_and_page_in_its_context():
    data = {"name": "t1_abc", "context": "/r/norda/comments/xyz/a_title/abc/?context=3"}
    found = {"kind": "t1", "data": data}
    assert thread_of(found) == "t3_xyz"
    assert url_of(found) == "https://www.reddit.com/r/norda/comments/xyz/a_title/abc/"


@pytest.mark.parametrize(
    "permalink", ["//evil.example/r/a/comments/b/", "javascript:alert(1)", "", "/r/../comments/x y"]
)
def test_odd_addresses_are_replaced_by_ones_made_of_the_names(permalink: str):
    assert url_of(comment(permalink=permalink)) == (
        f"https://www.reddit.com/comments/{thread_name(3)[3:]}/_/{comment_name(7)[3:]}/"
    )


@pytest.mark.parametrize(
    "change",
    [
        {"name": "t1_../x"},
        {"name": None},
        {"author": None},
        {"body": None},
        {"created_utc": "soon"},
        {"name": "t3_abc"},
    ],
)
def test_unreadable_comment_says_so(change: dict[str, Any]):
    found = comment()
    found["data"] |= change
    with pytest.raises(Undecodable):
        to_mention(found)
