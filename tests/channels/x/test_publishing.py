"""What is posted, what is refused beforehand, and how a doubt is settled by looking."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from channels.x.client import Client
from channels.x.freeze import comparable, freeze
from channels.x.transport import Transport
from domain.errors import BadInput, OutcomeUnknown, RateLimited, Refused, SignInFailed
from domain.mention import Mention
from domain.reply import Outgoing
from tests.channels.network import NOON, Fault
from tests.channels.x.rig import HOUR_LATER, TEXT, Rig, approve, parent_of
from tests.emulators.x import KEYS

MINUTE = timedelta(minutes=1)


async def summoned(rig: Rig, text: str = "@norda where is line 4?") -> Mention:
    """A post that names us, heard."""
    rig.server.say(text, at=HOUR_LATER - 5 * MINUTE)
    return (await rig.heard(kind="mentions"))[0][-1]


async def test_the_frozen_bytes_are_what_arrives_signed_by_our_keys(rig: Rig):
    reply = approve(rig, await summoned(rig))
    sent = await rig.publisher().publish(reply)
    assert rig.server.received == [json.loads(reply.body)]
    assert rig.server.received == [{"reply": {"in_reply_to_tweet_id": reply.parent.native["id"]}, "text": TEXT}]
    (posted,) = rig.server.own()
    assert (sent.external_id, posted.raw) == (str(posted.id), f"@mara {TEXT}")
    assert sent.url == f"https://x.com/norda/status/{posted.id}"
    assert sent.evidence == {"usd": 0.2}
    assert rig.network.writes("/2/tweets") == 1


async def test_bytes_that_tweepy_would_change_are_not_sent(rig: Rig):
    """The approval is of bytes: whatever a library makes of them, others never leave."""
    reply = approve(rig, await summoned(rig))
    odd = json.dumps(json.loads(reply.body) | {"nullcast": True}).encode()
    with pytest.raises(Refused, match="nothing was sent"):
        await Client(rig.account, rig.door).post(odd, first_attempt=True)
    assert rig.network.writes() == 0


async def test_a_signature_with_another_key_is_no_sign_in(rig: Rig):
    reply = approve(rig, await summoned(rig))
    for name in KEYS:
        wrong = replace(rig.account, secrets=rig.account.secrets | {f"secret_{name}": "wrong"})
        with pytest.raises(SignInFailed):
            await Client(wrong, rig.door).post(reply.body, first_attempt=True)
    assert rig.server.own() == []


async def test_who_did_not_summon_us_cannot_be_answered_and_x_agrees(rig: Rig):
    rig.server.say("norda is late", at=HOUR_LATER - 5 * MINUTE)
    (mention,), _ = await rig.heard()
    with pytest.raises(BadInput, match="answer by hand"):
        approve(rig, mention)
    pretending = approve(rig, mention_with(mention, summoned=["norda"]))
    with pytest.raises(Refused) as told:
        await rig.publisher().publish(pretending)
    assert told.value.reason == "not_summoned"
    assert rig.server.own() == []


def mention_with(mention: Mention, **native: object) -> Mention:
    return type(mention)(
        **{f: getattr(mention, f) for f in mention.__struct_fields__} | {"native": mention.native | native}
    )


async def test_who_summoned_another_account_of_ours_is_not_answered_by_this_one(rig: Rig):
    mention = mention_with(await summoned(rig), summoned=["norda_help"])
    with pytest.raises(BadInput, match="named @norda_help, not norda"):
        approve(rig, mention)


@pytest.mark.parametrize(
    ("text", "words"),
    [("x" * 281, "1 longer"), ("x" * 258 + " https://norda.example/", "2 longer"), ("$NORDA and $ACME", "one cashtag")],
)
async def test_what_x_would_refuse_is_said_at_approval(rig: Rig, text: str, words: str):
    mention = await summoned(rig)
    with pytest.raises(BadInput, match=words):
        approve(rig, mention, text)
    assert approve(rig, mention, "x" * 256 + " https://norda.example/a/long/path").body
    assert approve(rig, mention, "$NORDA costs $5").body


async def test_an_edited_post_is_answered_where_it_stands_now(rig: Rig):
    said = rig.server.say("@norda where is line 4?", at=HOUR_LATER - 5 * MINUTE)
    edited = rig.server.edit(said, "@norda where is line 4 now?", HOUR_LATER - MINUTE)
    mention = next(m for m in (await rig.heard(kind="mentions"))[0])
    assert mention.external_id == str(said.id)
    await rig.publisher().publish(approve(rig, mention))
    assert rig.server.own()[0].reply_to == edited.id


async def test_a_doubt_is_settled_by_reading_back_past_other_posts_and_lag(rig: Rig):
    reply = approve(rig, await summoned(rig), "Sorry & thanks, see norda.com/help <3")
    rig.network.fault = Fault(reset=True, applied=True, methods=("POST",))
    with pytest.raises(OutcomeUnknown):
        await rig.publisher().publish(reply)
    rig.network.fault = None
    rig.server.read_lag = 1
    assert await rig.publisher().find_published(reply) is None
    for number in range(250):
        rig.server.say(f"other {number}", "norda", at=HOUR_LATER + timedelta(seconds=number + 300))
    found = await rig.publisher().find_published(reply)
    assert found is not None
    assert found.evidence == {"copies": 1}
    assert len(rig.server.received) == 1


async def test_a_read_back_works_in_whichever_spelling_x_takes(either: Rig):
    reply = approve(either, await summoned(either))
    sent = await either.publisher().publish(reply)
    found = await either.publisher().find_published(reply)
    assert found is not None
    assert found.external_id == sent.external_id


async def test_same_words_without_their_parent_prove_nothing(rig: Rig):
    reply = approve(rig, await summoned(rig))
    await rig.publisher().publish(reply)
    rig.server.hidden_fields = frozenset({"referenced_tweets"})
    with pytest.raises(OutcomeUnknown, match="does not say what it answers"):
        await rig.publisher().find_published(reply)


async def test_a_read_back_that_does_not_reach_the_approval_is_no_proof(rig: Rig):
    reply = approve(rig, await summoned(rig))
    for number in range(501):
        rig.server.say(f"other {number}", "norda", at=HOUR_LATER + timedelta(seconds=number))
    with pytest.raises(OutcomeUnknown, match="500 posts"):
        await rig.publisher().find_published(reply)


async def test_the_same_words_to_another_post_are_not_it(rig: Rig):
    first, other = await summoned(rig), approve(rig, await summoned(rig, "@norda and line 5?"))
    await rig.publisher().publish(other)
    assert await rig.publisher().find_published(approve(rig, first)) is None


async def test_duplicate_content_after_a_doubt_is_evidence_and_the_look_finds_it(rig: Rig):
    reply = approve(rig, await summoned(rig))
    rig.network.fault = Fault(status=503, body=b"{}", applied=True, methods=("POST",))
    with pytest.raises(OutcomeUnknown):
        await rig.publisher().publish(reply)
    rig.network.fault = None
    again = replace(reply, first_sent_at=HOUR_LATER)
    with pytest.raises(OutcomeUnknown, match="duplicate content"):
        await rig.publisher().publish(again)
    found = await rig.publisher().find_published(again)
    assert found is not None
    assert len(rig.server.own()) == 1


async def test_duplicate_content_at_first_is_a_refusal(rig: Rig):
    await rig.publisher().publish(approve(rig, await summoned(rig)))
    with pytest.raises(Refused, match="change the words"):
        await rig.publisher().publish(approve(rig, await summoned(rig, "@norda and line 5?")))


async def test_the_daily_limit_of_posts_is_waited_for_and_not_the_quarter_of_an_hour(rig: Rig):
    reply = approve(rig, await summoned(rig))
    midnight = int((NOON + timedelta(hours=12)).timestamp())
    rig.server.limits = {
        "x-rate-limit-remaining": "50", "x-rate-limit-reset": str(int(HOUR_LATER.timestamp()) + 60),
        "x-user-limit-24hour-remaining": "0", "x-user-limit-24hour-reset": str(midnight),
    }  # fmt: skip
    with pytest.raises(RateLimited) as told:
        await rig.publisher().publish(reply)
    assert told.value.retry_at == NOON + timedelta(hours=12)


@pytest.mark.parametrize("unpaid", ["credits", "cap"])
async def test_money_refuses_a_reply_with_words_of_its_own(rig: Rig, unpaid: str):
    reply = approve(rig, await summoned(rig))
    rig.server.unpaid = unpaid
    with pytest.raises(Refused, match="developer account") as told:
        await rig.publisher().publish(reply)
    assert told.value.reason == "payment"
    assert rig.server.own() == []


async def test_a_deleted_parent_is_refused_in_xs_words(rig: Rig):
    reply = approve(rig, await summoned(rig))
    rig.server.posts.clear()
    with pytest.raises(Refused, match="deleted or not visible"):
        await rig.publisher().publish(reply)


def test_read_back_compares_words_not_markup():
    assert comparable("@mara @ben  Sorry, see https://www.norda.com/help/ now") == "Sorry, see norda.com/help now"
    assert comparable("Sorry, see norda.com/help now") == "Sorry, see norda.com/help now"
    assert comparable("e\u0301") == comparable("é")
    assert comparable("Hi @mara") == "Hi @mara"


async def test_same_approval_same_bytes_another_approval_another_key(rig: Rig):
    parent = parent_of(await summoned(rig))
    outgoing = Outgoing(TEXT, "en", parent, rig.account, NOON, 1)
    assert freeze(outgoing) == freeze(outgoing)
    assert freeze(outgoing).key != freeze(replace(outgoing, approved_at=HOUR_LATER)).key
    assert Transport(rig.account, rig.door, rig.clock, "tweet").base == rig.network.base
