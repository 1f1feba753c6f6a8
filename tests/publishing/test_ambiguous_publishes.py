"""Every class of publishing under every fault and every lag of read-backs: nothing doubled, unapproved or dropped.

A failure prints its seed: `trials(seed, settle_s, ROUNDS)` are the trials of one town.
"""

import os
from itertools import islice

import pytest

from domain.account import Account
from net.door import Door
from tests.channels.proofs import Publishing, entries
from tests.publishing.checker import Books, read
from tests.publishing.faults import trials
from tests.publishing.sabotage import PUBLISHERS, SWAPS, FaultyPublisher
from tests.publishing.tally import HEADER, Tally
from tests.publishing.town import town
from tests.sabotage import planted

SEED = int(os.environ.get("PUBLISHING_SEED", "1"))
CLASSES: list[Publishing] = entries("PUBLISHING")
ROUNDS = 5
FEW, FEW_SEED = 24, 8
LONG = 10_000
TALLIES: list[Tally] = []


@pytest.fixture(scope="module", autouse=True)
def figures():
    """One table at the end."""
    yield
    print("\n" + "\n".join([HEADER, *map(str, TALLIES)]))


async def play(entry: Publishing, seed: int, rounds: int, publisher=None, most: int | None = None) -> Books:
    async with town(entry, publisher) as place:
        await place.play(islice(trials(seed, entry.subject.manifest.settle_s, rounds), most))
        return read(place.rows, entry, place.network, place.diary)


def class_named(words: str) -> Publishing:
    (found,) = (entry for entry in CLASSES if words in entry.name)
    return found


@pytest.mark.parametrize("entry", CLASSES, ids=lambda entry: entry.name)
async def test_each_fault_and_each_lag(entry: Publishing) -> None:
    tally = Tally(entry.name).add(await play(entry, SEED, ROUNDS), SEED)
    TALLIES.append(tally)
    assert tally.problems == []
    assert tally.ambiguous >= 160


@pytest.mark.parametrize("name", SWAPS)
async def test_a_planted_fault_is_found(name: str) -> None:
    swaps, words, expected = SWAPS[name]
    with planted(swaps()):
        books = await play(class_named(words), FEW_SEED, 1, most=FEW)
    problems = Tally("").add(books, 1).problems
    assert any(f": {expected}" in problem for problem in problems), problems


@pytest.mark.parametrize("fault", PUBLISHERS)
async def test_a_publisher_that_breaks_its_promise_is_found(fault: str) -> None:
    entry = class_named("Mastodon, no keys")
    make = entry.subject.manifest.publisher
    assert make is not None

    def spoilt(account: Account, door: Door) -> FaultyPublisher:
        return FaultyPublisher(make(account, door), fault)

    books = await play(entry, FEW_SEED, 1, spoilt, most=FEW)
    problems = Tally("").add(books, 1).problems
    assert any(f": {PUBLISHERS[fault]}" in problem for problem in problems), problems


@pytest.mark.long
@pytest.mark.parametrize("entry", CLASSES, ids=lambda entry: entry.name)
async def test_ten_thousand_publishes(entry: Publishing) -> None:
    """Town after town, each with another seed."""
    tally, seed = Tally(entry.name), SEED
    while tally.trials < LONG and not tally.problems:
        tally.add(await play(entry, seed, ROUNDS), seed)
        seed += 1
    print(f"\nfrom seed {SEED} to {seed - 1}:\n{HEADER}\n{tally}")
    assert tally.problems == []
