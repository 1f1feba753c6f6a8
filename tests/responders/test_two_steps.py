"""Networks that publish in two steps: what they hold ready is stored before it may be published, and published once."""

from typing import Any

import pytest

from domain.crashpoint import arm
from domain.errors import OutcomeUnknown, RateLimited, Unreachable
from responders.worker import found_at_start
from tests.fakes import Answer
from tests.responders.conftest import Furnish
from tests.responders.world import World


@pytest.fixture
async def world(build: Furnish) -> World:
    found = await build(proof="two_phase")
    found.network.two_steps = True
    return found


async def goes_on(world: World, times: int = 1) -> None:
    """The next due step, whatever it is, so often."""
    for _ in range(times):
        world.clock.move(61)
        await world.run("settle")
        await world.run("send")


async def test_what_is_held_ready_is_stored_before_it_is_published(world: World) -> None:
    stored: list[Any] = []
    world.network.watch = lambda reply, said: stored.append(reply.prepared)
    await world.approved()
    await world.run("send")
    assert (await world.reply()).status == "approved"
    assert world.network.requests == []
    assert [a.evidence["prepared"] for a in await world.attempts()] == ["0"]
    world.clock.move(29)
    await world.run("send")
    assert world.network.requests == []  # the network is given half a minute
    world.clock.move(1)
    await world.run("send")
    assert stored == ["0"]
    assert (await world.reply()).status == "sent"
    assert [(a.number, a.outcome) for a in await world.attempts()] == [(1, "later"), (2, "sent")]


@pytest.mark.parametrize("applied", [True, False])
@pytest.mark.parametrize("hidden", [True, False])
async def test_a_doubtful_second_step_settles_by_itself_and_is_public_once(
    world: World, applied: bool, hidden: bool
) -> None:
    await world.approved()
    await world.run("send")
    world.network.answers.append(Answer(applied=applied, error=OutcomeUnknown("reset")))
    world.network.hidden = hidden
    await goes_on(world, 3)
    world.network.hidden = False
    await goes_on(world, 10)
    assert (await world.reply()).status == "sent"
    assert len(world.network.posts) == 1
    assert len(world.network.held) == 1
    assert len(world.network.requests) == (1 if applied else 2)


@pytest.mark.parametrize("error", [OutcomeUnknown("reset"), RuntimeError("surprise")])
async def test_a_first_step_whose_handle_was_lost_is_taken_again(world: World, error: Exception) -> None:
    world.network.first_steps.append(Answer(error=error))
    await world.approved()
    await world.run("send")
    assert (await world.reply()).status == "unknown"
    await goes_on(world, 12)
    assert (await world.reply()).status == "sent"
    assert (len(world.network.held), len(world.network.posts)) == (2, 1)


class Died(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("point", ["publish.after_answer", "publish.before_outcome_commit"])
async def test_a_death_between_the_steps_publishes_nothing_twice(world: World, point: str) -> None:
    def die(name: str) -> None:
        if name == point:
            raise Died

    await world.approved()
    arm(die)
    with pytest.raises(Died):
        await world.run("send")
    arm(None)
    await found_at_start(world.parts, world.now)
    await goes_on(world, 12)
    assert (await world.reply()).status == "sent"
    assert (len(world.network.held), len(world.network.posts)) == (2, 1)


@pytest.mark.parametrize("error", [Unreachable(), RateLimited()])
async def test_a_step_that_certainly_failed_is_tried_again_with_the_same_handle(world: World, error: Exception) -> None:
    await world.approved()
    await world.run("send")
    world.network.answers.append(Answer(applied=False, error=error))
    await goes_on(world, 3)
    assert (await world.reply()).status == "sent"
    assert [request["handle"] for request in world.network.requests] == ["0", "0"]


async def test_another_yes_never_publishes_what_was_held_ready_for_the_first(world: World) -> None:
    await world.approved()
    await world.run("send")
    await world.act("recall")
    await world.approve("Hello Mara, other words.")
    world.clock.move(21)
    await world.run("send")
    await goes_on(world, 2)
    assert [post["text"] for post in world.network.posts] == ["Hello Mara, other words."]
    assert world.network.requests[0]["handle"] == "1"
