"""Answers on Instagram: once, in their place, found again where Instagram shows it to us."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qs

import pytest

from channels.instagram import MANIFEST
from channels.instagram.account import try_account
from channels.instagram.freeze import MAX_CHARACTERS, freeze
from channels.manifest import Situation
from domain.errors import BadInput, NotShown, OutcomeUnknown, Refused, SignInFailed
from domain.mention import Mention
from domain.reply import Outgoing
from tests.channels.instagram.rig import TEXT, Rig
from tests.emulators.graph import Failed, Item
from tests.emulators.instagram import USER_ID, USERNAME


async def said(rig: Rig, item: Item) -> Mention:
    """The mention of this item."""
    (mention,) = await rig.pushed(item)
    return mention


async def test_a_comment_is_answered_below_it_and_found_there(rig: Rig):
    photo = rig.server.post("Ours")
    comment = rig.server.comment(photo, "norda lost my bag")
    rig.server.comment(photo, TEXT, "parrot_test", under=comment)
    reply = rig.approve(await said(rig, comment))
    assert await rig.publisher().find_published(reply) is None
    sent = await rig.publisher().publish(reply)
    assert rig.server.own_texts() == [TEXT]
    assert rig.server.comments[sent.external_id]["parent_id"] == comment["id"]
    found = await rig.publisher().find_published(reply)
    assert found is not None
    assert (found.external_id, found.evidence["copies"], found.url) == (sent.external_id, 1, photo["permalink"])


async def test_an_answer_to_an_answer_names_its_person(rig: Rig):
    photo = rig.server.post("Ours")
    first = rig.server.comment(photo, "norda?")
    second = rig.server.comment(photo, "yes, norda!", "tom.test", under=first)
    reply = rig.approve(await said(rig, second))
    await rig.publisher().publish(reply)
    assert rig.server.own_texts() == [f"@tom.test {TEXT}"]
    assert await rig.publisher().find_published(reply) is not None
    named = rig.approve(await said(rig, second), "Thank you, @Tom.test!")
    assert parse_qs(named.body.decode())["message"] == ["Thank you, @Tom.test!"]
    longer = rig.approve(await said(rig, second), "Thank you, @tom.tester!")
    assert parse_qs(longer.body.decode())["message"] == ["@tom.test Thank you, @tom.tester!"]


async def test_a_caption_that_names_us_is_answered_and_found_among_its_comments(rig: Rig):
    caption = rig.server.post(f"Thanks @{USERNAME}", "ana_test", names="caption")
    rig.server.comment(caption, "me too", "tom_test")
    reply = rig.approve(await said(rig, caption))
    assert await rig.publisher().find_published(reply) is None
    sent = await rig.publisher().publish(reply)
    assert rig.server.comments[sent.external_id]["media_id"] == caption["id"]
    found = await rig.publisher().find_published(reply)
    assert found is not None
    assert found.external_id == sent.external_id
    for number in range(60):
        rig.server.comment(caption, f"more {number}", "eva_test")
    with pytest.raises(OutcomeUnknown):
        await rig.publisher().find_published(reply)


async def test_an_answer_to_a_comment_elsewhere_is_sent_and_cannot_be_looked_up(rig: Rig):
    theirs = rig.server.post("A day out", "eva_test")
    comment = rig.server.comment(theirs, f"@{USERNAME} was late again", "tom_test")
    reply = rig.approve(await said(rig, comment))
    sent = await rig.publisher().publish(reply)
    made = rig.server.comments[sent.external_id]
    assert (made["parent_id"], made["media_id"], made["text"]) == (comment["id"], theirs["id"], TEXT)
    with pytest.raises(NotShown, match="does not show us"):
        await rig.publisher().find_published(reply)


@pytest.mark.parametrize("oldest_first", [True, False])
async def test_all_answers_are_read_back_in_whatever_order(rig: Rig, oldest_first: bool):
    rig.server.page_size, rig.server.oldest_answer_first = 5, oldest_first
    photo = rig.server.post("Ours", minute=0)
    comment = rig.server.comment(photo, "norda?", minute=1)
    reply = rig.approve(await said(rig, comment))
    await rig.publisher().publish(reply)
    for number in range(60):
        rig.server.comment(photo, f"more {number}", under=comment, minute=65 + number)
    rig.server.read_lag = 1
    found = [await rig.publisher().find_published(reply) for _ in range(2)]
    assert found[-1] is not None
    for number in range(60):
        rig.server.comment(photo, f"much more {number}", under=comment, minute=130 + number)
    with pytest.raises(OutcomeUnknown):
        await rig.publisher().find_published(reply)


async def test_refusals_are_certain_and_passing_troubles_are_not(rig: Rig):
    photo = rig.server.post("Ours")
    comment = rig.server.comment(photo, "norda?")
    reply = rig.approve(await said(rig, comment))
    comment["hidden"] = True
    with pytest.raises(Refused):
        await rig.publisher().publish(reply)
    rig.server.troubles.append(Failed(2, passing=True, status=503))
    with pytest.raises(OutcomeUnknown):
        await rig.publisher().publish(reply)
    rig.server.remove(comment)
    with pytest.raises(Refused):
        await rig.publisher().publish(reply)
    elsewhere = replace(reply.parent, native=reply.parent.native | {"top": "1/../../oauth"})
    before = rig.network.writes()
    with pytest.raises(Refused):
        await rig.publisher().publish(replace(reply, parent=elsewhere))
    assert rig.network.writes() == before
    hidden = Situation(True, True, (await said(rig, rig.server.comment(photo, "x", hidden=True))).native)
    assert MANIFEST.capability(hidden).way == "manual"


async def test_what_instagram_would_not_take_is_refused_at_approval(rig: Rig):
    photo = rig.server.post("Ours")
    first = rig.server.comment(photo, "norda?")
    second = rig.server.comment(photo, "yes", "tom_test", under=first)
    parent = rig.approve(await said(rig, second)).parent
    long = Outgoing("é" * MAX_CHARACTERS, "en", parent, rig.account, rig.clock.now(), 7)
    with pytest.raises(BadInput, match="10 characters longer"):
        freeze(long)


async def test_the_account_is_that_of_the_connected_page(rig: Rig):
    tried = await try_account(rig.account, rig.door)
    assert (tried.handle, tried.external_id) == (f"@{USERNAME}", USER_ID)
    rig.server.has_account = False
    with pytest.raises(SignInFailed, match="no Instagram professional account"):
        await try_account(rig.account, rig.door)
    rig.secrets["secret_app"] = "wrong"
    with pytest.raises(SignInFailed, match="appsecret_proof"):
        await try_account(rig.account, rig.door)
    rig.secrets["secret_verify"] = "short"
    with pytest.raises(BadInput):
        await try_account(rig.account, rig.door)
