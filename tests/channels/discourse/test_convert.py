"""What a post of a forum becomes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from channels.discourse.convert import Site, is_for_everybody, is_withdrawn, server_of, to_mention
from domain.account import Account
from domain.errors import Undecodable
from tests.emulators.discourse import OWN, OWN_ID, Forum

BASE = "https://Forum.example/talk/"
ACCOUNT = Account(1, "discourse", OWN, f"forum.example/talk/u/{OWN_ID}", "https://forum.example/talk")
SITE = Site(BASE, ACCOUNT, 20, 500)


def test_post_becomes_a_mention():
    forum = Forum()
    first = forum.post("norda is late, again", version=2, locale="hr")
    mention = to_mention(first, SITE, title="Regional trains ")
    assert mention.external_id == "forum.example/talk/p/70001"
    assert (mention.thread_id, mention.url) == ("forum.example/talk/t/7", "https://Forum.example/talk/t/7/1")
    assert mention.full_text == "Regional trains\nnorda is late, again"
    assert (mention.author_handle, mention.author_name, mention.lang_tag) == ("mara", "Mara", "hr")
    assert mention.edited_at == mention.posted_at
    assert mention.native["least"] == 20
    assert mention.native["answerable"] is True
    answer = to_mention(forum.post("same here"), SITE, title="Regional trains", parent_id=70001)
    assert (answer.full_text, answer.edited_at) == ("same here", None)
    assert (answer.parent_id, answer.thread_id) == (mention.external_id, mention.thread_id)


def test_as_typed_where_the_forum_tells_else_as_shown():
    post = Forum().post("a <kettle> & *tea*")
    assert to_mention(post, SITE).text == "a <kettle> & *tea*"
    shown = post | {"raw": None, "cooked": "<p>a &lt;kettle&gt; &amp; <em>tea</em></p>"}
    assert to_mention(shown, SITE).text == "a <kettle> & tea"


@pytest.mark.parametrize(
    ("facts", "addressed"),
    [
        ({"raw": f"hello @{OWN}."}, True),
        ({"raw": f"hello @{OWN.upper()}, you"}, True),
        ({"raw": f"hello @{OWN}-team and x@{OWN} and @{OWN}.de"}, False),
        ({"raw": "hello", "reply_to_user": {"username": OWN}}, True),
        ({"raw": "hello", "reply_to_user": {"username": "ben"}}, False),
    ],
)
def test_who_calls_or_answers_us_addresses_us(facts: dict[str, Any], addressed: bool):
    post = Forum().post("x") | facts
    assert to_mention(post, SITE).addressed is addressed
    elsewhere = replace(SITE, base_url="https://other.example")
    assert to_mention(post, elsewhere).addressed is False, "our name on another forum is somebody else's"
    assert to_mention(post, elsewhere).native["answerable"] is False


def test_removed_and_internal_posts_are_known_as_such():
    post = Forum().post("x")
    assert not is_withdrawn(post)
    for facts in ({"hidden": True}, {"user_deleted": True}, {"deleted_at": "2026-11-20T12:00:00.000Z"}):
        assert is_withdrawn(post | facts)
    assert is_for_everybody(post)
    assert not is_for_everybody(post | {"post_type": 4}), "a whisper among staff"


@pytest.mark.parametrize(
    "change",
    [{"id": None}, {"topic_id": "x"}, {"post_number": None}, {"username": None}, {"created_at": "soon"},
     {"raw": None, "cooked": None}],
)  # fmt: skip
def test_unreadable_post_says_so(change: dict[str, Any]):
    with pytest.raises(Undecodable):
        to_mention(Forum().post("hi") | change, SITE)


def test_people_without_a_number_and_the_system_itself():
    post = Forum().post("hi")
    assert to_mention(post | {"user_id": None}, SITE).author_id == "forum.example/talk/u/mara"
    assert to_mention(post | {"user_id": -2}, SITE).author_is_bot


def test_a_forum_is_named_by_host_and_path():
    assert server_of("https://Forum.example:8443/talk/") == server_of("https://forum.example:8443/talk")
    assert server_of("https://forum.example") == "forum.example"
