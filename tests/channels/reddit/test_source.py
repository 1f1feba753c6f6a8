"""How Reddit is heard: no post is lost, whatever happens to the ones beside it; what cannot be read is told."""

from __future__ import annotations

import asyncio
import random
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from channels.reddit import place
from domain.errors import Gone, RateLimited, Refused, SignInFailed, Unreachable
from domain.ports import Page
from tests.channels.network import NOON, Fault
from tests.channels.reddit.conftest import Rig
from tests.emulators.reddit import comment_name, thread_name


def names(*numbers: int) -> set[str]:
    return {comment_name(number) for number in numbers}


async def test_comments_of_listed_subreddits_and_no_others(rig: Rig):
    rig.server.submit("trains", number=1, subreddit="Norda")
    rig.server.submit("buses", number=2, subreddit="elsewhere")
    rig.server.submit("trams", number=3, subreddit="trams")
    for number in (1, 2, 3):
        rig.server.say(f"norda {number}", number=10 + number, thread=number)
    heard, _ = await rig.heard(subreddits=("r/Norda", "trams"))
    assert {mention.external_id for mention in heard} == names(11, 13)
    assert rig.asked("/r/")[0].startswith("/r/Norda+trams/comments?")


async def test_long_backlog_between_two_polls_is_heard_to_its_end(rig: Rig):
    rig.server.say("norda", number=1)
    _, cursor = await rig.heard()
    for number in range(2, 452):
        rig.server.say(f"norda {number}", number=number)
    pages, cursor = await rig.poll(cursor)
    heard = {mention.external_id for page in pages for mention in page.mentions}
    assert names(*range(2, 452)) <= heard
    assert not any(page.gap for page in pages)
    before = len(rig.asked("/r/"))
    await rig.poll(cursor)
    assert len(rig.asked("/r/")) == before + 1


async def test_first_poll_reads_back_one_day(rig: Rig):
    for number in range(1, 451):
        rig.server.say(f"norda {number}", number=number - 300 if number > 300 else number - 3000)
    heard, _ = await rig.heard()
    assert len(rig.asked("/r/")) == 2
    assert len(heard) == 200


@pytest.mark.parametrize("newest", [False, True])
async def test_deleted_anchor_makes_before_deaf_but_not_us(rig: Rig, newest: bool):
    rig.server.before_gives_newest = newest
    for number in range(1, 6):
        rig.server.say(f"norda {number}", number=number)
    _, cursor = await rig.heard()
    for number in range(1, 6):
        rig.server.delete(comment_name(number))
    rig.server.say("norda is back", number=6)
    listing = await rig.client().listing("r/norda/comments", {"before": comment_name(5)})
    assert listing.things == [], "what a poller with one anchor would get, for ever"
    pages, _ = await rig.poll(cursor)
    assert [mention.text for page in pages for mention in page.mentions] == ["norda is back"]
    assert not any(page.gap for page in pages)


@pytest.mark.parametrize("forgets", [False, True])
async def test_item_to_go_on_after_may_be_deleted_in_between(rig: Rig, forgets: bool):
    rig.server.after_forgets = forgets
    rig.server.say("norda", number=1)
    _, cursor = await rig.heard()
    for number in range(2, 352):
        rig.server.say(f"norda {number}", number=number)
    page = await rig.source().fetch(cursor)
    rig.server.delete(page.mentions[-1].external_id)
    pages, _ = await rig.poll(page.cursor)
    heard = {mention.external_id for each in [page, *pages] for mention in each.mentions}
    assert names(*range(2, 352)) <= heard
    assert not any(each.gap for each in pages)


async def test_stale_listing_loses_nothing(rig: Rig):
    for number in range(1, 150):
        rig.server.say(f"norda {number}", number=number)
    _, cursor = await rig.heard()
    rig.server.stale = [comment_name(number) for number in range(120, 0, -1)]
    rig.server.say("norda while stale", number=150)
    pages, cursor = await rig.poll(cursor)
    assert not any(page.gap for page in pages)
    rig.server.stale = None
    heard, cursor = await rig.heard(cursor)
    assert names(150) <= {mention.external_id for mention in heard}


async def test_listing_that_rolled_over_is_a_gap(rig: Rig):
    rig.server.listed = 250
    rig.server.say("norda", number=1)
    _, cursor = await rig.heard()
    for number in range(2, 400):
        rig.server.say(f"norda {number}", number=number)
    pages, cursor = await rig.poll(cursor)
    assert [page.gap for page in pages if page.gap] == [
        "the listing ended after 250 posts, before those of the last poll: some are missing"
    ]
    pages, _ = await rig.poll(cursor)
    assert not any(page.gap for page in pages)


async def test_post_that_moderators_release_late_is_heard(rig: Rig):
    for number in range(1, 60):
        rig.server.say(f"norda {number}", number=number)
    rig.server.hold(comment_name(20))
    heard, cursor = await rig.heard()
    assert comment_name(20) not in {mention.external_id for mention in heard}
    rig.server.hold(comment_name(20), held=False)
    heard, _ = await rig.heard(cursor)
    assert comment_name(20) in {mention.external_id for mention in heard}


async def test_late_release_beyond_the_newest_page_is_for_the_sweep(rig: Rig):
    for number in range(1, 400):
        rig.server.say(f"norda {number}", number=number)
    rig.server.hold(comment_name(20))
    _, cursor = await rig.heard()
    rig.server.hold(comment_name(20), held=False)
    assert comment_name(20) not in {mention.external_id for mention in (await rig.heard(cursor))[0]}
    assert comment_name(20) in {mention.external_id for mention in (await rig.heard(None))[0]}


async def _live(rig: Rig, rng: random.Random) -> tuple[set[str], set[str], list[str]]:
    """Some eventful hours. Returns what was said and stayed, what was heard, and the gaps that were told."""
    heard, gaps, number = set[str](), list[str](), 5
    staying = {rig.server.say(f"norda {each}", number=each)["name"] for each in range(1, number + 1)}
    said = set(staying)
    _, cursor = await rig.heard()

    def delete(name: str) -> None:
        if name not in staying:
            rig.server.delete(name)
            said.discard(name)

    for _ in range(12):
        shown = rig.server._newest_first("t1")
        for _ in range(rng.choice([0, 1, 5, 90, 100, 101, 260])):
            number += 1
            said.add(rig.server.say(f"norda {number}", number=number)["name"])
        rig.clock.move((NOON + timedelta(minutes=number + 60) - rig.clock.now()).total_seconds())
        rig.server.stale = shown if rng.random() < 0.2 else None
        held = rng.choice(shown[:50] or [comment_name(number)])
        was_hidden = rig.server.things.get(held, {}).get("_hidden", True)
        if not was_hidden:
            rig.server.hold(held)
        page = Page((), cursor, more=True)
        while page.more:
            if rng.random() < 0.1:
                rig.server.expired.update(rig.server.tokens)
            page = await rig.source().fetch(page.cursor)
            heard |= {mention.external_id for mention in page.mentions}
            gaps += [page.gap] if page.gap else []
            if page.mentions and rng.random() < 0.5:
                delete(page.mentions[-1].external_id)  # the place to go on after
        cursor = page.cursor
        if not was_hidden:
            rig.server.hold(held, held=False)
        if said and rng.random() < 0.3:
            delete(max(said))
    rig.server.stale = None
    heard |= {mention.external_id for mention in (await rig.heard(cursor))[0]}
    return said - staying, heard, gaps


@pytest.mark.parametrize("seed", range(6))
async def test_eventful_hours_lose_nothing(rig: Rig, seed: int):
    rig.server.after_forgets = bool(seed % 2)
    said, heard, gaps = await _live(rig, random.Random(seed))
    assert len(said) > 100
    assert said - heard == set()
    assert gaps == []


async def test_losses_would_be_noticed(rig: Rig, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(place, "ANCHORS", 1)
    rig.server.after_forgets = True
    lost, told = set[str](), list[str]()
    for seed in range(1, 6, 2):
        rig.server.things.clear()
        said, heard, gaps = await _live(rig, random.Random(seed))
        lost |= said - heard
        told += gaps
    assert lost
    assert told, "and what is lost is told"


async def test_search_asks_for_each_phrase_and_stops_at_the_known(rig: Rig):
    for number in range(1, 61):
        rig.server.submit(f"norda {number}" if number % 2 else f"late coach {number}", number=number)
    terms = ("norda", "late coach")
    heard, cursor = await rig.heard(kind="search", subreddits=(), terms=terms)
    assert {mention.external_id for mention in heard} == {thread_name(number) for number in range(1, 61)}
    asked = [parse_qs(urlsplit(url).query) for url in rig.asked("/r/all/search")]
    assert [query["q"] for query in asked] == [['"norda"'], ['"late coach"']]
    assert all(query["sort"] == ["new"] and query["raw_json"] == ["1"] for query in asked)
    rig.server.submit("norda again", number=61)
    rig.network.requests.clear()
    heard, _ = await rig.heard(cursor, kind="search", subreddits=(), terms=terms)
    assert thread_name(61) in {mention.external_id for mention in heard}
    assert len(rig.asked("/r/all/search")) == 2


async def test_search_may_stay_in_some_subreddits_and_posts_are_read_there(rig: Rig):
    rig.server.submit("norda here", "and a text", number=1)
    rig.server.submit("norda there", number=2, subreddit="there")
    for kind in ("search", "posts"):
        (mention,), _ = await rig.heard(kind=kind)
        assert (mention.full_text, mention.thread_id) == ("norda here\nand a text", mention.external_id)


async def test_inbox_brings_what_is_said_to_us_and_no_private_message(rig: Rig):
    ours = rig.server.say("we are sorry", rig.server.own, number=1)
    for number, box in enumerate(("mentions", "comments", "selfreply"), 2):
        rig.server.notify(rig.server.say(f"thanks {number}", number=number, parent=ours["name"]), box)
    rig.server.messages.append({"name": "t4_1", "author": "mara", "body": "private", "created_utc": 1.0})
    heard, cursor = await rig.heard(kind="inbox", subreddits=())
    assert {mention.text for mention in heard} == {"thanks 2", "thanks 3", "thanks 4"}
    assert all(mention.addressed and mention.thread_id == thread_name(0) for mention in heard)
    assert {url.split("?")[0] for url in rig.asked("/message/")} == {
        "/message/mentions", "/message/comments", "/message/selfreply",
    }  # fmt: skip
    again, _ = await rig.heard(cursor, kind="inbox", subreddits=())
    assert len(again) == 3


async def test_second_look_finds_edits_and_removals_beyond_the_listing(rig: Rig):
    for number in range(1, 301):
        rig.server.say("norda is late" if number <= 120 else "something else", number=number)
    _, cursor = await rig.heard()
    rig.server.edit(comment_name(100), "norda was on time after all")
    rig.server.delete(comment_name(99))
    rig.server.remove(comment_name(98))
    pages, cursor = await rig.poll(cursor)
    assert {name for page in pages for name in page.withdrawn} == names(98, 99)
    edited = [mention for page in pages for mention in page.mentions if mention.edited_at]
    assert [mention.text for mention in edited] == ["norda was on time after all"]
    looked = [parse_qs(urlsplit(url).query)["id"][0].split(",") for url in rig.asked("/api/info")]
    assert [len(each) for each in looked] == [100, 100]
    pages, _ = await rig.poll(cursor)
    assert not any(page.withdrawn for page in pages), "what is gone is not asked for again"


async def test_submission_removed_by_moderators_is_withdrawn(rig: Rig):
    rig.server.submit("norda fails", "every day", number=1)
    _, cursor = await rig.heard(kind="posts")
    rig.server.remove(thread_name(1))
    pages, _ = await rig.poll(cursor, kind="posts")
    assert {name for page in pages for name in page.withdrawn} == {thread_name(1)}


async def test_second_look_that_fails_does_not_stop_the_listening(rig: Rig):
    rig.server.say("norda 1", number=1)
    _, cursor = await rig.heard()
    rig.network.fault = Fault(status=500, path="/api/info")
    rig.server.say("norda 2", number=2)
    heard, cursor = await rig.heard(cursor)
    assert names(2) <= {mention.external_id for mention in heard}
    rig.network.fault = Fault(status=429, headers={"Retry-After": "60"}, path="/api/info")
    with pytest.raises(RateLimited):
        await rig.heard(cursor)


async def test_own_comments_come_along_to_confirm_what_was_posted_by_hand(rig: Rig):
    rig.server.say("we are sorry", rig.server.own, number=1)
    (mention,), _ = await rig.heard()
    assert mention.author_handle == rig.account.handle
    assert mention.author_id == rig.account.external_id


async def test_token_that_ends_in_the_middle_of_a_poll_is_renewed(rig: Rig):
    rig.server.say("norda", number=1)
    _, cursor = await rig.heard()
    for number in range(2, 252):
        rig.server.say(f"norda {number}", number=number)
    page = await rig.source().fetch(cursor)
    rig.server.expired.update(rig.server.tokens)
    pages, _ = await rig.poll(page.cursor)
    assert names(*range(2, 252)) <= {mention.external_id for each in [page, *pages] for mention in each.mentions}
    assert len(rig.server.tokens) == 2


async def test_one_sign_in_serves_all_sources_at_once(rig: Rig):
    rig.server.say("norda", number=1)
    await asyncio.gather(*(rig.heard() for _ in range(8)))
    assert len(rig.server.tokens) == 1
    rig.server.expired.update(rig.server.tokens)
    await asyncio.gather(*(rig.heard() for _ in range(8)))
    assert len(rig.server.tokens) == 2


async def test_dead_refresh_token_is_a_failed_sign_in(rig: Rig):
    source = rig.source()
    await source.fetch(None)
    rig.server.refresh_token = "taken back"
    await source.fetch(None)
    rig.server.expired.update(rig.server.tokens)
    with pytest.raises(SignInFailed, match="refresh token"):
        await source.fetch(None)


async def test_used_up_requests_are_told_and_nothing_more_is_asked(rig: Rig):
    rig.server.remaining = 1.0
    await rig.source().fetch(None)
    asked = len(rig.network.requests)
    with pytest.raises(RateLimited) as limited:
        await rig.source().fetch(None)
    assert limited.value.retry_at == rig.clock.now() + timedelta(seconds=300)
    assert len(rig.network.requests) == asked
    rig.server.remaining = 600.0
    rig.clock.move(301)
    await rig.source().fetch(None)


async def test_places_that_cannot_be_read_say_why(rig: Rig):
    rig.server.closed = {"nowhere": 302, "secret": 403, "banned": 404}
    with pytest.raises(Refused, match="no such subreddit"):
        await rig.source(subreddits=("nowhere",)).fetch(None)
    with pytest.raises(Refused, match="private"):
        await rig.source(subreddits=("secret",)).fetch(None)
    with pytest.raises(Gone):
        await rig.source(subreddits=("banned",)).fetch(None)
    with pytest.raises(Refused, match="no name of a subreddit"):
        await rig.source(subreddits=("../api",)).fetch(None)
    with pytest.raises(Refused, match="no subreddits"):
        await rig.source(subreddits=()).fetch(None)
    with pytest.raises(SignInFailed, match="RSS"):
        await rig.source(account=False).fetch(None)


async def test_wall_of_a_proxy_is_no_refusal(rig: Rig):
    wall = Fault(status=403, body=b"<html>whoa there, pardner!</html>", content_type="text/html")
    rig.network.fault = wall
    with pytest.raises(Unreachable):
        await rig.source().fetch(None)


async def test_user_agent_names_the_app_and_the_account(rig: Rig):
    await rig.heard()
    assert {agent.split(" Async PRAW/")[0] for agent in rig.server.agents} == {"python:earshot:0.1 (by /u/norda_help)"}
