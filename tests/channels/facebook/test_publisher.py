"""An answer on our Page: one comment, in its place, found again by place and words."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from channels.facebook.freeze import MAX_CHARACTERS, freeze
from domain.errors import BadInput, ChannelError, OutcomeUnknown, RateLimited, Refused, SignInFailed
from domain.mention import Mention
from domain.reply import Outgoing
from tests.channels.facebook.rig import TEXT, Rig
from tests.emulators.graph import Failed, Item


async def said(rig: Rig, item: Item) -> Mention:
    """The mention of this item."""
    heard, _ = await rig.heard()
    return next(mention for mention in heard.values() if mention.external_id == item["id"])


async def test_a_comment_is_answered_below_it_and_found_there(rig: Rig):
    post = rig.server.post("Ours")
    comment = rig.server.comment(post, "norda lost my bag")
    rig.server.comment(post, TEXT, "A parrot", under=comment)
    reply = rig.approve(await said(rig, comment))
    assert await rig.publisher().find_published(reply) is None
    sent = await rig.publisher().publish(reply)
    assert rig.server.own_texts() == [TEXT]
    assert rig.server.comments[sent.external_id]["parent"] == {"id": comment["id"]}
    found = await rig.publisher().find_published(reply)
    assert found is not None
    assert (found.external_id, found.evidence["copies"]) == (sent.external_id, 1)
    assert found.url.startswith("https://www.facebook.com/")


@pytest.mark.parametrize("flattens", [True, False])
async def test_an_answer_to_an_answer_is_found_wherever_facebook_puts_it(rig: Rig, flattens: bool):
    rig.server.flattens = flattens
    post = rig.server.post("Ours")
    first = rig.server.comment(post, "norda?")
    second = rig.server.comment(post, "yes, norda!", under=first)
    reply = rig.approve(await said(rig, second))
    sent = await rig.publisher().publish(reply)
    found = await rig.publisher().find_published(reply)
    assert found is not None
    assert found.external_id == sent.external_id


async def test_a_visitors_post_is_answered_under_it(rig: Rig):
    visit = rig.server.post("norda lost my bag", "Ivo")
    below = rig.server.comment(visit, "mine too")
    reply, other = rig.approve(await said(rig, visit)), rig.approve(await said(rig, below))
    await rig.publisher().publish(other)
    assert await rig.publisher().find_published(reply) is None, "the same words below a comment are another answer"
    sent = await rig.publisher().publish(reply)
    found = await rig.publisher().find_published(reply)
    assert found is not None
    assert found.external_id == sent.external_id
    follow_up = rig.server.comment(visit, "thank you", "Ivo")
    assert (await said(rig, follow_up)).parent_id == visit["id"]


async def test_copies_are_counted_and_a_late_list_is_no_proof_by_itself(rig: Rig):
    comment = rig.server.comment(rig.server.post("Ours"), "norda")
    reply = rig.approve(await said(rig, comment))
    await rig.publisher().publish(reply)
    rig.server.read_lag = 1
    assert await rig.publisher().find_published(reply) is None
    found = await rig.publisher().find_published(reply)
    assert found is not None
    await rig.publisher().publish(reply)
    found = await rig.publisher().find_published(reply)
    assert found is not None
    assert found.evidence["copies"] == 2


async def test_a_read_back_passes_the_moment_of_sending_or_says_that_it_did_not(rig: Rig):
    rig.server.page_size = 5
    post = rig.server.post("Ours", minute=0)
    comment = rig.server.comment(post, "norda", minute=1)
    reply = rig.approve(await said(rig, comment))
    await rig.publisher().publish(reply)
    for number in range(60):
        rig.server.comment(post, f"more {number}", minute=65 + number)
    assert await rig.publisher().find_published(reply) is not None
    for number in range(60):
        rig.server.comment(post, f"much more {number}", minute=130 + number)
    with pytest.raises(OutcomeUnknown):
        await rig.publisher().find_published(reply)
    old = replace(reply, approved_at=reply.approved_at + timedelta(hours=4))
    assert await rig.publisher().find_published(old) is None


@pytest.mark.parametrize(
    ("trouble", "error"),
    [
        (Failed(190), SignInFailed),
        (Failed(4, status=403), RateLimited),
        (Failed(32), RateLimited),
        (Failed(10, status=403), Refused),
        (Failed(200, status=403), Refused),
        (Failed(368), Refused),
        (Failed(100), Refused),
        (Failed(506), Refused),
        (Failed(100, subcode=33), Refused),
        (Failed(1), OutcomeUnknown),
        (Failed(2, status=503), OutcomeUnknown),
        (Failed(100, passing=True), OutcomeUnknown),
        (Failed(1, status=500), OutcomeUnknown),
        (Failed(200, status=200), Refused),
        (Failed(2, status=200), OutcomeUnknown),
    ],
)
async def test_each_refusal_says_whether_it_is_certain(rig: Rig, trouble: Failed, error: type[ChannelError]):
    comment = rig.server.comment(rig.server.post("Ours"), "norda")
    reply = rig.approve(await said(rig, comment))
    rig.server.troubles.append(trouble)
    before = rig.network.writes()
    with pytest.raises(error) as raised:
        await rig.publisher().publish(reply)
    assert type(raised.value) is error
    assert rig.network.writes() - before == 1
    assert rig.server.own_texts() == []


async def test_the_same_words_refused_after_a_doubtful_attempt_may_be_ours(rig: Rig):
    comment = rig.server.comment(rig.server.post("Ours"), "norda")
    reply = replace(rig.approve(await said(rig, comment)), first_sent_at=rig.clock.now())
    rig.server.troubles.append(Failed(506))
    with pytest.raises(OutcomeUnknown):
        await rig.publisher().publish(reply)


async def test_nothing_in_an_id_leads_elsewhere(rig: Rig):
    comment = rig.server.comment(rig.server.post("Ours"), "norda")
    reply = rig.approve(await said(rig, comment))
    native = reply.parent.native | {"id": "../../oauth"}
    with pytest.raises(Refused):
        await rig.publisher().publish(replace(reply, parent=replace(reply.parent, native=native)))
    assert rig.network.writes() == 0


async def test_what_facebook_would_not_take_is_refused_at_approval(rig: Rig):
    comment = rig.server.comment(rig.server.post("Ours"), "norda")
    reply = rig.approve(await said(rig, comment), "é" * MAX_CHARACTERS)
    long = Outgoing("é" * (MAX_CHARACTERS + 2), "en", reply.parent, rig.account, rig.clock.now(), 7)
    with pytest.raises(BadInput, match="2 characters longer"):
        freeze(long)
