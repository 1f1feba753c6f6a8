"""Fork servers for the whole session: starting one costs more than a trial."""

from collections.abc import Iterator

import pytest

from tests.crash.harness import Lane, lane, lanes


@pytest.fixture(scope="session")
def two_lanes() -> Iterator[list[Lane]]:
    """Two fork servers on SQLite."""
    with lanes(2) as started:
        yield started


@pytest.fixture(scope="session")
def postgres_lane(postgres_url: str) -> Iterator[Lane]:
    """One fork server on PostgreSQL."""
    with lane(postgres_url.rpartition("/")[0]) as started:
        yield started
