"""One day of a house and the days after it, from its first post until every follow-up is asked and answered."""

from __future__ import annotations

import random
from datetime import timedelta

from tests.day.authors import Authors
from tests.day.diary import Diary
from tests.day.house import START, House
from tests.day.managers import Desk, Manager
from tests.day.on_call import OnCall

AFTER = timedelta(days=5)
"""So long the house is looked at: cases are resolved, asked about two days later, answered, and asked about no more."""
_ASLEEP = ((21, 24), (22, 24), (0, 5))


async def live(house: House, seed: int, authors: int, after: timedelta = AFTER) -> Diary:
    """So many people write to us on one day."""
    diary, desk = Diary(), Desk()
    crowd = Authors(house, random.Random(seed), diary)
    crowd.plan(authors)
    house.motor.at(START, crowd.look)
    for number, (who, asleep) in enumerate(zip(house.managers, _ASLEEP, strict=True)):
        manager = Manager(house, who, random.Random(seed * 10 + number), diary, desk, asleep)
        house.motor.at(START + timedelta(minutes=number), manager.turn)
    house.motor.at(START, OnCall(house, random.Random(seed + 7)).look)
    await house.motor.run(START + after)
    return diary
