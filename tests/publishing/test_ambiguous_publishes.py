"""Every class of publishing under every fault and every lag of read-backs: nothing doubled, unapproved or dropped.

A failure prints its seed: `trials(seed, settle_s, rounds)` are the trials of one town.
"""

import os
from collections.abc import Iterator
from itertools import islice
from typing import Any, get_args

import pytest

from channels.registry import manifests
from domain.account import Account
from net.door import Door
from tests.channels.proofs import Kind, Publishing, entries
from tests.publishing.building import town
from tests.publishing.checker import Books, check, read
from tests.publishing.faults import trials
from tests.publishing.sabotage import PUBLISHERS, SWAPS, FaultyPublisher
from tests.publishing.tally import HEADER, Tally
from tests.publishing.town import AT_ONCE
from tests.sabotage import planted

SEED = int(os.environ.get("PUBLISHING_SEED", "1"))
PLANTED_SEED = 8
CLASSES: list[Publishing] = entries("PUBLISHING")
ENOUGH = 200
"""Ambiguous publishes of each class."""
LONG, LONG_ROUNDS = int(os.environ.get("PUBLISHING_TRIALS", "10000")), 5
UNPLAYED = {
    "email": "mail goes by SMTP over TLS to a real Dovecot: tests/channels plays its faults (conformance, email)",
    "replay": "it publishes with the sandbox's publisher, which is played",
}
TALLIES: dict[str, Tally] = {}


@pytest.fixture(scope="module", autouse=True)
def figures() -> Iterator[None]:
    """One table at the end."""
    yield
    if TALLIES:
        print("\n" + "\n".join([HEADER, *map(str, TALLIES.values())]))


async def play(entry: Publishing, seed: int, rounds: int) -> Books:
    async with town(entry) as place:
        await place.play(trials(seed, entry.subject.manifest.settle_s, rounds))
        return read(place.rows, entry, place.network, place.diary)


def class_named(words: str) -> Publishing:
    (found,) = (entry for entry in CLASSES if words in entry.name)
    return found


def test_each_class_and_each_channel_that_publishes_is_played() -> None:
    assert {entry.kind for entry in CLASSES} == set(get_args(Kind))
    played = {entry.subject.manifest.name for entry in CLASSES}
    publish = {name for name, manifest in manifests().items() if manifest.publisher is not None}
    assert played | UNPLAYED.keys() == publish


@pytest.mark.parametrize("entry", CLASSES, ids=lambda entry: entry.name)
async def test_each_fault_and_each_lag(entry: Publishing) -> None:
    seed = SEED + sum(map(ord, entry.name))  # so that entries of one class meet other trials
    tally = Tally(entry.name).add(await play(entry, seed, entry.rounds), seed)
    TALLIES[entry.name] = tally
    assert tally.problems == []


@pytest.mark.parametrize("kind", get_args(Kind))
def test_each_class_met_enough(kind: Kind) -> None:
    played = [TALLIES.get(entry.name) for entry in CLASSES if entry.kind == kind]
    if not all(played):
        pytest.skip("not all entries of this class were played")
    assert sum(tally.ambiguous for tally in played if tally) >= ENOUGH


async def is_found(entry: Publishing, expected: str, publisher: Any = None) -> bool:
    """Whether the checker reports such a problem within two rounds."""
    left = trials(PLANTED_SEED, entry.subject.manifest.settle_s, 2)
    async with town(entry, publisher) as place:
        while group := list(islice(left, AT_ONCE)):
            await place.play(group)
            problems = check(read(place.rows, entry, place.network, place.diary))
            if any(problem.startswith(expected) for problem in problems):
                return True
    return False


@pytest.mark.parametrize("name", SWAPS)
async def test_a_planted_fault_is_found(name: str) -> None:
    swaps, words, expected = SWAPS[name]
    with planted(swaps()):
        assert await is_found(class_named(words), expected)


@pytest.mark.parametrize("fault", PUBLISHERS)
async def test_a_publisher_that_breaks_its_promise_is_found(fault: str) -> None:
    entry = class_named("Mastodon, no keys")
    make = entry.subject.manifest.publisher
    assert make is not None

    def spoilt(account: Account, door: Door) -> FaultyPublisher:
        return FaultyPublisher(make(account, door), fault)

    assert await is_found(entry, PUBLISHERS[fault], spoilt)


@pytest.mark.long
@pytest.mark.parametrize("entry", CLASSES, ids=lambda entry: entry.name)
async def test_ten_thousand_publishes(entry: Publishing) -> None:
    """Town after town, each with another seed."""
    tally, seed = Tally(entry.name), SEED
    while tally.trials < LONG and not tally.problems:
        tally.add(await play(entry, seed, LONG_ROUNDS), seed)
        seed += 1
    print(f"\nfrom seed {SEED} to {seed - 1}:\n{HEADER}\n{tally}")
    assert tally.problems == []
