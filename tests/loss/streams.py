"""One life of a stream: the network writes on it what is said, breaks it and ends it, until the listener lets go.

Time goes on in steps. After each, what was written is waited for, so that what is heard does not depend on how fast
this machine is; what is on its way when a stream breaks may be lost, and must be found again.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from listener.claims import CLAIM_S
from tests.channels.proofs import DAY_S, How, Streamed
from tests.loss.life import Trouble
from tests.loss.network import CUT, RESET, TWICE

if TYPE_CHECKING:
    from tests.loss.ears import Ears

FIRST_S, STEP_S = (0.1, 20.0), (30.0, 600.0)
"""How long the first step after the connection takes, and each other."""
BREAKS = 0.2
"""The share of steps with news at which a stream breaks."""
SOON_S = 0.001
YEAR_S = 365 * DAY_S
PATIENCE = 5000


async def follow(ears: Ears, streamed: Streamed, over: datetime) -> None:
    """From one connection to its end. Each step that came to its end is noted like a poll that went well."""
    with streamed.quickly():
        began = ears.network.clock.now()
        streamed.speak(ears.network, "on")  # a connection that is no more is found out
        work = asyncio.create_task(ears.listener.stream(ears.source_id))
        living = asyncio.create_task(_live(ears, streamed, work, over, began))
        await ears.through(work)
        ears.note(await living, well=False)


async def _live(ears: Ears, streamed: Streamed, work: asyncio.Task[Any], over: datetime, began: datetime) -> datetime:
    """Time goes on until the stream ends. Gives the moment of the last good step."""
    network, pace = ears.network, FIRST_S
    while await _quiet(ears, streamed, work):
        ears.note(began, well=True)
        began = network.clock.now()
        if began >= over:
            streamed.speak(network, "end")
            break
        network.clock.move(max(0.1, (min(_next(ears, pace), over) - began).total_seconds()))
        pace = STEP_S
        before = network.next
        network.go_on()
        if ears.asleep_until > network.clock.now():
            work.cancel()
        _spoil(ears, streamed, network.next > before)
        streamed.speak(network, "on")
    await asyncio.wait({work})
    return began


def _next(ears: Ears, pace: tuple[float, float]) -> datetime:
    """The end of the next step, at the latest when something goes wrong."""
    network = ears.network
    usual = network.clock.now() + timedelta(seconds=network.dice.uniform(*pace))
    troubles = (each.at for each in network.life.happenings[network.next :] if isinstance(each, Trouble))
    return min(usual, network.begins + timedelta(seconds=next(troubles, network.life.ends + YEAR_S)))


def _spoil(ears: Ears, streamed: Streamed, news: bool) -> None:
    """What befalls the network befalls its stream, which breaks now and then all the same. What was just written may be
    lost by that."""
    network, dice = ears.network, ears.network.dice
    spoilt, network.spoilt = network.spoilt, []
    network.cuts += CUT in spoilt
    breaks = RESET in spoilt or network.out() is not None or (news and dice.random() < BREAKS)
    if dice.random() < 0.5:
        streamed.speak(network, "on")
    kinds: tuple[tuple[bool, How], ...] = ((TWICE in spoilt, "twice"), (CUT in spoilt, "half"), (breaks, "reset"))
    for happens, how in kinds:
        if happens:
            streamed.speak(network, how)


async def _quiet(ears: Ears, streamed: Streamed, work: asyncio.Task[Any]) -> bool:
    """Whether what was written is stored, and a sign of life behind it too: what the listener did in between is done as
    well. False when the stream ended before that."""
    if not await _stored(ears, streamed, work):
        return False
    ears.network.clock.move(0.01)
    streamed.speak(ears.network, "on")
    return await _stored(ears, streamed, work)


async def _stored(ears: Ears, streamed: Streamed, work: asyncio.Task[Any]) -> bool:
    """Each page that is stored prolongs the claim. What was written before the stream was open is not on it."""
    for waited in range(PATIENCE):
        if work.done():
            return False
        if (await ears.source()).claimed_until == ears.clock.now() + timedelta(seconds=CLAIM_S):
            return True
        if waited % 20 == 19:
            streamed.speak(ears.network, "on")
        await asyncio.wait({work}, timeout=SOON_S)
    raise AssertionError("what was written on the stream is not stored")
