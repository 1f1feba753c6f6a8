"""Who may import whom, and who may touch the clock and the network: the picture in ARCHITECTURE.md, held by reading."""

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.layers import BOOTSTRAP, CLOCK_EXEMPT, CLOCK_HOME, RANKS, SESSION_EXEMPT, breaches

PROJECT = Path(__file__).resolve().parents[1]


def product_files() -> Iterator[tuple[str, str]]:
    for box in sorted(RANKS.keys() | BOOTSTRAP):
        folder = PROJECT / box
        for file in [folder.with_suffix(".py"), *sorted(folder.rglob("*.py"))]:
            if file.is_file():
                yield file.relative_to(PROJECT).as_posix(), file.read_text(encoding="utf-8")


def test_no_line_breaks_the_picture():
    found = [str(breach) for path, source in product_files() for breach in breaches(path, source)]
    assert not found, "\n" + "\n".join(found)


def test_the_real_files_are_read():
    paths = {path for path, _ in product_files()}
    assert {"run.py", "bootstrap.py", "domain/clock.py", "commands/suite.py"} <= paths


def test_every_exempted_file_exists():
    gone = [path for path in (*CLOCK_EXEMPT, *SESSION_EXEMPT) if not (PROJECT / path).is_file()]
    assert not gone, "their exemptions can go"


def test_the_wheel_carries_every_box_inside_one_package():
    settings = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = settings["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert {Path(name).stem for name in wheel["only-include"]} == RANKS.keys() - {"bench"} | BOOTSTRAP
    assert wheel["sources"] == {"": "earshot"}


PLANTED = [
    ("domain/mention.py", "import aiohttp", "domain does no I/O"),
    ("domain/mention.py", "from sqlmodel import Field", "domain does no I/O"),
    ("domain/mention.py", "import sqlalchemy.orm as orm", "domain does no I/O"),
    ("domain/mention.py", "from storage.tables import MentionRow", "domain may not import storage"),
    ("net/door.py", "import config.settings", "net may not import config"),
    ("config/settings.py", "from storage import database", "config may not import storage"),
    ("channels/rss/source.py", "from storage import tables", "channels may not import storage"),
    ("scoring/language.py", "def f():\n    from channels.rss import source", "scoring may not import channels"),
    ("storage/cases.py", "from listener import dedupe", "storage may not import listener"),
    ("alerts/worker.py", "from reports.metrics import share", "alerts may not import reports"),
    ("responders/worker.py", "from web.app import app", "responders may not import web"),
    ("web/app.py", "import run", "web may not import run"),
    ("web/app.py", "import importlib\nimportlib.import_module('commands.app')", "web may not import commands"),
    ("listener/worker.py", "from tests.fakes import FakeClock", "does not import tests"),
    ("run.py", "import bench.pipeline", "does not import bench"),
    ("bootstrap.py", "import config", "imports nothing of ours"),
    ("web/app.py", "import bootstrap", "only run.py imports the bootstrap"),
    ("storage/database.py", "import procrastinate", "only storage/jobs_"),
    ("listener/worker.py", "from procrastinate import App", "only storage/jobs_"),
    ("listener/worker.py", "import asyncio\nasyncio.sleep(1)", "asyncio.sleep: hold a Clock"),
    ("listener/worker.py", "from asyncio import sleep as nap\nnap(1)", "asyncio.sleep: hold a Clock"),
    ("reports/digest.py", "from datetime import datetime\ndatetime.now()", "datetime.datetime.now: hold a Clock"),
    ("reports/digest.py", "import datetime as dt\nx = dict(default=dt.datetime.utcnow)", "utcnow: hold a Clock"),
    ("reports/digest.py", "import time\ntime.time()", "time.time: hold a Clock"),
    ("channels/rss/client.py", "import aiohttp\naiohttp.ClientSession()", "only net/ makes"),
    ("alerts/mail.py", "from aiohttp import ClientSession as C\nC()", "only net/ makes"),
]


@pytest.mark.parametrize(("path", "source", "why"), PLANTED)
def test_a_planted_breach_is_found_and_named(path, source, why):
    (breach,) = breaches(path, source)
    assert why in str(breach)
    assert str(breach).startswith(f"{path}:{len(source.splitlines())}: ")


ALLOWED = [
    ("web/app.py", "from alerts import rules\nfrom storage import cases\nfrom domain.case import Case"),
    ("run.py", "import bootstrap\nfrom commands.app import main"),
    ("commands/serve.py", "import web.app, storage.database, net.door"),
    ("storage/jobs_postgres.py", "import procrastinate"),
    ("net/door.py", "import aiohttp\naiohttp.ClientSession()"),
    ("channels/rss/client.py", "import aiohttp\ndef f(session: aiohttp.ClientSession) -> None: ..."),
    ("channels/rss/source.py", "from channels.rss import client\nfrom net import door"),
    (CLOCK_HOME, "import asyncio, time\nasyncio.sleep(1)\ntime.time()"),
    ("listener/worker.py", "import time\ntime.monotonic()"),
    ("reports/digest.py", "def f(clock):\n    return clock.now(), clock.sleep(1)"),
    ("bench/pipeline.py", "import time\ntime.time()\nfrom bench import floor"),
]


@pytest.mark.parametrize(("path", "source"), ALLOWED)
def test_what_the_picture_allows_passes(path, source):
    assert breaches(path, source) == []
