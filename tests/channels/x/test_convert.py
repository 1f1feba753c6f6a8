"""What a post becomes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from channels.x.convert import Own, to_mention
from channels.x.heard import heard
from channels.x.reading import Included, versions
from domain.account import Account
from domain.errors import Undecodable
from tests.channels.network import NOON
from tests.emulators.x import XServer
from tests.emulators.x_books import OWN_ID
from tests.emulators.x_posts import Item, Said, id_at, renamed

OWN = Own.of(Account(1, "x", "Norda", OWN_ID, ""), ("norda_help", "norda.bsky.social"))
ASKED = {
    "tweet.fields": "author_id,conversation_id,created_at,edit_history_tweet_ids,entities,in_reply_to_user_id,lang,"
    "note_tweet,public_metrics,referenced_tweets",
    "user.fields": "public_metrics",
    "expansions": "author_id,referenced_tweets.id",
}


def served(server: XServer, said: Said, *, new: bool = False) -> tuple[Item, Included]:
    """A post as X serves it, with what comes along."""
    body = server.whole([said], ASKED)
    if new:
        body = renamed(body)
        body["includes"]["posts"] = body["includes"].pop("tweets", [])
    return body["data"][0], Included.of(body)


@pytest.mark.parametrize("new", [False, True])
def test_a_post_becomes_a_mention_in_either_spelling(new: bool):
    server = XServer()
    first = server.say("norda starts a thread", "ben")
    said = server.say("@norda R&amp;D <late> at https://norda.example/line4 & more", reply_to=first.id, lang="hr")
    post, included = served(server, said, new=new)
    mention = to_mention(post, included, OWN)
    assert mention.text == "@norda R&amp;D <late> at https://norda.example/line4 & more"
    assert (mention.external_id, mention.parent_id, mention.thread_id) == (str(said.id), str(first.id), str(first.id))
    assert (mention.author_handle, mention.author_name, mention.author_followers) == ("mara", "Mara", 12)
    assert (mention.url, mention.lang_tag, mention.shares) == (f"https://x.com/mara/status/{said.id}", "hr", 2)
    assert (mention.posted_at, mention.edited_at, mention.addressed) == (said.at, None, True)
    assert mention.native == {"id": str(said.id), "summoned": ["norda"]}


@pytest.mark.parametrize("new", [False, True])
def test_long_posts_are_read_to_their_end(new: bool):
    server = XServer()
    words = "norda " + "and so on " * 200 + "@norda_help, see https://norda.example/x & <y>"
    server.people["norda_help"] = {"id": "9002", "username": "norda_help", "name": "Help"}
    post, included = served(server, server.say(words), new=new)
    assert len(post["text"]) < 310
    mention = to_mention(post, included, OWN)
    assert mention.text == words
    assert mention.native["summoned"] == ["norda_help"]


def test_an_edit_keeps_its_identity_and_moves_its_text_and_address():
    server = XServer()
    root = server.say("norda is late")
    edited = server.edit(root, "norda is late again", NOON + timedelta(minutes=20))
    mention = to_mention(*served(server, edited), OWN)
    assert (mention.external_id, mention.thread_id, mention.text) == (str(root.id), str(root.id), "norda is late again")
    assert (mention.posted_at, mention.edited_at) == (root.at, edited.at)
    assert mention.native["id"] == str(edited.id)
    assert mention.url.endswith(str(edited.id))


def test_an_answer_to_an_edited_post_finds_its_parent():
    server = XServer()
    root = server.say("norda is late")
    edited = server.edit(root, "norda is late again", NOON + timedelta(minutes=20))
    mention = to_mention(*served(server, server.say("same here, norda", "ben", reply_to=edited.id)), OWN)
    assert mention.parent_id == str(root.id)


def test_of_two_versions_only_the_newest_is_heard_in_whatever_order():
    server = XServer()
    root = server.say("norda is late")
    edited = server.edit(root, "norda is late again", NOON + timedelta(minutes=20))
    old, included = served(server, root)
    new, _ = served(server, edited)
    for posts in ([new, old], [old, new]):
        mentions, unreadable = heard(posts, included, OWN, "x")
        assert [mention.text for mention in mentions] == ["norda is late again"]
        assert unreadable == ()
    assert heard([old], included, OWN, "x")[0] == ()


SUMMONS: list[tuple[dict[str, Any], str, list[str]]] = [
    ({}, "@norda help", ["norda"]),
    ({}, "@NORDA help", ["norda"]),
    ({}, "norda help", []),
    ({}, "@nordaland help", []),
    ({"quote": "ours"}, "look at this", ["norda"]),
    ({"quote": "theirs"}, "look at this", []),
    ({"reply_to": "ours"}, "and now?", []),
]


@pytest.mark.parametrize(("refers", "text", "expected"), SUMMONS)
def test_who_summons_us(refers: dict[str, str], text: str, expected: list[str]):
    server = XServer()
    posts = {"ours": server.say("our post", "norda"), "theirs": server.say("another post", "ben")}
    facts: dict[str, Any] = {kind: posts[which].id for kind, which in refers.items()}
    said = server.say(text, **facts)
    mention = to_mention(*served(server, said), OWN)
    assert mention.native["summoned"] == expected
    assert mention.addressed is (bool(expected) or "reply_to" in refers)


def test_a_renamed_account_is_known_by_its_id_and_missing_entities_are_read_from_the_text():
    server = XServer()
    post, included = served(server, server.say("@norda help"))
    post["entities"]["mentions"][0]["username"] = "norda_new"
    assert to_mention(post, included, OWN).native["summoned"] == ["norda"]
    del post["entities"]
    assert to_mention(post, included, OWN).native["summoned"] == ["norda"]
    for text in ("mail@norda.com", "https://site.example/@norda"):
        assert to_mention(post | {"text": text}, included, OWN).native["summoned"] == []


def test_a_bare_repost_is_one_with_the_whole_text():
    server = XServer()
    original = server.say("norda " + "is late " * 40, "ben")
    mention = to_mention(*served(server, server.say("RT @ben: norda is", repost=original.id)), OWN)
    assert mention.is_repost
    assert mention.text == original.raw


def test_a_bare_post_without_any_field_is_still_read():
    number = id_at(NOON)
    mention = to_mention({"id": str(number), "text": "norda"}, Included({}, {}), OWN)
    assert (mention.posted_at, mention.thread_id) == (NOON, str(number))
    assert mention.url == f"https://x.com/i/status/{number}"


@pytest.mark.parametrize("tag", ["und", "zxx", "qme", "qst", "art", ""])
def test_what_is_no_language_is_none(tag: str):
    assert to_mention({"id": "5", "text": "x", "lang": tag}, Included({}, {}), OWN).lang_tag is None


@pytest.mark.parametrize(
    "change", [{"id": None}, {"id": "x1"}, {"id": "-5"}, {"text": None}, {"note_tweet": {}, "text": 5}]
)
def test_an_unreadable_post_says_so(change: dict[str, Any]):
    with pytest.raises(Undecodable):
        to_mention({"id": "5", "text": "norda"} | change, Included({}, {}), OWN)


def test_odd_histories_do_not_rename_a_post():
    for history in (None, [], ["x"], [None], ["7"], "5"):
        assert versions({"id": "5", "edit_history_tweet_ids": history}) == ["5"]
    assert versions({"id": "5", "edit_history_tweet_ids": ["5", "3"]}) == ["3", "5"]


def test_our_own_posts_are_not_heard():
    server = XServer()
    ours, theirs = server.say("norda by us", "norda"), server.say("norda by them")
    help_desk = server.say("norda by our help desk", "Norda_Help")
    found = [served(server, said) for said in (ours, theirs, help_desk)]
    included = Included({k: v for _, each in found for k, v in each.users.items()}, {})
    mentions, _ = heard([post for post, _ in found], included, OWN, "x")
    assert [mention.text for mention in mentions] == ["norda by them"]
    assert msgspec.json.encode(mentions)
