"""What GitHub's items become, and what readers do not see."""

from __future__ import annotations

import time
from typing import Any

import pytest

from channels.github.client import Client
from channels.github.convert import Thread, Us, repo_name, said, thread_of, visible
from channels.github.tickets import ticket
from domain.errors import Undecodable

US = Us("api.github.com", ("norda-desk",), True)
COMMENT: dict[str, Any] = {
    "id": 3_123_456_789, "node_id": "IC_1", "body": "It <b>fails</b> & burns, @Norda-Desk.",
    "html_url": "https://github.com/Norda/App/issues/7#issuecomment-3123456789",
    "issue_url": "https://api.github.com/repos/Norda/App/issues/7", "user": {"login": "mara", "id": 5, "type": "User"},
    "created_at": "2026-11-20T12:00:00Z", "updated_at": "2026-11-20T12:30:00Z",
}  # fmt: skip
ISSUE: dict[str, Any] = {
    "id": 1, "node_id": "I_1", "number": 7, "title": "Seat is wet", "body": None, "locked": True,
    "url": "https://api.github.com/repos/Norda/App/issues/7", "html_url": "https://github.com/Norda/App/issues/7",
    "user": None, "created_at": "2026-11-20T11:00:00Z", "updated_at": "2026-11-20T12:30:00Z",
}  # fmt: skip


def test_a_comment_becomes_a_mention():
    mention = said(COMMENT, thread_of(COMMENT), US).mention
    assert (mention.external_id, mention.thread_id) == ("comment-3123456789", "norda/app#7")
    assert mention.parent_id == "norda/app#7"
    assert mention.text == "It <b>fails</b> & burns, @Norda-Desk."
    assert (mention.author_handle, mention.author_id, mention.author_is_bot) == ("mara", "5", False)
    assert mention.url.endswith("#issuecomment-3123456789")
    assert mention.edited_at is not None
    assert mention.addressed
    assert mention.native["number"] == 7


def test_an_issue_without_a_body_and_without_an_author():
    mention = said(ISSUE, thread_of(ISSUE), US).mention
    assert (mention.external_id, mention.thread_id, mention.parent_id) == ("norda/app#7", "norda/app#7", None)
    assert (mention.title, mention.text, mention.author_handle) == ("Seat is wet", "", "ghost")
    assert mention.edited_at is None, "an issue changes with each comment"
    assert mention.native["locked"] is True


def test_names_of_another_server_begin_with_it():
    mention = said(COMMENT, thread_of(COMMENT), Us("git.example")).mention
    assert (mention.external_id, mention.thread_id) == ("git.example/comment-3123456789", "git.example/norda/app#7")


def test_both_apis_give_the_same_names():
    node = {
        "__typename": "PullRequest", "id": "PR_1", "number": 7, "title": "Seat is wet", "body": "", "locked": False,
        "repository": {"nameWithOwner": "Norda/App"}, "createdAt": "2026-11-20T11:00:00Z", "url": ISSUE["html_url"],
        "updatedAt": "2026-11-20T12:30:00Z", "author": {"login": "renovate", "__typename": "Bot"},
        "comments": {"totalCount": 1, "nodes": [
            {"fullDatabaseId": "3123456789", "id": "IC_1", "body": "x", "createdAt": "2026-11-20T12:00:00Z"}
        ]},
    }  # fmt: skip
    found = ticket(node)
    assert found is not None
    posts = [said(item, thread, US).mention for item, thread in found.items]
    assert [post.external_id for post in posts] == ["norda/app#7", "comment-3123456789"]
    assert posts[0].author_is_bot
    assert found.all_s == 0


def test_a_search_result_out_of_reach_is_none():
    assert ticket(None) is None
    with pytest.raises(Undecodable):
        ticket({"id": "x"})


@pytest.mark.parametrize("change", [{"body": None}, {"created_at": "soon"}, {"id": None}])
def test_an_unreadable_comment_says_so(change: dict[str, Any]):
    with pytest.raises(Undecodable):
        said(COMMENT | change, Thread("norda/app", 7), US)


def test_what_readers_do_not_see_is_left_out():
    assert visible("a<!-- hint: @norda-desk --> b <!--x-->c <!-- open") == "a b c <!-- open"
    hidden = said(COMMENT | {"body": "<!-- @norda-desk -->hi"}, Thread("norda/app", 7), US).mention
    assert (hidden.text, hidden.addressed) == ("hi", False)
    began = time.monotonic()
    visible("<!--" * 50_000)
    assert time.monotonic() - began < 1


@pytest.mark.parametrize("text", ["Norda/App", " https://github.com/Norda/App ", "https://github.com/Norda/App.git"])
def test_repositories_are_given_by_name_or_address(text: str):
    assert repo_name(text) == "Norda/App"


@pytest.mark.parametrize("text", ["", "norda", "https://github.com/norda", "a/b/c", "a b/c", "../etc?x=/y"])
def test_what_is_no_repository(text: str):
    assert repo_name(text) == ""


@pytest.mark.parametrize(
    ("base", "rest", "graph"),
    [
        ("", "https://api.github.com", "https://api.github.com/graphql"),
        ("https://git.example/", "https://git.example/api/v3", "https://git.example/api/graphql"),
        ("https://api.norda.ghe.com", "https://api.norda.ghe.com", "https://api.norda.ghe.com/graphql"),
    ],
)
def test_addresses_of_the_apis(base: str, rest: str, graph: str):
    client = Client(base, None)  # type: ignore[arg-type]
    assert (client.rest, client.graph) == (rest, graph)
