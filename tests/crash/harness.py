"""The test's side of the fork server: start it, hand it trials, read what came of them."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[2]
MEMORY = Path("/dev/shm")
MOST_KILLS = 12
PUBLISH_FAULTS: tuple[dict[str, Any], ...] = (
    {"kind": "fail", "status": 500},
    {"kind": "fail", "status": 503, "applied": True},
    {"kind": "fail", "status": 429},
    {"kind": "fail", "status": 409, "applied": True},
    {"kind": "reset"},
    {"kind": "reset", "applied": True},
    {"kind": "reset", "applied": True, "after_bytes": 17},
    {"kind": "garbage", "applied": True},
    {"kind": "hide", "seconds": 3.0, "applied": True},
    {"kind": "hide", "seconds": 90.0, "applied": True},
)


@dataclass(frozen=True, slots=True)
class Trial:
    """One trial: where each life ends ({point, nth} or {after_s}), and how the network misbehaves meanwhile."""

    kills: tuple[dict[str, Any], ...] = ()
    faults: tuple[dict[str, Any], ...] = ()
    moods: tuple[str, ...] = ()
    lag_s: float = 0.0
    sabotage: str = ""
    threads: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """Where it died, and what the checker says."""

    deaths: list[str]
    problems: list[str]
    seconds: float


@dataclass
class Lane:
    """One running fork server."""

    process: subprocess.Popen[str]
    folder: Path
    points: dict[str, int] = field(default_factory=dict)
    played: int = 0

    def play(self, trial: Trial) -> Result:
        """Play one trial to its end."""
        self.played += 1
        given = {**asdict(trial), "folder": str(self.folder / f"trial{self.played}")}
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(given) + "\n")
        self.process.stdin.flush()
        return Result(**self._answer())

    def _answer(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, f"the fork server ended with {self.process.wait(10)}:\n{(self.folder / 'log').read_text()[-3000:]}"
        answer: dict[str, Any] = json.loads(line)
        return answer


@contextmanager
def lane(postgres: str = "") -> Iterator[Lane]:
    """A fork server on a folder in memory (or the temporary folder); its first life has counted the points."""
    with tempfile.TemporaryDirectory(prefix="earshot-crash-", dir=MEMORY if MEMORY.is_dir() else None) as name:
        folder = Path(name)
        command = [sys.executable, "-m", "tests.crash.forkserver", str(folder), *([postgres] if postgres else [])]
        clean = {key: value for key, value in os.environ.items() if not key.startswith("EARSHOT_")}
        with (folder / "log").open("w") as log:
            process = subprocess.Popen(
                command, cwd=PROJECT, env=clean, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
            )
            started = Lane(process, folder)
            try:
                started.points = started._answer()
                yield started
            finally:
                assert process.stdin is not None
                process.stdin.close()
                try:
                    process.wait(10)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
                assert process.stdout is not None
                process.stdout.close()


def random_trial(seed: int, points: dict[str, int]) -> Trial:
    """The trial of this seed: up to twelve deaths in a row, most at a point, some at any moment; faults on the way."""
    dice = random.Random(seed)
    names = sorted(points)
    weights = [points[name] for name in names]
    kills: list[dict[str, Any]] = []
    for _ in range(dice.randint(3, MOST_KILLS)):
        if dice.random() < 0.3:
            kills.append({"after_s": round(dice.uniform(0.005, 0.5), 4)})
        else:
            point = dice.choices(names, weights)[0]
            kills.append({"point": point, "nth": min(dice.randint(1, points[point]), dice.randint(1, 6))})
    faults = tuple(dice.choice(PUBLISH_FAULTS) for _ in range(dice.choice((0, 0, 1, 1, 2, 3))))
    moods = tuple(dice.choice(("taken", "taken", "lost", "later", "never")) for _ in range(dice.choice((0, 0, 1, 3))))
    return Trial(tuple(kills), faults, moods, dice.choice((0.0, 0.0, 0.0, 1.0, 3.0)))


@dataclass
class Tally:
    """What many trials came to."""

    kills: int = 0
    trials: int = 0
    seconds: float = 0.0
    points: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)

    def add(self, seed: int, result: Result) -> None:
        """Count one more."""
        self.kills += len(result.deaths)
        self.trials += 1
        self.points.update(result.deaths)
        self.problems += [f"seed {seed}, died at {result.deaths}: {problem}" for problem in result.problems]

    def __str__(self) -> str:
        rate = self.kills / self.seconds if self.seconds else 0.0
        return (
            f"{self.kills} kills in {self.trials} trials, {self.seconds:.1f} s: {rate:.1f} kills/s, "
            f"{len(self.points)} places, {len(self.problems)} problems"
        )


def play_all(lanes: list[Lane], trials: list[Trial]) -> list[Result]:
    """Play these trials, shared by the lanes; results in their order."""
    with ThreadPoolExecutor(len(lanes)) as pool:
        shares = pool.map(lambda place: [lanes[place].play(t) for t in trials[place :: len(lanes)]], range(len(lanes)))
        parts = list(shares)
    return [parts[place % len(lanes)][place // len(lanes)] for place in range(len(trials))]


def run_random(lanes: list[Lane], kills: int, first_seed: int) -> Tally:
    """Trials of rising seeds until there were so many kills. Each lane plays every n-th seed."""
    began, tally = time.perf_counter(), Tally()

    def work(place: int) -> None:
        seed = first_seed + place
        while tally.kills < kills and len(tally.problems) < 20:
            tally.add(seed, lanes[place].play(random_trial(seed, lanes[place].points)))
            seed += len(lanes)

    with ThreadPoolExecutor(len(lanes)) as pool:
        list(pool.map(work, range(len(lanes))))
    tally.seconds = time.perf_counter() - began
    return tally


@contextmanager
def lanes(count: int) -> Iterator[list[Lane]]:
    """Several lanes on SQLite, started side by side."""
    with ExitStack() as stack, ThreadPoolExecutor(count) as pool:
        yield list(pool.map(lambda _: stack.enter_context(lane()), range(count)))
