"""Posted exactly once, exactly the approved text: every answer a network can give, on both databases."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.crashpoint import arm
from domain.errors import NotShown, OutcomeUnknown, RateLimited, Refused, SignInFailed, Unreachable
from responders.parts import Limits
from responders.worker import found_at_start
from storage.settings import publishing_on
from storage.tables import AccountRow, Reply
from storage.transitions import history
from tests.fakes import Answer
from tests.responders.conftest import Furnish
from tests.responders.world import DRAFT, START, World, with_parts


async def state(world: World) -> tuple[str, str, int]:
    """Status of the reply, status of the case, requests that reached the network."""
    return (await world.reply()).status, (await world.case()).status, len(world.network.requests)


async def test_an_approved_reply_is_posted_once_and_its_case_waits(world: World) -> None:
    await world.approved()
    await world.run("send")
    await world.run("send")
    reply, case, attempts = await world.reply(), await world.case(), await world.attempts()
    assert world.network.posts == world.network.requests
    assert [(p["text"], p["parent"], p["account"]) for p in world.network.posts] == [(DRAFT, "p1", "acc-1")]
    assert (reply.status, reply.external_id, reply.url) == ("sent", "0", "https://parley.test/0")
    assert (reply.sent_at, reply.due_at) == (world.now, None)
    assert (case.status, case.next_due_at) == ("waiting", None)
    assert [(a.number, a.outcome, a.ended_at) for a in attempts] == [(1, "sent", world.now)]
    async with world.db.read() as session:
        assert [t.new for t in await history(session, "reply", reply.id)] == ["drafted", "approved", "sending", "sent"]


async def test_nothing_leaves_before_the_undo_window_ends(world: World) -> None:
    await world.drafted()
    await world.publishing(True)
    await world.approve()
    world.clock.move(19)
    await world.steps["send"].handle(world.reply_id, world.now)
    assert await world.run("send") == 0
    assert await state(world) == ("approved", "open", 0)
    await world.act("recall")
    world.clock.move(60)
    await world.steps["send"].handle(world.reply_id, world.now)
    assert await state(world) == ("drafted", "open", 0)


async def test_publishing_is_off_until_turned_on_and_the_stop_file_wins(world: World, tmp_path: Path) -> None:
    with_parts(world, stop_file=tmp_path / "STOP")
    await world.drafted()
    await world.approve()
    world.clock.move(60)
    await world.steps["send"].handle(world.reply_id, world.now)
    assert await world.run("send") == 0
    async with world.db.read() as session:
        assert await publishing_on(session) == (
            False,
            "publishing has not been turned on: an admin turns it on in the settings",
        )
    await world.publishing(True)
    (tmp_path / "STOP").touch()
    await world.steps["send"].handle(world.reply_id, world.now)
    (tmp_path / "STOP").unlink()
    await world.publishing(False)
    await world.steps["send"].handle(world.reply_id, world.now)
    assert await state(world) == ("approved", "open", 0)
    await world.publishing(True)
    await world.run("send")
    assert await state(world) == ("sent", "waiting", 1)


async def test_an_approval_that_ran_out_comes_back_to_a_person_even_while_publishing_is_off(world: World) -> None:
    await world.drafted()
    await world.approve()
    world.clock.move(86_401)
    await world.run("send")
    reply = await world.reply()
    assert (reply.status, reply.error) == ("drafted", "not sent: the approval has expired: approve it again")


@pytest.mark.parametrize(
    ("error", "wait_s"),
    [
        (Unreachable("connection refused"), 30),
        (RateLimited(), 30),
        (RateLimited(START + timedelta(seconds=600)), 579),
    ],
)
async def test_certainly_not_sent_is_tried_again_later(world: World, error: Exception, wait_s: int) -> None:
    await world.approved()
    world.network.answers.append(Answer(applied=False, error=error))
    await world.run("send")
    reply = await world.reply()
    assert (reply.status, reply.due_at) == ("approved", world.now + timedelta(seconds=wait_s))
    assert reply.error.startswith("waiting: ")
    assert await world.run("send") == 0
    world.clock.move(wait_s)
    await world.run("send")
    assert await state(world) == ("sent", "waiting", 2)
    assert [a.outcome for a in await world.attempts()] == ["later", "sent"]
    assert world.network.requests[0] == world.network.requests[1]


async def test_the_waiting_grows_and_ends_with_the_approval(world: World) -> None:
    await world.approved()
    waits = []
    for _ in range(8):
        world.network.answers.append(Answer(applied=False, error=Unreachable()))
        await world.run("send")
        due_at = (await world.reply()).due_at
        assert due_at is not None
        waits.append((due_at - world.now).total_seconds())
        world.clock.move(waits[-1])
    assert waits == [30, 60, 120, 240, 480, 960, 1800, 1800]


async def test_refused_comes_back_with_the_reason(world: World) -> None:
    await world.approved()
    world.network.answers.append(Answer(applied=False, error=Refused("the parent is locked")))
    await world.run("send")
    reply = await world.reply()
    assert await state(world) == ("refused", "open", 1)
    assert (reply.error, reply.due_at) == ("the parent is locked", None)
    assert (await world.approvals())[0].voided_at is not None
    await world.act("edit", text="Shorter.", version=reply.version)
    assert (await world.reply()).status == "drafted"


async def test_a_dead_sign_in_stops_the_account(world: World) -> None:
    await world.approved()
    world.network.answers.append(Answer(applied=False, error=SignInFailed("token revoked")))
    await world.run("send")
    account = (await world.rows(AccountRow))[0]
    assert await state(world) == ("refused", "open", 1)
    assert (account.status, account.error) == ("dead", "the network no longer accepts our sign-in")
    await world.act("edit", text="Once more.", version=(await world.reply()).version)
    assert (await world.approve("Once more.")).status == "handed_over"


DOUBTFUL: list[Answer] = [
    Answer(error=OutcomeUnknown("the answer was cut")),
    Answer(error=TimeoutError()),
    Answer(error=ConnectionResetError()),
    Answer(error=ValueError("nobody expected this")),
    Answer(without_id=True),
]


@pytest.mark.parametrize("answer", DOUBTFUL)
async def test_a_doubtful_answer_is_looked_up_and_never_sent_again(world: World, answer: Answer) -> None:
    await world.approved()
    world.network.answers.append(answer)
    await world.run("send")
    reply = await world.reply()
    assert await state(world) == ("unknown", "open", 1)
    assert reply.due_at == world.now + timedelta(seconds=60)
    assert await world.run("settle") == 0
    world.clock.move(60)
    await world.run("settle")
    assert await state(world) == ("sent", "waiting", 1)
    assert (await world.reply()).external_id == "0"


@pytest.mark.parametrize("proof", ["read_back", "none"])
async def test_without_a_server_that_knows_repeats_a_person_decides(build: Furnish, proof: str) -> None:
    world = await build(proof=proof)
    await world.approved()
    world.network.answers.append(Answer(applied=False, error=OutcomeUnknown("no answer")))
    await world.run("send")
    for _ in range(50):
        world.clock.move(600)
        await world.run("settle")
        await world.run("send")
    reply = await world.reply()
    assert await state(world) == ("unknown", "open", 1)
    assert reply.due_at is None
    assert world.network.reads == (2 if proof == "read_back" else 0)
    looks = (await world.attempts())[0].evidence.get("looks", [])
    assert [line["look"] for line in looks] == ["absent"] * world.network.reads


async def test_what_a_person_decides_about_an_unknown_reply(world: World) -> None:
    await world.approved()
    world.network.answers.append(Answer(applied=False, error=OutcomeUnknown("no answer")))
    await world.run("send")
    with pytest.raises(Exception, match="settle"):
        await world.act("settle_absent", who=world.agent)
    with pytest.raises(Exception, match="may still appear"):
        await world.act("settle_absent", who=world.admin)
    world.clock.move(200)
    assert (await world.act("settle_absent", who=world.admin)).status == "drafted"
    await world.approve()
    world.network.answers.append(Answer(error=OutcomeUnknown("no answer")))
    world.clock.move(21)
    await world.run("send")
    with pytest.raises(Exception, match="https://"):
        await world.act("settle_sent", url="", who=world.admin)
    await world.act("settle_sent", url="https://parley.test/0", who=world.admin)
    assert await state(world) == ("sent", "waiting", 2)


async def test_history_which_cannot_be_cleaned_says_nothing_in_the_network_s_words(world: World) -> None:
    """They may name the author, who if erased is taken out of the reply and its attempts, not of what is sealed."""
    await world.approved()
    world.network.answers.append(Answer(applied=False, error=OutcomeUnknown("HTTP 500: cannot tell @marakind")))
    await world.run("send")
    assert (await world.reply()).error == "HTTP 500: cannot tell @marakind"
    async with world.db.read() as session:
        said = [(t.new, t.why) for t in await history(session, "reply", (await world.reply()).id)]
    assert said[-1] == ("unknown", "no clear answer came: it may be public")
    assert "marakind" not in str(said)


async def test_where_the_network_shows_nothing_a_person_decides_after_the_first_look(world: World) -> None:
    await world.approved()
    world.network.answers.append(Answer(applied=True, error=OutcomeUnknown("cut")))
    world.network.read_errors.append(NotShown("comments there are shown to nobody"))
    await world.run("send")
    world.clock.move(61)
    await world.run("settle")
    reply = await world.reply()
    assert (reply.status, reply.due_at) == ("unknown", None)
    assert reply.error == "comments there are shown to nobody: a person decides"
    world.clock.move(7200)
    await world.run("settle")
    assert world.network.reads == 1


async def test_where_a_post_has_no_address_none_is_asked_for(world: World) -> None:
    await world.approved()
    world.network.answers.append(Answer(applied=True, error=OutcomeUnknown("cut")))
    await world.run("send")
    await world.tamper("UPDATE mention SET url = ''")
    await world.act("settle_sent", url="", who=world.admin)
    assert (await world.reply()).status == "sent"


@pytest.mark.parametrize("applied", [True, False])
@pytest.mark.parametrize("facts", [{"proof": "record"}, {"proof": "key", "key_valid_s": 3000.0}])
async def test_a_server_that_knows_repeats_gets_the_same_bytes_once_more(
    build: Furnish, facts: dict[str, Any], applied: bool
) -> None:
    world = await build(**facts)
    world.network.de_duplicates = world.network.hidden = True
    await world.approved()
    world.network.answers.append(Answer(applied=applied, error=OutcomeUnknown("reset")))
    await world.run("send")
    for _ in range(2):
        world.clock.move(61)
        await world.run("settle")
    assert await state(world) == ("sent", "waiting", 2)
    assert world.network.requests[0] == world.network.requests[1]
    assert len(world.network.posts) == 1
    assert [(a.number, a.outcome) for a in await world.attempts()] == [(1, "unknown"), (2, "sent")]


async def test_a_key_that_the_server_has_forgotten_is_not_repeated(build: Furnish) -> None:
    world = await build(proof="key", key_valid_s=3000.0)
    await world.approved()
    world.network.answers.append(Answer(applied=False, error=OutcomeUnknown("reset")))
    await world.run("send")
    world.clock.move(61)
    await world.run("settle")
    world.clock.move(3000)
    await world.run("settle")
    assert await state(world) == ("unknown", "open", 1)
    assert (await world.reply()).due_at is None


@pytest.mark.parametrize("error", [Refused("duplicate"), Unreachable(), RateLimited(), SignInFailed()])
async def test_only_a_first_sending_can_be_certainly_not_sent(build: Furnish, error: Exception) -> None:
    world = await build(proof="record")
    world.network.hidden = True
    await world.approved()
    world.network.answers.extend([Answer(error=OutcomeUnknown("reset")), Answer(applied=False, error=error)])
    await world.run("send")
    for _ in range(2):
        world.clock.move(61)
        await world.run("settle")
    assert await state(world) == ("unknown", "open", 2)


async def test_a_repeat_needs_the_same_live_approval(build: Furnish) -> None:
    world = await build(proof="record")
    await world.approved()
    world.network.answers.append(Answer(applied=False, error=OutcomeUnknown("reset")))
    await world.run("send")
    await world.tamper("UPDATE mention SET version = 2")
    for _ in range(9):
        world.clock.move(61)
        await world.run("settle")
    assert await state(world) == ("unknown", "open", 1)
    assert "edited" in (await world.reply()).error


async def test_repeats_end_and_a_person_decides(build: Furnish) -> None:
    world = await build(proof="record")
    await world.approved()
    world.network.answers.extend(Answer(applied=False, error=OutcomeUnknown("reset")) for _ in range(50))
    await world.run("send")
    for _ in range(40):
        world.clock.move(61)
        await world.run("settle")
    assert await state(world) == ("unknown", "open", 6)
    assert (await world.reply()).due_at is None


async def test_attempts_that_certainly_sent_nothing_do_not_use_up_the_repeats(build: Furnish) -> None:
    world = await build(proof="record")
    await world.approved()
    down = [Answer(applied=False, error=Unreachable("refused"))] * 7
    world.network.answers.extend([*down, Answer(applied=False, error=OutcomeUnknown("reset"))])
    for _ in range(10):
        world.clock.move(1801)
        await world.run("send")
        await world.run("settle")
    assert await state(world) == ("sent", "waiting", 9)


async def test_a_look_that_fails_says_nothing(world: World) -> None:
    await world.approved()
    world.network.answers.append(Answer(error=OutcomeUnknown("reset")))
    world.network.read_errors.extend([Unreachable(), TimeoutError(), RateLimited(START + timedelta(hours=1))])
    await world.run("send")
    for _ in range(3):
        world.clock.move(600)
        await world.run("settle")
        assert (await world.reply()).reads == 0
    world.clock.move(3600)
    await world.run("settle")
    assert await state(world) == ("sent", "waiting", 1)


async def test_a_look_that_cannot_sign_in_stops_the_account_and_waits_for_a_person(world: World) -> None:
    await world.approved()
    world.network.answers.append(Answer(error=OutcomeUnknown("reset")))
    world.network.read_errors.append(SignInFailed("revoked"))
    await world.run("send")
    world.clock.move(61)
    await world.run("settle")
    assert (await world.reply()).due_at is None
    assert (await world.rows(AccountRow))[0].status == "dead"


class Died(BaseException):
    """The process is gone."""


def die_at(name: str) -> None:
    def die(point: str) -> None:
        if point == name:
            raise Died(point)

    arm(die)


@pytest.mark.parametrize(
    ("point", "at_start", "requests"),
    [
        ("publish.before_intent_commit", "approved", 0),
        ("publish.after_intent_commit", "unknown", 0),
        ("publish.before_connect", "unknown", 0),
        ("publish.after_answer", "unknown", 1),
        ("publish.before_outcome_commit", "unknown", 1),
        ("publish.after_outcome_commit", "sent", 1),
    ],
)
async def test_dying_at_each_point_never_posts_twice(world: World, point: str, at_start: str, requests: int) -> None:
    await world.approved()
    die_at(point)
    with pytest.raises(Died):
        await world.run("send")
    arm(None)
    await found_at_start(world.parts, world.now)
    assert ((await world.reply()).status, len(world.network.requests)) == (at_start, requests)
    for _ in range(5):
        world.clock.move(61)
        for kind in ("send", "settle"):
            await world.run(kind)
    assert len(world.network.posts) <= 1
    assert len(world.network.requests) == max(requests, 1 if at_start == "approved" else 0)
    assert (await world.reply()).status == ("sent" if world.network.posts else "unknown")


async def test_a_sending_whose_worker_is_gone_is_abandoned_by_its_deadline(world: World) -> None:
    await world.approved()
    die_at("publish.after_answer")
    with pytest.raises(Died):
        await world.run("send")
    arm(None)
    await world.steps["settle"].handle(world.reply_id, world.now)
    assert (await world.reply()).status == "sending"
    world.clock.move(60)
    await world.run("settle")
    assert (await world.reply()).status == "unknown"
    assert [(a.outcome, a.evidence) for a in await world.attempts()] == [("unknown", {"error": "lost"})]


async def test_a_late_answer_still_counts(world: World) -> None:
    await world.approved()

    def give_up_meanwhile(point: str) -> None:
        if point == "publish.after_answer":
            world.clock.move(61)

    arm(give_up_meanwhile)
    send = asyncio.create_task(world.run("send"))
    await send
    arm(None)
    assert await state(world) == ("sent", "waiting", 1)


async def test_a_worker_held_up_before_sending_does_not_send(world: World) -> None:
    await world.approved()
    arm(lambda point: world.clock.move(30) if point == "publish.after_intent_commit" else None)
    await world.run("send")
    arm(None)
    assert await state(world) == ("approved", "open", 0)
    assert [a.outcome for a in await world.attempts()] == ["later"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE reply SET text = 'Buy now'",
        "UPDATE reply SET body = replace(body, 'sorry', 'happy')",
        "UPDATE reply SET send_key = 'other'",
        "UPDATE reply SET text = 'Buy now', body = replace(body, 'Hello', 'Buy')",
        "UPDATE account SET external_id = 'acc-2'",
        "UPDATE account SET base_url = 'https://elsewhere.test'",
        "UPDATE mention SET external_id = 'p9'",
        "UPDATE mention SET version = version + 1",
        "UPDATE approval SET bound_hash = 'abc'",
        "UPDATE approval SET expires_at = '2031-01-01 00:00:00.000000'",
        "UPDATE approval SET mac = 'abc'",
        "DELETE FROM approval",
        "UPDATE person SET disabled_at = '2026-03-02 09:00:10.000000'",
        "UPDATE membership SET role = 'viewer'",
        "UPDATE reply SET way = 'manual'",
        "UPDATE account SET status = 'dead'",
    ],
)
async def test_whatever_was_changed_behind_our_back_is_not_sent(world: World, statement: str) -> None:
    await world.approved()
    await world.tamper(statement)
    await world.run("send")
    reply = await world.reply()
    assert (reply.status, world.network.requests) == ("drafted", [])
    assert reply.error.startswith("not sent: ")


async def test_a_yes_made_in_the_database_is_not_a_yes(world: World) -> None:
    await world.drafted()
    await world.publishing(True)
    await world.tamper(
        'UPDATE reply SET status = \'approved\', body = \'{"text": "Buy", "parent": "p1"}\', '
        "send_key = 'k', due_at = created_at"
    )
    await world.run("send")
    assert ((await world.reply()).status, world.network.requests) == ("drafted", [])


async def test_a_runaway_account_stops_publishing(build: Furnish) -> None:
    world = await build(limits=Limits(ceiling=2))
    await world.approved()
    for _ in range(3):
        world.network.answers.append(Answer(applied=False, error=Unreachable()))
        await world.run("send")
        world.clock.move(125)
    async with world.db.read() as session:
        on, why = await publishing_on(session)
    assert (on, len(world.network.requests)) == (False, 2)
    assert "2 sendings from norda within 10 minutes" in why


async def second_case(world: World) -> int:
    """Another case of the same account, drafted and approved; its reply."""
    from domain.ids import ids
    from storage.tables import Case, MentionRow

    case_id, mention_id, reply_id = ids.many(3, world.now)
    async with world.db.write() as session:
        case = (await session.get_one(Case, world.case_id)).model_dump()
        mention = (await session.get_one(MentionRow, world.mention_id)).model_dump()
        session.add(Case(**case | {"id": case_id, "thread_id": "q1", "last_mention_id": mention_id, "status": "open"}))
        await session.flush()
        session.add(MentionRow(**mention | {"id": mention_id, "case_id": case_id, "external_id": "q1"}))
        await session.flush()
        session.add(
            Reply(
                id=reply_id,
                brand_id=world.brand_id,
                case_id=case_id,
                mention_id=mention_id,
                channel="parley",
                due_at=world.now,
                created_at=world.now,
            )
        )
    await world.run("draft")
    await world.approve("Another answer.", reply_id)
    return reply_id


async def test_one_account_sends_one_reply_at_a_time(world: World) -> None:
    await world.approved()
    second = await second_case(world)
    world.clock.move(21)
    die_at("publish.after_answer")
    with pytest.raises(Died):
        await world.steps["send"].handle(world.reply_id, world.now)
    arm(None)
    await world.steps["send"].handle(second, world.now)
    assert await world.run("send") == 0
    assert (await world.reply(second)).status == "approved"
    await found_at_start(world.parts, world.now)
    await world.run("send")
    assert (await world.reply(second)).status == "sent"


async def test_two_workers_on_one_reply_send_it_once(world: World) -> None:
    await world.approved()
    await asyncio.gather(*(world.steps["send"].handle(world.reply_id, world.now) for _ in range(4)))
    assert await state(world) == ("sent", "waiting", 1)


async def test_a_rate_limit_holds_the_whole_account(world: World) -> None:
    await world.approved()
    second = await second_case(world)
    world.clock.move(21)
    world.network.answers.append(Answer(applied=False, error=RateLimited(world.now + timedelta(seconds=300))))
    await world.steps["send"].handle(world.reply_id, world.now)
    assert (await world.reply(second)).due_at == world.now + timedelta(seconds=300)
    assert await world.run("send") == 0


async def test_an_answer_that_crossed_a_new_message_leaves_the_case_open(world: World) -> None:
    await world.approved()

    async def ask_anew() -> None:
        async with world.db.write() as session:
            from storage.replies import request, request_row

            row = request_row(
                world.case_id, brand_id=world.brand_id, channel="parley", mention_id=world.mention_id, lang="en",
                now=world.now,
            )  # fmt: skip
            await request(session, [row])

    await ask_anew()
    await world.run("send")
    assert await state(world) == ("sent", "open", 1)


async def test_a_deadline_ends_a_sending_that_hangs(world: World) -> None:
    class Hangs:
        async def publish(self, reply: object) -> None:
            await asyncio.Event().wait()

    with_parts(world, publisher=lambda found, account: Hangs(), limits=replace(Limits(), deadline_s=0.2))
    await world.approved()
    await world.run("send")
    assert (await world.reply()).status == "unknown"
