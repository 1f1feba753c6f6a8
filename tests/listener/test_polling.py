"""Polling: nothing lost, nothing twice, whatever goes wrong; one source's trouble is its own."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import pytest
from sqlmodel import select

from domain import crashpoint
from domain.errors import Gone, RateLimited, Refused, SignInFailed, Unreachable
from domain.mention import Mention, Score
from domain.ports import NO_HISTORY
from storage import sources, tables
from storage.tables import Coverage
from storage.transitions import move
from tests.listener.rig import NOON, House, listener_on, post


class Died(BaseException):
    """The process is gone."""


async def test_all_pages_are_stored_and_the_next_poll_goes_on_from_there(either: House) -> None:
    either.tape.posts["a"] = [post(str(n), f"norda {n}") for n in range(5)]
    source = await either.source()
    heard = await either.listener.poll(source)
    assert heard is not None
    assert (heard.pages, heard.seen, heard.stored.new) == (3, 5, 5)
    either.tape.posts["a"].append(post("5", "norda 5"))
    await either.due()
    assert await either.texts() == [f"norda {n}" for n in range(6)]
    row = await either.get(source)
    assert (row.cursor, row.seen, row.stored, row.claimed_until) == ({"at": 6}, 6, 6, None)


@pytest.mark.parametrize(
    "point", ["poll.before_request", "poll.after_response", "ingest.before_insert", "ingest.before_commit"]
)
async def test_dying_between_pages_loses_and_doubles_nothing(either: House, point: str) -> None:
    either.tape.posts["a"] = [post(str(n), f"norda {n}") for n in range(6)]
    source, passed = await either.source(), 0

    def die(name: str) -> None:
        nonlocal passed
        passed += name == point
        if name == point and passed == 2:
            raise Died

    crashpoint.arm(die)
    try:
        with pytest.raises(Died):
            await either.listener.poll(source)
    finally:
        crashpoint.arm(None)
    stored, row = await either.texts(), await either.get(source)
    assert stored == ["norda 0", "norda 1"]
    assert row.cursor == {"at": 2}
    async with either.db.write() as session:
        await sources.free_all(session)
    await either.due()
    assert await either.texts() == [f"norda {n}" for n in range(6)]


async def test_a_long_backlog_is_read_over_several_polls_that_come_soon(house: House) -> None:
    house.tape.posts["a"] = [post(str(n), f"norda {n}") for n in range(100)]
    source = await house.source()
    heard = await house.listener.poll(source)
    assert heard is not None
    assert heard.cut
    assert (await house.get(source)).next_poll_at == NOON + timedelta(seconds=10)
    assert await house.line(source) == []
    await house.due()
    assert len(await house.texts()) == 100


async def test_a_network_that_always_has_more_does_not_hold_us(house: House) -> None:
    house.tape.posts["a"], house.tape.endless = [post("1")], True
    heard = await house.listener.poll(await house.source())
    assert heard is not None
    assert heard.pages == 2


async def test_failures_back_off_are_logged_once_and_end_with_the_first_good_poll(house: House) -> None:
    source = await house.source()
    await house.due()
    waits = []
    for _ in range(5):
        house.tape.troubles.append(Unreachable("connection refused"))
        await house.listener.poll(source)
        row = await house.get(source)
        assert row.next_poll_at is not None
        waits.append((row.next_poll_at - house.clock.now()).total_seconds())
        house.clock.move(waits[-1])
    assert waits == sorted(waits)
    assert waits[4] > 10 * waits[0]
    assert (row.status, row.error, row.failures) == ("failing", "connection refused", 5)
    await house.listener.poll(source)
    row = await house.get(source)
    assert (row.status, row.error, row.failures) == ("listening", "", 0)
    async with house.db.read() as session:
        moves = await session.exec(select(tables.Transition.new).order_by(tables.Transition.id))  # type: ignore[arg-type]
        assert list(moves) == ["failing", "listening"]
    assert await house.line(source) == ["late"]


async def test_another_cause_replaces_the_first_in_what_people_read(house: House) -> None:
    source = await house.source()
    for why in ("connection refused", "answered 503"):
        house.tape.troubles.append(Unreachable(why))
        await house.listener.poll(source)
    assert (await house.get(source)).error == "answered 503"


async def test_a_limit_in_the_middle_keeps_the_pages_before_and_waits_as_told(house: House) -> None:
    house.tape.posts["a"] = [post(str(n), f"norda {n}") for n in range(6)]
    source, until = await house.source(), NOON + timedelta(seconds=333)

    async def limit_the_second_page() -> None:
        if len(house.tape.asked) == 2:
            raise RateLimited(until, "the quota of today is used up")

    house.tape.before = limit_the_second_page
    assert await house.listener.poll(source) is None
    row = await house.get(source)
    assert (row.status, row.next_poll_at, row.cursor, row.failures) == ("listening", until, {"at": 2}, 0)
    assert row.error == "the quota of today is used up"  # no fault, but a person may wonder why nothing comes
    await house.due()
    assert len(await house.texts()) == 2
    house.clock.move(300)
    await house.listener.run_once()
    assert len(await house.texts()) == 6
    assert (await house.get(source)).error == ""


@pytest.mark.parametrize(("wait_s", "told"), [(200, []), (7200, ["the quota of today is used up"])])
async def test_a_long_wait_is_told_in_the_timeline_as_what_it_was(house: House, wait_s: int, told: list[str]) -> None:
    house.tape.posts["a"] = [post("0", "norda 0")]
    source = await house.source()
    await house.listener.poll(source)
    house.tape.troubles.append(
        RateLimited(house.clock.now() + timedelta(seconds=wait_s), "the quota of today is used up")
    )
    await house.due()
    house.clock.move(wait_s)
    await house.listener.run_once()
    stretches = [each for each in await house.rows(Coverage) if each.started_at != each.ended_at]
    assert [each.reason for each in stretches if each.state != "seen"] == told  # read afterwards: late, not lost
    assert (await house.get(source)).error == ""


@pytest.mark.parametrize(
    "error", [Refused("forbidden", "answered 403"), Gone("answered 410"), SignInFailed("no entry")]
)
async def test_what_only_a_person_can_mend_stops_that_source_alone(house: House, error: Exception) -> None:
    house.tape.posts = {"a": [post("1")], "b": [post("2")]}
    stopped, other = await house.source("a"), await house.source("b", tape="b")
    house.tape.troubles.append(error)
    await house.due()
    row = await house.get(stopped)
    assert (row.status, row.error) == ("stopped", str(error))
    assert (await house.get(other)).status == "listening"
    assert len(await house.texts()) == 1
    await house.due()
    assert [name for name, *_ in house.tape.asked] == ["a", "b", "b"]


async def test_a_dead_account_stops_all_its_sources_with_one_message(either: House) -> None:
    account = await either.account()
    mine = [await either.source(name, account=account) for name in ("a", "b", "c")]
    keyless = await either.source("keyless")
    either.tape.troubles.append(SignInFailed("the token was revoked"))
    await either.due()
    assert len(either.tape.asked) == 2, "the account is not tried again by each of its sources"
    assert {(await either.get(each)).status for each in mine} == {"stopped"}
    assert {(await either.get(each)).error for each in mine} == {"the token was revoked"}
    assert (await either.get(keyless)).status == "listening"
    (row,) = await either.rows(tables.AccountRow)
    assert (row.status, row.error) == ("dead", "the token was revoked")
    moves = [t for t in await either.rows(tables.Transition) if t.noun == "account"]
    assert len(moves) == 1


async def test_a_source_of_a_dead_account_asks_the_network_nothing(house: House) -> None:
    account = await house.account()
    async with house.db.write() as session:
        await sources.account_dead(session, account, "revoked", NOON)
    source = await house.source(account=account)
    await house.due()
    assert house.tape.asked == []
    assert ((await house.get(source)).status, (await house.get(source)).error) == ("stopped", "revoked")


async def test_settings_that_a_newer_version_refuses_are_said_plainly(house: House) -> None:
    source = await house.source()
    async with house.db.write() as session:
        row = await session.get_one(tables.SourceRow, source)
        row.settings = {"tape": 5}
        session.add(row)
    await house.due()
    row = await house.get(source)
    assert row.status == "stopped"
    assert "settings of this source are not valid" in row.error
    assert "$.tape" in row.error


async def pause(house: House, source: int) -> None:
    async with house.db.write() as session:
        row = await session.get_one(tables.SourceRow, source)
        await move(session, "source", source, row.status, "paused", brand_id=house.brand_id, actor="user:1", now=NOON)


@pytest.mark.parametrize("trouble", [None, Unreachable("gone"), Refused("no"), RateLimited()])
async def test_a_source_paused_in_the_middle_of_its_poll_stays_paused(either: House, trouble: Exception | None) -> None:
    either.tape.posts["a"] = [post(str(n)) for n in range(6)]
    source = await either.source()

    async def pause_before_the_second_page() -> None:
        if len(either.tape.asked) == 2:
            await pause(either, source)
            if trouble is not None:
                raise trouble

    either.tape.before = pause_before_the_second_page
    assert await either.listener.poll(source) is None
    row = await either.get(source)
    assert (row.status, row.cursor, row.claimed_until) == ("paused", {"at": 2}, None)
    assert len(await either.texts()) == 2
    assert len(either.tape.asked) == 2


async def test_a_slow_poll_that_lost_its_source_stores_nothing(either: House) -> None:
    """Its claim ran out, another worker has it: what it fetched may not move the cursor back."""
    either.tape.posts["a"] = [post(str(n)) for n in range(4)]
    source = await either.source()

    async def another_takes_over() -> None:
        if len(either.tape.asked) == 1:
            either.clock.move(400)
            async with either.db.write() as session:
                assert await sources.claim(session, source, either.clock.now(), 300) is not None

    either.tape.before = another_takes_over
    assert await either.listener.poll(source) is None
    row = await either.get(source)
    assert (row.cursor, await either.texts()) == (None, [])
    assert row.claimed_until == either.clock.now() + timedelta(seconds=300), "the other's claim is not touched"


async def test_an_unexpected_error_frees_the_source_and_comes_again(house: House) -> None:
    source = await house.source()
    house.tape.troubles.append(ZeroDivisionError("a bug of ours"))
    await house.listener.start_due()
    await settled(house)
    row = await house.get(source)
    assert (row.status, row.claimed_until) == ("failing", None)
    assert "unexpected" in row.error
    await house.due()
    assert (await house.get(source)).status == "listening"


async def settled(house: House) -> None:
    for task in list(house.listener._polling.values()):
        await task


async def test_shutting_down_in_a_poll_lets_go_of_the_source(either: House) -> None:
    import asyncio

    source, reached = await either.source(), asyncio.Event()

    async def hang() -> None:
        reached.set()
        await asyncio.Event().wait()

    either.tape.before = hang
    await either.listener.start_due()
    await reached.wait()
    (task,) = either.listener._polling.values()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    row = await either.get(source)
    assert (row.status, row.claimed_until) == ("listening", None)


async def test_two_workers_on_one_database_share_the_sources_and_poll_none_twice(either: House) -> None:
    import asyncio

    for n in range(8):
        either.tape.posts[str(n)] = [post(f"{n}-1")]
        await either.source(str(n), tape=str(n))
    other = listener_on(either.db, either.clock, either.tape)

    async def slow() -> None:
        await asyncio.sleep(0.005)

    either.tape.before = slow
    for listener in (either.listener, other):
        await listener.start_due()
    both = [*either.listener._polling.values(), *other._polling.values()]
    await asyncio.gather(*both)
    await other.door.close()
    assert sorted(name for name, *_ in either.tape.asked) == [str(n) for n in range(8)]
    assert len(await either.texts()) == 8


async def test_a_list_of_due_sources_that_is_old_polls_nothing_twice(either: House) -> None:
    """Another worker has polled the source between our look at what is due and our claim."""
    source = await either.source()
    await either.due()
    assert await either.listener.poll(source, due=True) is None
    assert len(either.tape.asked) == 1


async def test_a_long_poll_keeps_its_claim(house: House) -> None:
    import asyncio

    house.listener.claims.prolong_s = 0.01
    source, claims = await house.source(), []

    async def slow() -> None:
        house.clock.move(200)
        await asyncio.sleep(0.05)
        claims.append((await house.get(source)).claimed_until)

    house.tape.before = slow
    await house.listener.poll(source)
    assert claims == [NOON + timedelta(seconds=500)]
    assert (await house.get(source)).claimed_until is None


async def test_one_channel_by_two_sources_stores_a_post_once(either: House) -> None:
    import asyncio

    same = [post(str(n), f"norda {n}") for n in range(4)]
    either.tape.posts = {"a": same, "b": list(reversed(same))}
    both = [await either.source(name, tape=name) for name in ("a", "b")]
    await asyncio.gather(*(either.listener.poll(each) for each in both))
    assert sorted(await either.texts()) == [f"norda {n}" for n in range(4)]
    assert len(await either.rows(tables.Case)) == len({c.thread_id for c in await either.rows(tables.Case)})


async def test_two_brands_that_watch_one_place_hear_each_their_own(house: House) -> None:
    other = await house.brand("sunda")
    house.tape.posts["a"] = [post("1", "norda is late"), post("2", "sunda is late"), post("3", "norda and sunda")]
    await house.source()
    await house.source(brand_id=other)
    await house.due()
    found = {(m.brand_id == other, m.external_id) for m in await house.rows(tables.MentionRow)}
    assert found == {(False, "1"), (False, "3"), (True, "2"), (True, "3")}


# --- words, sweeps, history --------------------------------------------------------------------------------------


async def test_other_words_restart_a_search_and_leave_a_feed_where_it_is(house: House) -> None:
    house.tape.posts = {"a": [post("1")], "b": [post("2")]}
    await house.source("feed")
    await house.source("search", tape="b", terms=True)
    await house.due()
    await house.topic("delay")
    house.tape.asked.clear()
    await house.due()
    assert sorted((name, cursor) for name, cursor, _ in house.tape.asked if cursor) == [("a", {"at": 1})]
    assert [cursor for name, cursor, _ in house.tape.asked if name == "b"] == [None]
    assert {terms for *_, terms in house.tape.asked} == {("norda", "delay")}


async def test_other_words_and_then_a_failure_still_start_anew(house: House) -> None:
    """The old place must not be taken for the new words' place."""
    house.tape.posts["a"] = [post("1", "norda"), post("2", "a delay")]
    source = await house.source(terms=True)
    await house.due()
    await house.topic("delay")
    house.tape.troubles.append(Unreachable("timeout"))
    await house.due()
    house.clock.move(120)
    await house.listener.poll(source)
    assert await house.texts() == ["norda", "a delay"]


async def test_how_often_it_is_polled_does_not_change_its_place(house: House) -> None:
    source = await house.source()
    await house.due()
    async with house.db.write() as session:
        row = await session.get_one(tables.SourceRow, source)
        row.settings = {"interval_s": 300.0}
        session.add(row)
    await house.listener.poll(source)
    row = await house.get(source)
    assert house.tape.asked[-1][1] == {"at": 0}
    assert row.next_poll_at is not None
    assert 300 <= (row.next_poll_at - house.clock.now()).total_seconds() <= 330


async def test_a_deep_sweep_finds_what_came_in_late_and_counts_it(either: House) -> None:
    either.listener = listener_on(either.db, either.clock, either.tape, sweep_interval_s=3600.0)
    either.tape.posts["a"] = [post(str(n), f"norda {n}") for n in range(3)]
    source = await either.source()
    await either.due()
    either.tape.posts["a"].insert(0, post("late", "norda, federated late"))
    either.tape.posts["a"].append(post("3", "norda 3"))
    await either.due()
    assert "norda, federated late" not in await either.texts()
    either.clock.move(3700)
    await either.listener.poll(source)
    row = await either.get(source)
    assert sorted(await either.texts())[-1] == "norda, federated late"
    assert len(await either.texts()) == 5
    assert (row.late, row.stored) == (1, 5)
    assert row.cursor == {"at": 5}
    assert row.next_sweep_at == either.clock.now() + timedelta(hours=1)


async def test_what_was_said_long_before_we_listened_is_kept_without_a_case(house: House) -> None:
    house.tape.posts["a"] = [
        post("old", posted_at=NOON - timedelta(days=3)), post("fresh", posted_at=NOON - timedelta(hours=3)),
    ]  # fmt: skip
    await house.source()
    await house.due()
    assert [c.thread_id for c in await house.rows(tables.Case)] == ["fresh"]
    assert len(await house.texts()) == 2


async def test_after_our_own_downtime_old_posts_are_still_owed_an_answer(house: House) -> None:
    source = await house.source()
    await house.due()
    house.tape.posts["a"].append(post("meanwhile", posted_at=NOON + timedelta(hours=2)))
    house.clock.move(3 * 86_400)
    await house.due()
    assert [c.thread_id for c in await house.rows(tables.Case)] == ["meanwhile"]
    assert await house.line(source) == ["late"]


# --- silence and the timeline ------------------------------------------------------------------------------------


async def test_up_down_up_is_on_the_timeline(house: House) -> None:
    source = await house.source()
    for _ in range(3):
        await house.due()
    house.tape.troubles.extend([Unreachable("503"), Unreachable("503")])
    for _ in range(2):
        house.clock.move(120)
        await house.listener.poll(source)
    assert await house.line(source) == ["seen", "gap"]
    house.clock.move(120)
    await house.listener.poll(source)
    house.clock.move(60)
    await house.listener.poll(source)
    assert await house.line(source) == ["seen", "late", "seen"]


async def test_the_newest_post_served_counts_for_silence_also_without_our_words(house: House) -> None:
    """A feed that serves the same old posts at each poll is silent; posts about others are no silence."""
    old = NOON - timedelta(days=20)
    house.tape.posts["a"] = [post("1", posted_at=old)]
    source = await house.source()
    await house.due()
    assert (await house.get(source)).last_mention_at == old
    house.tape.posts["a"].append(post("2", "about something else", posted_at=NOON))
    await house.due()
    assert (await house.get(source)).last_mention_at == NOON
    house.tape.posts["a"].append(post("3", posted_at=NOON + timedelta(days=900)))
    await house.due()
    newest = (await house.get(source)).last_mention_at
    assert newest is not None
    assert newest <= house.clock.now() + timedelta(seconds=1)


# --- poison ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "bad",
    [
        post("bad", "norda \ud800 half a sign"),
        post("bad", author_followers=1 << 70),
        post("bad", posted_at=NOON.replace(tzinfo=None)),
        post("bad", native={"when": object()}),
    ],
    ids=["lone surrogate", "huge number", "naive moment", "odd native"],
)
async def test_a_poison_post_costs_only_itself(either: House, bad: object) -> None:
    either.tape.posts["a"] = [post("1", "norda 1"), bad, post("2", "norda 2")]  # type: ignore[list-item]
    source = await either.source()
    await either.due()
    row = await either.get(source)
    assert (await either.texts(), row.cursor, row.status) == (["norda 1", "norda 2"], {"at": 3}, "listening")
    (kept,) = await either.rows(tables.Quarantine)
    assert "bad" in kept.place


async def test_who_wrote_before_counts_more(either: House) -> None:
    either.tape.posts["a"] = [post("1", author_id="mara")]
    source = await either.source()
    await either.due()
    either.tape.posts["a"].append(post("2", author_id="mara"))
    either.tape.posts["a"].append(post("3", author_id="ivo"))
    await either.listener.poll(source)
    heard = await either.rows(tables.MentionRow)
    reasons = {row.external_id: {name: why for name, _, why in row.parts} for row in heard}
    assert reasons["2"]["history"] == "wrote once before"
    assert "history" not in reasons["1"] | reasons["3"]


async def test_a_post_that_breaks_the_scorer_is_kept_unscored(house: House) -> None:
    class Breaks:
        def score_batch(
            self, mentions: Sequence[Mention], now: datetime, earlier: Mapping[str, int] = NO_HISTORY
        ) -> list[Score]:
            if any("boom" in m.text for m in mentions):
                raise ZeroDivisionError
            return real.score_batch(mentions, now, earlier)

    real = house.listener.scorer_for(tables.Brand(id=1, name="norda", slug="n", created_at=NOON))
    house.listener.ears.scorer_for = lambda brand: Breaks()
    house.tape.posts["a"] = [post("1"), post("2", "norda boom")]
    await house.source()
    await house.due()
    assert [(m.status, m.label) for m in await house.rows(tables.MentionRow)] == [
        ("kept", "negative"), ("received", "unsure"),
    ]  # fmt: skip


async def test_what_cannot_be_read_is_quarantined_once_though_it_is_served_again(house: House) -> None:
    from domain.ports import Unreadable

    house.tape.unreadable = (Unreadable("entry 1", "no title", b"<entry/>"), Unreadable("entry 2", "no title", b""))
    source = await house.source()
    for _ in range(3):
        await house.due()
    assert [q.place for q in await house.rows(tables.Quarantine)] == ["entry 1", "entry 2"]
    assert (await house.get(source)).status == "listening"


async def test_the_database_away_for_a_moment_does_not_end_the_listener(house: House) -> None:
    from sqlalchemy.exc import OperationalError

    rounds: list[str] = []

    async def start_due() -> None:
        rounds.append("round")
        if len(rounds) == 1:
            raise OperationalError("SELECT 1", {}, Exception("connection refused"))
        raise Died

    listener_class = type(house.listener)
    real = listener_class.start_due
    listener_class.start_due = lambda self: start_due()  # type: ignore[method-assign]
    try:
        with pytest.raises(Died):
            await house.listener.run(0.0)
    finally:
        listener_class.start_due = real  # type: ignore[method-assign]
    assert len(rounds) == 2
