"""How long posts take to reach us, as the database counts it and as sorting them would."""

import math
import random
from datetime import timedelta

import pytest

from storage.lag import STEPS_S, Lag, lag_of, lags
from tests.storage.conftest import START, House
from tests.storage.test_ingest import arrival, page, store


async def hear(house: House, *took_s: float) -> None:
    """Posts that took so many seconds each, all heard two days after the source was added."""
    now = START + timedelta(days=2)
    posts = [arrival(f"p{n}", posted_at=now - timedelta(seconds=s)) for n, s in enumerate(took_s)]
    await store(house, page(house, *posts, now=now))


async def read(house: House) -> dict[int, Lag]:
    async with house.db.read() as session:
        return await lags(session, [house.brand_id], START + timedelta(days=1))


async def test_ninety_five_in_a_hundred(house: House) -> None:
    await hear(house, *([4.0] * 94), *([100.0] * 6))
    assert await read(house) == {house.source_id: Lag(100, 120)}


@pytest.mark.parametrize("seed", range(3))
async def test_it_is_the_step_above_the_true_rank(house: House, seed: int) -> None:
    rng = random.Random(seed)
    took = [rng.expovariate(1 / 300) for _ in range(rng.randrange(1, 200))]
    await hear(house, *took)
    true = sorted(took)[math.ceil(len(took) * 0.95) - 1]
    assert await read(house) == {house.source_id: Lag(len(took), next(step for step in STEPS_S if true <= step))}


async def test_what_was_read_back_and_old_posts_do_not_count(house: House) -> None:
    await hear(house, 5.0, 86_400 * 1.5, 86_400 * 30)
    assert await read(house) == {house.source_id: Lag(1, 5)}


async def test_without_posts_there_is_nothing_to_tell(house: House) -> None:
    assert await read(house) == {}
    assert lag_of({len(STEPS_S): 3}) == Lag(3, None)
