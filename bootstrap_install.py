"""The first start: makes the environment and installs the hashed lock, saying what it does.

1. Wait for the file lock, so that two first starts do not write into one folder.
2. Make the environment folder (with uv where it is installed, else with venv).
3. Install the packages of the lock.
4. Try to load those with compiled parts: a wheel for another machine fails here and not in the middle of the work.
5. Write the stamp. An environment without a stamp is what a killed first start left: it is made anew.
"""

from __future__ import annotations

import contextlib
import fcntl
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType

from bootstrap import LOCKS, PROJECT, STAMP_NAME, is_ready, pinned, python_of, read_stamp, write_stamp

COMPILED = "aiohttp, ahocorasick_rs, argon2, cryptography, msgspec, psycopg, pydantic_core, re2, regex, sqlite3, ssl"
# A user's pip settings may name an index, a proxy or a certificate; these ones would put the packages elsewhere.
MISPLACING = ("PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_REQUIREMENT", "PIP_CONSTRAINT", "PYTHONHOME", "PYTHONPATH")
SIGNS_OF_NO_NETWORK = re.compile(
    r"NewConnectionError|name resolution|Name or service not known|Network is unreachable|Connection refused|"
    r"Max retries exceeded|ProxyError|ConnectTimeout|Read timed out|error sending request|dns error|"
    r"No matching distribution|Could not find a version|not found in the (package registry|provided package)",
    re.IGNORECASE,
)
SIGNS_OF_OTHER_BYTES = re.compile(r"DO NOT MATCH THE HASHES|Hash mismatch", re.IGNORECASE)
# What a folder may hold that was killed before its pyvenv.cfg was written; anything else may be a person's own.
PARTS_OF_AN_ENVIRONMENT = frozenset({"bin", "include", "lib", "lib64", ".gitignore", ".lock", "CACHEDIR.TAG"})
SHOW_EVERY_S = 5.0


class BootstrapError(Exception):
    """The environment cannot be made; the text says why and what to do."""


def make_or_explain(venv: Path, dev: bool) -> None:
    """Make the environment; on failure leave with one message that says why and what to do (exit code 1)."""
    signal.signal(signal.SIGTERM, _stop)
    try:
        make(venv, dev)
    except BootstrapError as error:
        sys.exit(f"\nEarshot cannot start. {error}")
    except KeyboardInterrupt:
        sys.exit("\nStopped before the environment was ready; the next start makes it.")
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _stop(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def make(venv: Path, dev: bool) -> None:
    """Make or update the environment under the file lock; where uv cannot do it, try again with pip."""
    with holding(venv.with_name(f"{venv.name}.lock")) as lock_fd:
        if is_ready(venv, dev):
            return  # the start we waited for has made it
        dev = dev or "dev" in read_stamp(venv)
        *others, last = installers()
        for uv in others:
            with contextlib.suppress(BootstrapError):
                return Installation(venv, dev, uv, lock_fd).run()
            print("  uv could not do it; trying again with pip.", flush=True)
        Installation(venv, dev, last, lock_fd).run()


def installers() -> list[str]:
    """Return what can install here, best first: the path of uv, then "" for venv and pip."""
    uv = shutil.which("uv") or ""
    has_venv = all(importlib.util.find_spec(name) for name in ("venv", "ensurepip"))
    if not uv and not has_venv:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise BootstrapError(
            f"This Python ({sys.executable}) cannot make virtual environments. On Debian or Ubuntu:\n"
            f"    sudo apt-get install python{version}-venv\n"
            "Elsewhere install Python's ensurepip module, or put uv on the PATH. Then start again."
        )
    return [name for name, usable in ((uv, bool(uv)), ("", has_venv)) if usable]


@contextlib.contextmanager
def holding(path: Path) -> Iterator[int]:
    """Hold the file lock at `path`; yields its descriptor.

    Installers inherit the descriptor. When this process is killed, the lock stays with the installer it
    left behind, so the next start waits for that one's end before it clears the folder.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = path.open("a")
    except OSError as error:
        raise BootstrapError(
            f"Cannot write to {path.parent} ({error.strerror}). Start Earshot as a user who may write there, "
            "or name another folder for the environment in EARSHOT_VENV."
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another start is making the environment; waiting for it.", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock.fileno()


class Installation:
    """One attempt to bring the environment in line with a lock."""

    def __init__(self, venv: Path, dev: bool, uv: str, lock_fd: int) -> None:
        self.venv, self.dev, self.uv, self.lock_fd = venv, dev, uv, lock_fd
        self.requirements = PROJECT / LOCKS["dev" if dev else "base"]
        self.log = venv.with_name(f"{venv.name}.log")
        self.started = time.monotonic()

    def run(self) -> None:
        """Do all the steps; raises BootstrapError with the reason and the name of the full log."""
        count = len(pinned(self.requirements.read_text(encoding="utf-8")))
        tool = "uv" if self.uv else "pip"
        self.log.write_text("", encoding="utf-8")
        if self._can_update():
            self._say(f"Step 1 of 3: the wanted packages have changed; updating {self.venv}")
        else:
            self._say(f"First start. Step 1 of 3: making a Python environment in {self.venv}")
            self._make_folder()
        self._say(f"Step 2 of 3: installing {count} packages with {tool} (once; may take a minute or two)")
        self._call(self._install_command(), Progress(count))
        self._say("Step 3 of 3: checking that they load")
        self._call([str(python_of(self.venv)), "-c", f"import {COMPILED}"])
        write_stamp(self.venv, self.dev)
        self.log.unlink(missing_ok=True)
        self._say("The environment is ready.")

    def _can_update(self) -> bool:
        """Take the stamp away first, so that a killed update is seen as half-made."""
        stamp = read_stamp(self.venv)
        fits = bool(stamp) and stamp.get("python") == os.path.realpath(python_of(self.venv))
        usable = fits and python_of(self.venv).exists() and (bool(self.uv) or (self.venv / "bin" / "pip").exists())
        (self.venv / STAMP_NAME).unlink(missing_ok=True)
        return usable

    def _make_folder(self) -> None:
        if self.venv.exists():
            strangers = {entry.name for entry in self.venv.iterdir()} - PARTS_OF_AN_ENVIRONMENT
            if strangers and not (self.venv / "pyvenv.cfg").exists():
                raise BootstrapError(f"{self.venv} is in the way: it is not a Python environment. Move it elsewhere.")
            self._say("  an unfinished or outdated one is there; starting over")
            _remove(self.venv)
        command = [self.uv, "venv", "--python"] if self.uv else []
        self._call([*command, sys.executable, *([] if self.uv else ["-m", "venv"]), str(self.venv)])

    def _install_command(self) -> list[str]:
        exactly = ["--require-hashes", "--no-deps", "-r", str(self.requirements)]
        python = str(python_of(self.venv))
        if self.uv:
            return [self.uv, "pip", "install", "--python", python, *exactly]
        # Without --no-compile pip translates every module of every package, most of which never run.
        quiet = ["--no-input", "--no-compile", "--disable-pip-version-check", "--progress-bar", "off"]
        return [python, "-m", "pip", "install", *quiet, *exactly]

    def _call(self, command: Sequence[str], progress: Progress | None = None) -> None:
        """Run one command: its output goes to the log, the gist of it to the screen."""
        environment = {key: value for key, value in os.environ.items() if key not in MISPLACING}
        with self.log.open("a", encoding="utf-8") as log, subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True,
            errors="replace", env=environment, pass_fds=[self.lock_fd],
        ) as child:  # fmt: skip
            try:
                for line in child.stdout or ():
                    log.write(line)
                    if progress:
                        progress.see(line)
            except BaseException:
                child.terminate()
                raise
        if progress:
            progress.close()
        if child.returncode != 0:
            raise BootstrapError(self._explain(child.returncode))

    def _explain(self, code: int) -> str:
        said = self.log.read_text(encoding="utf-8")
        where = f"\nThe full output is in {self.log}"
        if SIGNS_OF_OTHER_BYTES.search(said):
            return f"A downloaded package is not the one named in {self.requirements.name}. Nothing was started.{where}"
        if "No space left" in said:
            return f"The disk is full: the environment needs about 400 MB in {self.venv.parent}.{where}"
        if SIGNS_OF_NO_NETWORK.search(said):
            return (
                "The packages could not be downloaded. Check this machine's network; behind a proxy set HTTPS_PROXY. "
                f"Then start again.{where}"
            )
        if "ensurepip" in said:
            return f"This Python's ensurepip does not work; on Debian or Ubuntu install python3-venv.{where}"
        last = "\n    ".join(said.strip().splitlines()[-3:])
        return f"A step failed (exit code {code}):\n    {last}{where}"

    def _say(self, text: str) -> None:
        print(f"[{time.monotonic() - self.started:4.0f} s] {text}", flush=True)


class Progress:
    """Turns an installer's output into one counting line (on a terminal) or a line every few seconds."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.seen = 0
        self.started = self.shown_at = time.monotonic()
        self.live = sys.stdout.isatty()

    def see(self, line: str) -> None:
        """Take one line of output."""
        if match := re.match(r"\s*Collecting ([\w.-]+)", line):
            self.seen += 1
            self._show(f"fetching {min(self.seen, self.total)} of {self.total}: {match[1]}")
        elif line.startswith("Installing collected packages"):
            self._show("fetched; unpacking (the longest part without news)", always=True)
        elif match := re.match(r"(?:Prepared|Installed|Resolved) \d+ packages.*|ERROR: .*|error: .*", line):
            self._show(match[0], always=True)

    def close(self) -> None:
        """End the counting line."""
        if self.live:
            print(flush=True)

    def _show(self, text: str, always: bool = False) -> None:
        now = time.monotonic()
        if self.live:
            width = shutil.get_terminal_size().columns - 1
            print(f"\r{f'  {now - self.started:4.0f} s  {text}'[:width]:<{width}}", end="", flush=True)
        elif always or now - self.shown_at >= SHOW_EVERY_S:
            self.shown_at = now
            print(f"  {now - self.started:4.0f} s  {text}", flush=True)


def _remove(folder: Path) -> None:
    """Delete the folder; a second try takes what an ending installer wrote meanwhile."""
    shutil.rmtree(folder, ignore_errors=True)
    try:
        if folder.exists():
            shutil.rmtree(folder)
    except OSError as error:
        raise BootstrapError(f"Cannot delete the old environment {folder} ({error.strerror}). Delete it.") from error
