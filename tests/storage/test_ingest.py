"""The way in: a page changes what it must, once, on both databases."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import select

from domain.mention import Mention, Score
from domain.ports import Unreadable
from domain.sla import Policy
from storage import desk, replies, tables
from storage.desk import QueueFilter
from storage.ingest import Arrival, PageIn, _mention_row, count_columns, store_page
from storage.transitions import history, move
from tests.storage.conftest import START, House


def arrival(name: str, text: str = "the train is late again", **more: Any) -> Arrival:
    given: dict[str, Any] = {"thread_id": name, "posted_at": START, "author_handle": "mara", "channel": "rss"}
    score = Score(
        lang="en", sentiment=-0.5, label="negative", priority=40.0, severity=2, parts=(("negative", 40.0, "-0.50"),),
        needs_answer=more.pop("needs_answer", True), why="negative",
    )  # fmt: skip
    return Arrival(Mention(external_id=name, text=text, **(given | more)), score, [7])


def page(house: House, *arrivals: Arrival, now: datetime = START, **more: Any) -> PageIn:
    given: dict[str, Any] = {"cursor": {"at": "1"}, "seen": len(arrivals), "policy": Policy()}
    return PageIn(
        source_id=house.source_id, brand_id=house.brand_id, channel="rss", arrivals=arrivals, now=now, **(given | more)
    )


async def store(house: House, given: PageIn) -> Any:
    async with house.db.write() as session:
        return await store_page(session, given)


async def rows(house: House, model: Any) -> list[Any]:
    async with house.db.read() as session:
        return list(await session.exec(select(model).order_by(model.id)))


async def test_a_page_becomes_mentions_cases_and_requests_for_drafts(house: House) -> None:
    stored = await store(house, page(house, arrival("a"), arrival("b", text="another problem 🚆 žćš")))
    assert (stored.new, len(stored.cases)) == (2, 2)
    mentions, cases, replies = [await rows(house, m) for m in (tables.MentionRow, tables.Case, tables.Reply)]
    assert [m.text for m in mentions] == ["the train is late again", "another problem 🚆 žćš"]
    assert mentions[0].parts == [["negative", 40.0, "-0.50"]]
    assert mentions[0].topic_ids == [7]
    assert [m.case_id for m in mentions] == [c.id for c in cases] == [r.case_id for r in replies]
    assert {r.status for r in replies} == {"requested"}
    assert cases[0].answer_due_at == START + timedelta(hours=1)
    assert cases[0].answer_limit_at == START + timedelta(hours=24)


async def test_the_same_page_again_changes_nothing(house: House) -> None:
    given = page(house, arrival("a"), arrival("a"), arrival("b"))
    await store(house, given)
    before = [await rows(house, m) for m in (tables.MentionRow, tables.Case, tables.Reply)]
    again = await store(house, given)
    assert (again.new, again.seen_again) == (0, 2)
    assert [await rows(house, m) for m in (tables.MentionRow, tables.Case, tables.Reply)] == before


async def test_page_and_cursor_are_one_transaction(house: House) -> None:
    async def die_before_the_commit() -> None:
        async with house.db.write() as session:
            await store_page(session, page(house, arrival("a")))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await die_before_the_commit()
    assert await rows(house, tables.MentionRow) == []
    assert (await rows(house, tables.SourceRow))[0].cursor is None
    await store(house, page(house, arrival("a")))
    assert (await rows(house, tables.SourceRow))[0].cursor == {"at": "1"}


async def test_a_thread_is_one_case_also_over_pages(house: House) -> None:
    await store(house, page(house, arrival("a"), arrival("b", thread_id="a", parent_id="a")))
    await store(house, page(house, arrival("c", thread_id="b", parent_id="b")))
    (case,) = await rows(house, tables.Case)
    assert case.mentions == 3
    assert {m.case_id for m in await rows(house, tables.MentionRow)} == {case.id}


async def test_new_words_reopen_the_case_and_make_the_draft_stale(house: House) -> None:
    await store(house, page(house, arrival("a")))
    (case,) = await rows(house, tables.Case)
    (reply,) = await rows(house, tables.Reply)
    async with house.db.write() as session:
        for table, old, new in (("reply", "requested", "drafted"), ("case", "open", "resolved")):
            row_id = reply.id if table == "reply" else case.id
            await move(session, table, row_id, old, new, brand_id=house.brand_id, actor="user:1", now=START)
    await store(house, page(house, arrival("b", thread_id="a", parent_id="a"), now=START + timedelta(hours=2)))
    (case,) = await rows(house, tables.Case)
    assert case.status == "open"
    assert [r.status for r in await rows(house, tables.Reply)] == ["stale", "requested"]
    async with house.db.read() as session:
        assert [t.new for t in await history(session, "case", case.id)] == ["resolved", "open"]


async def test_an_edit_is_stored_and_counted_once(house: House) -> None:
    await store(house, page(house, arrival("a")))
    edited = page(house, arrival("a", text="the train is late, and my bag is gone"))
    assert (await store(house, edited)).edited == 1
    assert (await store(house, edited)).edited == 0
    (mention,) = await rows(house, tables.MentionRow)
    assert (mention.text, mention.version) == ("the train is late, and my bag is gone", 2)


async def test_what_the_author_removed_is_gone_and_its_case_closed(house: House) -> None:
    await store(house, page(house, arrival("a", author_name="Mara Testfield")))
    assert (await store(house, page(house, withdrawn=("a", "never-seen")))).withdrawn == 1
    (mention,) = await rows(house, tables.MentionRow)
    (case,) = await rows(house, tables.Case)
    assert (mention.status, mention.text, mention.author_name, mention.author_handle) == ("withdrawn", "", "", "")
    assert (case.status, case.author_handle) == ("resolved", "")
    assert (await store(house, page(house, arrival("a")))).new == 0


async def test_a_closed_account_withdraws_all_its_posts_and_no_others(house: House) -> None:
    names = ("at://did:a_b/p/1", "at://did:a_b/p/2", "at://did:a_bc/p/1", "at://did:axb/p/1")
    await store(house, page(house, *(arrival(name) for name in names)))
    assert (await store(house, page(house, withdrawn=("at://did:a_b/",)))).withdrawn == 2
    gone = {m.external_id for m in await rows(house, tables.MentionRow) if m.status == "withdrawn"}
    assert gone == set(names[:2])


async def test_a_known_post_that_turns_out_to_name_us_becomes_addressed(house: House) -> None:
    await store(house, page(house, arrival("a", native={"answerable": False})))
    again = page(house, arrival("a", addressed=True, native={"answerable": True}))
    assert (await store(house, again)).seen_again == 1
    (mention,) = await rows(house, tables.MentionRow)
    assert (mention.addressed, mention.native, mention.version) == (True, {"answerable": True}, 2)
    await store(house, page(house, arrival("a")))
    assert (await rows(house, tables.MentionRow))[0].addressed


async def test_copies_point_to_the_first(house: House) -> None:
    await store(house, page(house, arrival("a", text="Great, LATE again! https://x.example/1")))
    await store(house, page(house, arrival("b", text="great late again"), arrival("c", text="Great late again!!")))
    first, *copies = await rows(house, tables.MentionRow)
    assert first.same_as is None
    assert {copy.same_as for copy in copies} == {first.id}


async def test_no_case_for_what_needs_no_answer_or_is_history(house: House) -> None:
    await store(house, page(house, arrival("a", needs_answer=False)))
    old = arrival("b", posted_at=START - timedelta(days=9))
    await store(house, page(house, old, history_before=START - timedelta(days=1)))
    assert await rows(house, tables.Case) == []
    assert len(await rows(house, tables.MentionRow)) == 2


async def test_an_unscored_post_is_kept_and_visible(house: House) -> None:
    plain = arrival("a")
    await store(house, page(house, Arrival(plain.mention, None, [7])))
    (mention,) = await rows(house, tables.MentionRow)
    assert (mention.status, mention.label, mention.sentiment) == ("received", "unsure", None)


async def test_the_unreadable_is_quarantined_and_counted(house: House) -> None:
    stored = await store(house, page(house, arrival("a"), unreadable=(Unreadable("line 3", "not JSON", b"{\x00\xff"),)))
    assert (stored.new, stored.quarantined) == (1, 1)
    (kept,) = await rows(house, tables.Quarantine)
    assert (kept.place, kept.why) == ("line 3", "not JSON")


async def test_a_gap_shows_on_the_timeline(house: House) -> None:
    await store(house, page(house, arrival("a")))
    await store(house, page(house, now=START + timedelta(minutes=5), gap="the feed rolled over"))
    stretches = await rows(house, tables.Coverage)
    assert [(s.state, s.reason) for s in stretches] == [("seen", ""), ("gap", "the feed rolled over"), ("seen", "")]
    await store(house, page(house, now=START + timedelta(minutes=9)))
    assert [s.state for s in await rows(house, tables.Coverage)] == ["seen", "gap", "seen"]


def test_each_column_is_filled() -> None:
    row = _mention_row(
        PageIn(source_id=1, brand_id=1, channel="rss", arrivals=(), cursor=None, now=START, policy=Policy()),
        arrival("a"), 1, None, "a", 5, 5,
    )  # fmt: skip
    assert len(row) == count_columns()


async def test_an_older_version_never_replaces_a_newer_one(house: House) -> None:
    first = arrival("a", edited_at=START)
    second = arrival("a", text="the train came after all", edited_at=START + timedelta(minutes=1))
    for given in (first, second, first):
        await store(house, page(house, given))
    assert (await store(house, page(house, first))).edited == 0
    assert [m.text for m in await rows(house, tables.MentionRow)] == ["the train came after all"]
    undated = arrival("a", text="a network that does not say when")
    assert (await store(house, page(house, undated))).edited == 1


async def test_of_two_versions_in_one_push_the_newer_one_counts(house: House) -> None:
    first = arrival("a", edited_at=START)
    second = arrival("a", text="the train came after all", edited_at=START + timedelta(minutes=1))
    await store(house, page(house, second, first))
    assert [m.text for m in await rows(house, tables.MentionRow)] == ["the train came after all"]
    third = arrival("a", text="and it was warm", edited_at=START + timedelta(minutes=2))
    await store(house, page(house, third, second))
    assert [m.text for m in await rows(house, tables.MentionRow)] == ["and it was warm"]


async def test_after_an_edit_the_answer_is_still_owed_to_the_new_words(house: House) -> None:
    await store(house, page(house, arrival("a")))
    await store(house, page(house, arrival("a", text="the train is late, and my bag is gone")))
    assert [r.status for r in await rows(house, tables.Reply)] == ["stale", "requested"]


async def test_when_one_of_two_posts_is_removed_the_other_is_still_owed_an_answer(house: House) -> None:
    await store(house, page(house, arrival("a"), arrival("b", thread_id="a", parent_id="a")))
    await store(house, page(house, withdrawn=("b",)))
    first, *_ = await rows(house, tables.MentionRow)
    live = [r for r in await rows(house, tables.Reply) if r.status == "requested"]
    assert [r.mention_id for r in live] == [first.id]
    assert (await rows(house, tables.Case))[0].status == "open"


async def _answered(house: House, *, followed_up: bool = False) -> tuple[int, int]:
    """A case that waits for its author after an answer (or after the follow-up); the case and its reply."""
    await store(house, page(house, arrival("a")))
    (case,) = await rows(house, tables.Case)
    (reply,) = await rows(house, tables.Reply)
    async with house.db.write() as session:
        await move(session, "case", case.id, "open", "waiting", brand_id=house.brand_id, actor="user:1", now=START)
        for table, values in (("reply", f"status = 'sent', kind = '{'follow_up' if followed_up else 'answer'}'"),):
            await (await session.connection()).exec_driver_sql(f"UPDATE {table} SET {values}")
    return case.id, reply.id


async def test_plain_thanks_open_nothing_again_and_history_says_why(house: House) -> None:
    case_id, _ = await _answered(house)
    await store(house, page(house, arrival("b", text="Hvala puno! 🙏", thread_id="a")))
    (case,) = await rows(house, tables.Case)
    assert (case.status, case.mentions) == ("waiting", 2)
    assert len(await rows(house, tables.Reply)) == 1
    async with house.db.read() as session:
        assert [line.why for line in await history(session, "thanks", case_id)] == ["only thanks: it stays as it is"]


async def test_thanks_with_a_but_open_it_again(house: House) -> None:
    await _answered(house)
    await store(house, page(house, arrival("b", text="thanks, but it is still late", thread_id="a")))
    assert [case.status for case in await rows(house, tables.Case)] == ["open"]


@pytest.mark.parametrize(("followed_up", "status"), [(True, "open"), (False, "waiting")])
async def test_whatever_is_said_after_a_follow_up_is_an_answer(house: House, followed_up: bool, status: str) -> None:
    await _answered(house, followed_up=followed_up)
    await store(house, page(house, arrival("b", text="not yet", thread_id="a", needs_answer=False)))
    assert [case.status for case in await rows(house, tables.Case)] == [status]


@pytest.mark.parametrize(
    ("followed_up", "text", "status"),
    [
        (True, "Yes, thank you!", "waiting"), (True, "Da, hvala", "waiting"), (True, "All fine now", "waiting"),
        (True, "No", "open"), (True, "Yes, but it is late again", "open"), (False, "Yes, thank you!", "open"),
    ],
)  # fmt: skip
async def test_a_yes_opens_nothing_again_where_we_asked_whether_all_is_well(
    house: House, followed_up: bool, text: str, status: str
) -> None:
    case_id, _ = await _answered(house, followed_up=followed_up)
    await store(house, page(house, arrival("b", text=text, thread_id="a", author_handle="mara")))
    assert [case.status for case in await rows(house, tables.Case)] == [status]
    async with house.db.read() as session:
        noted = [line.why for line in await history(session, "thanks", case_id)]
    assert noted == (["all is well: it stays as it is"] if status == "waiting" else [])


async def test_a_yes_to_what_we_said_after_the_follow_up_or_of_somebody_else_is_an_answer_like_any(
    house: House,
) -> None:
    case_id, reply_id = await _answered(house, followed_up=True)
    await store(house, page(house, arrival("b", text="Yes", thread_id="a", author_handle="ivo")))
    assert [case.status for case in await rows(house, tables.Case)] == ["open"]
    async with house.db.write() as session:
        await move(session, "case", case_id, "open", "waiting", brand_id=house.brand_id, actor="user:1", now=START)
        for reply in await session.exec(select(tables.Reply).where(tables.Reply.id != reply_id)):
            await replies.change(session, tables.Reply, reply.id, status="sent", due_at=None)
    await store(house, page(house, arrival("c", text="Yes", thread_id="a", author_handle="mara")))
    assert [case.status for case in await rows(house, tables.Case)] == ["open"]


async def _move_reply(house: House, status: str, nth: int = 0) -> tuple[int, int]:
    """Put a reply of the one case in this status; the case and the reply."""
    (case,) = await rows(house, tables.Case)
    reply = (await rows(house, tables.Reply))[nth]
    async with house.db.write() as session:
        await replies.change(session, tables.Reply, reply.id, status=status, due_at=None)
    return case.id, reply.id


async def _sent(house: House, case_id: int, reply_id: int) -> None:
    async with house.db.write() as session:
        held = await replies.locked_case(session, case_id)
        assert held is not None
        await replies.change(session, tables.Reply, reply_id, status="sent", sent_at=START)
        await replies.answered(session, held, reply_id, actor="user:1", now=START)


@pytest.mark.parametrize("status", ["handed_over", "sending", "unknown"])
async def test_a_post_that_comes_while_the_answer_is_on_its_way_is_answered_next(house: House, status: str) -> None:
    await store(house, page(house, arrival("a")))
    case_id, reply_id = await _move_reply(house, status)
    await store(house, page(house, arrival("b", text="and my bag is gone", thread_id="a")))
    async with house.db.write() as session:
        first = await replies.live(session, case_id)
        assert first is not None
        assert first.id == reply_id  # it must be settled first
        assert await replies.due_drafts(session, START, 9) == []
    await _sent(house, case_id, reply_id)
    (case,) = await rows(house, tables.Case)
    asked, newest = (await rows(house, tables.Reply))[-1], (await rows(house, tables.MentionRow))[-1]
    assert (case.status, case.next_due_at is not None) == ("open", True)
    assert (asked.status, asked.due_at, asked.mention_id) == ("requested", START, newest.id)


async def test_thanks_that_come_while_the_answer_is_on_its_way_ask_for_nothing(house: House) -> None:
    await store(house, page(house, arrival("a")))
    case_id, reply_id = await _move_reply(house, "handed_over")
    await store(house, page(house, arrival("b", text="ok", thread_id="a", needs_answer=False)))
    await _sent(house, case_id, reply_id)
    assert [case.status for case in await rows(house, tables.Case)] == ["waiting"]
    assert len(await rows(house, tables.Reply)) == 1


async def test_a_third_post_takes_the_place_of_the_second_behind_what_is_on_its_way(house: House) -> None:
    await store(house, page(house, arrival("a")))
    await _move_reply(house, "unknown")
    for name in ("b", "c"):
        await store(house, page(house, arrival(name, text=f"still waiting, {name}", thread_id="a")))
    newest = (await rows(house, tables.MentionRow))[-1]
    standing = [
        (r.status, r.due_at, r.mention_id) for r in (await rows(house, tables.Reply))[1:] if r.status != "stale"
    ]
    assert standing == [("requested", None, newest.id)]


async def test_a_case_with_two_live_replies_is_one_row_and_hides_nobody_behind_it(house: House) -> None:
    await store(house, page(house, arrival("a"), arrival("z", text="no heating in coach 4", author_handle="ines")))
    first = (await rows(house, tables.Reply))[0]
    async with house.db.write() as session:
        await replies.change(session, tables.Reply, first.id, status="handed_over", due_at=None)
    await store(house, page(house, arrival("b", text="and my bag is gone", thread_id="a")))
    async with house.db.read() as session:
        top = await desk.queue(session, [house.brand_id], QueueFilter(), START, limit=1)
        rest = await desk.queue(session, [house.brand_id], QueueFilter(), START, limit=1, after=top.after)
    assert [(row.case.author_handle, row.reply_status) for row in [*top.rows, *rest.rows]] == [
        ("mara", "handed_over"), ("ines", "requested")
    ]  # fmt: skip


async def test_a_holding_reply_stops_the_first_clock_also_where_the_author_wrote_meanwhile(house: House) -> None:
    await store(house, page(house, arrival("a")))
    case_id, reply_id = await _move_reply(house, "sending")
    async with house.db.write() as session:
        await replies.change(session, tables.Reply, reply_id, kind="holding")
        await replies.change(session, tables.Case, case_id, answer_due_at=START + timedelta(hours=9))
    await store(house, page(house, arrival("b", text="and my bag is gone", thread_id="a")))
    await _sent(house, case_id, reply_id)
    (case,) = await rows(house, tables.Case)
    assert (case.status, case.next_due_at) == ("open", START + timedelta(hours=9))
    assert (await rows(house, tables.Reply))[-1].due_at == START
