"""App Store Connect: reviews with their answers, what is posted, tokens, and accounts that are tried."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from channels.appstore.connect import try_account
from channels.appstore.freeze import freeze
from channels.upsert import ANSWERED
from domain.errors import BadInput, OutcomeUnknown, Refused, SignInFailed, Unreachable
from domain.mention import Mention
from domain.reply import ApprovedReply, Outgoing, Parent
from tests.channels.appstore.conftest import Rig
from tests.channels.network import Fault
from tests.emulators.appstore import APP, ISSUER, NOON, document_id, stamp

TEXT = "Hello Mara, version 3.2 repairs this. Norda team"
ACCOUNT: dict[str, Any] = {"kind": "account"}


def parent_of(mention: Mention) -> Parent:
    return Parent(mention.external_id, mention.thread_id, mention.url, mention.author_id, "", mention.native)


def approve(rig: Rig, mention: Mention, text: str = TEXT) -> ApprovedReply:
    parent = parent_of(mention)
    frozen = freeze(Outgoing(text, "en", parent, rig.account, NOON, 7))
    return ApprovedReply(7, 8, "appstore", rig.account, parent, text, frozen.body, frozen.key, NOON)


async def one(rig: Rig, text: str = "It crashes", **facts: object) -> Mention:
    """The mention of a review, as the source gives it."""
    rig.store.review(text, 1, **facts)
    heard, _ = await rig.heard(**ACCOUNT)
    return next(mention for mention in heard if mention.author_id != ISSUER)


async def test_a_review_can_be_answered_by_its_id(rig: Rig):
    mention = await one(rig, title="Bad", rating=1)
    assert (mention.external_id, mention.full_text) == (document_id(1), "★☆☆☆☆ Bad\nIt crashes")
    assert mention.native == {"rating": 1, "review": document_id(1), "app": APP, "territory": "USA"}
    assert mention.posted_at == NOON + timedelta(minutes=1)


async def test_pages_are_followed_to_what_is_known(rig: Rig):
    rig.store.page_size = 10
    for number in range(1, 36):
        rig.store.review(f"text {number}", number)
    heard, cursor = await rig.heard(**ACCOUNT)
    assert len({mention.external_id for mention in heard}) == 35
    for number in range(36, 51):
        rig.store.review(f"text {number}", number)
    before = len(rig.network.requests)
    heard, _ = await rig.heard(cursor, **ACCOUNT)
    assert {f"text {number}" for number in range(36, 51)} <= {mention.text for mention in heard}
    assert len(rig.network.requests) == before + 2


async def test_a_first_look_ends_at_the_edge_of_its_window(rig: Rig):
    rig.store.page_size = 10
    for number in range(1, 100):
        rig.store.review(f"text {number}", number, at=stamp(NOON - timedelta(days=100 - number)))
    pages, _ = await rig.poll(**ACCOUNT)
    assert len(pages) == 1


async def test_a_page_token_that_died_begins_the_walk_anew_once(rig: Rig):
    rig.store.page_size = 10
    for number in range(1, 36):
        rig.store.review(f"text {number}", number)
    page = await rig.source(**ACCOUNT).fetch(None)
    rig.store.dead_tokens = True
    anew = await rig.source(**ACCOUNT).fetch(page.cursor)
    assert (anew.mentions, anew.more) == ((), True)
    rig.store.dead_tokens = False
    assert len((await rig.heard(anew.cursor, **ACCOUNT))[0]) == 35
    rig.store.dead_tokens = True
    with pytest.raises(Refused, match="cursor"):
        await rig.poll(anew.cursor, **ACCOUNT)


async def test_the_next_page_is_asked_for_at_our_own_address(rig: Rig):
    rig.store.review("text", 1)
    elsewhere = b"https://trap.example/v1/apps/1/customerReviews?cursor=5"
    rig.network.fault = Fault(mutate=lambda body: json.dumps(
        json.loads(body) | {"links": {"next": elsewhere.decode()}}).encode())  # fmt: skip
    page = await rig.source(**ACCOUNT).fetch(None)
    assert page.cursor is not None
    assert page.cursor["token"] == "5"
    rig.network.fault = None
    assert (await rig.source(**ACCOUNT).fetch(page.cursor)).mentions == ()


async def test_an_answer_by_a_colleague_is_heard_as_ours_and_goes_by_hand(rig: Rig):
    rig.store.review("It crashes", 1)
    rig.store.answer(1, "Sorry, Mara. Ben")
    heard, _ = await rig.heard(**ACCOUNT)
    review, answer = heard
    assert review.native["answered"] is True
    assert (answer.author_id, answer.text, answer.parent_id) == (ISSUER, "Sorry, Mara. Ben", document_id(1))
    assert answer.thread_id == review.thread_id


async def test_an_author_who_changes_answered_words_writes_again_in_the_same_thread(rig: Rig):
    rig.store.review("It crashes", 1)
    rig.store.answer(1, "Sorry, Mara. Ben")
    changed = await one(rig, "It still crashes", at=stamp(NOON + timedelta(hours=5)))
    assert changed.external_id != document_id(1)
    assert (changed.parent_id, changed.thread_id) == (document_id(1), document_id(1))
    sent = await rig.publisher.publish(approve(rig, changed))
    assert sent.external_id == f"r-{document_id(1)}"
    answered = await one(rig, "It still crashes")
    assert (answered.external_id, answered.native["answered"]) == (document_id(1), True)


async def test_the_earlier_answer_is_replaced_only_as_long_as_it_is_that_one(rig: Rig):
    rig.store.answer(1, "Sorry, Mara. Ben")
    changed = await one(rig, "It still crashes", at=stamp(NOON + timedelta(hours=5)))
    rig.store.answer(1, "Mara, please call us. Ben", NOON + timedelta(hours=6))
    with pytest.raises(Refused, match=ANSWERED):
        await rig.publisher.publish(approve(rig, changed))
    assert rig.store.received == []


async def test_sent_and_shown_are_two_states(rig: Rig):
    reply = approve(rig, await one(rig))
    sent = await rig.publisher.publish(reply)
    assert (sent.evidence["state"], sent.evidence["shown"]) == ("PENDING_PUBLISH", False)
    rig.store.responses[document_id(1)]["attributes"]["state"] = "PUBLISHED"
    found = await rig.publisher.find_published(reply)
    assert found is not None
    assert (found.external_id, found.evidence["shown"]) == (sent.external_id, True)


async def test_what_the_store_got_is_what_its_documentation_asks_for(rig: Rig):
    await rig.publisher.publish(approve(rig, await one(rig)))
    assert rig.store.received == [{"data": {
        "type": "customerReviewResponses", "attributes": {"responseBody": TEXT},
        "relationships": {"review": {"data": {"type": "customerReviews", "id": document_id(1)}}},
    }}]  # fmt: skip


async def test_a_lost_answer_is_found_once_it_shows_and_a_repeat_sends_nothing(rig: Rig):
    reply = approve(rig, await one(rig))
    rig.network.fault = Fault(reset=True, applied=True, methods=("POST",))
    with pytest.raises(OutcomeUnknown):
        await rig.publisher.publish(reply)
    rig.network.fault, rig.store.read_lag = None, 1
    assert await rig.publisher.find_published(reply) is None
    assert await rig.publisher.find_published(reply) is not None
    await rig.publisher.publish(reply)
    assert len(rig.store.received) == 1


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (409, b'{"errors": [{"code": "ENTITY_ERROR", "detail": "The response is too long"}]}', "too long"),
        (404, b'{"errors": [{"code": "NOT_FOUND", "detail": "There is no such review"}]}', "no such review"),
        (404, b'{"message": "nothing here"}', "no longer there"),
    ],
)
async def test_apples_own_reason_is_told(rig: Rig, status: int, body: bytes, said: str):
    reply = approve(rig, await one(rig))
    rig.network.fault = Fault(status=status, body=body, methods=("POST",))
    with pytest.raises(Refused) as refused:
        await rig.publisher.publish(reply)
    assert said in refused.value.reason


async def test_a_conflict_without_a_reason_is_doubtful(rig: Rig):
    reply = approve(rig, await one(rig))
    rig.network.fault = Fault(status=409, body=b"{}", methods=("POST",))
    with pytest.raises(OutcomeUnknown):
        await rig.publisher.publish(reply)


async def test_a_review_that_is_gone_is_told_and_takes_its_answer_along(rig: Rig):
    reply = approve(rig, await one(rig))
    rig.store.reviews.clear()
    with pytest.raises(Refused) as refused:
        await rig.publisher.publish(reply)
    assert refused.value.reason == "the post is no longer there"
    assert await rig.publisher.find_published(reply) is None


def test_too_long_and_from_the_feed_is_refused_at_approval(rig: Rig):
    parent = Parent("1", "1", "", "", "", {"review": document_id(1)})
    assert freeze(Outgoing("x" * 5970, "en", parent, rig.account, NOON, 7)).key == document_id(1)
    with pytest.raises(BadInput, match="1 characters longer"):
        freeze(Outgoing("x" * 5971, "en", parent, rig.account, NOON, 7))
    with pytest.raises(BadInput, match="by hand"):
        freeze(Outgoing(TEXT, "en", replace(parent, native={"country": "us"}), rig.account, NOON, 7))


async def test_each_fetch_signs_a_token_that_is_good_now(rig: Rig):
    rig.store.review("text", 1)
    for _ in range(3):
        rig.clock.move(3600)
        await rig.heard(**ACCOUNT)
    rig.clock.move(-20)  # our clock is behind Apple's, or ahead, by a little
    await rig.client.get("/v1/apps", [], purpose="test")


async def test_what_needs_an_account_says_so_and_a_key_that_died_too(rig: Rig):
    with pytest.raises(SignInFailed, match="needs an account"):
        await rig.source(account=False, kind="account").fetch(None)
    rig.store.now = lambda: NOON + timedelta(days=9)
    with pytest.raises(SignInFailed, match="does not accept our key"):
        await rig.source(**ACCOUNT).fetch(None)


async def test_a_role_that_may_not_read_reviews_is_told_in_apples_words(rig: Rig):
    said = b'{"errors": [{"code": "FORBIDDEN_ERROR", "detail": "The API key in use does not allow this request"}]}'
    rig.network.fault = Fault(status=403, body=said)
    with pytest.raises(Refused, match="does not allow this request"):
        await rig.source(**ACCOUNT).fetch(None)


async def test_an_account_is_tried_and_completed(rig: Rig):
    rig.store.now = None  # an account is tried with the time of this machine
    tried = await try_account(replace(rig.account, handle="", external_id=""), rig.door)
    assert (tried.handle, tried.external_id) == ("Norda Rail", ISSUER)
    for name, wrong in (("secret_private_key", "hello"), ("secret_key_id", "OTHER"), ("secret_issuer_id", "x")):
        with pytest.raises(SignInFailed):
            await try_account(replace(rig.account, secrets=rig.account.secrets | {name: wrong}), rig.door)
    rig.network.fault = Fault(body=b'{"data": []}')
    with pytest.raises(SignInFailed, match="sees no app"):
        await try_account(rig.account, rig.door)
    rig.network.fault = Fault(status=404, body=b"{}")
    with pytest.raises(Unreachable):
        await try_account(rig.account, rig.door)


async def test_secrets_do_not_print(rig: Rig):
    rig.store.review("text", 1)
    await rig.client.reviews(APP, "")
    assert "PRIVATE" not in repr(rig.client)
    assert "Bearer" not in repr(rig.client)
