"""What Facebook pushes: words, edits and removals on our Page; nothing of others, nothing that nobody said."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from channels.facebook import MANIFEST
from domain.errors import SignInFailed, Undecodable
from tests.channels.facebook.rig import Rig
from tests.emulators.graph import APP_SECRET, NOON, VERIFY, Item, sign


def _changed(entry: Item, **values: Any) -> Item:
    """The same entry with other values; None takes one away."""
    entry = json.loads(json.dumps(entry))
    value = entry["changes"][0]["value"]
    value.update(values)
    entry["changes"][0]["value"] = {name: each for name, each in value.items() if each is not None}
    return entry


async def test_a_push_says_the_same_as_a_poll(rig: Rig):
    visit = rig.server.post("My bag is on your train", "Ivo")
    comment = rig.server.comment(visit, "Mine too", "Ana")
    answer = rig.server.comment(visit, "And mine", "Tom", under=comment)
    page = rig.push(*(rig.server.change(item) for item in (visit, comment, answer)))
    heard, _ = await rig.heard()
    assert page.seen == 3
    assert (page.more, page.cursor) == (False, None)
    for pushed in page.mentions:
        polled = heard[pushed.text]
        for name in ("external_id", "thread_id", "parent_id", "posted_at", "author_id", "author_name", "native"):
            assert getattr(pushed, name) == getattr(polled, name), name
        assert pushed.url == polled.url or pushed.url.endswith(visit["id"])


async def test_an_edit_is_newer_than_what_it_edits_and_a_removal_takes_back(rig: Rig):
    post = rig.server.post("Ours")
    comment = rig.server.comment(post, "norda is late", minute=5)
    first = rig.push(rig.server.change(comment)).mentions[0]
    comment["message"] = "norda came after all"
    at = NOON + timedelta(minutes=30)
    for verb in ("edited", "edit"):
        edited = rig.push(rig.server.change(comment, verb, told=at)).mentions[0]
        assert (edited.external_id, edited.text) == (first.external_id, "norda came after all")
        assert first.edited_at is not None
        assert edited.edited_at == at > first.edited_at
    entry = rig.server.change(comment, "remove")
    assert rig.push(_changed(entry, message=None)).withdrawn == (comment["id"],)
    assert rig.push(rig.server.change(post, "remove")).withdrawn == (post["id"],)


async def test_what_nobody_said_and_what_concerns_others_is_passed_over(rig: Rig):
    post = rig.server.post("Ours")
    entry = rig.server.change(rig.server.comment(post, "norda"))
    for odd in (
        _changed(entry, item="reaction", reaction_type="like", message=None),
        _changed(entry, item="like"),
        _changed(entry, verb="hide"),
        _changed(entry, message=None, photo="https://cdn.example/1.jpg"),
        {**entry, "id": "2020202020"},
        {**entry, "changes": [{"field": "ratings", "value": {}}]},
        {"id": "0", "time": 1, "changes": [{"field": "feed", "value": {"item": "status"}}]},
    ):
        page = rig.push(odd)
        assert (page.mentions, page.withdrawn, page.unreadable, page.more) == ((), (), (), False)


async def test_a_mention_elsewhere_is_heard_or_asked_for(rig: Rig):
    post = rig.server.post("@Norda, is this you?", "Eva", where="tagged")
    comment = rig.server.comment(post, "Look, @Norda", "Tom")
    said = _changed(rig.server.change(post, field="mention"), sender_id="77", sender_name="Eva", **{"from": None})
    (mention,) = rig.push(said).mentions
    assert (mention.author_id, mention.author_name, mention.native["on_our_page"]) == ("77", "Eva", False)
    named = [_changed(rig.server.change(item, field="mention"), message=None) for item in (post, comment)]
    page = rig.push(*named)
    assert (page.mentions, page.more) == ((), True)
    pages, _ = await rig.pages(page.cursor)
    assert [each.text for found in pages for each in found.mentions] == ["@Norda, is this you?", "Look, @Norda"]


async def test_moments_in_milliseconds_are_read_as_such(rig: Rig):
    comment = rig.server.comment(rig.server.post("Ours"), "norda", minute=5)
    entry = rig.server.change(comment, "edited", told=NOON + timedelta(minutes=9))
    (edited,) = rig.push({**entry, "time": entry["time"] * 1000}).mentions
    assert edited.edited_at == NOON + timedelta(minutes=9)


async def test_hostile_ids_cost_only_their_item(rig: Rig):
    entry = rig.server.change(rig.server.comment(rig.server.post("Ours"), "norda"))
    odd = [_changed(entry, comment_id=name) for name in ("../me", "1/../2", "", "1 2", "é", "1?fields=access_token")]
    page = rig.push(*odd, _changed(entry, post_id="me/accounts"), entry)
    assert len(page.mentions) == 1
    assert len(page.unreadable) == len(odd) + 1


@pytest.mark.parametrize("body", [b'{"object": "instagram", "entry": []}', b'{"object": "page"}', b'{"entry": []}'])
async def test_other_objects_are_not_for_this_source(rig: Rig, body: bytes):
    assert MANIFEST.receive is not None
    with pytest.raises(Undecodable):
        MANIFEST.receive(rig.listening, sign(body), body, rig.clock.now())


async def test_only_the_whole_signature_of_the_app_counts(rig: Rig):
    body = rig.server.push(rig.server.change(rig.server.post("Ours")))
    receive, right = MANIFEST.receive, sign(body)["x-hub-signature-256"]
    assert receive is not None
    for given in (
        right.removeprefix("sha256="),
        right.replace("sha256", "sha1"),
        right.upper(),
        right + "00",
        "sha256=",
    ):
        with pytest.raises(SignInFailed):
            receive(rig.listening, {"x-hub-signature-256": given}, body, rig.clock.now())
    with pytest.raises(SignInFailed):
        receive(rig.listening, sign(body, APP_SECRET[::-1]), body, rig.clock.now())


async def test_meta_asks_whether_the_address_is_ours(rig: Rig):
    ask = {"hub.mode": "subscribe", "hub.verify_token": VERIFY, "hub.challenge": "1158201444"}
    greet = MANIFEST.greet
    assert greet is not None
    assert greet(rig.listening, ask) == "1158201444"
    for wrong in ({"hub.verify_token": "é"}, {"hub.verify_token": ""}, {"hub.mode": "unsubscribe"}):
        with pytest.raises(SignInFailed):
            greet(rig.listening, ask | wrong)
    rig.secrets.pop("secret_verify")
    with pytest.raises(SignInFailed):
        greet(rig.listening, ask | {"hub.verify_token": ""})
