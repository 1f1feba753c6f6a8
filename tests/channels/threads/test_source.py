"""Mentions and searches on Threads: read back to a known post, and honest about what the app may see."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from channels.threads import source
from channels.threads.account import try_account
from domain.clock import SystemClock
from domain.errors import BadInput, Refused, SignInFailed
from tests.channels.network import NOON, Fault
from tests.channels.threads.conftest import Rig
from tests.emulators.threads import FIRST_ID, OWN_ID, OWN_NAME


@pytest.mark.parametrize("kind", ["mentions", "search"])
async def test_long_lists_are_read_page_by_page_and_then_only_what_is_new(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, kind: str
):
    monkeypatch.setattr("channels.threads.client.PAGE", 5)
    monkeypatch.setattr(source, "PAGE", 5)
    for number in range(2, 18):
        rig.server.post(number, f"norda {number}", "mara", NOON + timedelta(minutes=number))
    found, cursor = await rig.poll(kind=kind)
    assert set(found) == {str(number) for number in range(1, 18)}
    asked = len(rig.server.asked)
    assert (await rig.poll(cursor, kind=kind))[1] == cursor
    assert len(rig.server.asked) == asked + 1, "one question when nothing is new"
    rig.server.post(18, "norda 18", "mara", NOON + timedelta(minutes=18))
    assert "18" in (await rig.poll(cursor, kind=kind))[0]


async def test_posts_of_one_second_do_not_hold_a_search_for_ever(rig: Rig, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("channels.threads.client.PAGE", 3)
    monkeypatch.setattr(source, "PAGE", 3)
    for number in range(2, 12):
        rig.server.post(number, "norda", "mara")
    assert len(await rig.poll()) == 2


async def test_a_post_from_the_future_hides_nothing(rig: Rig, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("channels.threads.client.PAGE", 2)
    rig.server.post(2, "norda", "mara", NOON + timedelta(days=30))
    _, cursor = await rig.poll(kind="mentions")
    for number in range(3, 9):
        rig.server.post(number, "norda", "mara", NOON + timedelta(minutes=number))
    assert set((await rig.poll(cursor, kind="mentions"))[0]) >= {str(number) for number in range(3, 9)}


async def test_each_phrase_of_the_topics_is_searched(rig: Rig):
    rig.server.post(2, "sunda air is late", "ben")
    assert sorted((await rig.poll(query=""))[0]) == ["1", "2"]


async def test_a_mention_says_who_what_and_where(rig: Rig):
    other = {"id": str(FIRST_ID + 1)}
    rig.server.post(2, "@norda.rail and again", "Ben", root_post=other, replied_to=other, is_reply=True)
    reply, first = (await rig.fetch(kind="mentions")).mentions
    assert (first.external_id, first.thread_id, first.parent_id) == (str(FIRST_ID + 1), str(FIRST_ID + 1), None)
    assert (reply.thread_id, reply.parent_id) == (first.external_id, first.external_id)
    assert (reply.author_handle, reply.author_id) == ("Ben", "ben")
    assert reply.addressed
    assert reply.url.startswith("https://www.threads.net/@Ben/post/")


@pytest.mark.parametrize(
    ("text", "named"),
    [("@norda.rail help", True), ("hi @NORDA.rail.", True), ("@norda.railways norda", False), ("x@norda.rail", False)],
)
async def test_a_search_knows_who_speaks_to_us(rig: Rig, text: str, named: bool):
    rig.server.posts.clear()
    rig.server.post(2, text, "ben")
    (mention,) = (await rig.fetch()).mentions
    assert mention.addressed is named


async def test_our_own_posts_are_no_mentions(rig: Rig):
    rig.server.post(2, "norda says hello", OWN_NAME.upper())
    page = await rig.fetch()
    assert (len(page.mentions), page.seen) == (1, 2)


async def test_an_app_that_may_not_search_is_told_so_and_not_shown_as_silence(rig: Rig):
    rig.server.approved = False
    rig.server.post(2, "norda is the best", OWN_NAME)
    with pytest.raises(Refused, match=r"only our own posts: have it approved for threads_keyword_search"):
        await rig.fetch()


async def test_a_quiet_brand_is_not_taken_for_that(rig: Rig):
    rig.server.posts.clear()
    rig.server.post(2, "the weather", "ben")
    page = await rig.fetch()
    assert page.mentions == ()
    asked = len(rig.server.asked)
    await rig.fetch(page.cursor)
    assert len(rig.server.asked) == asked + 1, "asked once, not at each poll"


async def test_mentions_are_not_asked_for_that(rig: Rig):
    rig.server.posts.clear()
    assert (await rig.fetch(kind="mentions")).mentions == ()
    assert [kind for kind, _ in rig.server.asked] == ["mentions"]


async def test_the_token_stands_in_no_address(rig: Rig):
    await rig.fetch()
    await rig.fetch(kind="mentions")
    assert all("THAA" not in path for _, path in rig.network.requests)


async def test_an_account_is_tried_and_completed(rig: Rig):
    tried = await try_account(replace(rig.account, handle="", external_id=""), rig.door)
    assert (tried.handle, tried.external_id) == (OWN_NAME, OWN_ID)
    with pytest.raises(SignInFailed, match="make a new one at Meta"):
        await try_account(replace(rig.account, secrets={"secret_token": "other"}), rig.door)
    with pytest.raises(SignInFailed, match="missing or damaged"):
        await try_account(replace(rig.account, secrets={"secret_token": "a\r\nX: y"}), rig.door)
    with pytest.raises(BadInput, match="https://"):
        await try_account(replace(rig.account, base_url="graph.threads.net"), rig.door)


async def test_a_token_of_one_hour_is_refused_before_it_is_stored(rig: Rig):
    now = SystemClock().now()
    rig.server.token_ends_at = int((now + timedelta(hours=1)).timestamp())
    with pytest.raises(SignInFailed, match="exchange it for a long-lived one"):
        await try_account(rig.account, rig.door)
    rig.server.token_ends_at = int((now + timedelta(days=60)).timestamp())
    assert (await try_account(rig.account, rig.door)).handle == OWN_NAME


async def test_a_dead_token_says_what_to_do(rig: Rig):
    said = b'{"error": {"code": 190, "error_subcode": 463, "message": "Session has expired", "type": "OAuthException"}}'
    rig.network.fault = Fault(status=400, body=said)
    with pytest.raises(SignInFailed, match=r"has expired: tokens last 60 days; make a new one"):
        await rig.fetch()


async def test_without_an_account_it_says_what_to_do(rig: Rig):
    rig.account = None  # type: ignore[assignment]
    with pytest.raises(SignInFailed, match="add one with a token"):
        await rig.fetch()
