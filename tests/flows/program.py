"""The real command as a process of its own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
START_S = 240.0
"""What has not come until then never comes."""


class Program:
    """`python run.py …` with its output in a file. Use as a context manager: nothing is left running."""

    def __init__(self, folder: Path, *arguments: str, program: str = "run.py", **environment: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.log = folder / f"said-{len(list(folder.glob('said-*')))}.txt"
        clean = {name: value for name, value in os.environ.items() if not name.startswith("EARSHOT_")}
        with self.log.open("w") as said:
            self.process = subprocess.Popen(
                [sys.executable, str(PROJECT / program), *arguments],
                cwd=folder,
                env={
                    **clean,
                    "PYTHONPATH": str(PROJECT),
                    "EARSHOT_NO_BOOTSTRAP": "1",
                    "COLUMNS": "200",
                    "PYTHONUNBUFFERED": "1",
                    **environment,
                },
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
            )

    def __enter__(self) -> Program:
        return self

    def __exit__(self, *_error: object) -> None:
        for child in children_of(self.process.pid):
            os.kill(child, signal.SIGKILL)
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    @property
    def said(self) -> str:
        """Everything it printed so far."""
        return self.log.read_text(encoding="utf-8")

    def wait_for(self, pattern: str, limit_s: float = START_S) -> re.Match[str]:
        """Wait until it has printed this."""
        give_up_at = time.monotonic() + limit_s
        while (found := re.search(pattern, self.said)) is None:
            assert self.process.poll() is None, f"it ended with {self.process.returncode}:\n{self.said}"
            assert time.monotonic() < give_up_at, f"not within {limit_s:.0f} s: {pattern}\n{self.said}"
            time.sleep(0.05)
        return found

    def stop(self, limit_s: float = START_S) -> float:
        """Send SIGTERM; how long it took to end, in seconds."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(limit_s)
        return time.monotonic() - began


def children_of(pid: int) -> list[int]:
    """The processes that this one started and that still run."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has ended meanwhile
        if int(fields[1]) == pid and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


def runs(pid: int) -> bool:
    """Whether this process still runs."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
