"""A reply on Lemmy, as 0.19 and as 1.0: one comment, its proof, and what its refusals mean."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from channels.lemmy.freeze import MAX_UNITS, comparable, freeze, length
from domain.errors import BadInput, OutcomeUnknown, RateLimited, Refused, SignInFailed, Unreachable
from domain.reply import Outgoing, Parent
from tests.channels.lemmy.rig import HOUR_LATER, TEXT, Rig
from tests.channels.network import Fault
from tests.emulators.lemmy import FIRST, OWN, stamp

NATIVE = {"id": 5, "post_id": 4, "is_comment": True, "server": "town.example", "api": "v3"}


def outgoing(rig: Rig, text: str, **native: object) -> Outgoing:
    account = replace(rig.account, base_url="https://town.example")
    return Outgoing(text, "en", Parent("x", "y", "", "", "mara", NATIVE | native), account, HOUR_LATER, 7)


def test_length_is_counted_in_utf_16():
    assert [length(text) for text in ("abc", "é", "日", "👍", "👩‍👩‍👧", "")] == [3, 1, 1, 2, 8, 0]


def test_bytes_are_the_text_and_its_place_and_nothing_else(rig: Rig):
    assert json.loads(freeze(outgoing(rig, " Zu\u0308rich ")).body) == {
        "content": "Zürich",
        "post_id": 4,
        "parent_id": 5,
    }
    assert json.loads(freeze(outgoing(rig, "x", is_comment=False, id=4)).body) == {"content": "x", "post_id": 4}
    assert freeze(outgoing(rig, "👍" * (MAX_UNITS // 2))).body
    with pytest.raises(BadInput, match="2 characters longer"):
        freeze(outgoing(rig, "👍" * (MAX_UNITS // 2 + 1)))
    for native in ({"server": "other.example"}, {"id": None}, {"post_id": "x"}):
        with pytest.raises(BadInput, match="by hand"):
            freeze(outgoing(rig, "x", **native))


def test_texts_that_differ_in_white_space_compare_alike():
    assert comparable("a\r\n\u00a0b ") == comparable("a b") != comparable("ab")


async def test_reply_is_one_comment_and_is_found_among_ours(rig: Rig):
    rig.instance.post("x", number=1)
    reply = rig.approved(rig.instance.comment("norda is late", number=2))
    assert await rig.publisher().find_published(reply) is None
    sent = await rig.publisher().publish(reply)
    (comment,) = [row for row in rig.instance.comments.values() if row["creator"]["name"] == OWN]
    assert (comment["content"], comment["path"]) == (TEXT, f"0.{FIRST + 2}.{comment['id']}")
    assert sent.external_id == comment["ap_id"]
    assert sent.url == f"{rig.network.base}/comment/{comment['id']}"
    found = await rig.publisher().find_published(reply)
    assert found is not None
    assert (found.external_id, found.evidence["copies"]) == (sent.external_id, 1)


async def test_a_post_is_answered_at_the_top(rig: Rig):
    reply = rig.approved(rig.instance.post("norda is late", number=1))
    await rig.publisher().publish(reply)
    (comment,) = rig.instance.comments.values()
    assert comment["path"] == f"0.{comment['id']}"
    assert await rig.publisher().find_published(reply) is not None


async def test_a_post_read_before_an_upgrade_is_answered_after_it(rig: Rig):
    row = rig.instance.post("norda is late", number=1)
    reply = rig.approved(row)
    rig.instance.version = "1.0.3"
    sent = await rig.publisher().publish(reply)
    found = await rig.publisher().find_published(reply)
    assert found is not None
    assert found.external_id == sent.external_id


async def test_read_back_may_lag_and_tells_copies_from_other_replies(rig: Rig):
    rig.instance.post("x", number=1)
    rig.instance.comment("other", number=3)
    reply = rig.approved(rig.instance.comment("norda", number=2))
    rig.network.fault = Fault(reset=True, applied=True, methods=("POST",))
    with pytest.raises(OutcomeUnknown):
        await rig.publisher().publish(reply)
    rig.network.fault = None
    rig.instance.read_lag = 1
    assert await rig.publisher().find_published(reply) is None
    for number in range(3000, 3070):
        rig.instance.comment(f"other {number}", OWN, number=number, published_at=stamp(HOUR_LATER))
    rig.instance.comment(TEXT, OWN, number=4000, answers=3, published_at=stamp(HOUR_LATER))
    rig.instance.comment(TEXT, OWN, number=4001, answers=2, published_at=stamp(HOUR_LATER), deleted=True)
    found = await rig.publisher().find_published(reply)
    assert found is not None
    assert found.evidence["copies"] == 1
    assert len(rig.instance.received) == 1


async def test_read_back_that_cannot_reach_far_enough_is_no_proof(rig: Rig):
    reply = rig.approved(rig.instance.post("norda", number=1))
    for number in range(3000, 3300):
        rig.instance.comment(f"other {number}", OWN, number=number, published_at=stamp(HOUR_LATER))
    with pytest.raises(OutcomeUnknown, match="do not reach back"):
        await rig.publisher().find_published(reply)
    rig.network.fault = Fault(status=502, path="/api/v3/site")
    with pytest.raises(Unreachable):
        await rig.publisher().find_published(reply)


@pytest.mark.parametrize(
    ("name", "why"),
    [("locked", "closed this thread"), ("language_not_allowed", "language"), ("not_found", "no longer there"),
     ("person_is_banned_from_community", "banned"), ("couldnt_create_comment", "couldnt_create"), ("odd", "says: odd")],
)  # fmt: skip
async def test_refusals_are_said_in_plain_words(rig: Rig, name: str, why: str):
    status = 404 if name == "not_found" else 400
    rig.network.fault = Fault(status=status, body=json.dumps({"error": name}).encode(), methods=("POST",))
    with pytest.raises(Refused) as refused:
        await rig.publisher().publish(rig.approved(rig.instance.post("norda", number=1)))
    assert why in refused.value.reason


@pytest.mark.parametrize("name", ["couldnt_like_comment", "couldnt_update_comment", "unknown", "federation_error"])
async def test_a_step_that_failed_after_the_comment_was_stored_is_a_doubt(rig: Rig, name: str):
    rig.network.fault = Fault(status=400, body=json.dumps({"error": name}).encode(), methods=("POST",), applied=True)
    reply = rig.approved(rig.instance.post("norda", number=1))
    with pytest.raises(OutcomeUnknown, match="may be public"):
        await rig.publisher().publish(reply)
    rig.network.fault = None
    assert await rig.publisher().find_published(reply) is not None


async def test_after_a_doubtful_attempt_no_refusal_is_certain(rig: Rig):
    rig.network.fault = Fault(status=400, body=b'{"error":"locked"}', methods=("POST",))
    with pytest.raises(OutcomeUnknown):
        await rig.publisher().publish(rig.approved(rig.instance.post("norda", number=1), tried=True))


async def test_a_spent_token_a_ban_and_a_limit(rig: Rig):
    reply = rig.approved(rig.instance.post("norda", number=1))
    spoilt = replace(rig.publisher(), account=replace(rig.account, secrets={"secret_token": "spent"}))
    with pytest.raises(SignInFailed, match="add the account anew"):
        await spoilt.publish(reply)
    rig.network.fault = Fault(status=400, body=b'{"error":"site_ban"}', methods=("POST",))
    with pytest.raises(SignInFailed, match="banned"):
        await rig.publisher().publish(reply)
    rig.network.fault = Fault(status=400, body=b'{"error":"rate_limit_error"}', methods=("POST",))
    with pytest.raises(RateLimited):
        await rig.publisher().publish(reply)
    assert rig.instance.received == []


@pytest.mark.parametrize("answer", [{}, {"comment_view": {"comment": {"id": 5}}}, {"comment_view": None}])
async def test_answer_that_does_not_name_our_comment_is_unknown(rig: Rig, answer: dict[str, object]):
    rig.network.fault = Fault(body=json.dumps(answer).encode(), methods=("POST",))
    with pytest.raises(OutcomeUnknown):
        await rig.publisher().publish(rig.approved(rig.instance.post("norda", number=1)))
