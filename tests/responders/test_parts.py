"""What the parts do themselves."""

import asyncio
from threading import Event
from typing import Any, cast

from domain.reply import Finding
from storage.replies import Gathered
from tests.responders.world import World, with_parts

LONG_S = 5.0


async def test_the_desk_answers_others_while_the_contract_is_asked(world: World) -> None:
    answered = Event()

    def check(gathered: Any, text: str) -> list[Finding]:
        return [] if answered.wait(LONG_S) else [Finding("nobody", text, "was answered meanwhile")]

    async def somebody_else() -> None:
        answered.set()

    with_parts(world, check=check)
    found, _ = await asyncio.gather(world.parts.checked(cast("Gathered", None), "a text"), somebody_else())
    assert found == ()
