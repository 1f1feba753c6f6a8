"""Fixtures that every test may use: the optional programs and data, and a throw-away PostgreSQL."""

import os
import re
import shutil
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.peers.install import isso_program, snac_program
from tests.postgres import ThrowAwayServer, find_binaries, fresh_database

settings.register_profile("earshot", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("earshot")
"""A busy neighbour is no failure: what must be quick is held to CPU time by its own test."""
PROJECT = Path(__file__).resolve().parents[1]
SHARED_DATA = PROJECT.parent / "shared" / "data"
LONGEST = (
    "tests/responders/test_contract_figures.py",
    "tests/responders/test_drafts_figures.py",
    "tests/day/test_day.py",
    "tests/publishing/test_ambiguous_publishes.py",
    "tests/loss/test_lives.py",
    "tests/crash/test_random_kills.py",
    "tests/web/test_browser.py",
    "tests/responders/test_hostile_model.py",
)
"""Files that take minutes. They come first: what comes last keeps one core alone."""
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


def required_names() -> frozenset[str]:
    """Return the names in EARSHOT_REQUIRE: what must be there on this machine (commas or spaces between)."""
    return frozenset(filter(None, re.split(r"[,\s]+", os.environ.get("EARSHOT_REQUIRE", ""))))


def require(name: str, condition: object, reason: str) -> None:
    """Skip the test with `reason` when `condition` is false; fail instead when EARSHOT_REQUIRE names `name`.

    Used names: postgres, chromium, node, shared, snac, isso, dovecot, bluesky, machina, wordpress; google, github,
    trustpilot, meta, social, forums.
    """
    if condition:
        return
    if name in required_names():
        pytest.fail(f"EARSHOT_REQUIRE names {name}, but: {reason}", pytrace=False)
    pytest.skip(f"{name}: {reason}")


def which(*names: str) -> str:
    """Return the path of the first of these programs that is installed, or an empty string."""
    return next((found for name in names if (found := shutil.which(name))), "")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first, all others in the order they have."""
    places = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.nodeid.partition("::")[0], len(places)))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Half a character in what a test printed cannot travel between the processes that share the tests."""
    report = yield
    report.sections = [(name, said.encode("utf-8", "backslashreplace").decode()) for name, said in report.sections]
    return report


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of optional real input beside the checkout (../shared/data)."""
    require("shared", SHARED_DATA.is_dir(), "../shared/data is not beside this checkout")
    return SHARED_DATA


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of an installed Chromium; EARSHOT_CHROMIUM names one outside PATH."""
    found = os.environ.get("EARSHOT_CHROMIUM") or which(*CHROMIUM_NAMES)
    require("chromium", found, "no Chromium is installed (Debian: apt-get install chromium)")
    return found


@pytest.fixture(scope="session")
def node() -> str:
    """Path of an installed Node.js."""
    found = which("node", "nodejs")
    require("node", found, "no Node.js is installed (Debian: apt-get install nodejs)")
    return found


@pytest.fixture(scope="session")
def snac() -> str:
    """Path of the snac server (Mastodon's API); EARSHOT_SNAC names one outside PATH and the peers' cache."""
    found = os.environ.get("EARSHOT_SNAC") or which("snac") or str(snac_program())
    require("snac", Path(found).exists(), "snac2 is not installed: python3 tests/peers/install.py snac")
    return found


@pytest.fixture(scope="session")
def isso() -> str:
    """Path of the isso server (comments under web pages, with Atom feeds)."""
    found = isso_program()
    require("isso", found.exists(), "isso is not installed: python3 tests/peers/install.py isso")
    return str(found)


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """SQLAlchemy address of a throw-away PostgreSQL server's `postgres` database; it stops with the session."""
    binaries = find_binaries()
    require("postgres", binaries, "no PostgreSQL is installed (Debian: apt-get install postgresql)")
    assert binaries is not None
    with ThrowAwayServer(binaries) as server:
        yield server.url("postgres")


@pytest.fixture
def postgres_db(postgres_url: str) -> Iterator[str]:
    """SQLAlchemy address of an empty PostgreSQL database of this test's own."""
    with fresh_database(postgres_url) as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Async SQLAlchemy address of an empty database; the test runs once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'earshot.db'}"
    return str(request.getfixturevalue("postgres_db"))
