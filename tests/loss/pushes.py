"""A sender that pushes what is said, until it is thanked.

What was not thanked it sends again, later and beside what is new by then; a push may come twice, cut in half, or its
thanks may get lost.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from domain.errors import BadInput, ChannelError, Moved
from tests.channels.network import NOON
from tests.channels.proofs import News, Pushed
from tests.loss.network import CUT, RESET, SIGNED_OUT, TWICE

if TYPE_CHECKING:
    from tests.loss.ears import Ears

MOST = 100
STEP_S = (10.0, 400.0)
AGAIN = timedelta(minutes=10)


@dataclass
class Sender:
    """`due` is when it sends next, `waiting` what it has to tell."""

    ears: Ears
    pushed: Pushed
    due: datetime = NOON
    waiting: list[News] = field(default_factory=list)

    async def send(self) -> None:
        """What waits, in pushes of some length; in no order when something had to be sent again."""
        network, dice = self.ears.network, self.ears.network.dice
        fresh, network.news = network.news, []
        self.waiting += [news for news in fresh if dice.random() >= self.pushed.forgets]
        self.due = network.clock.now() + timedelta(seconds=dice.uniform(*STEP_S))
        while self.waiting:
            now, count = network.clock.now(), dice.randint(1, MOST)
            if (
                self.ears.asleep_until > now
                or network.out() not in (None, SIGNED_OUT)
                or not await self._thanked(count)
            ):
                self.due = max(self.ears.asleep_until, now + AGAIN)
                dice.shuffle(self.waiting)
                return
            self.waiting = self.waiting[count:]

    async def _thanked(self, count: int) -> bool:
        """Whether it was told that the first ones are stored."""
        network, told = self.ears.network, self.waiting[:count]
        spoilt, began = network.spoilt.pop() if network.spoilt else None, network.clock.now()
        body = self.pushed.body(network, told)
        taken = await self._taken(body[: len(body) // 2] if spoilt is CUT else body)
        if spoilt is TWICE:
            await self._taken(body)
        network.clock.move(network.dice.uniform(0.02, 0.8))
        if taken:
            for news in told:
                network.thanked[news.post.id] = max(news.at, network.thanked.get(news.post.id, news.at))
        if not self.ears.hearing.subject.manifest.is_asked:
            self.ears.note(began, well=taken and len(told) == len(self.waiting))
        return taken and spoilt is not RESET

    async def _taken(self, body: bytes) -> bool:
        ears, now = self.ears, self.ears.network.clock.now()
        headers = ears.hearing.subject.signed(body if body.endswith(b"}") else body + b" ", now)
        work = asyncio.create_task(ears.listener.receiver.receive(ears.source_id, headers, body))
        try:
            return await ears.through(work) is not None
        except (ChannelError, BadInput, Moved):
            return False
