"""Reading by asking: pages, edges, late and edited posts, tokens that die, money."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from channels.x.client import try_account
from channels.x.source import LOST_MENTIONS, LOST_REACH
from domain.errors import BadInput, RateLimited, Refused, SignInFailed, Undecodable, Unreachable
from tests.channels.network import NOON, Fault
from tests.channels.x.rig import HOUR_LATER, Rig
from tests.emulators.x import NOT_SUMMONED, XServer
from tests.emulators.x_posts import id_at

MINUTE = timedelta(minutes=1)


def params(asked: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(asked).query).items()}


def backlog(server: XServer, count: int, *, every: float = 1.0) -> None:
    """Posts up to a minute ago."""
    for number in range(count):
        server.say(f"norda {number}", at=HOUR_LATER - MINUTE - timedelta(seconds=every * (count - number)))


async def test_a_long_backlog_is_read_to_its_end_and_the_next_poll_goes_on(either: Rig):
    backlog(either.server, 350)
    pages, cursor = await either.poll()
    heard = [mention.text for page in pages for mention in page.mentions]
    assert sorted(heard) == sorted(f"norda {number}" for number in range(350))
    assert [page.seen for page in pages] == [100, 100, 100, 50]
    assert [page.more for page in pages] == [True, True, True, False]
    either.clock.move(120)
    either.server.say("norda again", at=either.clock.now() - timedelta(seconds=5))
    later, _ = await either.heard(cursor)
    assert "norda again" in {mention.text for mention in later}
    assert len(later) < 50


async def test_a_poll_that_is_cut_goes_on_where_it_was_and_loses_nothing(rig: Rig):
    backlog(rig.server, 250)
    page = await rig.source().fetch(None)
    rig.clock.move(3600)
    rig.server.say("norda meanwhile", at=rig.clock.now() - MINUTE)
    heard, cursor = await rig.heard(page.cursor)
    assert {mention.text for mention in (*page.mentions, *heard)} == {f"norda {number}" for number in range(250)}
    later, _ = await rig.heard(cursor)
    assert "norda meanwhile" in {mention.text for mention in later}


async def test_a_token_that_died_is_replaced_by_the_lowest_id(rig: Rig):
    backlog(rig.server, 250)
    page = await rig.source().fetch(None)
    rig.server.tokens.clear()
    heard, _ = await rig.heard(page.cursor)
    assert {mention.text for mention in (*page.mentions, *heard)} == {f"norda {number}" for number in range(250)}
    rig.server.dead_tokens = True
    assert len({mention.text for mention in (await rig.heard())[0]}) == 250


async def test_posts_out_of_order_are_found_by_the_overlap_and_not_paid_twice(rig: Rig):
    rig.server.say("norda one", at=HOUR_LATER - MINUTE)
    _, cursor = await rig.heard()
    rig.server.say("norda late", "ben", at=HOUR_LATER - MINUTE - timedelta(seconds=30))
    heard, cursor = await rig.heard(cursor)
    assert [mention.text for mention in heard] == ["norda late", "norda one"]
    assert cursor is not None
    assert cursor["meter"]["micros"] == round(rig.server.usd() * 1e6) == 2 * 5_000 + 2 * 10_000


async def test_own_posts_bare_reposts_and_others_are_not_asked_for(rig: Rig):
    rig.server.say("norda by us", "norda", at=HOUR_LATER - MINUTE)
    rig.server.say("the weather", at=HOUR_LATER - 2 * MINUTE)
    original = rig.server.say("norda is late", at=HOUR_LATER - 3 * MINUTE)
    rig.server.say("RT norda is late", "ben", at=HOUR_LATER - MINUTE, repost=original.id)
    heard, _ = await rig.heard()
    assert [mention.text for mention in heard] == ["norda is late"]
    (asked,) = rig.asked()
    assert params(asked)["query"] == '("norda" OR #norda) -from:norda -is:retweet -is:nullcast'


async def test_many_words_are_asked_in_turns(rig: Rig):
    terms = tuple(f"phrase number {number:03d}" for number in range(60))
    for number in (0, 30, 59):
        rig.server.say(f"about phrase number {number:03d} today", at=HOUR_LATER - MINUTE * (number + 1))
    pages, cursor = await rig.poll(terms=terms)
    assert len({mention.text for page in pages for mention in page.mentions}) == 3
    assert len(pages) == len(rig.asked()) > 2
    assert max(len(params(asked)["query"]) for asked in rig.asked()) <= 512
    rig.clock.move(120)
    rig.server.say("about phrase number 030 again", at=rig.clock.now() - MINUTE)
    assert "about phrase number 030 again" in {m.text for m in (await rig.heard(cursor, terms=terms))[0]}


async def test_without_words_nothing_is_asked(rig: Rig):
    page = await rig.source(terms=()).fetch(None)
    assert (page.mentions, page.more, rig.network.requests) == ((), False, [])


async def test_an_edit_comes_again_with_its_new_words_and_the_old_ones_never_return(rig: Rig):
    said = rig.server.say("norda is late", at=HOUR_LATER - 5 * MINUTE)
    (first,), cursor = await rig.heard()
    rig.clock.move(60)
    rig.server.edit(said, "norda is very late", rig.clock.now() - timedelta(seconds=40))
    said.changes = {"serve_old": True}
    heard, cursor = await rig.heard(cursor)
    assert [(mention.external_id, mention.text) for mention in heard] == [(first.external_id, "norda is very late")]
    again, _ = await rig.heard(None)
    assert [mention.text for mention in again] == ["norda is very late"]


async def test_two_weeks_away_is_a_told_gap_and_reading_goes_on(rig: Rig):
    rig.server.say("norda before", at=HOUR_LATER - MINUTE)
    _, cursor = await rig.heard()
    rig.clock.move(14 * 86_400)
    rig.server.say("norda ten days ago", at=rig.clock.now() - timedelta(days=10))
    rig.server.say("norda yesterday", at=rig.clock.now() - timedelta(days=1))
    pages, cursor = await rig.poll(cursor)
    assert [mention.text for page in pages for mention in page.mentions] == ["norda yesterday"]
    assert [page.gap for page in pages] == [LOST_REACH]
    assert "start_time" in params(rig.asked()[-1])
    pages, _ = await rig.poll(cursor)
    assert [page.gap for page in pages] == [None]


async def test_an_edge_that_x_finds_too_old_is_moved_up_and_told(rig: Rig):
    """Their clock may be ahead of ours: then X says so, and the same poll asks again by time."""
    rig.server.say("norda before", at=HOUR_LATER - MINUTE)
    _, cursor = await rig.heard()
    rig.clock.move(7 * 86_400 - 20 * 60)
    rig.server.say("norda today", at=rig.clock.now() - MINUTE)
    theirs = rig.clock.now() + timedelta(minutes=25)
    rig.server.now = lambda: theirs
    pages, _ = await rig.poll(cursor)
    assert [mention.text for page in pages for mention in page.mentions] == ["norda today"]
    assert pages[0].gap == LOST_REACH
    assert ["since_id" in params(asked) for asked in rig.asked()[-2:]] == [True, False]


async def test_a_quiet_fortnight_of_good_polls_is_no_gap(rig: Rig):
    rig.server.say("norda once", at=HOUR_LATER - MINUTE)
    _, cursor = await rig.heard()
    for _ in range(28):
        rig.clock.move(86_400 / 2)
        pages, cursor = await rig.poll(cursor)
        assert [page.gap for page in pages] == [None]


async def test_partial_errors_are_no_fault_and_a_missing_field_is_noticed_once(either: Rig):
    either.server.say("norda one", at=HOUR_LATER - MINUTE)
    kind = "https://api.twitter.com/2/problems/"
    either.server.partial_errors = [
        {"title": "Authorization Error", "type": kind + "not-authorized-for-resource", "detail": "protected"}
    ]
    pages, _ = await either.poll()
    assert [len(page.mentions) for page in pages] == [1]
    assert pages[0].unreadable == ()
    either.server.partial_errors = [
        {"title": "Field Authorization Error", "type": kind + "not-authorized-for-field", "field": "public_metrics"}
    ]
    either.server.hidden_fields = frozenset({"author_id"})
    notices = {(notice.why, notice.sample) for _ in range(2) for notice in (await either.poll())[0][0].unreadable}
    assert {why for why, _ in notices} == {
        "X did not send author_id, which was asked for: see the setting `spelling`",
        "X did not send public_metrics: Field Authorization Error",
    }
    assert len(notices) == 2


async def test_the_wrong_spelling_is_refused_with_the_name_of_the_parameter(rig: Rig):
    with pytest.raises(Refused, match=r"post\.fields"):
        await rig.heard(spelling="post")


async def test_mentions_of_us_are_addressed_and_tell_who_may_be_answered(either: Rig):
    ours = either.server.say("our post", "norda", at=NOON)
    either.server.say("@norda where is it", at=HOUR_LATER - 2 * MINUTE, reply_to=ours.id)
    either.server.say("nothing of us", at=HOUR_LATER - MINUTE)
    (mention,), cursor = await either.heard(kind="mentions")
    assert (mention.addressed, mention.native["summoned"], mention.parent_id) == (True, ["norda"], str(ours.id))
    later, _ = await either.heard(cursor, kind="mentions")
    assert len(later) <= 1
    assert "pagination_token" not in params(either.asked("/2/users/9001/mentions")[0])


async def test_more_mentions_than_x_lists_are_a_told_gap(rig: Rig):
    for number in range(900):
        rig.server.say(f"@norda {number}", at=HOUR_LATER - timedelta(seconds=1000 - number))
    pages, cursor = await rig.poll(kind="mentions", daily_budget_usd=100.0)
    assert sum(page.seen for page in pages) == 800
    assert [page.gap for page in pages] == [None] * 7 + [LOST_MENTIONS]
    pages, _ = await rig.poll(cursor, kind="mentions", daily_budget_usd=100.0)
    assert [page.gap for page in pages] == [None]


async def test_owned_mentions_are_asked_with_our_keys_and_cost_a_fifth(rig: Rig):
    rig.server.say("@norda one", at=HOUR_LATER - MINUTE)
    _, cursor = await rig.heard(kind="mentions", owned=True)
    assert cursor is not None
    assert cursor["meter"]["micros"] == round(rig.server.usd() * 1e6) == 1_000 + 10_000


async def test_the_meter_agrees_with_the_bill_over_a_day_and_past_midnight(rig: Rig):
    cursor = None
    for number in range(30):
        parent = rig.server.say(f"about something {number}", "ben", at=rig.clock.now() - 2 * MINUTE)
        rig.server.say(f"norda {number}", at=rig.clock.now() - MINUTE, reply_to=parent.id)
        _, cursor = await rig.poll(cursor)
        assert cursor is not None
        assert cursor["meter"]["micros"] == round(rig.server.usd() * 1e6)
        rig.clock.move(3600)
    assert len(rig.server.bill) == 2


async def test_a_spent_budget_ends_reading_until_midnight_utc_and_then_catches_up(rig: Rig):
    backlog(rig.server, 250)
    cursor, seen, spent = None, 0, 0.0
    while spent < 0.75:
        page = await rig.source(daily_budget_usd=1.0, looks_share=0.25).fetch(cursor)
        assert page.more
        cursor, seen, spent = page.cursor, seen + page.seen, rig.server.usd()
    assert 100 < seen < 250
    assert spent < 0.75 + 10 * 0.015
    asked = len(rig.network.requests)
    with pytest.raises(RateLimited, match="daily budget of this source is spent") as told:
        await rig.source(daily_budget_usd=1.0, looks_share=0.25).fetch(cursor)
    assert told.value.retry_at == NOON + timedelta(hours=12)
    assert len(rig.network.requests) == asked
    rig.clock.move(11 * 3600)
    heard, _ = await rig.heard(cursor, daily_budget_usd=100.0)
    assert len({mention.text for mention in heard}) == 250 - seen


@pytest.mark.parametrize(("unpaid", "words"), [("credits", "credits .* used up"), ("cap", "spending cap .* reached")])
async def test_money_stops_reading_with_words_of_its_own(either: Rig, unpaid: str, words: str):
    either.server.unpaid = unpaid
    for kind in ("search", "mentions"):
        with pytest.raises(Refused, match=words) as told:
            await either.heard(kind=kind)
        assert told.value.reason == "payment"


@pytest.mark.parametrize("status", [200, 403, 404, 500, 503])
async def test_web_pages_in_place_of_data_are_an_unreachable_network(rig: Rig, status: int):
    rig.network.fault = Fault(status=status, body=b"<html>checking your browser</html>", content_type="text/html")
    with pytest.raises(Unreachable):
        await rig.heard()


async def test_a_success_without_posts_or_count_is_an_error(rig: Rig):
    rig.network.fault = Fault(body=b"{}")
    with pytest.raises(Undecodable):
        await rig.heard()
    rig.network.fault = Fault(body=b'{"errors": [{"title": "Forbidden", "detail": "not allowed here"}]}')
    with pytest.raises(Refused, match="not allowed here"):
        await rig.heard()


async def test_what_needs_an_account_says_so(rig: Rig):
    for kind in ("search", "mentions"):
        with pytest.raises(SignInFailed, match="needs an account"):
            await rig.source(account=False, kind=kind).fetch(None)


async def test_keys_are_tried_before_they_are_kept(rig: Rig):
    blank = replace(rig.account, handle="", external_id="")
    tried = await try_account(blank, rig.door)
    assert (tried.handle, tried.external_id) == ("norda", "9001")
    for name in rig.account.secrets:
        for value in ("", "wrong"):
            with pytest.raises(SignInFailed):
                await try_account(replace(blank, secrets=rig.account.secrets | {name: value}), rig.door)
    with pytest.raises(BadInput, match="https://"):
        await try_account(replace(blank, base_url="x.com"), rig.door)
    rig.network.fault = Fault(body=b"hello")
    with pytest.raises(Unreachable, match="does not answer like X"):
        await try_account(blank, rig.door)


def test_the_emulator_keeps_ids_in_order_of_time():
    server = XServer()
    first, second = server.say("norda", at=NOON), server.say("norda", at=NOON)
    assert (first.id, second.id) == (id_at(NOON), id_at(NOON) + 1)
    assert NOT_SUMMONED.startswith("Reply to this conversation")
