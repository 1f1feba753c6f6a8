"""Who has the alerts: acknowledges most of what reached them, some minutes later. Seeded."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta

from alerts import actions
from domain.errors import Moved
from tests.day.house import House

_TOLD = (
    "SELECT a.id FROM alert a WHERE a.status = 'raised' AND EXISTS "
    "(SELECT 1 FROM delivery d WHERE d.alert_id = a.id AND d.status = 'delivered') ORDER BY a.id"
)


@dataclass
class OnCall:
    """One person with a mailbox."""

    house: House
    dice: random.Random

    async def look(self) -> None:
        """Every few minutes."""
        for row in self.house.rows(_TOLD):
            if self.dice.random() < 0.8:
                await self._acknowledge(row["id"])
        self.house.motor.at(self.house.now + timedelta(minutes=self.dice.uniform(3, 12)), self.look)

    async def _acknowledge(self, alert_id: int) -> None:
        try:
            async with self.house.database.write() as session:
                await actions.acknowledge(session, self.house.on_call, alert_id, now=self.house.now)
        except Moved:
            return
