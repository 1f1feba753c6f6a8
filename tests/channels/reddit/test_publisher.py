"""One comment per approval: one POST whatever happens, the right outcome, and the comment found again."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from channels.reddit.freeze import comparable, freeze
from domain.errors import BadInput, OutcomeUnknown, RateLimited, Refused, SignInFailed, Unreachable
from domain.mention import Mention
from domain.reply import Outgoing
from tests.channels.network import Fault
from tests.channels.reddit.conftest import TEXT, Rig, parent_of
from tests.emulators.reddit import comment_name

HTML = b"<html><h1>502 Bad Gateway</h1></html>"
FORBIDDEN = b'{"message": "Forbidden", "error": 403}'


async def some_mention(rig: Rig, number: int = 1, **how: Any) -> Mention:
    rig.server.say(f"norda {number}", number=number, **how)
    heard, _ = await rig.heard()
    return next(mention for mention in heard if mention.external_id == comment_name(number))


def post_fault(**facts: Any) -> Fault:
    return Fault(methods=("POST",), path="/api/comment", **facts)


FAULTS = [
    (post_fault(status=500, body=b"{}"), OutcomeUnknown),
    (post_fault(status=500, body=b"{}", applied=True), OutcomeUnknown),
    (post_fault(status=502, body=HTML, content_type="text/html", applied=True), OutcomeUnknown),
    (post_fault(status=503, body=b'{"message": "busy"}'), OutcomeUnknown),
    (post_fault(status=504), OutcomeUnknown),
    (post_fault(status=520), OutcomeUnknown),
    (post_fault(status=522), OutcomeUnknown),
    (post_fault(status=408, body=b"{}"), OutcomeUnknown),
    (post_fault(reset=True), OutcomeUnknown),
    (post_fault(reset=True, applied=True), OutcomeUnknown),
    (post_fault(status=200, body=b'{"json": {"err', applied=True), OutcomeUnknown),
    (post_fault(status=200, body=b""), OutcomeUnknown),
    (post_fault(status=204), OutcomeUnknown),
    (post_fault(status=206, body=b"{}"), OutcomeUnknown),
    (post_fault(status=200, body=b'{"json": {"errors": [], "data": {"things": []}}}'), OutcomeUnknown),
    (post_fault(status=200, body=HTML, content_type="text/html"), OutcomeUnknown),
    (post_fault(status=302, headers={"Location": "/login"}), OutcomeUnknown),
    (post_fault(status=403, body=HTML, content_type="text/html"), OutcomeUnknown),
    (post_fault(status=429, body=HTML, headers={"x-ratelimit-reset": "120"}), RateLimited),
    (post_fault(status=401, body=b'{"message": "Unauthorized", "error": 401}'), SignInFailed),
    (post_fault(status=403, body=FORBIDDEN), Refused),
    (post_fault(status=404, body=b'{"message": "Not Found", "error": 404}'), Refused),
    (post_fault(status=413, body=b'{"message": "too large"}'), Refused),
]


@pytest.mark.parametrize(("fault", "error"), FAULTS)
async def test_one_post_for_every_fault(rig: Rig, fault: Fault, error: type[Exception]):
    reply = rig.approve(await some_mention(rig))
    rig.network.fault = fault
    with pytest.raises(error):
        await rig.publisher().publish(reply)
    assert rig.posts() == 1
    rig.network.fault = None
    found = await rig.publisher().find_published(reply)
    assert [thing["body"] for thing in rig.server.replies()] == ([TEXT] if fault.applied else [])
    assert (found is not None) == fault.applied
    assert rig.posts() == 1


@pytest.mark.parametrize("unit", ["minutes", "seconds", "milliseconds"])
async def test_break_inside_a_200_is_one_post_and_certainly_no_comment(rig: Rig, unit: str):
    reply = rig.approve(await some_mention(rig))
    rig.server.refuse = ["RATELIMIT", f"Take a break for 9 {unit} before trying again.", "ratelimit"]
    with pytest.raises(RateLimited) as limited:
        await rig.publisher().publish(reply)
    assert limited.value.retry_at is not None
    assert timedelta(0) < limited.value.retry_at - rig.clock.now() <= timedelta(seconds=541)
    assert (rig.posts(), rig.server.replies()) == (1, [])


async def test_frozen_bytes_are_what_reaches_reddit(rig: Rig):
    reply = rig.approve(mention := await some_mention(rig))
    sent = await rig.publisher().publish(reply)
    assert rig.server.received == [{"api_type": "json", "text": TEXT, "thing_id": mention.external_id}]
    (thing,) = rig.server.replies()
    assert (sent.external_id, thing["parent_id"]) == (thing["name"], mention.external_id)
    assert sent.url == f"https://www.reddit.com{thing['permalink']}"


async def test_refusals_of_reddit_have_clear_words(rig: Rig):
    reply = rig.approve(await some_mention(rig))
    top, parent = next(iter(rig.server.things.values())), rig.server.things[comment_name(1)]
    for change, words in (({"locked": True}, "locked this thread"), ({"locked": False, "archived": True}, "archived")):
        top.update(change)
        with pytest.raises(Refused) as refused:
            await rig.publisher().publish(reply)
        assert words in refused.value.reason
    top["archived"] = False
    rig.server.closed = {"norda": 403}
    with pytest.raises(Refused) as refused:
        await rig.publisher().publish(reply)
    assert "banned" in refused.value.reason
    rig.server.closed = {}
    rig.server.delete(parent["name"])
    with pytest.raises(Refused) as refused:
        await rig.publisher().publish(reply)
    assert "deleted" in refused.value.reason
    assert rig.server.replies() == []


async def test_new_code_of_refusal_is_looked_up_first(rig: Rig):
    reply = rig.approve(await some_mention(rig))
    rig.server.refuse = ["SOMETHING_NEW", "we changed our minds", "text"]
    with pytest.raises(OutcomeUnknown, match="SOMETHING_NEW"):
        await rig.publisher().publish(reply)


async def test_subreddit_that_nobody_listed_is_never_answered_by_api(rig: Rig):
    rig.server.say("norda", number=1)
    (mention,), _ = await rig.heard(answer_in=())
    with pytest.raises(BadInput, match="answer_in"):
        freeze(Outgoing(TEXT, "en", parent_of(mention), rig.account, rig.clock.now(), 7))
    (listed,), _ = await rig.heard()
    reply = replace(rig.approve(listed), parent=parent_of(mention))
    with pytest.raises(Refused, match="answer_in"):
        await rig.publisher().publish(reply)
    assert rig.posts() == 0


async def test_too_long_is_said_before_approval(rig: Rig):
    mention = await some_mention(rig)
    with pytest.raises(BadInput, match="1 characters longer"):
        rig.approve(mention, "x" * 10_001)
    assert freeze(Outgoing("x" * 10_000, "en", parent_of(mention), rig.account, rig.clock.now(), 7)).body


async def test_quarantined_subreddit_answers_without_the_comment(rig: Rig):
    reply = rig.approve(await some_mention(rig))
    rig.server.quarantined = True
    with pytest.raises(OutcomeUnknown):
        await rig.publisher().publish(reply)
    found = await rig.publisher().find_published(reply)
    assert found is not None
    assert found.external_id == rig.server.replies()[0]["name"]


async def test_old_token_is_replaced_before_sending(rig: Rig):
    reply = rig.approve(await some_mention(rig))
    rig.server.expired.update(rig.server.tokens)
    await rig.publisher().publish(reply)
    assert rig.posts() == 1


async def test_nothing_is_sent_while_all_requests_are_used_up(rig: Rig):
    reply = rig.approve(await some_mention(rig))
    rig.server.remaining = 1.0
    await rig.source().fetch(None)
    with pytest.raises(RateLimited):
        await rig.publisher().publish(reply)
    assert rig.posts() == 0


async def test_library_does_not_log_what_is_posted(rig: Rig, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    await rig.publisher().publish(rig.approve(await some_mention(rig)))
    assert not [record for record in caplog.records if record.name.startswith("asyncpraw")]


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(status=400, body=b'{"message": "Bad Request", "error": 400}'), SignInFailed),
        (Fault(status=200, body=b'{"error": "invalid_grant"}'), SignInFailed),
        (Fault(status=503, body=HTML, content_type="text/html"), Unreachable),
        (Fault(status=200, body=b'{"access_token": 7}'), Unreachable),
        (Fault(status=404, body=b"{}"), Unreachable),
        (Fault(reset=True), Unreachable),
        (Fault(status=429, headers={"Retry-After": "9"}), RateLimited),
    ],
)
async def test_sign_in_that_fails_before_sending_is_certain(rig: Rig, fault: Fault, error: type[Exception]):
    reply = rig.approve(await some_mention(rig))
    rig.network.fault = replace(fault, path="/api/v1/access_token")
    with pytest.raises(error):
        await rig.publisher().publish(reply)
    assert rig.posts() == 0


async def test_history_that_lags_is_helped_by_the_answers_to_the_parent(rig: Rig):
    reply = rig.approve(await some_mention(rig))
    rig.network.fault = post_fault(status=500, applied=True)
    with pytest.raises(OutcomeUnknown):
        await rig.publisher().publish(reply)
    rig.network.fault = None
    rig.server.history_lag = 1
    found = await rig.publisher().find_published(reply)
    assert found is not None
    assert found.external_id == rig.server.replies()[0]["name"]
    assert len(rig.asked("/comments/")) == 1


async def test_answer_to_a_submission_is_found_below_it(rig: Rig):
    rig.server.submit("norda?", number=1)
    (mention,), _ = await rig.heard(kind="posts")
    reply = rig.approve(mention)
    await rig.publisher().publish(reply)
    rig.server.history_lag = 1
    assert await rig.publisher().find_published(reply) is not None


async def test_two_equal_comments_are_told(rig: Rig):
    reply = rig.approve(await some_mention(rig))
    first = await rig.publisher().publish(reply)
    await rig.publisher().publish(reply)
    found = await rig.publisher().find_published(reply)
    assert found is not None
    assert (found.external_id, found.evidence["copies"]) == (first.external_id, 2)


async def test_other_people_and_other_parents_are_not_our_comment(rig: Rig):
    mention = await some_mention(rig)
    reply = rig.approve(mention)
    rig.server.say(TEXT, "mara", number=5, parent=mention.external_id)
    rig.server.say(TEXT, rig.server.own, number=6)
    rig.server.say(TEXT + " More.", rig.server.own, number=7, parent=mention.external_id)
    assert await rig.publisher().find_published(reply) is None


async def test_read_back_pages_past_what_we_said_since(rig: Rig):
    mention = await some_mention(rig)
    reply = rig.approve(mention)
    await rig.publisher().publish(reply)
    for number in range(3000, 3150):
        rig.server.say(f"other {number}", rig.server.own, number=number)
    assert await rig.publisher().find_published(reply) is not None


async def test_read_back_that_does_not_reach_far_enough_is_no_proof(rig: Rig):
    reply = rig.approve(await some_mention(rig))
    for number in range(3000, 4010):
        rig.server.say(f"other {number}", rig.server.own, number=number)
    with pytest.raises(OutcomeUnknown):
        await rig.publisher().find_published(reply)
    rig.server.say(TEXT, rig.server.own, number=3, parent=reply.parent.external_id)
    assert await rig.publisher().find_published(reply) is not None, "below its parent it stands all the same"


async def test_read_back_whose_history_breaks_off_is_no_proof(rig: Rig):
    reply = rig.approve(await some_mention(rig))
    rig.server.after_forgets = True
    for number in range(3000, 3150):
        rig.server.say(f"other {number}", rig.server.own, number=number)

    def delete_the_anchor() -> None:
        if len(rig.asked("/user/")) == 2:
            rig.server.delete(comment_name(3050))

    rig.server.refresh = delete_the_anchor  # type: ignore[method-assign]
    with pytest.raises(OutcomeUnknown):
        await rig.publisher().find_published(reply)


async def test_parent_that_is_gone_leaves_our_history_to_say(rig: Rig):
    reply = rig.approve(await some_mention(rig))
    rig.server.things.clear()
    assert await rig.publisher().find_published(reply) is None
    rig.network.fault = Fault(status=500, path="/comments/")
    with pytest.raises(Unreachable):
        await rig.publisher().find_published(reply)


async def test_reply_posted_by_hand_is_found(rig: Rig):
    mention = await some_mention(rig)
    by_hand = replace(rig.approve(mention), body=TEXT.encode(), key="")
    rig.server.say(TEXT, rig.server.own, number=5, parent=mention.external_id)
    assert await rig.publisher().find_published(by_hand) is not None


def test_read_back_compares_words():
    assert comparable("a &amp; b\n\n c") == comparable("a & b c")
    assert comparable("e\u0301") == comparable("é")
    assert comparable("a < b") != comparable("a > b")
