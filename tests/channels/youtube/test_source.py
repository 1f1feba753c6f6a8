"""How YouTube is heard: newest first, growth and removals of old conversations, held comments, the quota."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from channels.youtube.account import try_account
from domain.errors import Gone, RateLimited, Refused, SignInFailed, Unreachable
from tests.channels.network import Fault
from tests.channels.youtube.conftest import Rig
from tests.emulators.youtube import KEY, OWN

VIDEO, OTHER = "dQw4w9WgXcQ", "abcdefghij-"
WATCH: dict[str, Any] = {"kind": "videos", "videos": (VIDEO, OTHER), "searches_per_day": 0}


async def test_a_long_backlog_is_read_and_then_only_what_is_new(rig: Rig):
    rig.server.page_size = 10
    for hour in range(65):
        rig.server.comment("norda", minute=-60 * hour)
    heard, cursor = await rig.heard()
    assert len(heard) == 65
    rig.clock.move(7200)
    for minute in range(100, 125):
        rig.server.comment("new", minute=minute)
    before = rig.asked("allThreads")
    heard, cursor = await rig.heard(cursor)
    assert sum(mention.text == "new" for mention in heard.values()) == 25
    assert rig.asked("allThreads") - before == 4  # three pages, of which the last reaches behind; one asks what is held


async def test_a_pinned_comment_on_top_does_not_end_the_reading(rig: Rig):
    rig.server.page_size = 10
    rig.server.pinned = str(rig.server.comment("pinned")["id"])
    _, cursor = await rig.heard()
    rig.clock.move(7200)
    for minute in range(130, 160):
        rig.server.comment("new", minute=minute)
    heard, _ = await rig.heard(cursor)
    assert sum(mention.text == "new" for mention in heard.values()) == 30


async def test_replies_to_old_conversations_are_noticed_by_their_number(rig: Rig):
    rig.server.page_size = 10
    old = rig.server.comment("norda is late", minute=-2000)
    for _ in range(20):
        rig.server.comment("newer")
    _, cursor = await rig.heard()
    rig.clock.move(300)
    for _ in range(12):
        rig.server.comment("so it is", "ben", under=old["id"])
    heard, cursor = await rig.heard(cursor)
    replies = [mention for mention in heard.values() if mention.text == "so it is"]
    assert len(replies) == 12
    assert {mention.thread_id for mention in replies} == {old["id"]}
    assert all(mention.addressed for mention in replies)
    before = rig.asked("parentId")
    await rig.heard(cursor)
    assert rig.asked("parentId") == before


async def test_few_replies_come_with_their_conversation(rig: Rig):
    top = rig.server.comment("norda is late")
    for _ in range(5):
        rig.server.comment("yes", "ben", under=top["id"])
    heard, _ = await rig.heard()
    assert len(heard) == 6
    assert rig.asked("parentId") == 0


async def test_a_conversation_too_long_to_read_at_once_is_a_gap(rig: Rig):
    rig.server.page_size = 10
    top = rig.server.comment("norda")
    for _ in range(70):
        rig.server.comment("yes", under=top["id"])
    pages, _ = await rig.pages()
    assert ["replies of a conversation" in (page.gap or "") for page in pages].count(True) == 1


@pytest.mark.parametrize("lost_is_404", [False, True])
async def test_removed_comments_and_replies_are_withdrawn(rig: Rig, lost_is_404: bool):
    rig.server.lost_is_404 = lost_is_404
    tops = [rig.server.comment(f"norda {number}") for number in range(9)]
    replies = [rig.server.comment("yes", under=tops[4]["id"]) for _ in range(4)]
    _, cursor = await rig.heard()
    rig.clock.move(300)
    rig.server.remove(tops[2])
    rig.server.remove(replies[1])
    pages, cursor = await rig.pages(cursor)
    assert {gone for page in pages for gone in page.withdrawn} == {tops[2]["id"], replies[1]["id"]}
    pages, _ = await rig.pages(cursor)
    assert [gone for page in pages for gone in page.withdrawn] == []


async def test_an_answer_without_any_of_many_ids_withdraws_nothing(rig: Rig):
    for number in range(9):
        rig.server.comment(f"norda {number}")
    _, cursor = await rig.heard()
    rig.clock.move(300)
    rig.server.comments.clear()
    pages, _ = await rig.pages(cursor)
    assert [gone for page in pages for gone in page.withdrawn] == []


async def test_an_edit_of_an_old_comment_is_seen(rig: Rig):
    rig.server.page_size = 10
    old = rig.server.comment("norda is late", minute=-3000)
    for _ in range(20):
        rig.server.comment("newer")
    _, cursor = await rig.heard()
    rig.clock.move(300)
    rig.server.edit(old, "norda was late")
    heard, _ = await rig.heard(cursor)
    assert heard[old["id"]].text == "norda was late"
    assert heard[old["id"]].edited_at is not None


async def test_held_comments_are_heard_when_they_are_released(rig: Rig):
    rig.server.page_size = 10
    held = rig.server.comment("norda stole my bike", minute=-3000, status="heldForReview")
    for _ in range(20):
        rig.server.comment("newer")
    heard, cursor = await rig.heard()
    assert held["id"] not in heard
    rig.clock.move(300)
    held["status"] = "published"
    heard, cursor = await rig.heard(cursor)
    assert heard[held["id"]].text == "norda stole my bike"


async def test_held_comments_that_are_rejected_are_never_heard(rig: Rig):
    held = rig.server.comment("norda spam", status="heldForReview")
    _, cursor = await rig.heard()
    rig.clock.move(300)
    held["status"] = "rejected"
    heard, cursor = await rig.heard(cursor)
    assert heard == {}
    rig.server.remove(held)
    assert (await rig.heard(cursor))[0] == {}


@pytest.mark.parametrize("before", [0, 1])
async def test_after_more_than_a_week_without_us_it_reads_back_to_where_it_stood(rig: Rig, before: int):
    rig.server.page_size = 10
    for _ in range(before):
        rig.server.comment("known")
    _, cursor = await rig.heard()
    for hour in range(1, 201):
        rig.server.comment("new", minute=60 * hour)
    rig.clock.move(201 * 3600)
    heard, _ = await rig.heard(cursor)
    assert sum(mention.text == "new" for mention in heard.values()) == 200


async def test_once_a_day_it_reads_deep(rig: Rig):
    rig.server.page_size = 10
    rig.key_only()
    released = rig.server.comment("norda, released late", minute=-3000, status="heldForReview")
    for _ in range(30):
        rig.server.comment("newer")
    _, cursor = await rig.heard()
    released["status"] = "published"
    rig.clock.move(300)
    heard, cursor = await rig.heard(cursor)
    assert released["id"] not in heard
    rig.clock.move(86_400)
    assert released["id"] in (await rig.heard(cursor))[0]


async def test_with_a_key_alone_we_hear_but_cannot_write(rig: Rig):
    rig.key_only()
    top = rig.server.comment("norda is late")
    heard, _ = await rig.heard()
    assert heard[top["id"]].native["may_write"] is False
    assert heard[top["id"]].native["can_reply"] is True
    assert rig.asked("moderationStatus") == 0


async def test_a_conversation_closed_to_us_is_told(rig: Rig):
    top = rig.server.comment("norda is late", can_reply=False)
    assert (await rig.heard())[0][top["id"]].native["can_reply"] is False


async def test_another_channel_is_read_by_key_and_does_not_speak_to_us(rig: Rig):
    top = rig.server.comment("they are late")
    heard, _ = await rig.heard(channel="UCrival")
    assert heard[top["id"]].addressed is False
    assert rig.server.sign_ins == 0


async def test_watched_videos_are_heard_and_a_closed_one_stops_nothing(rig: Rig):
    rig.server.video(VIDEO, comments="off")
    rig.server.video(OTHER)
    mine = rig.server.comment("norda and trains", video=OTHER)
    heard, cursor = await rig.heard(**WATCH)
    assert list(heard) == [mine["id"]]
    assert heard[mine["id"]].addressed is False
    before = rig.asked(VIDEO)
    await rig.heard(cursor, **WATCH)
    assert rig.asked(VIDEO) == before
    rig.server.videos[VIDEO]["comments"] = "on"
    late = rig.server.comment("norda", video=VIDEO, minute=1500)
    rig.clock.move(86_400)
    assert late["id"] in (await rig.heard(cursor, **WATCH))[0]


async def test_a_video_that_is_gone_is_withdrawn_itself(rig: Rig):
    rig.server.video(OTHER)
    rig.server.comment("norda", video=OTHER)
    pages, _ = await rig.pages(**WATCH)
    assert [gone for page in pages for gone in page.withdrawn] == [VIDEO]
    assert sum(len(page.mentions) for page in pages) == 1


async def test_answers_to_our_own_comment_on_a_foreign_video_speak_to_us(rig: Rig):
    rig.server.video(VIDEO)
    rig.server.video(OTHER)
    ours = rig.server.comment("We are listening", "norda", video=VIDEO)
    answer = rig.server.comment("are you?", under=ours["id"], video=VIDEO)
    heard, _ = await rig.heard(**WATCH)
    assert heard[answer["id"]].addressed


async def test_searches_grow_the_watch_list_a_few_times_a_day(rig: Rig):
    rig.server.video(VIDEO, "Norda: it's a <review>")
    rig.server.video(OTHER, "Norda, our own", channel=OWN)
    top = rig.server.comment("I agree", video=VIDEO)
    how: dict[str, Any] = {"kind": "videos", "searches_per_day": 3, "terms": ("norda", "night train")}
    heard, cursor = await rig.heard(**how)
    assert heard[VIDEO].title == "Norda: it's a <review>"
    assert heard[top["id"]].native["video"] == VIDEO
    assert rig.asked(f"videoId={OTHER}") == 0
    for _ in range(20):
        rig.clock.move(3600)
        _, cursor = await rig.heard(cursor, **how)
    assert rig.server.searches == 3
    asked = {dict(query)["q"] for name, _, query, *_ in rig.server.exchanges if name == "search"}
    assert asked == {"norda", '"night train"'}


async def test_a_used_up_search_quota_does_not_stop_the_reading(rig: Rig):
    rig.server.daily_searches = 0
    rig.server.video(VIDEO)
    top = rig.server.comment("norda", video=VIDEO)
    heard, _ = await rig.heard(kind="videos", videos=(VIDEO,))
    assert list(heard) == [top["id"]]


async def test_the_used_up_quota_is_a_state_of_its_own_with_the_moment_of_its_end(rig: Rig):
    rig.server.daily_units = 0
    with pytest.raises(RateLimited, match=r"quota of this project is used up for today.*08:00 UTC") as limited:
        await rig.pages()
    assert limited.value.retry_at == datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


async def test_newer_answers_call_the_used_up_quota_a_rate_limit(rig: Rig):
    said = (
        b'{"error": {"code": 429, "message": "Quota exceeded for quota metric Queries and limit Queries per day",'
        b' "errors": [{"reason": "rateLimitExceeded"}], "status": "RESOURCE_EXHAUSTED"}}'
    )
    rig.network.fault = Fault(status=429, body=said, path="/youtube")
    with pytest.raises(RateLimited) as limited:
        await rig.pages()
    assert limited.value.retry_at == datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
    rig.network.fault = Fault(status=403, body=said.replace(b"per day", b"per minute"), path="/youtube")
    with pytest.raises(RateLimited, match="pause") as limited:
        await rig.pages()
    assert limited.value.retry_at is None


async def test_our_own_budget_ends_a_round_that_goes_on_the_next_day(rig: Rig):
    rig.server.page_size = 10
    for _ in range(60):
        rig.server.comment("norda")
    cursor, heard = None, set[str]()
    for _ in range(3):
        page = await rig.source(daily_units=3).fetch(cursor)
        heard |= {mention.external_id for mention in page.mentions}
        cursor = page.cursor
    with pytest.raises(RateLimited, match="3 units of today are spent") as limited:
        await rig.source(daily_units=3).fetch(cursor)
    assert limited.value.retry_at == datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
    assert len(heard) == 30
    assert rig.server.units == 3
    rig.clock.move(86_400)
    more, _ = await rig.heard(cursor, daily_units=100)
    assert len(heard | set(more)) == 60


async def test_a_round_waits_while_the_budget_is_spent_ahead_of_the_day(rig: Rig):
    rig.server.comment("norda")
    _, cursor = await rig.heard(daily_units=7)
    spent = rig.server.units
    pages, cursor = await rig.pages(cursor, daily_units=7)
    assert (rig.server.units, len(pages)) == (spent, 1)
    rig.clock.move(6 * 3600)
    await rig.pages(cursor, daily_units=7)
    assert rig.server.units > spent


async def test_a_walk_whose_page_token_died_is_taken_up_from_the_newest_end(rig: Rig):
    rig.server.page_size = 10
    for _ in range(30):
        rig.server.comment("norda")
    page = await rig.source().fetch(None)
    assert page.more
    rig.server.dead_page_tokens = True
    pages, cursor = await rig.pages(page.cursor)
    assert all(page.gap is None for page in pages)
    rig.server.dead_page_tokens = False
    rig.clock.move(300)
    assert len((await rig.heard(cursor))[0]) == 30


async def test_a_conversation_that_vanishes_before_its_replies_are_read_costs_nothing_else(rig: Rig):
    top = rig.server.comment("norda")
    for _ in range(7):
        rig.server.comment("yes", under=top["id"])
    rig.server.comment("another")
    page = await rig.source().fetch(None)
    rig.server.remove(top)
    pages, _ = await rig.pages(page.cursor)
    assert pages[-1].more is False


async def test_access_is_got_once_and_again_when_it_ends(rig: Rig):
    rig.server.comment("norda")
    _, cursor = await rig.heard()
    assert rig.server.sign_ins == 1
    rig.server.expire()
    await rig.heard(cursor)
    assert rig.server.sign_ins == 2
    rig.clock.move(3600)
    await rig.heard(cursor)
    assert rig.server.sign_ins == 3


async def test_an_ended_sign_in_is_told_apart(rig: Rig):
    rig.server.signed_out = True
    with pytest.raises(SignInFailed, match="connect the account anew"):
        await rig.pages()
    rig.secrets["secret_api_key"] = "wrong"
    with pytest.raises(SignInFailed, match="API key is not valid"):
        await rig.pages(**WATCH)


async def test_a_blocked_key_is_no_closed_video(rig: Rig):
    said = (
        b'{"error": {"code": 403, "message": "Requests to this API are blocked.", "errors": [{"reason": "forbidden"}],'
        b' "details": [{"reason": "API_KEY_SERVICE_BLOCKED"}]}}'
    )
    rig.network.fault = Fault(status=403, body=said)
    with pytest.raises(SignInFailed, match="may not be used for"):
        await rig.pages(**WATCH)


async def test_what_cannot_be_listened_to_says_so(rig: Rig):
    with pytest.raises(Refused, match="neither an id"):
        await rig.pages(kind="videos", videos=("https://www.youtube.com/@norda",))
    rig.network.fault = Fault(status=404, body=b"{}")
    with pytest.raises(Gone):
        await rig.pages(**WATCH)


async def test_an_account_is_tried_and_completed(rig: Rig):
    bare = replace(rig.account, handle="", external_id="")
    tried = await try_account(bare, rig.door)
    assert (tried.handle, tried.external_id) == ("@norda", OWN)
    key = {"secret_api_key": KEY}
    tried = await try_account(replace(bare, handle="@norda", secrets=key), rig.door)
    assert tried.external_id == OWN
    for wrong in (
        replace(bare, secrets=key),
        replace(bare, handle="@stranger", secrets=key),
        replace(bare, handle="@norda", secrets={"secret_api_key": "wrong"}),
        replace(bare, secrets={**rig.secrets, "secret_client_secret": "wrong"}),
        replace(bare, secrets={**rig.secrets, "secret_api_key": "wrong"}),
    ):
        with pytest.raises(SignInFailed):
            await try_account(wrong, rig.door)
    rig.network.fault = Fault(status=404, body=b"{}")
    with pytest.raises(Unreachable):
        await try_account(bare, rig.door)


async def test_a_busy_day_stays_within_the_budget_and_nothing_is_missed(rig: Rig):
    """A poll every half hour; each time two conversations, one of them with more answers than come along with it."""
    rig.server.page_size = 20
    rig.clock.move(19 * 3600)  # the quota's day begins
    cursor, heard = None, set[str]()
    for minute in range(20 * 60, 44 * 60, 30):
        top = rig.server.comment("norda", minute=minute)
        for _ in range(7):
            rig.server.comment("yes", under=top["id"], minute=minute + 1)
        rig.server.comment("norda", minute=minute + 2)
        found, cursor = await rig.heard(cursor, daily_units=200)
        heard |= set(found)
        rig.clock.move(1800)
    assert rig.server.units <= 200
    found, _ = await rig.heard(cursor, daily_units=200)
    assert set(rig.server.comments) == heard | set(found)
