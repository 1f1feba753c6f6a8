"""A post with one answer that sending again replaces: ours goes there once, a colleague's words are never replaced."""

import shutil
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from channels.upsert import ANSWERED, UpsertPublisher, mark
from domain.crashpoint import arm
from domain.errors import Gone, OutcomeUnknown, RateLimited, Refused, SignInFailed, Undecodable, Unreachable
from responders.worker import found_at_start
from storage.tables import AccountRow, Reply
from tests.fakes import Answer, FakePlace
from tests.responders.conftest import Furnish
from tests.responders.test_publishing import Died, die_at, state
from tests.responders.world import DRAFT, World, furnish, with_parts

THEIRS = "Dear Mara, please call me at the depot. Ben"


@pytest.fixture
def database_url(tmp_path: Path, migrated_file: Path) -> str:
    """SQLite only: what is tried here is the rule, and `test_publishing` holds the protocol on both databases."""
    return f"sqlite+aiosqlite:///{shutil.copy(migrated_file, tmp_path / 'earshot.db')}"


@pytest.fixture
async def world(build: Furnish) -> World:
    return await build(proof="upsert")


async def settled(world: World) -> None:
    """Let everything that is due happen until nothing is."""
    for _ in range(12):
        world.clock.move(61)
        for kind in ("send", "settle"):
            await world.run(kind)


def stands(world: World) -> list[str]:
    return [post["text"] for post in world.network.posts]


async def test_an_empty_place_is_filled_once(world: World) -> None:
    await world.approved()
    await world.run("send")
    await settled(world)
    assert await state(world) == ("sent", "waiting", 1)
    assert stands(world) == [DRAFT]
    assert (await world.attempts())[0].evidence["same_words"] is True


async def test_words_of_a_colleague_are_not_replaced_and_a_person_reads_why(world: World) -> None:
    await world.approved()
    world.network.by_hand(THEIRS)
    await world.run("send")
    assert await state(world) == ("refused", "open", 0)
    assert (await world.reply()).error.startswith(ANSWERED)
    assert stands(world) == [THEIRS]


async def test_what_stands_there_already_needs_no_sending(world: World) -> None:
    await world.approved()
    world.network.by_hand(DRAFT.replace(" ", "  "))
    await world.run("send")
    assert await state(world) == ("sent", "waiting", 0)


async def test_a_lost_sending_is_repeated_where_the_place_is_still_empty(world: World) -> None:
    await world.approved()
    world.network.answers.append(Answer(applied=False, error=OutcomeUnknown("reset")))
    await world.run("send")
    await settled(world)
    assert await state(world) == ("sent", "waiting", 2)
    assert world.network.requests[0] == world.network.requests[1]
    assert stands(world) == [DRAFT]


async def test_a_repeat_of_what_was_applied_unseen_leaves_one_answer(world: World) -> None:
    await world.approved()
    world.network.hidden = True
    world.network.answers.append(Answer(error=OutcomeUnknown("reset")))
    await world.run("send")
    await settled(world)
    assert await state(world) == ("sent", "waiting", 2)
    assert stands(world) == [DRAFT]


@pytest.mark.parametrize("applied", [True, False])
async def test_a_colleague_who_answers_while_we_doubt_is_left_alone(world: World, applied: bool) -> None:
    await world.approved()
    world.network.answers.append(Answer(applied=applied, error=OutcomeUnknown("reset")))
    await world.run("send")
    world.network.by_hand(THEIRS)
    await settled(world)
    reply = await world.reply()
    assert await state(world) == ("refused", "open", 1)
    assert reply.error.startswith(ANSWERED)
    assert stands(world) == [THEIRS]
    assert (await world.approvals())[0].voided_at is not None
    await world.act("edit", text="Ben has answered you.", version=reply.version)


@pytest.mark.parametrize(("meanwhile", "status"), [(None, "sent"), (THEIRS, "refused")])
async def test_only_the_answer_to_the_earlier_words_may_be_replaced(
    build: Furnish, meanwhile: str | None, status: str
) -> None:
    earlier = "Hello Mara, the depot knows."
    world = await build(proof="upsert", native={"replaces": mark(earlier)})
    world.network.by_hand(meanwhile or earlier)
    await world.approved()
    await world.run("send")
    assert (await world.reply()).status == status
    assert stands(world) == [meanwhile or DRAFT]


async def test_a_post_that_is_gone_is_told(world: World) -> None:
    await world.approved()
    world.network.gone = True
    await world.run("send")
    assert await state(world) == ("refused", "open", 0)
    assert (await world.reply()).error == "the post is no longer there"


async def test_a_post_that_goes_while_we_doubt_is_told_too(world: World) -> None:
    await world.approved()
    world.network.answers.append(Answer(error=OutcomeUnknown("reset")))
    await world.run("send")
    world.network.gone = True
    await settled(world)
    assert await state(world) == ("refused", "open", 1)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Unreachable(), "approved"),
        (RateLimited(), "approved"),
        (Undecodable("cut"), "approved"),
        (Refused("forbidden"), "refused"),
        (SignInFailed("revoked"), "refused"),
    ],
)
async def test_a_look_that_fails_before_the_first_sending_sends_nothing(
    world: World, error: Exception, status: str
) -> None:
    await world.approved()
    world.network.read_errors.append(error)
    await world.run("send")
    assert await state(world) == (status, "open", 0)
    assert (await world.rows(AccountRow))[0].status == ("dead" if isinstance(error, SignInFailed) else "working")
    await settled(world)
    assert (await world.reply()).status == ("sent" if status == "approved" else "refused")


async def test_a_repeat_that_the_network_refuses_tells_nothing_about_the_sending_before_it(world: World) -> None:
    await world.approved()
    refusals = [Answer(applied=False, error=Refused("forbidden")) for _ in range(9)]
    world.network.answers.extend([Answer(applied=False, error=OutcomeUnknown("reset")), *refusals])
    await world.run("send")
    await settled(world)
    assert await state(world) == ("unknown", "open", 6)
    assert (await world.reply()).due_at is None


async def test_a_look_that_fails_before_a_repeat_proves_nothing(world: World) -> None:
    await world.approved()
    world.network.answers.append(Answer(applied=False, error=OutcomeUnknown("reset")))
    await world.run("send")
    world.clock.move(61)
    await world.run("settle")
    world.clock.move(61)
    world.network.read_errors.extend([Unreachable(), Gone()])
    await world.run("settle")
    assert await state(world) == ("unknown", "open", 1)
    await settled(world)
    assert await state(world) == ("sent", "waiting", 2)


POINTS = (
    "publish.before_intent_commit", "publish.after_intent_commit", "publish.before_connect", "publish.after_answer",
    "publish.before_outcome_commit", "publish.after_outcome_commit",
)  # fmt: skip


@pytest.mark.parametrize("colleague", [False, True])
@pytest.mark.parametrize("point", POINTS)
async def test_dying_at_each_point_leaves_one_answer_and_no_words_lost(
    world: World, point: str, colleague: bool
) -> None:
    await world.approved()
    die_at(point)
    with pytest.raises(Died):
        await world.run("send")
    arm(None)
    if colleague:
        world.network.by_hand(THEIRS)
    await found_at_start(world.parts, world.now)
    await settled(world)
    assert stands(world) == [THEIRS if colleague else DRAFT]
    done = point == "publish.after_outcome_commit"
    assert (await world.reply()).status == ("refused" if colleague and not done else "sent")
    assert len(world.network.requests) <= 2


# --- every fault, applied or not, with a colleague at every moment, behind every lag ---------------------------

FAULTS = (OutcomeUnknown("reset"), RateLimited())
LAGS = (0, 1, 3)
"""Looks that still lack what was sent. What a colleague wrote is taken to be old enough to be seen."""
MOMENTS = {"never": -1, "before": 0, "after sending": 1, "after one look": 2, "after two looks": 3}
"""When a colleague answers on the network's own page."""


async def play(world: World, fault: BaseException, applied: bool, lag: int, colleague: str, times: int) -> None:
    """One reply through `times` faults in a row, until nothing is due any more."""
    await world.approved()
    world.network.answers.extend(Answer(applied=applied, error=fault) for _ in range(times))
    for moment in range(20):
        if moment == MOMENTS[colleague]:
            world.network.by_hand(THEIRS)
        world.network.hidden = 0 < moment <= lag
        for kind in ("send", "settle"):
            await world.steps[kind].handle(world.reply_id, world.now)
        if moment > 3 and (await world.reply()).due_at is None:
            return
        world.clock.move(61)


def wrong(world: World, reply: Reply) -> list[str]:
    """What must never be, said in words."""
    lost = [post for post in world.network.replaced if post["text"] == THEIRS]
    said = ["words of a colleague were replaced"] if lost else []
    if reply.due_at is None and reply.status not in ("sent", "refused", "unknown", "drafted"):
        said.append(f"the reply is {reply.status}, and nobody sees it")
    if reply.status == "sent" and not stands(world):
        said.append("called sent, and nothing stands there")
    return said


async def test_every_fault_with_a_colleague_at_every_moment(tmp_path: Path, migrated_file: Path) -> None:
    ends: dict[str, int] = {}
    file = tmp_path / "grid.db"
    for fault, applied, lag, colleague, times in product(FAULTS, (True, False), LAGS, MOMENTS, (1, 9)):
        if (lag and colleague != "never") or (isinstance(fault, RateLimited) and applied):
            continue
        shutil.copy(migrated_file, file)
        world = await furnish(f"sqlite+aiosqlite:///{file}", proof="upsert")
        await play(world, fault, applied, lag, colleague, times)
        reply = await world.reply()
        await world.db.close()
        assert wrong(world, reply) == [], (fault, applied, lag, colleague, times)
        if colleague == "never" and times == 1:
            assert (reply.status, stands(world)) == ("sent", [DRAFT]), (fault, applied, lag)
        ends[reply.status] = ends.get(reply.status, 0) + 1
    print(f"{sum(ends.values())} replies: {ends}")
    assert set(ends) >= {"sent", "refused", "unknown"}


async def test_the_grid_notices_a_publisher_that_does_not_look_first(world: World) -> None:
    class Blind(UpsertPublisher):
        async def _present(self, reply: Any) -> None:
            return None

    with_parts(world, publisher=lambda found, account: Blind(FakePlace(world.network)))
    await play(world, OutcomeUnknown("reset"), False, 0, "after sending", 1)
    assert wrong(world, await world.reply()) == ["words of a colleague were replaced"]
