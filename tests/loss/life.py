"""A seeded life of a network: who says what when, what is changed and taken back, what goes wrong. Pure.

All moments are seconds since its beginning, on the network's own clock.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

from tests.channels.proofs import Hearing

HOUR = 3600.0
LATEST = 7 * 24 * HOUR
EVERY = 1.2 * HOUR
KINDS = ("limit", "down", "reset", "cut", "twice", "restart", "death", "death", "jump")
WORDS = (
    "is late again",
    "was fine today",
    "is terrible, where is my train?",
    "lost my bag & umbrella",
    "ist pünktlich 🚆",
)
DEATHS = (
    "poll.before_request",
    "poll.after_response",
    "ingest.before_insert",
    "ingest.before_cursor",
    "ingest.before_commit",
    "ingest.after_commit",
)
"""Crash points of the way in at which the listener may end in the middle of a poll."""


@dataclass(frozen=True, slots=True)
class Said:
    """A post. `at` is when it can first be seen, `date` what it says of itself. `broken` cannot be read."""

    number: int
    at: float
    date: float
    text: str
    broken: bool = False


@dataclass(frozen=True, slots=True)
class Changed:
    """The author changes the words, or takes all back (no words)."""

    number: int
    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """What goes wrong from `at` on. `kind`: limit, down (for `lasts` seconds), signed out (until the account is
    connected again, which takes a person `lasts` seconds), reset, cut, twice (the next `lasts` answers), restart, death
    at the crash point `place`, jump (our clock, by `lasts` seconds), asleep (nobody listens for `lasts` seconds)."""

    at: float
    kind: str
    lasts: float = 0.0
    place: str = ""


Happening = Said | Changed | Trouble


@dataclass(frozen=True, slots=True)
class Life:
    """Everything in order of time; `ends` is when the last has happened."""

    happenings: list[Happening]
    ends: float

    def posts(self) -> list[Said]:
        """What is said, in order of arrival."""
        return [each for each in self.happenings if isinstance(each, Said)]


def life(seed: int, hearing: Hearing, posts: int, ends: float) -> Life:
    """So many posts within so many seconds, with all that befalls them."""
    return _life(random.Random(seed), hearing, posts, ends, [])


def life_with_a_long_sleep(seed: int, hearing: Hearing, posts: int) -> Life:
    """Nobody listens for longer than a sweep reads back: for days, or for more than a week."""
    dice = random.Random(seed)
    hours = dice.choice((dice.uniform(26.0, 60.0), dice.uniform(190.0, 220.0)))
    asleep = Trouble(dice.uniform(HOUR, 3 * HOUR), "asleep", hours * HOUR)
    return _life(dice, hearing, posts, asleep.at + asleep.lasts + 3 * HOUR, [asleep])


def _life(dice: random.Random, hearing: Hearing, posts: int, ends: float, more: list[Happening]) -> Life:
    said = _numbered(_arrivals(dice, hearing, posts, ends), hearing.in_place)
    changed = [change for change in _changes(dice, hearing, said) if change.at < ends]
    troubles = list(_troubles(dice, ends))
    happenings: list[Happening] = [*said, *changed, *troubles, *more]
    happenings.sort(key=lambda each: each.at)
    return Life(happenings, max(each.at for each in happenings))


def _arrivals(dice: random.Random, hearing: Hearing, posts: int, ends: float) -> list[Said]:
    """Half of them come as they like, half in bursts; every twentieth late; some say nothing of us; some are broken."""
    found: list[Said] = []
    while len(found) < posts:
        at = dice.uniform(0.0, ends)
        together = dice.randint(2, hearing.burst) if dice.random() < 0.01 else 1
        for _ in range(min(together, posts - len(found))):
            moment = at + dice.uniform(0.0, 30.0)
            late = _delay(dice, LATEST) if dice.random() < 0.05 else dice.random() * hearing.late_s
            broken = dice.random() < 0.01
            name = "Norda" if broken or dice.random() < 0.85 else "The weather"
            words = f"{name} {dice.choice(WORDS)} {dice.randint(1, 10**6) if dice.random() < 0.9 else ''}".strip()
            found.append(Said(0, moment, moment - late, f"{hearing.calls}{words}", broken))
    return found


def _delay(dice: random.Random, most: float) -> float:
    """From half a minute up, short ones as likely as long ones."""
    return float(30.0 * (most / 30.0) ** dice.random())


def _numbered(said: list[Said], in_place: bool) -> list[Said]:
    """Numbers rise with the date, or with the arrival; the list is in order of arrival."""
    ordered = sorted(said, key=lambda post: post.date if in_place else post.at)
    numbered = [replace(post, number=number) for number, post in enumerate(ordered, 1)]
    return sorted(numbered, key=lambda post: (post.at, post.number))


def _changes(dice: random.Random, hearing: Hearing, said: list[Said]) -> Iterator[Changed]:
    """Some posts are edited, perhaps several times, and some are taken back."""
    for post in said:
        chance = dice.random()
        if post.broken:
            continue
        if chance < 0.06:
            for version in range(dice.choice((1, 1, 3)) if hearing.edits else 0):
                yield Changed(post.number, post.at + _delay(dice, 24 * HOUR), f"{post.text}, edited {version}")
        elif chance < 0.09 and hearing.removal_posts:
            # not before a poll can have heard it, for most
            yield Changed(post.number, post.at + HOUR / 4 + _delay(dice, 24 * HOUR), "")


def _troubles(dice: random.Random, ends: float) -> Iterator[Trouble]:
    """One after the other, so that no outage lasts longer than the promises allow for. Every life knows the loss of its
    sign-in, a long one each kind of trouble."""
    at = dice.uniform(0.0, EVERY)
    kinds: list[str] = []
    while at < ends:
        if not kinds:
            kinds = dice.sample(KINDS, len(KINDS))
            kinds.insert(dice.randint(len(KINDS) - 2, len(KINDS)), "signed out")
        yield _trouble(dice, kinds.pop(), at)
        at += dice.uniform(0.5, 1.5) * EVERY


def _trouble(dice: random.Random, kind: str, at: float) -> Trouble:
    if kind in ("limit", "down", "signed out"):
        return Trouble(at, kind, dice.uniform(60.0, HOUR))
    if kind == "jump":
        return Trouble(at, kind, dice.choice((-1.0, 1.0)) * dice.uniform(10.0, HOUR))
    place = dice.choice(DEATHS) if kind == "death" else ""
    return Trouble(at, kind, dice.randint(1, 2), place)
