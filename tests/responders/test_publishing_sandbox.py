"""The whole protocol against a real server with its own books: what it counted at the socket is the witness."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from channels.sandbox import MANIFEST
from channels.sandbox.faults import Fault
from channels.sandbox.ledger import Ledger
from channels.sandbox.server import Sandbox, running
from tests.channels.doors import test_door as door_to_this_machine
from tests.fakes import CHANNEL
from tests.responders.conftest import Furnish
from tests.responders.world import DRAFT, World, with_parts


@dataclass
class Town:
    """A world whose account lives on the sandbox network."""

    world: World
    sandbox: Sandbox

    def requests(self) -> list[str]:
        """Outcomes of the requests to publish, as the server noted them."""
        return [attempt.outcome for attempt in self.sandbox.ledger.attempts()]

    def posts(self) -> list[str]:
        """Our posts, as everybody sees them there."""
        far = self.world.now.replace(year=2090)
        return [post.text for post in self.sandbox.ledger.changes(0, 99, far) if post.author == "norda"]


@pytest.fixture
async def town(build: Furnish, tmp_path: Path) -> AsyncIterator[Town]:
    world = await build()
    sandbox = Sandbox(Ledger(tmp_path / "sandbox.db"), clock=world.clock)
    asked = sandbox.ledger.write("mara", "coach 4 is cold", world.now)
    async with running(sandbox) as address, door_to_this_machine(world.clock) as door:
        await world.tamper(
            f"UPDATE account SET base_url = '{address}', secrets = 'sandbox-token', external_id = 'norda'"
        )
        await world.tamper(f"UPDATE mention SET external_id = '{asked.id}'")
        with_parts(
            world,
            channels={CHANNEL: replace(MANIFEST, name=CHANNEL)},
            publisher=lambda found, account: MANIFEST.publisher(account, door),  # type: ignore[misc]
            limits=replace(world.parts.limits, deadline_s=4.0),
        )
        await world.approved()
        yield Town(world, sandbox)
    sandbox.ledger.close()


async def settle(world: World) -> None:
    for _ in range(6):
        world.clock.move(30)
        for kind in ("send", "settle"):
            await world.run(kind)


async def test_one_request_one_post(town: Town) -> None:
    await town.world.run("send")
    await settle(town.world)
    reply, case = await town.world.reply(), await town.world.case()
    assert (reply.status, case.status) == ("sent", "waiting")
    assert reply.url.startswith("http://127.0.0.1")
    assert (town.requests(), town.posts()) == (["stored"], [DRAFT])


@pytest.mark.parametrize(
    "fault",
    [
        Fault(kind="fail", applied=True, status=500),
        Fault(kind="fail", applied=True, status=502),
        Fault(kind="reset", applied=True),
        Fault(kind="reset", applied=True, after_bytes=20),
        Fault(kind="garbage", applied=True),
    ],
    ids=lambda fault: f"{fault.kind}-{fault.status}-{fault.after_bytes}",
)
async def test_posted_but_the_answer_was_lost(town: Town, fault: Fault) -> None:
    town.sandbox.faults.add(fault)
    await town.world.run("send")
    assert (await town.world.reply()).status == "unknown"
    await settle(town.world)
    assert (await town.world.reply()).status == "sent"
    assert (town.requests(), town.posts()) == (["stored"], [DRAFT])


@pytest.mark.parametrize("fault", [Fault(kind="fail", status=500), Fault(kind="reset"), Fault(kind="garbage")])
async def test_not_posted_and_nobody_can_tell_ends_at_a_person(town: Town, fault: Fault) -> None:
    town.sandbox.faults.add(fault)
    await town.world.run("send")
    await settle(town.world)
    reply = await town.world.reply()
    assert (reply.status, reply.due_at) == ("unknown", None)
    assert (town.requests(), town.posts()) == (["faulted"], [])


async def test_a_post_that_shows_late_is_not_posted_again(town: Town) -> None:
    town.sandbox.faults.add(Fault(kind="hide", seconds=3600))
    town.sandbox.faults.add(Fault(kind="reset", applied=True))
    await town.world.run("send")
    await settle(town.world)
    assert town.posts() == [DRAFT]
    assert len(town.requests()) == 1
