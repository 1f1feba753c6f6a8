"""The reply as a comment with a hidden mark: what is sent, what refusals mean, how it is found again."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from channels.github.freeze import LIMIT, MAX_LENGTH, freeze, mark
from channels.github.publisher import GitHubPublisher
from domain.errors import BadInput, Gone, OutcomeUnknown, RateLimited, Refused
from domain.mention import Mention
from domain.reply import Outgoing, Parent
from tests.channels.github.conftest import Rig
from tests.channels.network import NOON, Fault
from tests.emulators.github import LOGIN, REPO

TEXT = "Thank you, fixed in 2.1."


async def _issue(rig: Rig) -> Mention:
    rig.server.issue("Seat is wet", minute=-60)
    return (await rig.repository())[0]["Seat is wet"]


async def _discussed(rig: Rig, *, reply: bool = False) -> Mention:
    talk = rig.server.discussion("Which seat?", minute=-60)
    answer = rig.server.comment(talk, "the left one")
    rig.server.comment(talk, "no, right", under=answer)
    heard = (await rig.repository())[0]
    return heard["no, right"] if reply else heard["Which seat?"]


async def test_the_mark_is_hidden_and_the_words_are_as_approved(rig: Rig):
    reply = rig.approve(await _issue(rig))
    sent = await rig.publisher().publish(reply)
    assert rig.server.received == [{"body": f"{TEXT}\n\n<!-- earshot:{reply.key} -->"}]
    assert rig.server.own_texts() == [TEXT]
    assert sent.external_id.startswith(f"{rig.host}/comment-")
    assert "#issuecomment-" in sent.url
    heard, _ = await rig.repository()
    assert heard[TEXT].external_id == sent.external_id
    assert heard[TEXT].author_handle == LOGIN


@pytest.mark.parametrize("reply_to_reply", [False, True])
async def test_a_discussion_is_answered_where_it_was_said(rig: Rig, reply_to_reply: bool):
    mention = await _discussed(rig, reply=reply_to_reply)
    reply = rig.approve(mention)
    sent = await rig.publisher().publish(reply)
    (body,) = rig.server.received
    assert body["replyToId"] == (mention.native["top"] or None)
    assert rig.server.own_texts() == [TEXT]
    found = await rig.publisher().find_published(reply)
    assert found is not None
    assert found.external_id == sent.external_id
    heard, _ = await rig.repository()
    assert heard[TEXT].external_id == sent.external_id


async def test_other_comments_of_ours_are_not_taken_for_it(rig: Rig):
    for mention in (await _issue(rig), await _discussed(rig)):
        reply, other = rig.approve(mention), rig.approve(mention, "Something else.")
        await rig.publisher().publish(other)
        assert await rig.publisher().find_published(reply) is None
        found = await rig.publisher().find_published(other)
        assert found is not None
        assert found.evidence["copies"] == 1


async def test_the_mark_in_a_quote_of_somebody_else_is_not_ours(rig: Rig):
    mention = await _issue(rig)
    reply = rig.approve(mention)
    rig.server.comment(rig.server.posts[0], f"> {TEXT}{mark(reply.key)}", "impostor", minute=70)
    assert await rig.publisher().find_published(reply) is None


async def test_a_renamed_account_still_finds_its_comments(rig: Rig):
    for mention in (await _issue(rig), await _discussed(rig)):
        reply = rig.approve(mention)
        await rig.publisher().publish(reply)
        renamed = replace(rig.account, handle="norda-of-old")
        assert await GitHubPublisher(renamed, rig.door, rig.clock).find_published(reply) is not None


@pytest.mark.parametrize("discussion", [False, True])
async def test_read_back_may_lag_and_pages_past_other_comments(rig: Rig, discussion: bool):
    rig.server.page_size = 10
    mention = await (_discussed(rig) if discussion else _issue(rig))
    reply = rig.approve(mention)
    path = "/api/graphql" if discussion else f"/api/v3/repos/{REPO}"
    rig.network.fault = Fault(reset=True, applied=True, methods=("POST",), path=path)
    with pytest.raises(OutcomeUnknown):
        await rig.publisher().publish(reply)
    rig.network.fault = None
    on = rig.server.posts[0]
    for number in range(35):
        rig.server.comment(on, f"other {number}", LOGIN, minute=70 + number)
    rig.server.posts.append(rig.server.posts.pop(next(i for i, p in enumerate(rig.server.posts) if TEXT in p["body"])))
    rig.server.read_lag = 10
    assert await rig.publisher().find_published(reply) is None
    rig.server.read_lag = 0
    found = await rig.publisher().find_published(reply)
    assert found is not None
    assert len(rig.server.received) == 1


async def test_a_read_back_that_cannot_reach_far_enough_is_no_proof(rig: Rig):
    rig.server.page_size = 2
    for mention in (await _issue(rig), await _discussed(rig)):
        reply = rig.approve(mention)
        number = mention.native["number"]
        on = next(post for post in rig.server.posts if post["kind"] != "comment" and post["number"] == number)
        for each in range(50):
            rig.server.comment(on, f"other {each}", LOGIN, minute=70 + each)
        with pytest.raises(OutcomeUnknown):
            await rig.publisher().find_published(reply)


async def test_copies_are_told(rig: Rig):
    reply = rig.approve(await _issue(rig))
    first = await rig.publisher().publish(reply)
    await rig.publisher().publish(reply)
    found = await rig.publisher().find_published(reply)
    assert found is not None
    assert (found.external_id, found.evidence["copies"]) == (first.external_id, 2)


async def test_refusals_are_certain(rig: Rig):
    mention = await _issue(rig)
    reply = rig.approve(mention)
    rig.server.posts[0]["locked"] = True
    with pytest.raises(Refused, match="locked"):
        await rig.publisher().publish(reply)
    rig.server.posts.clear()
    with pytest.raises(Refused, match="no longer there"):
        await rig.publisher().publish(reply)
    assert await rig.publisher().find_published(reply) is None, "a deleted issue has no comments"
    rig.server.gone_repos.add(REPO)
    with pytest.raises(Gone):
        await rig.publisher().find_published(reply)


async def test_a_secondary_limit_on_sending_is_certain(rig: Rig):
    reply = rig.approve(await _issue(rig))
    said = b'{"message": "You have exceeded a secondary rate limit"}'
    rig.network.fault = Fault(status=403, body=said, headers={"x-ratelimit-remaining": "4000"})
    with pytest.raises(RateLimited) as limited:
        await rig.publisher().publish(reply)
    assert limited.value.retry_at is not None
    rig.network.fault = Fault(status=403, body=b"<html>", headers={"x-ratelimit-remaining": "4000"})
    with pytest.raises(OutcomeUnknown):
        await rig.publisher().publish(reply)


async def test_errors_of_a_mutation(rig: Rig):
    mention = await _discussed(rig)
    reply = rig.approve(mention)
    rig.server.posts[0]["locked"] = True
    with pytest.raises(Refused):
        await rig.publisher().publish(reply)
    rig.server.posts[0]["locked"] = False
    rig.server.graph_applies = False
    rig.server.graph_errors = [{"type": "RATE_LIMITED", "message": "wait"}]
    with pytest.raises(RateLimited):
        await rig.publisher().publish(reply)
    assert rig.server.own_texts() == []
    rig.server.graph_applies = True
    rig.server.graph_errors = [{"message": "Something went wrong while executing your query"}]
    with pytest.raises(OutcomeUnknown, match="what came of it"):
        await rig.publisher().publish(reply)
    assert await rig.publisher().find_published(reply) is not None


async def test_what_cannot_be_sent_is_refused_at_approval(rig: Rig):
    mention = await _issue(rig)
    assert len(json.loads(rig.approve(mention, "x" * MAX_LENGTH).body)["body"]) == LIMIT
    with pytest.raises(BadInput, match="longer"):
        rig.approve(mention, "x" * (MAX_LENGTH + 1))
    parent = Parent("x", "x", "", "5", "mara", mention.native | {"server": "elsewhere.example"})
    with pytest.raises(BadInput, match="another server"):
        freeze(Outgoing(TEXT, "en", parent, rig.account, NOON, 1))


def test_same_approval_same_bytes_another_approval_another_mark(rig: Rig):
    native = {"kind": "issue", "repo": REPO, "number": 1, "server": rig.host}
    outgoing = Outgoing(TEXT, "en", Parent("x", "x", "", "5", "mara", native), rig.account, NOON, 1)
    assert freeze(outgoing) == freeze(outgoing)
    assert freeze(outgoing).key != freeze(replace(outgoing, reply_id=2)).key
    assert mark(freeze(outgoing).key).encode()[2:] in freeze(outgoing).body
