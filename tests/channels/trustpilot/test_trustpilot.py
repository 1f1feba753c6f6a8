"""Trustpilot beyond the shared promises: what a review becomes, pages, tokens, answers that must be seen to count."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from channels.manifest import Listening
from channels.trustpilot.client import Trustpilot, try_account
from channels.trustpilot.convert import to_review
from channels.trustpilot.freeze import freeze
from channels.trustpilot.source import TrustpilotSettings, TrustpilotSource
from channels.upsert import ANSWERED, UpsertPublisher
from domain.account import Account
from domain.clock import SetClock
from domain.errors import BadInput, Gone, OutcomeUnknown, Refused, SignInFailed, Undecodable, Unreachable
from domain.mention import Mention
from domain.ports import Cursor, Page
from domain.reply import ApprovedReply, Outgoing, Parent
from net.door import Door
from tests.channels.doors import test_door
from tests.channels.network import Fault, Network, serving
from tests.emulators.trustpilot import DOMAIN, NOON, UNIT, USER, TrustpilotServer, review_id, secrets, stamp

TEXT = "Hello Mara, the depot has mended the heating. <b>Norda</b> team"


@dataclass
class Rig:
    """`server` keeps the books, `network` counts and spoils requests."""

    server: TrustpilotServer
    network: Network
    door: Door
    clock: SetClock

    @property
    def account(self) -> Account:
        return Account(1, "trustpilot", DOMAIN, UNIT, self.network.base, secrets())

    @property
    def publisher(self) -> UpsertPublisher:
        return UpsertPublisher(Trustpilot(self.account, self.door, self.clock))

    def source(self, *, account: bool = True, **settings: Any) -> TrustpilotSource:
        chosen = msgspec.convert(settings, TrustpilotSettings)
        return TrustpilotSource(Listening(chosen, self.account if account else None, (), (), self.door, self.clock))

    async def poll(self, cursor: Cursor | None = None) -> tuple[list[Page], Cursor | None]:
        pages = []
        for _ in range(60):
            page = await self.source().fetch(cursor)
            pages.append(page)
            cursor = json.loads(json.dumps(page.cursor))
            if not page.more:
                return pages, cursor
        raise AssertionError("the poll does not end")

    async def heard(self, cursor: Cursor | None = None) -> tuple[list[Mention], Cursor | None]:
        pages, cursor = await self.poll(cursor)
        return [mention for page in pages for mention in page.mentions], cursor

    async def one(self, text: str = "Cold coach", **facts: Any) -> Mention:
        self.server.review(text, 1, **facts)
        return next(mention for mention in (await self.heard())[0] if mention.author_id != UNIT)

    def approve(self, mention: Mention, text: str = TEXT) -> ApprovedReply:
        parent = Parent(mention.external_id, mention.thread_id, mention.url, "", "", mention.native)
        frozen = freeze(Outgoing(text, "en", parent, self.account, NOON, 7))
        return ApprovedReply(7, 8, "trustpilot", self.account, parent, text, frozen.body, frozen.key, NOON)

    def asked(self, path: str) -> int:
        return sum(1 for _, address in self.network.requests if path in address)


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    clock = SetClock(NOON + timedelta(hours=12))
    server, network = TrustpilotServer(now=clock.now), Network()
    async with serving(network, server.routes()), test_door(clock) as door:
        yield Rig(server, network, door, clock)
    assert server.violations == []


async def test_a_review_without_what_is_private_about_its_author(rig: Rig):
    mention = await rig.one("Cold <b>coach</b>", title="Never again", stars=1)
    assert mention.full_text == "★☆☆☆☆ Never again\nCold <b>coach</b>"
    assert (mention.external_id, mention.thread_id, mention.lang_tag) == (review_id(1), review_id(1), "en")
    assert (mention.author_name, mention.url) == (
        "Mara Testfield",
        f"https://www.trustpilot.com/reviews/{review_id(1)}",
    )
    assert mention.native == {"rating": 1, "review": review_id(1), "verified": True, "status": "active"}
    assert b"shop.example" not in msgspec.json.encode(mention)
    assert b"4711" not in msgspec.json.encode(mention)


@pytest.mark.parametrize("change", [{"id": None}, {"createdAt": "soon"}, {"text": None, "title": ""}])
def test_what_lacks_id_date_or_words_is_unreadable(change: dict[str, object]):
    whole = TrustpilotServer().review("text")
    assert to_review(whole).text == "text"
    with pytest.raises(Undecodable):
        to_review(whole | change)


async def test_pages_are_followed_to_what_is_known(rig: Rig):
    rig.server.page_size = 10
    for number in range(1, 36):
        rig.server.review(f"text {number}", number)
    heard, cursor = await rig.heard()
    assert len({mention.external_id for mention in heard}) == 35
    for number in range(36, 51):
        rig.server.review(f"text {number}", number)
    before = rig.asked("/reviews")
    heard, _ = await rig.heard(cursor)
    assert {f"text {number}" for number in range(36, 51)} <= {mention.text for mention in heard}
    assert rig.asked("/reviews") == before + 2


async def test_an_edit_and_an_edit_after_the_answer(rig: Rig):
    rig.server.review("Slow", 1)
    _, cursor = await rig.heard()
    rig.server.review("Quick now", 1, updatedAt=stamp(NOON + timedelta(hours=1)))
    (edited,), cursor = await rig.heard(cursor)
    assert (edited.external_id, edited.text, edited.edited_at) == (review_id(1), "Quick now", NOON + timedelta(hours=1))
    rig.server.reply(1, "Thank you, Mara. Ben", NOON + timedelta(hours=2))
    (answered, answer), cursor = await rig.heard(cursor)
    assert (answered.native["answered"], answer.text, answer.author_id) == (True, "Thank you, Mara. Ben", UNIT)
    rig.server.review("Slow again", 1, updatedAt=stamp(NOON + timedelta(hours=3)))
    again = (await rig.heard(cursor))[0][0]
    assert (again.parent_id, again.external_id != review_id(1)) == (review_id(1), True)
    await rig.publisher.publish(rig.approve(again))
    assert rig.server.replies[review_id(1)]["text"] == TEXT


@pytest.mark.parametrize("answers_with", ["nothing", "object"])
async def test_an_answer_counts_once_it_is_seen(rig: Rig, answers_with: Any):
    rig.server.answers_with = answers_with
    reply = rig.approve(await rig.one())
    sent = await rig.publisher.publish(reply)
    assert (sent.external_id, sent.evidence["same_words"]) == (f"{review_id(1)}#answer", True)
    assert rig.server.received == [
        {"authorBusinessUserId": USER, "message": TEXT, "submittedAt": "2026-11-20T12:00:00"}
    ]
    await rig.publisher.publish(reply)
    assert len(rig.server.received) == 1


async def test_taken_and_not_seen_yet_is_doubtful(rig: Rig):
    reply = rig.approve(await rig.one())
    rig.server.read_lag = 1
    with pytest.raises(OutcomeUnknown, match="does not show yet"):
        await rig.publisher.publish(reply)
    assert await rig.publisher.find_published(reply) is not None


async def test_taken_and_then_unreadable_is_doubtful(rig: Rig):
    reply = rig.approve(await rig.one())
    create = rig.server._create

    async def breaks(request: Any) -> Any:
        answer = await create(request)
        rig.server.reviews.clear()
        return answer

    rig.server._create = breaks  # type: ignore[method-assign]
    async with serving(Network(), rig.server.routes()) as network:
        place = Trustpilot(replace(rig.account, base_url=network.base), rig.door, rig.clock)
        with pytest.raises(OutcomeUnknown, match="cannot be seen now"):
            await UpsertPublisher(place).publish(reply)


async def test_a_colleagues_answer_is_never_replaced(rig: Rig):
    reply = rig.approve(await rig.one())
    rig.network.fault = Fault(reset=True, applied=True, methods=("POST",), path="/v1/private")
    with pytest.raises(OutcomeUnknown):
        await rig.publisher.publish(reply)
    rig.network.fault = None
    rig.server.reply(1, "Mara, please call us. Ben", NOON + timedelta(hours=13))
    with pytest.raises(Refused, match=ANSWERED):
        await rig.publisher.publish(reply)
    assert len(rig.server.received) == 1


async def test_a_removed_review_and_a_sign_in_that_is_gone_are_told_apart(rig: Rig):
    reply = rig.approve(await rig.one())
    rig.server.reviews.clear()
    with pytest.raises(Refused) as refused:
        await rig.publisher.publish(reply)
    assert refused.value.reason == "the post is no longer there"
    rig.clock.move(400_000)
    rig.network.fault = Fault(status=404, body=b"{}", path="/v1/oauth")
    with pytest.raises(Unreachable, match="sign-in"):
        await rig.publisher.publish(reply)
    assert rig.server.received == []


def test_an_answer_needs_a_review_and_a_person(rig: Rig):
    parent = Parent("1", "1", "", "", "", {"review": "1"})
    assert freeze(Outgoing(TEXT, "en", parent, rig.account, NOON, 7)).key == "1"
    with pytest.raises(BadInput, match="without its id"):
        freeze(Outgoing(TEXT, "en", replace(parent, native={}), rig.account, NOON, 7))
    with pytest.raises(BadInput, match="user id"):
        freeze(Outgoing(TEXT, "en", parent, replace(rig.account, secrets={}), NOON, 7))


async def test_one_sign_in_serves_all_and_is_renewed_when_it_ends(rig: Rig):
    rig.server.review("text", 1)
    await asyncio.gather(*(rig.source().fetch(None) for _ in range(10)))
    assert rig.asked("/v1/oauth") == 1
    rig.server.tokens.clear()
    assert len((await rig.heard())[0]) == 1
    rig.clock.move(86_400)
    await rig.source().fetch(None)
    assert rig.asked("/v1/oauth") == 3


async def test_an_account_is_tried_with_its_domain(rig: Rig):
    tried = await try_account(replace(rig.account, handle=" Norda.Example ", external_id=""), rig.door)
    assert (tried.handle, tried.external_id) == (DOMAIN, UNIT)
    with pytest.raises(SignInFailed, match="no business"):
        await try_account(replace(rig.account, handle="other.example"), rig.door)
    for name in ("secret_api_key", "secret_api_secret"):
        with pytest.raises(SignInFailed):
            await try_account(replace(rig.account, secrets=secrets() | {name: "wrong"}), rig.door)
    rig.server.forbidden = True
    with pytest.raises(SignInFailed, match="may not read"):
        await try_account(rig.account, rig.door)


async def test_another_business_unit_and_none_at_all(rig: Rig):
    rig.server.review("text", 1)
    assert len((await rig.source(business_unit=UNIT).fetch(None)).mentions) == 1
    with pytest.raises(Gone):
        await rig.source(business_unit="abc").fetch(None)
    with pytest.raises(msgspec.ValidationError):
        rig.source(business_unit="../x")
    with pytest.raises(SignInFailed, match="needs an account"):
        await rig.source(account=False).fetch(None)


def test_secrets_do_not_print(rig: Rig):
    client = Trustpilot(rig.account, rig.door)
    assert "secret-of-norda" not in f"{client!r}{client._bearer!r}"
