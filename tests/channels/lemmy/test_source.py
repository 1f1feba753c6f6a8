"""An instance over HTTP, as 0.19 and as 1.0: lists, search, mentions, removals, and what its refusals mean."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from channels.lemmy.client import try_account
from channels.lemmy.source import LemmySettings, LemmySource
from channels.manifest import Listening
from domain.errors import BadInput, Gone, RateLimited, Refused, SignInFailed, Undecodable, Unreachable
from tests.channels.lemmy.rig import HOUR_LATER, NEW, Rig
from tests.channels.network import NOON, Fault
from tests.emulators.lemmy import CODE, FIRST, OWN, PASSWORD, TOKEN, stamp


async def test_posts_and_comments_are_heard_by_anybody(rig: Rig):
    rig.instance.post("Norda timetable", "all of it", number=1)
    for number in range(2, 131):
        rig.instance.comment(f"norda {number}", number=number)
    heard, cursor = await rig.heard(account=False)
    assert {mention.text for mention in heard} == {"all of it", *(f"norda {number}" for number in range(2, 131))}
    assert len({mention.external_id for mention in heard}) == 130
    for number in range(131, 300):
        rig.instance.comment(f"norda {number}", number=number)
    later, cursor = await rig.heard(cursor, account=False)
    assert {f"norda {number}" for number in range(131, 300)} <= {mention.text for mention in later}
    assert len(json.dumps(cursor)) < 10_000


async def test_the_version_is_asked_once_per_poll_and_decides_the_paths(rig: Rig):
    rig.instance.post("x", number=1)
    for number in range(2, 131):
        rig.instance.comment(f"norda {number}", number=number)
    await rig.heard()
    paths = [path.partition("?")[0] for _, path in rig.network.requests]
    assert paths.count("/api/v3/site") == 1
    assert {path for path in paths if "list" in path} == {
        f"/api/{rig.instance.api}/comment/list", f"/api/{rig.instance.api}/post/list",
    }  # fmt: skip


async def test_an_upgrade_between_two_polls_loses_nothing(rig: Rig):
    """A 1.0 server answers the old paths, but sorts and pages as it likes there."""
    rig.instance.post("x", number=1)
    rig.instance.comment("norda 2", number=2)
    _, cursor = await rig.heard()
    rig.instance.version = NEW
    for number in range(3, 80):
        rig.instance.comment(f"norda {number}", number=number)
    heard, _ = await rig.heard(cursor)
    assert {f"norda {number}" for number in range(3, 80)} <= {mention.text for mention in heard}


async def test_what_federates_late_is_heard_although_it_is_dated_earlier(rig: Rig):
    rig.instance.post("x", number=1)
    for number in range(2, 60):
        rig.instance.comment(f"norda {number}", number=number)
    _, cursor = await rig.heard()
    rig.instance.comment("late from far away", number=90, published_at=stamp(NOON + timedelta(minutes=30)))
    assert "late from far away" in {mention.text for mention in (await rig.heard(cursor))[0]}


async def test_a_new_source_reads_back_one_day(rig: Rig):
    rig.instance.post("x", number=1)
    for number in range(2, 400):
        rig.instance.comment(f"norda {number}", number=number, published_at=stamp(HOUR_LATER - timedelta(hours=number)))
    heard, _ = await rig.heard()
    assert 24 <= len(heard) <= 24 + 2 * 50


async def test_removed_comments_are_withdrawn_flagged_or_gone(rig: Rig):
    rig.instance.post("x", number=1)
    for number in range(2, 9):
        rig.instance.comment(f"norda {number}", number=number)
    _, cursor = await rig.poll()
    rig.instance.comments[FIRST + 3]["deleted"] = True
    rig.instance.comments[FIRST + 4]["removed"] = True
    del rig.instance.comments[FIRST + 5]
    rig.instance.posts[FIRST + 1]["deleted"] = True
    pages, cursor = await rig.poll(cursor)
    gone = {name.removeprefix("https://town.example/") for page in pages for name in page.withdrawn}
    assert gone == {"comment/5003", "comment/5004", "comment/5005", "post/5001"}


async def test_a_removal_that_cannot_be_looked_at_now_is_looked_at_later(rig: Rig):
    rig.instance.post("x", number=1)
    for number in range(2, 5):
        rig.instance.comment(f"norda {number}", number=number)
    _, cursor = await rig.poll()
    gone = rig.instance.comments.pop(FIRST + 3)
    rig.instance.looks_up = False
    pages, cursor = await rig.poll(cursor)
    assert [name for page in pages for name in page.withdrawn] == []
    rig.instance.looks_up = True
    pages, cursor = await rig.poll(cursor)
    assert [name for page in pages for name in page.withdrawn] == [gone["ap_id"]]
    pages, _ = await rig.poll(cursor)
    assert [name for page in pages for name in page.withdrawn] == []


async def test_a_comment_that_is_only_missing_from_the_list_stays(rig: Rig):
    rig.instance.post("x", number=1)
    for number in range(2, 5):
        rig.instance.comment(f"norda {number}", number=number)
    _, cursor = await rig.poll()
    rig.instance.comments[FIRST + 3]["_hidden"] = True
    pages, _ = await rig.poll(cursor)
    assert [name for page in pages for name in page.withdrawn] == []


async def test_answers_to_our_answers_know_what_they_answer(rig: Rig):
    rig.instance.post("x", number=1)
    rig.instance.comment("we are on it", OWN, number=2)
    rig.instance.comment("still late", number=3, answers=2)
    heard = {mention.text: mention for mention in (await rig.heard())[0]}
    assert heard["still late"].parent_id == heard["we are on it"].external_id


async def test_two_unreadable_comments_of_one_post_can_be_told_apart(rig: Rig):
    rig.instance.post("a title that says a lot", "and many words below it " * 30, number=1)
    for number in (2, 3):
        rig.instance.comment("norda", number=number, content=None)
    pages, _ = await rig.poll()
    samples = {item.sample[:500] for page in pages for item in page.unreadable}
    assert len(samples) == 2


async def test_search_reads_comments_and_posts_of_each_term(rig: Rig):
    rig.instance.post("Norda timetable", number=1)
    for number in range(2, 70):
        rig.instance.comment(f"norda {number}" if number % 2 else f"late coach {number}", number=number)
    terms = ("norda", "late coach")
    heard, cursor = await rig.heard(kind="search", terms=terms)
    assert len({mention.external_id for mention in heard}) == 69
    rig.instance.comment("norda again", number=90)
    later, _ = await rig.heard(cursor, kind="search", terms=terms)
    assert "norda again" in {mention.text for mention in later}
    assert (await rig.source(kind="search", terms=()).fetch(None)).mentions == ()


async def test_mentions_are_what_is_said_to_our_account(rig: Rig):
    rig.instance.post("x", number=1)
    for number in range(2, 70):
        rig.instance.notify(rig.instance.comment(f"hm {number}", number=number), "mention" if number % 2 else "reply")
    heard, cursor = await rig.heard(kind="mentions")
    assert {mention.text for mention in heard} == {f"hm {number}" for number in range(2, 70)}
    assert all(mention.addressed for mention in heard)
    rig.instance.notify(rig.instance.comment("no, still late", number=90, answers=2), "reply")
    rig.instance.notify(rig.instance.comment("a new post", number=91), "subscribed")
    later, _ = await rig.heard(cursor, kind="mentions")
    assert "no, still late" in {mention.text for mention in later}
    assert "a new post" not in {mention.text for mention in later}


async def test_what_needs_an_account_says_so(rig: Rig):
    with pytest.raises(SignInFailed, match="need an account"):
        await rig.source(account=False, kind="mentions").fetch(None)
    rig.instance.private = True
    with pytest.raises(SignInFailed, match="only to members"):
        await rig.source(account=False).fetch(None)
    rig.instance.post("inside", number=1)
    assert [mention.title for mention in (await rig.heard())[0]] == ["inside"]


async def test_lists_are_read_without_our_account_whose_settings_hide_things(rig: Rig):
    rig.instance.post("x", number=1)
    spoilt = replace(rig.account, secrets={"secret_token": "spent"})
    listening = Listening(LemmySettings(base_url=rig.network.base), spoilt, (), (), rig.door, rig.clock)
    assert (await LemmySource(listening).fetch(None)).seen == 0
    with pytest.raises(SignInFailed, match="add the account anew"):
        await LemmySource(replace(listening, settings=LemmySettings(kind="mentions"))).fetch(None)


async def test_a_token_never_goes_to_another_instance(rig: Rig):
    other = replace(rig.account, base_url="https://elsewhere.example")
    settings = LemmySettings(base_url=rig.network.base, kind="mentions")
    with pytest.raises(Refused, match="another instance"):
        await LemmySource(Listening(settings, other, (), (), rig.door, rig.clock)).fetch(None)
    rig.instance.private = True
    settings = LemmySettings(base_url=rig.network.base)
    with pytest.raises(SignInFailed):
        await LemmySource(Listening(settings, other, (), (), rig.door, rig.clock)).fetch(None)


@pytest.mark.parametrize(("name", "status"), [("rate_limit_error", 400), ("too_many_requests", 429)])
async def test_limits_are_known_by_their_name_whatever_the_status(rig: Rig, name: str, status: int):
    rig.network.fault = Fault(status=status, body=json.dumps({"error": name}).encode())
    with pytest.raises(RateLimited):
        await rig.source().fetch(None)


async def test_a_page_token_that_died_begins_the_walk_anew_once(rig: Rig):
    rig.instance.post("x", number=1)
    for number in range(2, 131):
        rig.instance.comment(f"norda {number}", number=number)
    rig.instance.dead_tokens = 1
    heard, _ = await rig.heard()
    assert {f"norda {number}" for number in range(2, 131)} <= {mention.text for mention in heard}
    rig.instance.dead_tokens = 99
    with pytest.raises((Refused, Gone)):
        await rig.poll()


async def test_an_instance_that_does_not_say_its_version_is_not_guessed_at(rig: Rig):
    rig.instance.version = ""
    with pytest.raises(Undecodable, match="version"):
        await rig.source().fetch(None)


async def test_an_instance_without_the_old_paths_is_still_found(rig: Rig):
    rig.instance.version = NEW
    rig.instance.post("x", number=1)
    rig.network.fault = Fault(status=404, path="/api/v3", body=b"{}")
    assert [mention.title for mention in (await rig.heard())[0]] == ["x"]


async def test_languages_come_from_the_instance(rig: Rig):
    rig.instance.post("x", number=1, language_id=0)
    for number in range(2, 70):
        rig.instance.comment("dobar dan", number=number, language_id=181)
    heard, _ = await rig.heard()
    assert {(mention.text, mention.lang_tag) for mention in heard} == {("", None), ("dobar dan", "hr")}


async def test_account_is_tried_once_and_the_password_is_not_kept(rig: Rig):
    given = replace(rig.account, handle=f"@{OWN}", external_id="", secrets={"secret_password": PASSWORD})
    tried = await try_account(given, rig.door)
    assert (tried.handle, tried.external_id) == (rig.account.handle, rig.account.external_id)
    assert tried.secrets == {"secret_token": TOKEN}
    assert await try_account(tried, rig.door) == tried, "a stored account is tried by its token"
    with pytest.raises(SignInFailed, match="anew"):
        await try_account(replace(tried, secrets={"secret_token": "spent"}), rig.door)
    with pytest.raises(SignInFailed, match="wrong"):
        await try_account(replace(given, secrets={"secret_password": "guess"}), rig.door)
    rig.instance.authenticator = True
    with pytest.raises(SignInFailed, match="authenticator"):
        await try_account(given, rig.door)
    with_code = replace(given, secrets={"secret_password": f"{PASSWORD} {CODE}"})
    assert (await try_account(with_code, rig.door)).secrets == {"secret_token": TOKEN}
    with pytest.raises(BadInput, match="https://"):
        await try_account(replace(given, base_url="town.example"), rig.door)
    with pytest.raises(BadInput, match="both needed"):
        await try_account(replace(given, secrets={}), rig.door)


async def test_a_server_that_is_no_lemmy_is_named_so(rig: Rig):
    given = replace(rig.account, secrets={"secret_password": PASSWORD})
    rig.network.fault = Fault(status=404, body=b"{}")
    with pytest.raises(Unreachable, match="Lemmy"):
        await try_account(given, rig.door)


async def test_without_any_address_there_is_nothing_to_ask(rig: Rig):
    with pytest.raises(Refused, match="no instance"):
        await LemmySource(Listening(LemmySettings(), None, (), (), rig.door, rig.clock)).fetch(None)
