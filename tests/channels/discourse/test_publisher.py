"""A reply on a forum: one post, its proof, moderation told as it is, refusals in the forum's own words."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from channels.discourse.convert import server_of, to_mention
from channels.discourse.freeze import comparable, freeze
from domain.errors import BadInput, OutcomeUnknown, RateLimited, Refused, SignInFailed, Unreachable
from domain.reply import Outgoing, Parent
from tests.channels.discourse.rig import HOUR_LATER, TEXT, Rig
from tests.channels.network import Fault
from tests.emulators.discourse import OWN


def outgoing(rig: Rig, text: str, **native: object) -> Outgoing:
    mention = to_mention(rig.forum.post("norda is late", number=1), rig.site)
    parent = Parent(mention.external_id, mention.thread_id, "", "", "mara", mention.native | native)
    return Outgoing(text, "en", parent, rig.account, HOUR_LATER, 7)


def test_bytes_are_the_text_and_its_place_and_nothing_else(rig: Rig):
    frozen = freeze(outgoing(rig, "  Zu\u0308rich & <b>us</b>  "))
    assert json.loads(frozen.body) == {"raw": "Zürich & <b>us</b>", "topic_id": 7, "reply_to_post_number": 1}


def test_limits_of_the_forum_hold_where_they_are_known(rig: Rig):
    with pytest.raises(BadInput, match="at least 20 characters and the reply has 5"):
        freeze(outgoing(rig, "Sorry", least=20))
    with pytest.raises(BadInput, match="allows 40 characters"):
        freeze(outgoing(rig, "x" * 41, most=40))
    with pytest.raises(BadInput, match="32000"):
        freeze(outgoing(rig, "x" * 32_001))
    assert freeze(outgoing(rig, "Sorry", least=5, most=5)).body


def test_a_post_of_another_forum_is_answered_by_hand(rig: Rig):
    for native in ({"server": "other.example"}, {"topic_id": None}, {"post_number": "x"}):
        with pytest.raises(BadInput, match="by hand"):
            freeze(outgoing(rig, TEXT, **native))


@pytest.mark.parametrize(
    ("one", "other"), [("a\r\nb", "a b"), ("a\u00a0 b ", "a b"), ("e\u0301", "é"), ("a\u180eb", "a b")]
)
def test_texts_that_a_forum_stores_alike_compare_alike(one: str, other: str):
    assert comparable(one) == comparable(other)
    assert comparable("a b") != comparable("ab")


async def test_reply_stands_in_its_topic_and_is_found_by_what_our_account_did(rig: Rig):
    reply = rig.approved(rig.forum.post("norda is late", number=1))
    assert await rig.publisher().find_published(reply) is None
    sent = await rig.publisher().publish(reply)
    post = next(post for post in rig.forum.posts.values() if post["yours"])
    assert (post["raw"], post["topic_id"], post["reply_to_post_number"]) == (TEXT, 7, 1)
    assert sent.external_id == f"{server_of(rig.network.base)}/p/{post['id']}"
    assert sent.url == f"{rig.network.base}/t/7/2"
    found = await rig.publisher().find_published(reply)
    assert found is not None
    assert (found.external_id, found.evidence["copies"]) == (sent.external_id, 1)


async def test_equal_bytes_within_two_minutes_are_one_post(rig: Rig):
    reply = rig.approved(rig.forum.post("norda", number=1))
    first = await rig.publisher().publish(reply)
    assert await rig.publisher().publish(replace(reply, first_sent_at=HOUR_LATER)) == first
    assert len([post for post in rig.forum.posts.values() if post["yours"]]) == 1
    assert len(rig.forum.received) == 2


async def test_too_similar_after_a_doubtful_attempt_is_evidence_and_no_proof(rig: Rig):
    parent = rig.forum.post("norda", number=1)
    rig.network.fault = Fault(reset=True, applied=True, methods=("POST",))
    with pytest.raises(OutcomeUnknown):
        await rig.publisher().publish(rig.approved(parent))
    rig.network.fault = None
    rig.forum.now += timedelta(minutes=5)
    with pytest.raises(OutcomeUnknown, match="attempt that may have been applied"):
        await rig.publisher().publish(rig.approved(parent, tried=True))
    assert await rig.publisher().find_published(rig.approved(parent, tried=True)) is not None


async def test_too_similar_at_the_first_attempt_is_a_refusal_in_plain_words(rig: Rig):
    rig.forum.post(TEXT, OWN, number=2, topic=5)
    with pytest.raises(Refused) as refused:
        await rig.publisher().publish(rig.approved(rig.forum.post("norda", number=1)))
    assert refused.value.reason == "the forum says: Body is too similar to what you recently posted"


async def test_what_moderators_must_see_first_is_neither_sent_nor_lost(rig: Rig):
    rig.forum.moderated = True
    reply = rig.approved(rig.forum.post("norda", number=1))
    with pytest.raises(OutcomeUnknown, match="moderators"):
        await rig.publisher().publish(reply)
    with pytest.raises(OutcomeUnknown, match="moderators"):
        await rig.publisher().find_published(reply)
    waiting = rig.forum.waiting.pop()
    assert await rig.publisher().find_published(reply) is None, "thrown away"
    rig.forum.post(waiting["raw_text"], OWN, number=9, at=HOUR_LATER, reply_to_post_number=1)
    assert await rig.publisher().find_published(reply) is not None, "let through"


async def test_read_back_may_lag_and_passes_over_other_posts_of_ours(rig: Rig):
    reply = rig.approved(rig.forum.post("norda", number=1))
    await rig.publisher().publish(reply)
    rig.forum.read_lag = 1
    assert await rig.publisher().find_published(reply) is None
    for number in range(3000, 3060):
        rig.forum.post(f"other {number}", OWN, number=number, topic=3, at=HOUR_LATER)
    rig.forum.post("the same topic", OWN, number=4000, at=HOUR_LATER)
    rig.forum.post(TEXT, OWN, number=4001, at=HOUR_LATER, reply_to_post_number=4)
    found = await rig.publisher().find_published(reply)
    assert found is not None
    assert found.evidence["copies"] == 1, "the same words to somebody else are another reply"
    assert len(rig.forum.received) == 1


async def test_answered_post_that_went_away_does_not_hide_our_reply(rig: Rig):
    reply = rig.approved(rig.forum.post("norda", number=1))
    rig.forum.posts.popitem()
    await rig.publisher().publish(reply)
    assert await rig.publisher().find_published(reply) is not None


async def test_our_reply_that_a_moderator_removed_is_not_there(rig: Rig):
    reply = rig.approved(rig.forum.post("norda", number=1))
    await rig.publisher().publish(reply)
    next(post for post in rig.forum.posts.values() if post["yours"])["hidden"] = True
    assert await rig.publisher().find_published(reply) is None


async def test_read_back_that_is_not_complete_is_no_proof(rig: Rig):
    reply = rig.approved(rig.forum.post("norda", number=1))
    for number in range(3000, 3200):
        rig.forum.post(f"other {number}", OWN, number=number, topic=3, at=HOUR_LATER)
    with pytest.raises(OutcomeUnknown, match="do not reach back"):
        await rig.publisher().find_published(reply)
    rig.network.fault = Fault(status=404, body=b"{}", path=f"/posts/{OWN}/pending.json")
    rig.forum.posts = {}
    with pytest.raises(Exception, match="404"):
        await rig.publisher().find_published(reply)


async def test_a_topic_that_is_gone_or_a_key_that_is_spent(rig: Rig):
    reply = rig.approved(rig.forum.post("norda", number=1))
    rig.network.fault = Fault(status=404, body=b'{"errors":["gone"]}', methods=("POST",))
    with pytest.raises(Refused, match="no longer there"):
        await rig.publisher().publish(reply)
    rig.network.fault = None
    spoilt = replace(rig.account, secrets={"secret_api_key": "wrong"})
    publisher = replace(rig.publisher(), account=spoilt)
    with pytest.raises(SignInFailed, match="API key"):
        await publisher.publish(reply)
    assert rig.forum.received == []


async def test_a_wait_said_in_the_body_only_is_told(rig: Rig):
    said = {"errors": ["Too many."], "error_type": "rate_limit", "extras": {"wait_seconds": 17}}
    rig.network.fault = Fault(status=429, body=json.dumps(said).encode(), methods=("POST",))
    with pytest.raises(RateLimited) as limited:
        await rig.publisher().publish(rig.approved(rig.forum.post("norda", number=1)))
    assert limited.value.retry_at == HOUR_LATER + timedelta(seconds=17)


@pytest.mark.parametrize("answer", [{"id": None}, {"id": 5, "topic_id": 99}, {"success": True}])
async def test_answer_that_does_not_name_our_post_is_unknown(rig: Rig, answer: dict[str, object]):
    rig.network.fault = Fault(body=json.dumps(answer).encode(), methods=("POST",))
    with pytest.raises(OutcomeUnknown):
        await rig.publisher().publish(rig.approved(rig.forum.post("norda", number=1)))


async def test_read_back_while_the_forum_is_down_says_nothing(rig: Rig):
    reply = rig.approved(rig.forum.post("norda", number=1))
    await rig.publisher().publish(reply)
    rig.network.fault = Fault(status=502, path="/posts/")
    with pytest.raises(Unreachable):
        await rig.publisher().find_published(reply)
