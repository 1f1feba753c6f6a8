"""The reply under a conversation: what is sent, what refusals mean, how it is found again."""

from __future__ import annotations

import json
from dataclasses import replace

import msgspec
import pytest

from channels.youtube.freeze import freeze, length
from domain.errors import BadInput, OutcomeUnknown, RateLimited, Refused, SignInFailed, Unreachable
from domain.mention import Mention
from domain.reply import Outgoing, Parent
from tests.channels.network import NOON, Fault
from tests.channels.youtube.conftest import Rig


async def _mention(rig: Rig, *, reply: bool = False) -> Mention:
    top = rig.server.comment("norda is late")
    if reply:
        answer = rig.server.comment("it is, @norda", "ben", under=top["id"])
        return (await rig.heard())[0][answer["id"]]
    return (await rig.heard())[0][top["id"]]


async def test_an_answer_to_a_reply_stands_under_the_top_comment_and_names_its_author(rig: Rig):
    mention = await _mention(rig, reply=True)
    await rig.publisher().publish(rig.approve(mention, "We are sorry."))
    assert rig.server.received == [{"snippet": {"parentId": mention.thread_id, "textOriginal": "@ben We are sorry."}}]
    named = json.loads(rig.approve(mention, "Sorry, @Ben!").body)
    assert named["snippet"]["textOriginal"] == "Sorry, @Ben!"
    other = json.loads(rig.approve(mention, "Sorry, @bennie").body)
    assert other["snippet"]["textOriginal"].startswith("@ben ")


async def test_what_cannot_be_sent_is_refused_at_approval(rig: Rig):
    mention = await _mention(rig)
    with pytest.raises(BadInput, match="longer"):
        rig.approve(mention, "x" * 10_001)
    video = msgspec.structs.replace(mention, native={"kind": "video", "video": "v"})
    with pytest.raises(BadInput, match="no comment"):
        rig.approve(video)
    rig.key_only()
    with pytest.raises(BadInput, match="only read"):
        rig.approve(mention)


def test_length_never_counts_less_than_youtube_may():
    assert length("abc") == 3
    assert length("🚂é") == 3


def test_same_approval_same_bytes(rig: Rig):
    parent = Parent("Ug1", "Ug1", "", "UCmara", "@mara", {"kind": "comment", "top": "Ug1"})
    outgoing = Outgoing("Sorry", "en", parent, rig.account, NOON, 1)
    assert freeze(outgoing) == freeze(outgoing)
    assert freeze(outgoing).key != freeze(replace(outgoing, reply_id=2)).key


async def test_the_reply_has_an_address(rig: Rig):
    mention = await _mention(rig)
    sent = await rig.publisher().publish(rig.approve(mention))
    assert sent.url == f"https://www.youtube.com/watch?v=norda-video&lc={sent.external_id}"


@pytest.mark.parametrize("oldest_first", [False, True])
async def test_read_back_reads_all_replies_and_may_lag(rig: Rig, oldest_first: bool):
    rig.server.page_size = 20
    rig.server.oldest_reply_first = oldest_first
    mention = await _mention(rig)
    reply = rig.approve(mention)
    for number in range(50):
        rig.server.comment(f"other {number}", "norda", under=mention.external_id, minute=70 + number)
    rig.network.fault = Fault(reset=True, applied=True, methods=("POST",), path="/youtube")
    with pytest.raises(OutcomeUnknown):
        await rig.publisher().publish(reply)
    rig.network.fault = None
    rig.server.read_lag = 1
    found = await rig.publisher().find_published(reply)
    assert found is not None
    assert found.evidence["copies"] == 1
    assert len(rig.server.received) == 1


async def test_the_same_words_of_somebody_else_or_of_last_week_are_not_ours(rig: Rig):
    mention = await _mention(rig)
    reply = rig.approve(mention)
    rig.server.comment(reply.text, "impostor", under=mention.external_id, minute=70)
    rig.server.comment(reply.text, "norda", under=mention.external_id, minute=-600)
    assert await rig.publisher().find_published(reply) is None


async def test_copies_are_told(rig: Rig):
    reply = rig.approve(await _mention(rig))
    first = await rig.publisher().publish(reply)
    await rig.publisher().publish(reply)
    found = await rig.publisher().find_published(reply)
    assert found is not None
    assert (found.external_id, found.evidence["copies"]) == (first.external_id, 2)


async def test_a_read_back_that_does_not_reach_the_end_is_no_proof(rig: Rig):
    rig.server.page_size = 10
    rig.server.ignores_reply_tokens = True
    mention = await _mention(rig)
    for minute in range(70, 95):
        rig.server.comment("other", under=mention.external_id, minute=minute)
    with pytest.raises(OutcomeUnknown, match="to their end"):
        await rig.publisher().find_published(rig.approve(mention))


async def test_with_the_conversation_the_reply_is_gone(rig: Rig):
    mention = await _mention(rig)
    reply = rig.approve(mention)
    rig.server.comments.clear()
    assert await rig.publisher().find_published(reply) is None
    with pytest.raises(Refused, match="no longer there"):
        await rig.publisher().publish(reply)


async def test_refusals_by_name(rig: Rig):
    mention = await _mention(rig)
    reply = rig.approve(mention)
    rig.server.comments[mention.external_id]["can_reply"] = False
    with pytest.raises(Refused):
        await rig.publisher().publish(reply)
    rig.server.daily_units = 0
    with pytest.raises(RateLimited, match="used up for today"):
        await rig.publisher().publish(reply)
    said = b'{"error": {"message": "failed", "errors": [{"reason": "processingFailure"}]}}'
    rig.network.fault = Fault(status=400, body=said, path="/youtube")
    with pytest.raises(OutcomeUnknown, match="processingFailure"):
        await rig.publisher().publish(reply)
    assert rig.server.own_texts() == []


async def test_access_that_ended_early_is_no_dead_account(rig: Rig):
    reply = rig.approve(await _mention(rig))
    rig.server.expire()
    with pytest.raises(Unreachable, match="nothing was posted"):
        await rig.publisher().publish(reply)
    await rig.publisher().publish(reply)
    assert rig.server.own_texts() == [reply.text]


async def test_an_ended_sign_in_is_told_before_anything_is_sent(rig: Rig):
    reply = rig.approve(await _mention(rig))
    rig.server.signed_out = True
    rig.clock.move(3600)
    with pytest.raises(SignInFailed):
        await rig.publisher().publish(reply)
    rig.network.fault = Fault(status=404, body=b"{}", path="/token")
    with pytest.raises(Unreachable, match="sign-in"):
        await rig.publisher().publish(reply)
    assert rig.server.received == []
