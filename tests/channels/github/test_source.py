"""How GitHub is heard: repositories by last change, searches with their comments, mentions, limits."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from channels.github.client import try_account
from channels.github.feeds import GitHubSettings
from channels.github.place import Feed, Place, after_page
from channels.github.source import GitHubSource
from channels.manifest import Listening
from domain.errors import BadInput, Gone, RateLimited, Refused, SignInFailed, Unreachable
from domain.mention import Mention
from tests.channels.github.conftest import Rig
from tests.channels.network import NOON, Fault
from tests.emulators.github import LOGIN, OWN_ID, REPO


async def test_a_repository_is_heard_with_all_that_is_said_in_it(rig: Rig):
    issue = rig.server.issue("Seat is wet", "since Monday")
    rig.server.issue("Fix it", "a change", pull=True)
    rig.server.comment(issue, "mine too", "ben")
    talk = rig.server.discussion("Which seat?", "Tell us")
    answer = rig.server.comment(talk, "the left one", "ben")
    rig.server.comment(talk, "no, the right one", "cleo", under=answer)
    heard, _ = await rig.repository()
    assert set(heard) == {
        "Seat is wet\nsince Monday", "Fix it\na change", "mine too", "Which seat?\nTell us", "the left one",
        "no, the right one",
    }  # fmt: skip
    assert heard["mine too"].thread_id == f"{rig.host}/{REPO}#1" == heard["Seat is wet\nsince Monday"].external_id
    assert heard["no, the right one"].parent_id == heard["the left one"].external_id
    assert heard["no, the right one"].thread_id == heard["Which seat?\nTell us"].external_id
    assert heard["no, the right one"].native["top"] == answer["node"] == heard["the left one"].native["top"]
    assert not any(mention.addressed for mention in heard.values())
    assert all(mention.addressed for mention in (await rig.repository(ours=True))[0].values())


async def test_a_long_backlog_is_read_and_then_only_what_is_new(rig: Rig):
    rig.server.page_size = 10
    issue = rig.server.issue("old", minute=-9000)
    for number in range(45):
        rig.server.comment(issue, f"comment {number}")
    heard, cursor = await rig.repository()
    assert len([text for text in heard if text.startswith("comment")]) == 45
    rig.clock.move(3600)
    for number in range(25):
        rig.server.comment(issue, f"later {number}", minute=100 + number)
    asked = len(rig.network.requests)
    heard, cursor = await rig.repository(cursor)
    assert len([text for text in heard if text.startswith("later")]) == 25
    assert len(rig.network.requests) - asked <= 8
    quiet, _ = await rig.repository(cursor)
    assert len(quiet) <= 5


async def test_many_changes_within_one_second_are_all_heard(rig: Rig):
    rig.server.page_size = 5
    issue = rig.server.issue("old", minute=-9000)
    for number in range(22):
        rig.server.comment(issue, f"at once {number}", minute=30)
    rig.server.comment(issue, "after it", minute=31)
    heard, _ = await rig.repository()
    assert {f"at once {number}" for number in range(22)} | {"after it"} <= set(heard)


async def test_a_change_while_pages_are_read_loses_nothing(rig: Rig):
    rig.server.page_size = 5
    issue = rig.server.issue("old", minute=-9000)
    comments = [rig.server.comment(issue, f"comment {number}") for number in range(20)]
    heard: dict[str, Mention] = {}
    cursor = None
    for step in range(40):
        page = await rig.source(kind="repository", repository=REPO).fetch(cursor)
        heard |= {mention.text: mention for mention in page.mentions}
        cursor = page.cursor
        if step == 1:  # with page numbers, the sixth would now move into the first page, unread
            rig.server.edit(comments[0], "edited", NOON + timedelta(minutes=50))
        if not page.more:
            break
    assert {f"comment {number}" for number in range(1, 20)} | {"edited"} <= set(heard)


def test_a_second_with_more_than_can_be_paged_through_is_a_gap():
    place, feed = Place(began_s=100, from_s=100, tokens=9), Feed("comments", "comments")
    moved, gap = after_page(place, feed, [("a", 100), ("b", 100)], "11")
    assert (moved.from_s, moved.token) == (101, "")
    assert gap is not None


async def test_edits_of_old_comments_come_again(rig: Rig):
    issue = rig.server.issue("old", minute=-9000)
    comment = rig.server.comment(issue, "it fails", minute=1)
    for number in range(30):
        rig.server.comment(issue, f"comment {number}")
    _, cursor = await rig.repository()
    rig.clock.move(3600)
    rig.server.edit(comment, "it works", NOON + timedelta(minutes=100))
    heard, _ = await rig.repository(cursor)
    assert heard["it works"].edited_at is not None


async def test_removed_posts_are_withdrawn(rig: Rig):
    issue = rig.server.issue("Seat is wet")
    posts = [rig.server.comment(issue, f"comment {number}") for number in range(4)]
    talk = rig.server.discussion("Which seat?")
    answer = rig.server.comment(talk, "the left one")
    rig.server.comment(talk, "right", under=answer)
    heard, cursor = await rig.repository()
    rig.clock.move(300)
    rig.server.remove(posts[1])
    rig.server.remove(answer)
    pages, cursor = await rig.pages(cursor, kind="repository", repository=REPO)
    gone = {name for page in pages for name in page.withdrawn}
    assert gone == {heard["comment 1"].external_id, heard["the left one"].external_id}
    assert "right" in {mention.text for page in pages for mention in page.mentions}


async def test_a_lost_right_withdraws_nothing(rig: Rig):
    issue = rig.server.issue("Seat is wet")
    for number in range(4):
        rig.server.comment(issue, f"comment {number}")
    _, cursor = await rig.repository()
    rig.server.hidden = {post["node"] for post in rig.server.posts}
    pages, _ = await rig.pages(cursor, kind="repository", repository=REPO)
    assert [name for page in pages for name in page.withdrawn] == []


async def test_without_an_account_a_repository_is_heard_but_not_its_discussions(rig: Rig):
    rig.server.issue("Seat is wet")
    rig.server.discussion("Which seat?")
    heard, _ = await rig.repository(account=False)
    assert set(heard) == {"Seat is wet"}
    assert heard["Seat is wet"].native["answerable"] is False
    for kind in ("search", "mentions"):
        with pytest.raises(SignInFailed, match="needs an account"):
            await rig.pages(account=False, kind=kind)


async def test_a_search_finds_conversations_with_their_comments(rig: Rig):
    issue = rig.server.issue("Trains", "norda again", repo="far/away")
    rig.server.comment(issue, "yes, norda", "ben", minute=-300)
    rig.server.issue("Trains", "of no interest", repo="far/away")
    talk = rig.server.discussion("Night", "trains", repo="far/away")
    answer = rig.server.comment(talk, "not by norda")
    rig.server.comment(talk, "why not?", under=answer)
    heard, cursor = await rig.heard(kind="search")
    assert set(heard) == {"Trains\nnorda again", "yes, norda", "Night\ntrains", "not by norda", "why not?"}
    rig.clock.move(1800)
    rig.server.comment(issue, "norda, two", "ben", minute=80)
    heard, _ = await rig.heard(cursor, kind="search")
    assert "norda, two" in heard
    assert "yes, norda" not in heard


async def test_a_search_goes_on_after_a_full_page_and_asks_phrase_by_phrase(rig: Rig):
    rig.server.page_size = 4
    for number in range(15):
        rig.server.issue(f"norda {number}" if number % 2 else f"late coach {number}", repo=f"far/away{number}")
    heard, _ = await rig.heard(kind="search", terms=("norda", "late coach"))
    assert len(heard) == 15


async def test_comments_that_do_not_come_along_are_read_by_themselves(rig: Rig):
    rig.server.page_size = 10
    issue = rig.server.issue("norda", minute=-2000)
    _, cursor = await rig.heard(kind="search")
    for number in range(50):
        rig.server.comment(issue, f"comment {number}")
    heard, cursor = await rig.heard(cursor, kind="search")
    assert {f"comment {number}" for number in range(50)} <= set(heard)
    rig.clock.move(1800)
    rig.server.comment(issue, "one more", minute=80)
    asked = sum("/comments" in path for _, path in rig.network.requests)
    assert "one more" in (await rig.heard(cursor, kind="search"))[0]
    assert sum("/comments" in path for _, path in rig.network.requests) == asked


async def test_a_discussion_that_grew_beyond_what_comes_along_is_a_gap(rig: Rig):
    talk = rig.server.discussion("norda")
    for number in range(40):
        rig.server.comment(talk, f"comment {number}")
    pages, _ = await rig.pages(kind="search")
    assert [bool(page.gap and "discussion" in page.gap) for page in pages].count(True) == 1


async def test_mentions_of_our_account_speak_to_us(rig: Rig):
    issue = rig.server.issue("Trains", "who knows?", repo="far/away")
    rig.server.comment(issue, f"ask @{LOGIN}!", "ben")
    heard, _ = await rig.heard(kind="mentions")
    assert heard[f"ask @{LOGIN}!"].addressed
    assert not heard["Trains\nwho knows?"].addressed


async def test_a_result_out_of_reach_costs_nothing_else(rig: Rig):
    rig.server.issue("norda one")
    rig.server.issue("norda two")
    found = rig.server._search

    def partly(variables: dict[str, object], host: str) -> dict[str, object]:
        answer = found(variables, host)
        nodes = answer["data"]["search"]["nodes"]
        if nodes:
            nodes[0] = None
        return answer | {"errors": [{"type": "FORBIDDEN", "message": "organization SAML"}]}

    rig.server._search = partly  # type: ignore[method-assign]
    assert set((await rig.heard(kind="search"))[0]) == {"norda two"}


async def test_limits_are_waited_for_in_githubs_order(rig: Rig):
    now = rig.clock.now()
    said = b'{"message": "You have exceeded a secondary rate limit"}'
    reset = {"x-ratelimit-reset": str(int(NOON.timestamp()) + 7200)}
    for status in (403, 429):
        for headers, expected in (
            ({"retry-after": "30", "x-ratelimit-remaining": "0"} | reset, now + timedelta(seconds=30)),
            ({"x-ratelimit-remaining": "0"} | reset, NOON + timedelta(hours=2)),
            ({"x-ratelimit-remaining": "4000"} | reset, now + timedelta(minutes=1)),
        ):
            rig.network.fault = Fault(status=status, body=said, headers=headers)
            with pytest.raises(RateLimited) as limited:
                await rig.repository()
            assert limited.value.retry_at == expected, (status, headers)
    rig.network.fault = Fault(status=403, body=b'{"message": "Resource not accessible"}', headers=reset)
    with pytest.raises(Refused):
        await rig.repository()


async def test_errors_inside_a_good_answer_are_errors(rig: Rig):
    rig.server.graph_errors = [{"type": "RATE_LIMITED", "message": "API rate limit exceeded"}]
    with pytest.raises(RateLimited):
        await rig.heard(kind="search")
    rig.server.graph_errors = [{"message": "Something went wrong while executing your query"}]
    with pytest.raises(Unreachable):
        await rig.heard(kind="search")
    rig.server.graph_errors = [{"type": "INSUFFICIENT_SCOPES", "message": "needs a scope"}]
    with pytest.raises(SignInFailed, match="needs a scope"):
        await rig.heard(kind="search")
    rig.server.graph_errors = [{"type": "FORBIDDEN", "message": "no"}]
    with pytest.raises(Refused):
        await rig.heard(kind="search")


async def test_a_renamed_repository_is_followed_and_a_lost_one_named(rig: Rig):
    rig.server.issue("Seat is wet", repo="norda/new")
    rig.server.renamed[REPO] = "norda/new"
    assert "Seat is wet" in (await rig.repository())[0]
    rig.server.gone_repos.add("norda/new")
    with pytest.raises(Gone, match=REPO):
        await rig.repository()
    with pytest.raises(Refused, match="owner/name"):
        await rig.pages(kind="repository", repository="norda")


async def test_the_token_never_goes_to_another_server(rig: Rig):
    other = replace(rig.account, base_url="https://elsewhere.example")
    settings = GitHubSettings(base_url=rig.network.base, kind="repository", repository=REPO)
    listening = Listening(settings, other, (), (), rig.door, rig.clock)
    await GitHubSource(listening).fetch(None)
    assert rig.server.credentials == [""]
    with pytest.raises(Refused, match="not on another server"):
        await GitHubSource(replace(listening, settings=GitHubSettings(base_url=rig.network.base))).fetch(None)


@pytest.mark.parametrize(
    ("told", "ends"),
    [
        ("2026-12-30 05:54:07 UTC", datetime(2026, 12, 30, 5, 54, 7, tzinfo=UTC)),
        ("2026-12-30 05:54:07 +0100", datetime(2026, 12, 30, 4, 54, 7, tzinfo=UTC)),
        ("soon", None),
        ("", None),
    ],
)
async def test_the_end_that_was_chosen_for_a_token_is_kept(rig: Rig, told: str, ends: datetime | None):
    rig.server.token_ends = told
    assert (await try_account(rig.account, rig.door)).good_until == ends


async def test_an_account_is_tried_and_completed(rig: Rig):
    tried = await try_account(replace(rig.account, handle="", external_id=""), rig.door)
    assert (tried.handle, tried.external_id) == (LOGIN, str(OWN_ID))
    with pytest.raises(SignInFailed):
        await try_account(replace(rig.account, secrets={"secret_token": "wrong"}), rig.door)
    with pytest.raises(SignInFailed, match="give a token"):
        await try_account(replace(rig.account, secrets={}), rig.door)
    with pytest.raises(BadInput, match="https://"):
        await try_account(replace(rig.account, base_url="github.com"), rig.door)
