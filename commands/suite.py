"""`run.py test`: ruff, mypy and pytest one after the other, then a summary."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

PROJECT = Path(__file__).resolve().parents[1]


class Step(NamedTuple):
    """One program of the suite: the name it is reported under, and the module's arguments."""

    name: str
    arguments: tuple[str, ...]


SPREAD = ("-n", "auto", "--maxprocesses", "8", "--dist", "loadfile", "--no-loadscope-reorder")
"""A process for each core. The tests of a file stay together: some count over the file. Which files come first says
`tests/conftest.py`. Whoever wants one process, a debugger or an order of their own says `-n 0` after ours."""

CHECKS = (
    Step("ruff check", ("ruff", "check", ".")),
    Step("ruff format", ("ruff", "format", "--check", ".")),
    Step("mypy", ("mypy",)),
)


def marker_expression(peers: bool, long: bool) -> str:
    """Return pytest's -m: the ordinary tests, or only the slow proofs that were asked for."""
    wanted = [name for name, on in (("peer", peers), ("long", long)) if on]
    return " or ".join(wanted) or "not peer and not long"


def plan(pytest_arguments: Sequence[str], *, peers: bool, long: bool) -> list[Step]:
    """Return the steps of one run. The slow proofs come without the checks and in one process, so that what they print
    is seen as it comes; an own -m after ours wins in pytest."""
    slow = peers or long
    wanted = ("-rs", *(() if slow else SPREAD), "-m", marker_expression(peers, long), *pytest_arguments)
    return [*(() if slow else CHECKS), Step("pytest", ("pytest", *wanted))]


def run_suite(pytest_arguments: Sequence[str], *, peers: bool = False, long: bool = False) -> int:
    """Run every step, also after one failed; return 0 when all passed, else 1."""
    if not (PROJECT / "tests").is_dir():
        print("The suite is part of a checkout; an installed Earshot does not carry it.", file=sys.stderr)
        return 1
    environment = dict(os.environ)
    environment.update({name: "1" for name, on in (("EARSHOT_PEERS", peers), ("EARSHOT_LONG", long)) if on})
    outcomes = [(step.name, *run_step(step, environment)) for step in plan(pytest_arguments, peers=peers, long=long)]
    print("\nSummary")
    for name, code, took_s in outcomes:
        print(f"  {'passed' if code == 0 else 'FAILED'}  {name:<12} {took_s:6.1f} s")
    return int(any(code for _, code, _ in outcomes))


def run_step(step: Step, environment: dict[str, str]) -> tuple[int, float]:
    """Run one step in the project's folder; return its exit code and how long it took in seconds."""
    print(f"\n--- {step.name}", flush=True)
    started = time.monotonic()
    done = subprocess.run([sys.executable, "-m", *step.arguments], cwd=PROJECT, env=environment, check=False)
    return done.returncode, time.monotonic() - started
