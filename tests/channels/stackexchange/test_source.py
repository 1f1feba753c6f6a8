"""A site over HTTP: search, a tag, comments, second looks, and how it says that we must wait."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from domain.errors import RateLimited, Refused, SignInFailed, Undecodable, Unreachable
from tests.channels.network import NOON, Fault
from tests.channels.stackexchange.rig import HOUR_LATER, Rig
from tests.emulators.stackexchange import FIRST


async def test_search_finds_questions_and_answers_and_reads_them_in_full(rig: Rig):
    rig.site.question("Norda & the API", "x" * 500, number=1)
    rig.site.answer("norda, " + "y" * 500, number=2, question=1)
    rig.site.answer("something else", number=3, question=1)
    heard, cursor = await rig.heard()
    assert {len(text) for text in heard} == {500, 507}
    question, answer = heard["x" * 500], heard["norda, " + "y" * 500]
    assert (question.title, answer.title) == ("Norda & the API", "")
    assert answer.parent_id == question.external_id
    assert rig.calls() == ["/search/excerpts", f"/posts/{FIRST + 2};{FIRST + 1}"]
    assert cursor is not None


async def test_quiet_rounds_are_cheap(rig: Rig):
    rig.site.question("norda", "x", number=1)
    _, cursor = await rig.heard()
    before = len(rig.calls())
    _, cursor = await rig.heard(cursor)
    assert rig.calls()[before:] == [f"/posts/{FIRST + 1}", "/search/excerpts"]


async def test_edits_and_removals_are_seen_by_the_second_look(rig: Rig):
    rig.site.question("norda", "first", number=1)
    rig.site.question("norda too", "stays", number=2)
    _, cursor = await rig.heard()
    rig.site.posts[FIRST + 1] |= {"_body": "second", "last_edit_date": int(HOUR_LATER.timestamp())}
    heard, cursor = await rig.heard(cursor)
    assert heard["second"].title == "norda"
    assert heard["second"].edited_at == HOUR_LATER
    del rig.site.posts[FIRST + 2]
    pages, cursor = await rig.poll(cursor)
    assert [name for page in pages for name in page.withdrawn] == [f"trains/p/{FIRST + 2}"]
    assert [name for page in (await rig.poll(cursor))[0] for name in page.withdrawn] == []


async def test_an_answer_that_cannot_be_read_removes_nothing(rig: Rig):
    rig.site.question("norda", "x", number=1)
    rig.site.question("norda", "y", number=2)
    _, cursor = await rig.heard()
    rig.site.posts[FIRST + 1]["_nameless"] = True
    pages, _ = await rig.poll(cursor)
    assert [name for page in pages for name in page.withdrawn] == []
    assert [item.why for page in pages for item in page.unreadable] == ["a post that was not asked for"]


async def test_a_tag_gives_its_questions_and_their_new_answers(rig: Rig):
    rig.site.question("How late?", "every day", number=1, at=NOON - timedelta(days=30))
    rig.site.question("Other", "no", number=2, tags=["bus"])
    rig.site.answer("an old answer", number=3, question=1, at=NOON - timedelta(days=20))
    heard, cursor = await rig.heard(kind="tag", tag="rail")
    assert heard == {}, "nothing happened there for a day"
    rig.site.answer("less by now", number=4, question=1)
    heard, cursor = await rig.heard(cursor, kind="tag", tag="rail")
    assert set(heard) == {"every day", "less by now"}
    assert heard["less by now"].thread_id == heard["every day"].external_id
    heard, _ = await rig.heard(cursor, kind="tag", tag="rail")
    assert set(heard) == {"every day", "less by now"}
    with pytest.raises(Refused, match="no tag"):
        await rig.source(kind="tag").fetch(None)


async def test_all_comments_of_a_site_and_what_becomes_of_them(rig: Rig):
    for number in range(1, 6):
        rig.site.comment(f"norda {number}", number=number, post=9)
    heard, cursor = await rig.heard(kind="comments")
    assert len(heard) == 5
    del rig.site.comments[FIRST + 4]
    rig.site.comment("norda again", number=6, post=9)
    pages, _ = await rig.poll(cursor, kind="comments")
    assert [name for page in pages for name in page.withdrawn] == [f"trains/c/{FIRST + 4}"]
    assert "norda again" in {mention.text for page in pages for mention in page.mentions}


async def test_more_posts_than_pages_are_read_by_narrowing_the_window(rig: Rig):
    rig.site.most, rig.site.quota = 4, 10_000
    for number in range(1, 131):
        rig.site.comment(f"norda {number}", number=number, post=9, at=NOON + timedelta(seconds=number))
    heard, _ = await rig.heard(kind="comments")
    assert len(heard) == 130, "25 pages of 4 are not enough"


async def test_each_term_is_searched_as_a_phrase(rig: Rig):
    rig.site.question("norda", "x", number=1)
    rig.site.question("late coach", "y", number=2)
    heard, _ = await rig.heard(terms=("norda", 'late "coach'))
    assert set(heard) == {"x", "y"}
    asked = [path for _, path in rig.network.requests if "excerpts" in path]
    assert ["q=%22norda%22" in asked[0], "q=%22late+coach%22" in asked[1]] == [True, True]
    assert (await rig.source(terms=()).fetch(None)).mentions == ()


async def test_a_method_that_asks_for_rest_gets_it(rig: Rig):
    rig.site.question("norda", "x", number=1)
    rig.site.backoff["/search/excerpts"] = 30
    page = await rig.source().fetch(None)
    _, cursor = await rig.poll(page.cursor)  # another method may go on
    with pytest.raises(RateLimited) as limited:
        await rig.poll(cursor)
    assert limited.value.retry_at == HOUR_LATER + timedelta(seconds=32)
    rig.at(HOUR_LATER + timedelta(seconds=32))
    await rig.poll(cursor)
    assert rig.site.impatient == []


async def test_a_spent_quota_is_told_as_a_gap_and_rests_to_the_next_day(rig: Rig):
    rig.site.question("norda", "x", number=1)
    rig.site.quota = 2
    pages, cursor = await rig.poll()
    assert "quota" in (pages[-1].gap or "")
    with pytest.raises(RateLimited, match="quota") as limited:
        await rig.source().fetch(cursor)
    assert limited.value.retry_at == datetime(2026, 11, 21, tzinfo=UTC)
    assert len(rig.calls()) == 2, "nothing is asked meanwhile"
    rig.at(datetime(2026, 11, 21, 0, 5, tzinfo=UTC))
    rig.site.quota = 300
    pages, _ = await rig.poll(cursor)
    assert [page.gap for page in pages if page.gap] == []


async def test_a_quota_that_others_spent_says_when_it_is_back(rig: Rig):
    rig.site.quota = 0
    with pytest.raises(RateLimited, match="quota") as limited:
        await rig.source().fetch(None)
    assert limited.value.retry_at == HOUR_LATER + timedelta(seconds=3600)


async def test_a_key_goes_along_and_a_wrong_one_is_a_sign_in_problem(rig: Rig):
    await rig.source(key="the-key").fetch(None)
    assert "key=the-key" in rig.network.requests[-1][1]
    with pytest.raises(SignInFailed, match="key"):
        await rig.source(key="wrong").fetch(None)


@pytest.mark.parametrize(
    ("name", "error"),
    [("internal_error", Unreachable), ("temporarily_unavailable", Unreachable), ("bad_parameter", Refused),
     ("access_token_required", SignInFailed), ("throttle_violation", RateLimited)],
)  # fmt: skip
@pytest.mark.parametrize("status", [200, 400])
async def test_an_error_is_known_by_its_name_whatever_the_status(
    rig: Rig, name: str, error: type[Exception], status: int
):
    said = {"error_id": 1, "error_name": name, "error_message": "no", "items": []}
    rig.network.fault = Fault(status=status, body=json.dumps(said).encode())
    with pytest.raises(error):
        await rig.source().fetch(None)


async def test_a_date_ahead_of_us_does_not_deafen_us(rig: Rig):
    rig.site.comment("from tomorrow", number=1, post=9, at=HOUR_LATER + timedelta(days=400))
    _, cursor = await rig.heard(kind="comments")
    rig.site.comment("norda", number=2, post=9)
    assert "norda" in (await rig.heard(cursor, kind="comments"))[0]


async def test_an_answer_without_items_is_no_empty_list(rig: Rig):
    rig.network.fault = Fault(body=b'{"has_more": false}')
    with pytest.raises(Undecodable):
        await rig.source().fetch(None)
