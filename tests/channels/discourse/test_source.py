"""A forum over HTTP: its posts, removals, searches, notifications, and what its refusals mean."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from channels.discourse.client import try_account
from channels.discourse.convert import server_of
from channels.discourse.source import DiscourseSettings, DiscourseSource
from channels.manifest import Listening
from domain.errors import BadInput, RateLimited, Refused, SignInFailed, Undecodable, Unreachable
from tests.channels.discourse.rig import HOUR_LATER, Rig
from tests.channels.network import Fault
from tests.emulators.discourse import FIRST_ID, OWN, stamp


async def test_anybody_may_hear_a_whole_forum(rig: Rig):
    for number in range(1, 131):
        rig.forum.post(f"norda {number}", number=number)
    heard, cursor = await rig.heard(account=False)
    assert [mention.text for mention in heard] == [f"norda {number}" for number in range(130, 0, -1)]
    assert not any(mention.native["answerable"] for mention in heard)
    for number in range(131, 400):
        rig.forum.post(f"norda {number}", number=number)
    later, _ = await rig.heard(cursor, account=False)
    assert {f"norda {number}" for number in range(131, 400)} <= {mention.text for mention in later}


async def test_a_poll_that_is_cut_off_goes_on_where_it_stood(rig: Rig):
    for number in range(1, 301):
        rig.forum.post(f"norda {number}", number=number)
    first = await rig.source().fetch(None)
    assert first.more
    rig.forum.post("norda, meanwhile", number=301)
    rest, cursor = await rig.heard(json.loads(json.dumps(first.cursor)))
    assert {mention.text for mention in (*first.mentions, *rest)} == {f"norda {number}" for number in range(1, 301)}
    assert "norda, meanwhile" in {mention.text for mention in (await rig.heard(cursor))[0]}


async def test_a_new_source_reads_back_one_day(rig: Rig):
    for number in range(1, 200):
        rig.forum.post(f"norda {number}", number=number, at=HOUR_LATER - timedelta(hours=200 - number))
    heard, _ = await rig.heard()
    assert 24 <= len(heard) <= 24 + 2 * 50
    assert "norda 1" not in {mention.text for mention in heard}


async def test_after_days_of_silence_a_forum_that_was_empty_is_heard_from_its_first_post(rig: Rig):
    _, cursor = await rig.heard()
    for number in range(1, 200):
        rig.forum.post(f"norda {number}", number=number, at=HOUR_LATER + timedelta(hours=number))
    rig.clock.move(200 * 3600.0)
    heard, _ = await rig.heard(cursor)
    assert {mention.text for mention in heard} == {f"norda {number}" for number in range(1, 200)}


async def test_a_back_dated_post_does_not_end_the_first_walk(rig: Rig):
    for number in range(1, 100):
        rig.forum.post(f"norda {number}", number=number)
    rig.forum.post("moved here from elsewhere", number=100, at=HOUR_LATER - timedelta(days=900))
    assert len((await rig.heard())[0]) == 100


async def test_a_page_without_any_number_is_a_fault_and_no_end(rig: Rig):
    rig.forum.post("norda", number=1, id=None)
    with pytest.raises(Undecodable):
        await rig.source().fetch(None)


async def test_an_older_page_without_any_number_ends_the_walk_as_a_gap(rig: Rig):
    rig.forum.post("the oldest of all", number=1, id=None)
    for number in range(2, 52):
        rig.forum.post(f"norda {number}", number=number)
    first = await rig.source().fetch(None)
    last = await rig.source().fetch(first.cursor)
    assert (first.more, len(first.mentions)) == (True, 50)
    assert (last.more, len(last.unreadable)) == (False, 1)
    assert last.gap
    again, _ = await rig.heard(last.cursor)
    assert len(again) == 50


async def test_an_answer_knows_what_it_answers(rig: Rig):
    rig.forum.post("norda?", number=1)
    rig.forum.post("late", number=2, reply_to_post_number=1)
    rig.forum.post("another topic", number=3, topic=8, reply_to_post_number=9)
    heard = {mention.text: mention for mention in (await rig.heard())[0]}
    assert heard["late"].parent_id == heard["norda?"].external_id
    assert (heard["norda?"].parent_id, heard["another topic"].parent_id) == (None, None)


async def test_removed_posts_are_withdrawn_however_they_go(rig: Rig):
    for number in range(1, 9):
        rig.forum.post(f"norda {number}", number=number)
    _, cursor = await rig.poll()
    rig.forum.posts[FIRST_ID + 2]["hidden"] = True
    rig.forum.posts[FIRST_ID + 4]["user_deleted"] = True
    rig.forum.posts[FIRST_ID + 6]["deleted_at"] = stamp(HOUR_LATER)
    del rig.forum.posts[FIRST_ID + 8]
    pages, cursor = await rig.poll(cursor)
    server = server_of(rig.network.base)
    gone = {name for page in pages for name in page.withdrawn}
    assert gone == {f"{server}/p/{FIRST_ID + number}" for number in (2, 4, 6, 8)}
    assert [name for page in (await rig.poll(cursor))[0] for name in page.withdrawn if name.endswith("8")] == []


async def test_a_post_that_is_missing_for_another_reason_stays(rig: Rig):
    """Its topic was taken off the lists, or an older list came out of a cache."""
    for number in range(1, 4):
        rig.forum.post(f"norda {number}", number=number)
    _, cursor = await rig.poll()
    listed = rig.forum.public()
    rig.forum.public = lambda: {key: post for key, post in listed.items() if key != FIRST_ID + 3}  # type: ignore[method-assign]
    pages, _ = await rig.poll(cursor)
    assert [name for page in pages for name in page.withdrawn] == []


async def test_a_removal_that_cannot_be_looked_at_now_is_looked_at_later(rig: Rig):
    for number in range(1, 4):
        rig.forum.post(f"norda {number}", number=number)
    _, cursor = await rig.poll()
    del rig.forum.posts[FIRST_ID + 3]
    rig.network.fault = Fault(status=500, path="/posts/")
    pages, cursor = await rig.poll(cursor)
    assert [name for page in pages for name in page.withdrawn] == []
    rig.network.fault = None
    pages, _ = await rig.poll(cursor)
    assert [name for page in pages for name in page.withdrawn] == [f"{server_of(rig.network.base)}/p/{FIRST_ID + 3}"]


async def test_a_forum_that_does_not_page_back_is_a_gap_and_no_loop(rig: Rig):
    _, cursor = await rig.poll()
    rig.forum.pages_back = False
    for number in range(1, 301):
        rig.forum.post(f"norda {number}", number=number)
    cursor = json.loads(json.dumps(cursor)) | {"last": FIRST_ID}
    pages, cursor = await rig.poll(cursor)
    assert [page.gap for page in pages if page.gap]
    rig.forum.post("norda at last", number=301)
    assert "norda at last" in {mention.text for mention in (await rig.heard(cursor))[0]}


async def test_limits_of_the_forum_go_along_with_its_posts(rig: Rig):
    rig.forum.post("norda", number=1)
    (mention,), _ = await rig.heard()
    assert (mention.native["least"], mention.native["most"]) == (20, 32_000)
    rig.forum.settings = None
    (mention,), _ = await rig.heard()
    assert (mention.native["least"], mention.native["most"]) == (0, 0)


async def test_search_reads_new_posts_in_full_term_by_term(rig: Rig):
    for number in range(1, 26):
        rig.forum.post(f"norda {number} " + "x" * 60, number=number, topic=100 + number)
    rig.forum.post("a late coach, says norda", number=40, topic=200)
    terms = ("norda", "late coach")
    heard, cursor = await rig.heard(kind="search", terms=terms)
    assert len(heard) == len({mention.external_id for mention in heard}) == 26
    assert all(mention.text.endswith(("x", "norda")) for mention in heard), "the hits show texts cut short"
    assert heard[0].title == "Regional trains"
    rig.forum.post("norda again", number=41, topic=201)
    asked = len(rig.network.requests)
    later, _ = await rig.heard(cursor, kind="search", terms=terms)
    assert [mention.text for mention in later] == ["norda again"]
    assert len(rig.network.requests) == asked + 4, "two searches, the limits, and one post"
    assert 'q="norda"+order:latest' in rig.network.requests[asked][1].replace("%22", '"').replace("%3A", ":")


async def test_search_under_load_is_no_empty_search(rig: Rig):
    rig.forum.post("norda", number=1)
    rig.forum.overloaded = True
    with pytest.raises(RateLimited):
        await rig.source(kind="search").fetch(None)


async def test_search_term_that_is_too_short_says_so(rig: Rig):
    with pytest.raises(Refused):
        await rig.source(kind="search", query="no").fetch(None)


async def test_mentions_are_what_our_account_is_told(rig: Rig):
    for number in range(1, 131):
        rig.forum.notify(rig.forum.post(f"@{OWN} {number}", number=number))
    liked = rig.forum.notify(rig.forum.post("liked", number=131), kind=5)
    whisper = rig.forum.notify(rig.forum.post("whisper", number=132, post_type=4))
    badge = rig.forum.notify(rig.forum.post("badge", number=133))
    badge["data"] = {"badge_id": 9}
    pages, cursor = await rig.poll(kind="mentions")
    heard = [mention for page in pages for mention in page.mentions]
    assert {mention.text for mention in heard} == {f"@{OWN} {number}" for number in range(1, 131)}
    assert all(mention.addressed for mention in heard)
    assert len([item for page in pages for item in page.unreadable]) == 1
    rig.forum.notify(rig.forum.post("no, still late", number=134), kind=2)
    assert [mention.text for mention in (await rig.heard(cursor, kind="mentions"))[0]] == ["no, still late"]
    assert (liked["read"], whisper["read"]) == (False, False)


async def test_a_post_that_is_gone_before_it_is_read_is_passed_over(rig: Rig):
    rig.forum.notify(rig.forum.post("gone", number=1))
    rig.forum.notify(rig.forum.post("hidden", number=2, hidden=True))
    rig.forum.notify(rig.forum.post("there", number=3))
    del rig.forum.posts[FIRST_ID + 1]
    assert [mention.text for mention in (await rig.heard(kind="mentions"))[0]] == ["there"]


async def test_what_needs_an_account_says_so(rig: Rig):
    with pytest.raises(SignInFailed, match="need an account"):
        await rig.source(account=False, kind="mentions").fetch(None)
    rig.forum.members_only = True
    with pytest.raises(SignInFailed, match="only to its members"):
        await rig.source(account=False).fetch(None)
    rig.network.fault = Fault(status=302, headers={"Location": f"{rig.network.base}/login"})
    with pytest.raises(SignInFailed, match="only to its members"):
        await rig.source(account=False).fetch(None)


async def test_a_key_never_goes_to_another_forum(rig: Rig):
    other = replace(rig.account, base_url="https://elsewhere.example")
    for kind in ("posts", "mentions"):
        settings = DiscourseSettings(base_url=rig.network.base, kind=kind)
        source = DiscourseSource(Listening(settings, other, (), (), rig.door, rig.clock))
        rig.forum.members_only = True
        with pytest.raises((SignInFailed, Refused)):
            await source.fetch(None)


async def test_a_key_that_no_longer_works_is_a_sign_in_problem_and_a_closed_page_is_not(rig: Rig):
    spoilt = replace(rig.account, secrets={"secret_api_key": "wrong"})
    settings = DiscourseSettings(base_url=rig.network.base)
    with pytest.raises(SignInFailed, match="API key"):
        await DiscourseSource(Listening(settings, spoilt, (), (), rig.door, rig.clock)).fetch(None)
    rig.network.fault = Fault(status=403, body=b'{"errors":["Not for you."],"error_type":"invalid_access"}')
    with pytest.raises(Refused):
        await rig.source().fetch(None)


async def test_how_long_to_wait_stands_in_the_header_or_in_the_body(rig: Rig):
    said = {"errors": ["Too many."], "error_type": "rate_limit", "extras": {"wait_seconds": 17, "time_left": "x"}}
    rig.network.fault = Fault(status=429, body=json.dumps(said).encode())
    with pytest.raises(RateLimited) as limited:
        await rig.source().fetch(None)
    assert limited.value.retry_at == HOUR_LATER + timedelta(seconds=17)
    rig.network.fault = Fault(status=429, body=b"Slow down", headers={"Retry-After": "30"}, content_type="text/plain")
    with pytest.raises(RateLimited) as limited:
        await rig.source().fetch(None)
    assert limited.value.retry_at == HOUR_LATER + timedelta(seconds=30)


async def test_without_any_address_there_is_nothing_to_ask(rig: Rig):
    listening = Listening(DiscourseSettings(), None, (), (), rig.door, rig.clock)
    with pytest.raises(Refused, match="no forum"):
        await DiscourseSource(listening).fetch(None)


async def test_account_is_tried_and_completed(rig: Rig):
    tried = await try_account(replace(rig.account, handle=" @Norda_Rail", external_id=""), rig.door)
    assert (tried.handle, tried.external_id) == (OWN, rig.account.external_id)
    with pytest.raises(SignInFailed, match="API key"):
        await try_account(replace(rig.account, secrets={"secret_api_key": "wrong"}), rig.door)
    with pytest.raises(BadInput, match="https://"):
        await try_account(replace(rig.account, base_url="forum.example"), rig.door)
    with pytest.raises(BadInput, match="both needed"):
        await try_account(replace(rig.account, handle=""), rig.door)
    rig.network.fault = Fault(status=404, body=b"{}")
    with pytest.raises(SignInFailed, match="knows nobody"):
        await try_account(rig.account, rig.door)
    rig.network.fault = Fault(body=b"no json", content_type="text/plain")
    with pytest.raises(Unreachable, match="Discourse"):
        await try_account(rig.account, rig.door)
