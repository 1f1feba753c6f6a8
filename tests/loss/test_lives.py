"""Whole lives of networks through the real listener: what is stored in the end is what was served, as it reads now.

A failure prints its seed: `life(seed, hearing, posts, ends)` is the whole life.
"""

import os
import time
from collections.abc import Iterator

import pytest

from tests.channels.proofs import Hearing, entries
from tests.loss.conftest import Fresh, file_in_memory
from tests.loss.ears import ears
from tests.loss.life import HOUR, Life, life, life_with_a_long_sleep
from tests.loss.sabotage import SOURCES, SWAPS, UNSWEPT, spoilt, unswept
from tests.loss.tally import HEADER, Tally
from tests.migrated import make_current
from tests.sabotage import planted

SEED = int(os.environ.get("LOSS_SEED", "1"))
SOURCES_HEARD: list[Hearing] = entries("HEARING")
DAY = 12 * HOUR
POSTS, FEW = 2000, 400
LONG = 1_000_000
TALLIES: list[Tally] = []


@pytest.fixture(scope="module", autouse=True)
def figures() -> Iterator[None]:
    """One table at the end."""
    yield
    posts, seconds = sum(tally.posts for tally in TALLIES), sum(tally.seconds for tally in TALLIES)
    print("\n" + "\n".join([HEADER, *map(str, TALLIES)]))
    print(f"{posts} posts, {seconds:.0f} s, {posts / (seconds or 1):.0f} posts/s")


async def live(tally: Tally, hearing: Hearing, lived: Life, fresh: Fresh, seed: int) -> None:
    with fresh() as url:
        await make_current(url)
        async with ears(hearing, lived, url, seed) as listening:
            began = time.perf_counter()
            await listening.live()
            tally.add(listening, seed, time.perf_counter() - began)


def named(words: str) -> Hearing:
    (found,) = (hearing for hearing in SOURCES_HEARD if hearing.name.startswith(words))
    return found


@pytest.mark.parametrize("hearing", SOURCES_HEARD, ids=lambda hearing: hearing.name)
async def test_what_is_stored_is_what_was_served(hearing: Hearing, fresh: Fresh) -> None:
    in_file = fresh is file_in_memory
    tally = Tally(hearing.name if in_file else f"{hearing.name} (PG)")
    TALLIES.append(tally)
    lived = life(SEED, hearing, POSTS, DAY) if in_file else life(SEED, hearing, FEW, DAY / 2)
    await live(tally, hearing, lived, fresh, SEED)
    assert tally.problems == []


@pytest.mark.parametrize("hearing", SOURCES_HEARD, ids=lambda hearing: hearing.name)
async def test_after_a_long_sleep_what_is_missing_is_told(hearing: Hearing) -> None:
    tally = Tally(f"{hearing.name}, asleep")
    TALLIES.append(tally)
    await live(tally, hearing, life_with_a_long_sleep(SEED, hearing, FEW), file_in_memory, SEED)
    assert tally.problems == []


@pytest.mark.parametrize("words", ["Mastodon, hashtag", "Bluesky", "Reddit"])
async def test_what_each_poll_reads_again_needs_no_sweep(words: str) -> None:
    hearing = unswept(named(words))
    tally = Tally(hearing.name)
    TALLIES.append(tally)
    await live(tally, hearing, life(SEED, hearing, FEW, DAY), file_in_memory, SEED)
    assert tally.problems == []


@pytest.mark.parametrize("name", SWAPS)
async def test_a_planted_fault_is_found(name: str) -> None:
    swaps, words, expected = SWAPS[name]
    hearing, tally = unswept(named(words)) if name in UNSWEPT else named(words), Tally(name)
    with planted(swaps()):
        await live(tally, hearing, life(1, hearing, FEW, DAY), file_in_memory, 1)
    assert any(f": {expected}: " in problem for problem in tally.problems), tally.problems


@pytest.mark.parametrize("fault", SOURCES)
async def test_a_source_that_breaks_its_promise_is_found(fault: str) -> None:
    words, expected = SOURCES[fault]
    hearing, tally = spoilt(named(words), fault), Tally(fault)
    await live(tally, hearing, life(1, hearing, FEW, DAY), file_in_memory, 1)
    assert any(f": {expected}: " in problem for problem in tally.problems), tally.problems


@pytest.mark.long
async def test_a_million_posts() -> None:
    """Life after life, each source and database in turn, each life with another seed."""
    tallies = {hearing.name: Tally(hearing.name) for hearing in SOURCES_HEARD}
    seed = SEED
    while sum(tally.posts for tally in tallies.values()) < LONG:
        for hearing in SOURCES_HEARD:
            tally = tallies[hearing.name]
            await live(tally, hearing, life(seed, hearing, 3000, DAY), file_in_memory, seed)
            await live(tally, hearing, life_with_a_long_sleep(seed, hearing, 600), file_in_memory, seed)
            assert tally.problems == [], tally.problems[:20]
        seed += 1
    TALLIES.extend(tallies.values())
    print(f"\nseeds {SEED} to {seed - 1}")
