"""Whole lives of networks through the real listener: what is stored in the end is what was served, as it reads now.

A failure prints its seed: `life(seed, hearing, posts, ends)` is the whole life. LOSS_SEED sets the first seed,
LOSS_POSTS how many posts the long form serves.
"""

import math
import os
import time
from collections.abc import Iterator
from functools import partial

import pytest

from tests.channels.proofs import Hearing, entries
from tests.loss.building import ears
from tests.loss.conftest import Fresh, file_in_memory
from tests.loss.life import HOUR, Life, life, life_with_a_long_sleep
from tests.loss.sabotage import RARE, SOURCES, SWAPS, UNSWEPT, spoilt, unswept
from tests.loss.tally import HEADER, Tally
from tests.migrated import make_current
from tests.postgres import fresh_database
from tests.sabotage import planted

SEED = int(os.environ.get("LOSS_SEED", "1"))
SOURCES_HEARD: list[Hearing] = entries("HEARING")
DAY = 12 * HOUR
POSTS = math.ceil(20_000 / sum(1 / hearing.dear for hearing in SOURCES_HEARD)) + 1
MANY, FEW, FEWER = 1000, 250, 120
"""So many posts has a life: 20,000 over all sources."""
ON_A_SERVER = SOURCES_HEARD[SEED % 5 :: 5]
"""Whose lives are told to PostgreSQL too; in the long form it is all of them."""
LONG = int(os.environ.get("LOSS_POSTS", "1000000"))
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
async def test_what_is_stored_is_what_was_served(hearing: Hearing) -> None:
    tally = Tally(hearing.name)
    TALLIES.append(tally)
    await live(tally, hearing, life(SEED, hearing, POSTS // hearing.dear, DAY), file_in_memory, SEED)
    assert tally.problems == []
    assert tally.sign_ins or not hearing.subject.over_http


@pytest.mark.postgres
@pytest.mark.parametrize("hearing", ON_A_SERVER, ids=lambda hearing: hearing.name)
async def test_it_is_the_same_on_postgresql(hearing: Hearing, postgres_url: str) -> None:
    tally = Tally(f"{hearing.name} (PG)")
    TALLIES.append(tally)
    await live(tally, hearing, life(SEED, hearing, FEWER, DAY / 2), partial(fresh_database, postgres_url), SEED)
    assert tally.problems == []


@pytest.mark.parametrize("hearing", SOURCES_HEARD, ids=lambda hearing: hearing.name)
async def test_after_a_long_sleep_what_is_missing_is_told(hearing: Hearing) -> None:
    tally = Tally(f"{hearing.name}, asleep")
    TALLIES.append(tally)
    await live(tally, hearing, life_with_a_long_sleep(SEED, hearing, FEWER), file_in_memory, SEED)
    assert tally.problems == []


@pytest.mark.parametrize("words", ["Mastodon, hashtag", "Bluesky, search", "Reddit"])
async def test_what_each_poll_reads_again_needs_no_sweep(words: str) -> None:
    hearing = unswept(named(words))
    tally = Tally(hearing.name)
    TALLIES.append(tally)
    await live(tally, hearing, life(SEED, hearing, FEW, DAY), file_in_memory, SEED)
    assert tally.problems == []


@pytest.mark.parametrize("name", SWAPS)
async def test_a_planted_fault_is_found(name: str) -> None:
    swaps, words, expected = SWAPS[name]
    hearing = unswept(named(words)) if name in UNSWEPT else named(words)
    with planted(swaps()):
        await finds(hearing, expected, MANY if name in RARE else FEW)


async def finds(hearing: Hearing, expected: str, posts: int = FEW) -> None:
    """What is planted needs its moment: it is looked for in up to four lives."""
    tally = Tally(hearing.name)
    for seed in range(1, 5):
        await live(tally, hearing, life(seed, hearing, posts, DAY), file_in_memory, seed)
        if any(f": {expected}: " in problem for problem in tally.problems):
            return
    raise AssertionError(tally.problems)


@pytest.mark.parametrize("fault", SOURCES)
async def test_a_source_that_breaks_its_promise_is_found(fault: str) -> None:
    words, expected = SOURCES[fault]
    await finds(spoilt(named(words), fault), expected)


@pytest.mark.long
@pytest.mark.postgres
@pytest.mark.parametrize("where", ["SQLite", "PG"])
async def test_a_million_posts(where: str, postgres_url: str) -> None:
    """Half of them on each database: life after life, each source in turn, each life with another seed. What is found
    is printed at once, and the run goes on to its end."""
    fresh = file_in_memory if where == "SQLite" else partial(fresh_database, postgres_url)
    tallies = {hearing.name: Tally(f"{hearing.name} ({where})") for hearing in SOURCES_HEARD}
    TALLIES.extend(tallies.values())
    seed = SEED
    while sum(tally.posts for tally in tallies.values()) < LONG / 2:
        for hearing in SOURCES_HEARD:
            tally, known = tallies[hearing.name], len(tallies[hearing.name].problems)
            await live(tally, hearing, life(seed, hearing, 1000 // hearing.dear, DAY), fresh, seed)
            await live(tally, hearing, life_with_a_long_sleep(seed, hearing, 250 // hearing.dear), fresh, seed)
            for problem in tally.problems[known:]:
                print(problem, flush=True)
            seed += 1
    print(f"\n{where}: seeds {SEED} to {seed - 1}")
    assert [problem for tally in tallies.values() for problem in tally.problems] == []
