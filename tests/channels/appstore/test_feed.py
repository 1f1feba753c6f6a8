"""The public feed: ten pages a country, missing dates, empty and broken answers; no country holds up the others."""

from datetime import timedelta
from typing import Any

import pytest

from channels.appstore.convert import console_of, feed_entries, from_feed
from domain.errors import Gone, RateLimited, Undecodable, Unreachable
from tests.channels.appstore.conftest import Rig
from tests.channels.network import Fault
from tests.emulators.appstore import APP, NOON, feed_id, stamp


async def test_a_review_with_its_stars_and_where_it_was_written(rig: Rig):
    rig.store.review("It crashes <b>all</b> the time &amp; so on", 7, title="Never again", rating=1, country="hr")
    (mention,), _ = await rig.heard(countries=["hr"])
    assert (mention.external_id, mention.thread_id) == (feed_id(7), feed_id(7))
    assert mention.full_text == "★☆☆☆☆ Never again\nIt crashes <b>all</b> the time &amp; so on"
    assert (mention.author_name, mention.author_handle) == ("mara_testfield", "")
    assert mention.native == {"rating": 1, "country": "hr", "app_version": "3.1"}
    assert mention.url == f"https://apps.apple.com/hr/app/id{APP}?see-all=reviews"
    assert console_of(mention.url) == f"https://appstoreconnect.apple.com/apps/{APP}"
    assert mention.addressed


async def test_changed_words_and_changed_stars_come_again(rig: Rig):
    rig.store.review("Slow", 1, rating=2)
    rig.store.review("Fine", 2, rating=5)
    _, cursor = await rig.heard()
    rig.store.review("Quick now", 1, at=stamp(NOON + timedelta(hours=5)))
    rig.store.review("Fine", 2, rating=1)
    heard, _ = await rig.heard(cursor)
    assert {(m.external_id, m.full_text) for m in heard} == {
        (feed_id(1), "★★☆☆☆\nQuick now"), (feed_id(2), "★☆☆☆☆\nFine"),
    }  # fmt: skip


async def test_a_changed_review_on_top_does_not_hide_the_new_ones_behind_it(rig: Rig):
    for number in range(1, 61):
        rig.store.review(f"old {number}", number)
    _, cursor = await rig.heard()
    for number in range(61, 131):
        rig.store.review(f"new {number}", number)
    for number in range(1, 11):
        rig.store.review(f"changed {number}", number, at=stamp(NOON + timedelta(hours=4, minutes=number)))
    heard, _ = await rig.heard(cursor)
    assert {f"new {n}" for n in range(61, 131)} | {f"changed {n}" for n in range(1, 11)} <= {m.text for m in heard}


async def test_a_quiet_feed_costs_one_request_per_country(rig: Rig):
    for number in range(1, 121):
        rig.store.review(f"text {number}", number, country="us" if number % 2 else "gb")
    how: dict[str, Any] = {"countries": ["us", "gb", "us"]}
    _, cursor = await rig.heard(**how)
    rig.store.asked.clear()
    await rig.heard(cursor, **how)
    assert rig.store.asked == ["us/1", "gb/1"]


async def test_more_than_the_feed_shows_is_a_gap_and_only_then(rig: Rig):
    for number in range(1, 601):
        rig.store.review(f"text {number}", number, at=stamp(NOON + timedelta(seconds=number)))
    pages, cursor = await rig.poll()
    assert sum(len(page.mentions) for page in pages) == 500
    assert [page.gap for page in pages if page.gap] == []
    for number in range(601, 1102):
        rig.store.review(f"text {number}", number, at=stamp(NOON + timedelta(seconds=number)))
    pages, cursor = await rig.poll(cursor)
    assert [page.gap for page in pages if page.gap] == ["more reviews in us since the last look than the feed shows"]
    assert [page.gap for page in (await rig.poll(cursor))[0] if page.gap] == []


async def test_a_feed_without_dates_is_read_once_and_its_changes_are_seen(rig: Rig):
    for number in range(1, 71):
        rig.store.review(f"text {number}", number, at=None)
    heard, cursor = await rig.heard()
    assert len(heard) == 70
    assert all(mention.posted_at.tzinfo is not None for mention in heard)
    rig.store.asked.clear()
    rig.clock.move(1800)
    rig.store.review("text 70, changed", 70)
    heard, _ = await rig.heard(cursor)
    assert rig.store.asked == ["us/1"]
    assert heard[0].text == "text 70, changed"


async def test_an_empty_answer_does_not_forget_what_is_known(rig: Rig):
    for number in range(1, 121):
        rig.store.review(f"text {number}", number)
    _, cursor = await rig.heard()
    rig.store.empty_countries = {"us"}
    heard, cursor = await rig.heard(cursor)
    assert heard == []
    rig.store.empty_countries = set()
    rig.store.asked.clear()
    await rig.heard(cursor)
    assert rig.store.asked == ["us/1"]


async def test_an_empty_page_in_the_middle_ends_no_walk(rig: Rig):
    rig.store.review("the first", 1)
    _, cursor = await rig.heard()
    for number in range(2, 122):
        rig.store.review(f"text {number}", number)
    first = await rig.source().fetch(cursor)
    rig.store.empty_countries = {"us"}
    (page,), cursor = await rig.poll(first.cursor)
    assert (page.mentions, page.gap) == ((), None)
    rig.store.empty_countries = set()
    heard, cursor = await rig.heard(cursor)
    assert {f"text {number}" for number in range(2, 122)} <= {mention.text for mention in heard}
    rig.store.asked.clear()
    await rig.heard(cursor)
    assert rig.store.asked == ["us/1"]


async def test_a_small_feed_whose_one_review_changed_is_no_broken_one(rig: Rig):
    rig.store.review("slow", 1)
    _, cursor = await rig.heard()
    rig.store.review("quick", 1, at=stamp(NOON + timedelta(hours=3)))
    _, cursor = await rig.heard(cursor)
    rig.store.asked.clear()
    await rig.heard(cursor)
    assert rig.store.asked == ["us/1"]


async def test_a_country_that_does_not_answer_holds_up_no_other(rig: Rig):
    for number, country in enumerate(("us", "gb", "hr"), 1):
        rig.store.review(f"from {country}", number, country=country)
    for broken in ("us", "gb", "hr"):
        rig.store.broken_countries = {broken}
        heard, cursor = await rig.heard(countries=["us", "gb", "hr"])
        assert {m.text for m in heard} == {f"from {c}" for c in {"us", "gb", "hr"} - {broken}}
        rig.store.broken_countries = set()
        assert f"from {broken}" in {m.text for m in (await rig.heard(cursor, countries=["us", "gb", "hr"]))[0]}


async def test_a_country_that_breaks_in_the_middle_is_read_from_its_last_complete_look(rig: Rig):
    for number in range(1, 61):
        rig.store.review(f"text {number}", number)
    _, cursor = await rig.heard()
    for number in range(61, 181):
        rig.store.review(f"text {number}", number)
    first = await rig.source().fetch(cursor)
    assert first.more
    rig.store.broken_countries = {"us"}
    pages, cursor = await rig.poll(first.cursor)
    assert [len(page.mentions) for page in pages] == [0]
    rig.store.broken_countries = set()
    heard, _ = await rig.heard(cursor)
    assert {f"text {n}" for n in range(61, 181)} <= {m.text for m in heard}


async def test_a_country_that_is_silent_for_a_day_is_told_once_a_day(rig: Rig):
    rig.store.review("hello", 1, country="gb")
    how: dict[str, Any] = {"countries": ["gb", "hr"]}
    _, cursor = await rig.heard(**how)
    rig.store.broken_countries = {"hr"}
    told = []
    for _ in range(60):
        rig.clock.move(3600)
        pages, cursor = await rig.poll(cursor, **how)
        told += [page.gap for page in pages if page.gap]
    assert told == ["the App Store's feed of hr has not answered for a day"] * 2


async def test_what_cannot_be_read_is_the_same_on_whatever_page_it_stands(rig: Rig):
    rig.store.review("nobody can read this", 1, broken=True)
    first = [page.unreadable for page in (await rig.poll())[0] if page.unreadable]
    for number in range(2, 121):
        rig.store.review(f"text {number}", number)
    later = [page.unreadable for page in (await rig.poll())[0] if page.unreadable]
    assert first == later != []


async def test_when_no_country_answers_the_source_says_so_and_stays_where_it_is(rig: Rig):
    rig.store.broken_countries = {"us", "gb"}
    with pytest.raises(Unreachable):
        await rig.source(countries=["us", "gb"]).fetch(None)
    rig.network.fault = Fault(status=429, headers={"Retry-After": "60"})
    with pytest.raises(RateLimited):
        await rig.source(countries=["us", "gb"]).fetch(None)
    rig.network.fault = Fault(status=404, body=b"{}")
    with pytest.raises(Gone):
        await rig.source(countries=["us", "gb"]).fetch(None)


def test_a_single_entry_and_the_app_itself():
    entry = {"id": {"label": "1"}, "content": {"label": "x"}}
    assert feed_entries({"feed": {"entry": entry}}) == [entry]
    assert feed_entries({"feed": {"entry": [{"im:name": {"label": "Norda Rail"}}, entry]}}) == [entry]
    assert feed_entries({"feed": {}}) == []


def test_a_title_alone_is_the_text_and_nothing_at_all_is_unreadable():
    entry = {"id": {"label": "1"}, "title": {"label": "Good"}, "im:rating": {"label": "9"}}
    review = from_feed(entry, APP, "us", NOON)
    assert (review.title, review.text, review.is_dated) == ("", "Good", False)
    for broken in ({}, {"id": {"label": "x1"}, "title": {"label": "a"}}, {"id": {"label": "1"}}, "text", None):
        with pytest.raises(Undecodable):
            from_feed(broken, APP, "us", NOON)
