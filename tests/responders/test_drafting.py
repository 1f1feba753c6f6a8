"""What drafting does on its way between storage and the drafters."""

import asyncio
from threading import Event
from typing import Any

from domain.reply import Finding
from responders.drafting import Drafting
from responders.knowing import gather
from storage.tables import Case, Reply
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
