"""Signing in as a service account, and what is answered: once, in the approved words, and never over a colleague's."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta

import pytest

from channels.googleplay.client import Play, try_account
from channels.googleplay.freeze import freeze
from channels.googleplay.service_account import ServiceAccount
from channels.upsert import ANSWERED
from domain.errors import BadInput, OutcomeUnknown, RateLimited, Refused, SignInFailed, Unreachable
from domain.reply import Outgoing, Parent
from tests.channels.googleplay.conftest import TEXT, Rig
from tests.channels.network import Fault
from tests.emulators.googleplay import EMAIL, NOON, PACKAGE, key_file, review_id


async def test_what_google_got_is_what_was_approved(rig: Rig):
    reply = rig.approve(await rig.one())
    sent = await rig.publisher.publish(reply)
    assert rig.play.received == [{"replyText": TEXT}]
    assert (sent.external_id, sent.evidence["same_words"]) == (f"{review_id(1)}#answer", True)
    found = await rig.publisher.find_published(reply)
    assert found is not None
    assert found.external_id == sent.external_id


async def test_a_repeat_over_a_colleagues_newer_answer_is_refused(rig: Rig):
    reply = rig.approve(await rig.one())
    rig.network.fault = Fault(reset=True, applied=True, methods=("POST",), path="/androidpublisher")
    with pytest.raises(OutcomeUnknown):
        await rig.publisher.publish(reply)
    rig.network.fault = None
    rig.play.reply(1, "Mara, please call us. Ben", NOON + timedelta(hours=13))
    with pytest.raises(Refused, match=ANSWERED):
        await rig.publisher.publish(reply)
    assert len(rig.play.received) == 1
    assert rig.play.replies[review_id(1)]["text"] == "Mara, please call us. Ben"


async def test_a_repeat_of_what_stands_already_sends_nothing(rig: Rig):
    reply = rig.approve(await rig.one())
    await rig.publisher.publish(reply)
    await rig.publisher.publish(reply)
    assert len(rig.play.received) == 1


async def test_a_look_that_comes_too_early_is_repeated(rig: Rig):
    reply = rig.approve(await rig.one())
    await rig.publisher.publish(reply)
    rig.play.read_lag = 1
    assert await rig.publisher.find_published(reply) is None
    assert await rig.publisher.find_published(reply) is not None


async def test_the_earlier_answer_is_replaced_when_the_author_changed_the_review(rig: Rig):
    rig.play.reply(1, "Sorry, Mara. Ben", NOON + timedelta(minutes=30))
    changed = await rig.one("Still slow", at=NOON + timedelta(hours=3))
    await rig.publisher.publish(rig.approve(changed))
    assert rig.play.replies[review_id(1)]["text"] == TEXT


@pytest.mark.parametrize("text", ["Hello <b>Mara</b>", "see <a href='x'>this</a>", "</div>", "<!-- x -->"])
def test_what_google_would_strip_is_refused_at_approval(text: str, rig: Rig):
    parent = Parent("1", "1", "", "", "", {"review": "1", "package": PACKAGE})
    with pytest.raises(BadInput, match=r"take .* out of the answer"):
        freeze(Outgoing(text, "en", parent, rig.account, NOON, 7))


def test_length_and_id_are_checked_at_approval_and_harmless_signs_pass(rig: Rig):
    parent = Parent("1", "1", "", "", "", {"review": "1", "package": PACKAGE})
    assert json.loads(freeze(Outgoing("We <3 you, 1 < 2 > 0 & é", "en", parent, rig.account, NOON, 7)).body) == {
        "replyText": "We <3 you, 1 < 2 > 0 & é"
    }
    assert freeze(Outgoing("x" * 350, "en", parent, rig.account, NOON, 7)).key == "1"
    with pytest.raises(BadInput, match="1 characters longer"):
        freeze(Outgoing("x" * 351, "en", parent, rig.account, NOON, 7))
    with pytest.raises(BadInput, match="Play Console"):
        freeze(Outgoing(TEXT, "en", replace(parent, native={"review": "1"}), rig.account, NOON, 7))


async def test_a_removed_review_and_a_used_up_quota(rig: Rig):
    reply = rig.approve(await rig.one())
    said = b'{"error": {"code": 403, "message": "Quota", "errors": [{"reason": "dailyLimitExceeded"}]}}'
    rig.network.fault = Fault(status=403, body=said, methods=("POST",), path="/androidpublisher")
    with pytest.raises(RateLimited):
        await rig.publisher.publish(reply)
    rig.network.fault = None
    rig.play.reviews.clear()
    with pytest.raises(Refused) as refused:
        await rig.publisher.publish(reply)
    assert refused.value.reason == "the post is no longer there"


async def test_a_sign_in_that_is_gone_says_nothing_about_the_review(rig: Rig):
    reply = rig.approve(await rig.one())
    rig.clock.move(7200)
    rig.network.fault = Fault(status=404, body=b"{}", path="/token")
    for step in (rig.publisher.publish, rig.publisher.find_published):
        with pytest.raises(Unreachable, match="sign-in"):
            await step(reply)
    assert rig.play.received == []


async def test_all_who_use_the_account_share_one_sign_in_until_it_ends(rig: Rig):
    rig.play.review("text", 1)
    await asyncio.gather(*(rig.source().fetch(None) for _ in range(10)))
    await rig.publisher.publish(rig.approve(await rig.one()))
    assert rig.asked("/token") == 1
    rig.clock.move(3600)
    await rig.source().fetch(None)
    assert rig.asked("/token") == 2


async def test_a_token_that_google_drops_early_is_renewed_once(rig: Rig):
    rig.play.review("text", 1)
    await rig.heard()
    rig.play.tokens.clear()
    assert len((await rig.heard())[0]) == 1
    assert rig.asked("/token") == 2
    rig.network.fault = Fault(status=401, body=b"{}", path="/androidpublisher")
    with pytest.raises(SignInFailed):
        await rig.source().fetch(None)
    assert rig.asked("/token") == 3


async def test_a_disabled_service_account_is_told_in_googles_words(rig: Rig):
    rig.play.revoked = True
    with pytest.raises(SignInFailed, match="Invalid JWT Signature"):
        await rig.source().fetch(None)


async def test_an_account_is_tried_with_one_of_its_apps(rig: Rig):
    rig.play.now = None  # an account is tried with the time of this machine
    rig.play.review("text", 1)
    tried = await try_account(replace(rig.account, external_id=""), rig.door)
    assert (tried.handle, tried.external_id) == (PACKAGE, EMAIL)
    for package, said in (("com.other.app", "may not read"), ("", "may not read the reviews of this app")):
        with pytest.raises(SignInFailed, match=said):
            await try_account(replace(rig.account, handle=package), rig.door)
    rig.play.forbidden = True
    with pytest.raises(SignInFailed, match="Reply to reviews"):
        await try_account(rig.account, rig.door)


@pytest.mark.parametrize(
    "key", ["", "hello", "[]", '{"client_email": "a@b"}', '{"client_email": 1, "private_key": "x"}']
)
async def test_what_is_no_key_file_is_told_without_showing_it(rig: Rig, key: str):
    with pytest.raises(SignInFailed, match=r"no key of a service account|private key"):
        await try_account(replace(rig.account, secrets={"secret_service_account": key}), rig.door)


def test_secrets_do_not_print(rig: Rig):
    client = Play(rig.account, rig.door)
    account = ServiceAccount(key_file("http://x"), "scope", rig.door, rig.clock)
    assert "PRIVATE" not in f"{client!r}{account!r}"
