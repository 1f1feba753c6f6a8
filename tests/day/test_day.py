"""A simulated day: nobody waits past the window without a word from us, or without somebody of ours being told so; no
promise breaks unseen; the Rule of 5 makes nobody late; each follow-up is asked once; one matter is one case.

A failure prints its seed. DAY_SEED sets it, DAY_CASES how many people write in the long form.
"""

import os
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.alerts.mailbox import Mailbox
from tests.day.checker import check
from tests.day.day import AFTER, live
from tests.day.house import house
from tests.day.sabotage import FAULTS
from tests.loss.conftest import file_in_memory
from tests.postgres import fresh_database
from tests.sabotage import planted

SEED = int(os.environ.get("DAY_SEED", "1"))
CASES = int(os.environ.get("DAY_CASES", "500"))
FEW, FEWER = 40, 30
SAID = "We are sorry, and we are on it.\nnorda"
QUICK = ("no holding step", "a hold ignores the window")
"""Faults that show within a day; the long form plants the others."""
TOLD: list[str] = []


@pytest.fixture(scope="module", autouse=True)
def figures() -> Iterator[None]:
    """What came about, at the end."""
    yield
    print("\n" + "\n".join(TOLD))


async def problems(
    url: str, box: Mailbox, people: int, seed: int, days: float | None = None, said: str = ""
) -> list[str]:
    began, after = time.process_time(), AFTER if days is None else timedelta(days=days)
    async with house(url, box, said) as lived:
        diary = await live(lived, seed, people, after)
        found, counted = check(lived.rows, diary, lived.now)
    told = ", ".join(f"{count} {name}" for name, count in sorted(counted.items()))
    TOLD.append(f"{people} people, seed {seed}: {told}; {time.process_time() - began:.0f} s of CPU")
    return found


async def test_a_day_keeps_what_was_promised(mailbox: Mailbox) -> None:
    with file_in_memory() as url:
        assert await problems(url, mailbox, FEW, SEED) == [], f"seed {SEED}"


@pytest.mark.postgres
async def test_it_is_the_same_on_postgresql(postgres_url: str, mailbox: Mailbox) -> None:
    with fresh_database(postgres_url) as url:
        assert await problems(url, mailbox, FEWER, SEED + 1, 2.0, SAID) == [], f"seed {SEED + 1}"


@pytest.mark.parametrize(
    "name", [name if name in QUICK else pytest.param(name, marks=pytest.mark.long) for name in FAULTS]
)
async def test_a_planted_fault_is_found(name: str, mailbox: Mailbox) -> None:
    """What is planted needs its moment: it is looked for in up to three days."""
    fault, words, days = FAULTS[name]
    found: list[str] = []
    for seed in range(1, 4):
        with planted(fault()), file_in_memory() as url:
            found = await problems(url, mailbox, FEWER, seed, days, SAID)
        if any(words in problem for problem in found):
            return
    raise AssertionError(found)


@pytest.mark.long
async def test_a_day_of_500_cases(mailbox: Mailbox) -> None:
    with file_in_memory() as url:
        await all_is_well(url, mailbox)


@pytest.mark.long
@pytest.mark.postgres
async def test_a_day_of_500_cases_on_postgresql(postgres_url: str, mailbox: Mailbox) -> None:
    with fresh_database(postgres_url) as url:
        await all_is_well(url, mailbox)


async def all_is_well(url: str, mailbox: Mailbox) -> None:
    found = await problems(url, mailbox, CASES, SEED)
    print(*found, sep="\n")
    assert found == [], f"seed {SEED}"
