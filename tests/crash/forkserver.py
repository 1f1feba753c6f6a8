"""The fork server: a warm process that imports everything once and forks one child per life of a trial.

Run as `python -m tests.crash.forkserver FOLDER [POSTGRES_ADDRESS]`. It speaks JSON lines: first one with the points
that a life without any kill reaches, then one answer per trial. It stays single-threaded, or forking would not be safe.
"""

from __future__ import annotations

import asyncio
import gc
import http.client
import json
import os
import shutil
import signal
import sys
import time
import traceback
from collections import Counter
from pathlib import Path
from typing import Any

import psycopg
import structlog
from procrastinate import App
from pydantic import SecretStr

import channels.replay.source
import channels.sandbox.client
from commands import wiring
from config.settings import Mail, Settings
from domain import crashpoint
from domain.ids import ids
from storage.database import Database
from storage.migrate import migrate
from tests.crash import checker, sabotage
from tests.crash.base import START, furnish, write_world
from tests.crash.clock import SharedClock
from tests.crash.inline import without_thread
from tests.crash.outside import BOOKS, open_outside
from tests.crash.story import Story

DIED = 86
DATABASE = "earshot.db"
_DOWN_S = 5.0
_LIFE_LIMIT_S = 30.0
_TRIAL, _PATTERN = "crash_trial", "crash_pattern"


class ForkServer:
    """Keeps the warm parts and plays trials."""

    def __init__(self, folder: Path, postgres: str = "") -> None:
        self.folder, self.postgres = folder, postgres
        self.clock = SharedClock()
        self.clock.set(START)
        write_world(folder)
        self.outside, self.port, self.mail_port = open_outside(self.clock, folder)
        self.address = f"http://127.0.0.1:{self.port}"
        url = f"{postgres}/{_TRIAL}" if postgres else f"sqlite+aiosqlite:///file:{DATABASE}?uri=true"
        self.database = Database(url)
        vars(wiring)["Database"] = lambda url: self.database  # warm: its statements are compiled before the fork
        App.run_worker_async = _impatient(App.run_worker_async)  # type: ignore[method-assign]
        channels.replay.source.PAGE = channels.sandbox.client.PAGE = 2  # so that there is something between pages

    # --- the base ---

    def prepare(self) -> dict[str, int]:
        """Build what every trial starts from, then live once without a kill. Returns the points with their hits."""
        os.chdir(self.folder)
        if self.postgres:
            self._sql(f"DROP DATABASE IF EXISTS {_TRIAL} WITH (FORCE)", f"CREATE DATABASE {_TRIAL}")
        asyncio.run(self._furnish())
        if self.postgres:
            self._sql(f"DROP DATABASE IF EXISTS {_PATTERN}", f"ALTER DATABASE {_TRIAL} RENAME TO {_PATTERN}")
        hits: Counter[str] = Counter()
        crashpoint.arm(lambda name: hits.update([name]))
        warm = {"faults": [{"kind": "reset", "applied": True}], "moods": ["later"]}
        folder = self._stage({"folder": str(self.folder / "warm"), **warm})
        asyncio.run(self._live(folder))
        crashpoint.arm(None)
        problems = checker.check(self._rows_of(folder), folder, self.folder, deaths=0)
        assert not problems, f"without any kill: {problems}"
        os.chdir(self.folder)
        shutil.rmtree(folder)
        gc.collect()
        gc.freeze()
        gc.disable()  # a life is short; its children need no collection
        return dict(hits)

    async def _furnish(self) -> None:
        url = f"{self.postgres}/{_TRIAL}" if self.postgres else f"sqlite+aiosqlite:///{self.folder / DATABASE}"
        await migrate(url)
        house = wiring.build(self._settings(self.folder), self.clock)
        if self.postgres:
            await house.jobs.prepare()
        await furnish(house, self.folder, self.address)
        if self.postgres:
            await house.jobs.stop()
        await house.close()

    def _settings(self, folder: Path) -> Settings:
        # tests of the product's settings are elsewhere; here nothing may come in from the environment
        return Settings(
            data_dir=folder,
            outbound_allow=[f"127.0.0.1:{self.port}"],
            mail=Mail(host="127.0.0.1", port=self.mail_port, security="none", sender="earshot@norda.example"),
            database_url=SecretStr(self.postgres and f"{self.postgres}/{_TRIAL}"),
        )

    def _sql(self, *statements: str) -> None:
        with psycopg.connect(self.postgres.replace("+psycopg", "", 1) + "/postgres", autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    # --- one trial ---

    def play(self, trial: dict[str, Any]) -> dict[str, Any]:
        """Live, die, live again, until a life ends by itself; then check. Returns deaths and problems."""
        folder = self._stage(trial)
        deaths: list[str] = []
        problems: list[str] = []
        for kill in [*trial.get("kills", []), None]:
            code = self._life(folder, kill, trial)
            if code == 0:
                break
            if code != DIED and code >= 0:
                problems.append(f"error: {(folder / 'error').read_text()}")
                break
            deaths.append(kill.get("point", "a moment") if kill else "limit")
            if kill is None:
                problems.append(f"error: a life took longer than {_LIFE_LIMIT_S:g} s")
                break
            problems += checker.halfway(self._rows_of(folder), folder, self.folder)
            self._time_passes()
        if not problems:
            problems = checker.check(self._rows_of(folder), folder, self.folder, deaths=len(deaths))
        if not trial.get("keep"):
            shutil.rmtree(folder)
        return {"deaths": deaths, "problems": problems}

    def _stage(self, trial: dict[str, Any]) -> Path:
        folder = Path(trial["folder"])
        folder.mkdir(parents=True)
        shutil.copy(self.folder / BOOKS, folder)
        shutil.copy(self.folder / "secret.key", folder)
        if self.postgres:
            again = f"CREATE DATABASE {_TRIAL} TEMPLATE {_PATTERN}"
            self._sql(f"DROP DATABASE IF EXISTS {_TRIAL} WITH (FORCE)", again)
        else:
            shutil.copy(self.folder / DATABASE, folder)
        self.clock.set(START)
        given = {key: trial[key] for key in ("folder", "faults", "moods", "lag_s") if key in trial}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request("POST", "/stage", json.dumps(given))
        assert connection.getresponse().status == 200
        connection.close()
        return folder

    def _life(self, folder: Path, kill: dict[str, Any] | None, trial: dict[str, Any]) -> int:
        child = os.fork()
        if child == 0:
            self._child(folder, kill, trial)
        _, status = os.waitpid(child, 0)
        return os.waitstatus_to_exitcode(status)

    def _child(self, folder: Path, kill: dict[str, Any] | None, trial: dict[str, Any]) -> None:
        code = 1
        try:
            signal.signal(signal.SIGALRM, signal.SIG_DFL)  # the kernel ends us, nothing is cleaned up
            after_s = (kill or {}).get("after_s")
            signal.setitimer(signal.ITIMER_REAL, _LIFE_LIMIT_S if after_s is None else after_s)
            if kill and "point" in kill:
                crashpoint.arm(_dying_at(kill["point"], kill["nth"]))
            sabotage.plant(trial.get("sabotage", ""))
            if not trial.get("threads"):
                without_thread()
            ids.__init__()  # type: ignore[misc]  # a new process, a new node
            asyncio.run(self._live(folder))
            code = 0
        except BaseException:
            (folder / "error").write_text(traceback.format_exc()[-2500:])
        finally:
            os._exit(code)

    async def _live(self, folder: Path) -> None:
        os.chdir(folder)
        house = wiring.build(self._settings(folder), self.clock)
        await Story(house, folder, self.address).live()
        if self.postgres:
            await house.jobs.stop()
        await house.close()

    def _time_passes(self) -> None:
        self.clock.move(_DOWN_S)
        if self.postgres:
            address = self.postgres.replace("+psycopg", "", 1) + f"/{_TRIAL}"
            with psycopg.connect(address, autocommit=True) as connection:
                connection.execute("UPDATE procrastinate_workers SET last_heartbeat = last_heartbeat - interval '60 s'")

    def _rows_of(self, folder: Path) -> checker.Rows:
        if self.postgres:
            return checker.PostgresRows(self.postgres.replace("+psycopg", "", 1) + f"/{_TRIAL}")
        return checker.SqliteRows(folder / DATABASE)


def _impatient(run: Any) -> Any:
    """The motor on PostgreSQL asks for work every second; time jumps here, so it asks at once."""

    def run_at_once(self: App, **given: Any) -> Any:
        return run(self, **{**given, "fetch_job_polling_interval": 0.02, "shutdown_graceful_timeout": 0.1})

    return run_at_once


def _dying_at(point: str, nth: int) -> Any:
    seen = 0

    def die(name: str) -> None:
        nonlocal seen
        if name == point:
            seen += 1
            if seen == nth:
                os._exit(DIED)

    return die


def main() -> None:
    """Serve until the input ends."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(int(os.environ.get("EARSHOT_CRASH_LOG", "50")))
    )
    server = ForkServer(Path(sys.argv[1]), *sys.argv[2:3])
    print(json.dumps(server.prepare()), flush=True)
    for line in sys.stdin:
        began = time.perf_counter()
        answer = server.play(json.loads(line))
        print(json.dumps({**answer, "seconds": time.perf_counter() - began}), flush=True)
    os.kill(server.outside, signal.SIGKILL)


if __name__ == "__main__":
    main()
