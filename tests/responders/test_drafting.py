"""What drafting does on its way between storage and the drafters."""

import asyncio
from threading import Event
from typing import Any

import pytest

from channels.registry import manifests
from domain.reply import Finding
from responders.drafting import Drafting
from responders.knowing import gather
from storage.tables import Case, Reply
from tests.responders import test_knowing
from tests.responders.detector import detect
from tests.responders.world import World

LONG_S = 20.0


class Fussy(Drafting):
    """Objects to every text, the first one only once it is let."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.asked: list[str] = []
        self.is_asked, self.may_answer = Event(), Event()

    def check(self, given: Any, text: str) -> list[Finding]:
        self.asked.append(text)
        self.is_asked.set()
        assert self.may_answer.wait(LONG_S)
        return [Finding("nobody", text, "likes this")]


async def test_whoever_is_cancelled_leaves_the_thread_at_its_next_text(world: World) -> None:
    """Earshot ends once its threads do: a stop must not wait for two dozen attempts."""
    drafting = Fussy(world.parts.channels, detect)
    async with world.db.write() as session:
        case, reply = await session.get_one(Case, world.case_id), await session.get_one(Reply, world.reply_id)
        given = await gather(session, case, reply, world.now)
    composing = asyncio.create_task(drafting.compose(given))
    assert await asyncio.to_thread(drafting.is_asked.wait, LONG_S)
    composing.cancel()
    await asyncio.wait([composing])
    drafting.may_answer.set()
    await asyncio.get_running_loop().shutdown_default_executor()
    assert len(drafting.asked) == 1
    assert composing.cancelled()


@pytest.mark.parametrize(
    ("channel", "native", "most"),
    [
        ("mastodon", {"acct": "mara@far.example", "server": "social.example"}, 500 - len("@mara ")),
        ("instagram", {"kind": "comment", "top": "17"}, 2_200 - len("@mara ")),
        ("bluesky", {}, 300),
    ],
)
async def test_the_name_that_will_stand_in_front_counts_before_anybody_approves(
    world: World, channel: str, native: dict[str, Any], most: int
) -> None:
    given = await test_knowing.given(world)
    given.reply.channel, given.mention.native, given.mention.author_handle = channel, native, "@mara"
    drafting = Drafting(manifests(), detect)
    over = "x" * (most + 1)
    assert "too_long" in {each.rule for each in drafting.check(given, over) if each.blocking}
    assert "too_long" not in {each.rule for each in drafting.check(given, over[1:]) if each.blocking}
