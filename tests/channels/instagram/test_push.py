"""What Instagram pushes only names what was said; it is read at once, and nothing of others is."""

from __future__ import annotations

import pytest

from channels.instagram import MANIFEST
from domain.errors import RateLimited, SignInFailed, Undecodable
from tests.channels.instagram.rig import Rig
from tests.emulators.graph import VERIFY, Failed, sign
from tests.emulators.instagram import USER_ID, USERNAME


async def test_a_pushed_comment_is_what_a_poll_says_of_it(rig: Rig):
    photo = rig.server.post("Ours")
    comment = rig.server.comment(photo, "norda?")
    answer = rig.server.comment(photo, "yes!", "tom_test", under=comment)
    pushed = await rig.pushed(comment, answer)
    heard, _ = await rig.heard()
    assert pushed == [heard["norda?"], heard["yes!"]]


async def test_mentions_elsewhere_are_heard_with_their_place(rig: Rig):
    theirs = rig.server.post("A day out", "eva_test")
    comment = rig.server.comment(theirs, f"@{USERNAME} was late again", "tom_test")
    caption = rig.server.post(f"Thanks @{USERNAME}", "ana_test", names="caption")
    said = {mention.external_id: mention for mention in await rig.pushed(comment, caption)}
    first, second = said[comment["id"]], said[caption["id"]]
    assert (first.text, first.native["kind"]) == (f"{USERNAME} was late again", "mention")
    assert (first.native["media"], first.url) == (theirs["id"], theirs["permalink"])
    assert (second.text, second.native["kind"]) == (f"Thanks {USERNAME}", "caption")
    assert (second.author_handle, second.url) == ("ana_test", caption["permalink"])
    assert first.addressed
    assert second.addressed


async def test_what_is_gone_or_not_for_us_is_no_fault_but_a_refusal_is_seen(rig: Rig):
    photo = rig.server.post("Ours")
    comment = rig.server.comment(photo, "norda?")
    told = rig.push(rig.server.told(comment))
    rig.server.remove(comment)
    pages, _ = await rig.pages(told.cursor)
    assert [(page.mentions, page.unreadable) for page in pages] == [((), ())]
    rig.server.troubles.append(Failed(100, "(#100) Tried accessing nonexisting field (permalink)"))
    pages, _ = await rig.pages(told.cursor)
    assert "nonexisting field" in pages[0].unreadable[0].why
    for trouble, error in ((Failed(4), RateLimited), (Failed(190), SignInFailed)):
        rig.server.troubles.append(trouble)
        with pytest.raises(error):
            await rig.fetch(told.cursor)


async def test_other_fields_and_other_accounts_are_passed_over(rig: Rig):
    told = rig.server.told(rig.server.comment(rig.server.post("Ours"), "norda"))
    for odd in (
        {**told, "id": "17841400000000002"},
        rig.server.entry("story_insights", {"media_id": "1", "exits": 1}),
        rig.server.entry("messages", {"id": "1"}),
    ):
        page = rig.push(odd)
        assert (page.mentions, page.unreadable, page.more, page.cursor) == ((), (), False, None)


async def test_hostile_ids_cost_only_their_item(rig: Rig):
    told = rig.server.told(rig.server.comment(rig.server.post("Ours"), "norda"))
    odd = [rig.server.entry("comments", {"id": name}) for name in ("../me", "", "1){id}", "1 2", "é", None, 7.5)]
    odd += [rig.server.entry("mentions", {"media_id": "1", "comment_id": "1),mentioned_media.media_id(2"})]
    page = rig.push(*odd, told)
    assert len(page.unreadable) == len(odd)
    assert page.cursor is not None
    assert len(page.cursor["asks"]) == 1


async def test_the_page_object_and_strangers_are_refused(rig: Rig):
    receive, greet = MANIFEST.receive, MANIFEST.greet
    assert receive is not None
    assert greet is not None
    body = b'{"object": "page", "entry": []}'
    with pytest.raises(Undecodable):
        receive(rig.listening, sign(body), body, rig.clock.now())
    with pytest.raises(SignInFailed):
        receive(rig.listening, sign(body, "another"), body, rig.clock.now())
    ask = {"hub.mode": "subscribe", "hub.verify_token": VERIFY, "hub.challenge": "42"}
    assert greet(rig.listening, ask) == "42"
    with pytest.raises(SignInFailed):
        greet(rig.listening, ask | {"hub.verify_token": USER_ID})
