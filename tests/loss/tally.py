"""What many lives came to, in figures."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.loss.checker import check
from tests.loss.ears import Ears

HEADER = (
    f"{'source':<32} {'lives':>5} {'posts':>8} {'stored':>8} {'told gone':>9} {'polls':>6} {'sweeps':>6} "
    f"{'begun anew':>10} {'sign-ins':>8} {'posts/s':>8}"
)


@dataclass
class Tally:
    """`posts` were served, `stored` are held, `missed` are those that a told gap excuses, `anew` counts restarts,
    `sign_ins` how often a lost sign-in was mended."""

    name: str
    lives: int = 0
    posts: int = 0
    stored: int = 0
    missed: int = 0
    polls: int = 0
    sweeps: int = 0
    anew: int = 0
    sign_ins: int = 0
    seconds: float = 0.0
    problems: list[str] = field(default_factory=list)

    def add(self, ears: Ears, seed: int, seconds: float) -> None:
        """Count one life."""
        books = ears.books()
        self.problems += [f"{self.name}, seed {seed}: {problem}" for problem in check(books)]
        self.lives += 1
        self.posts += len(ears.network.held)
        self.stored += books.stored
        self.missed += books.missed
        self.polls += len(books.polls)
        self.sweeps += sum(1 for poll in books.polls if poll.swept)
        self.anew += ears.restarts
        self.sign_ins += ears.sign_ins
        self.seconds += seconds

    def __str__(self) -> str:
        return (
            f"{self.name:<32} {self.lives:>5} {self.posts:>8} {self.stored:>8} {self.missed:>9} {self.polls:>6} "
            f"{self.sweeps:>6} {self.anew:>10} {self.sign_ins:>8} {self.posts / (self.seconds or 1.0):>8.0f}"
        )
