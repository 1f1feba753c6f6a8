"""The report on 3,000 real posts, replayed through listener and scoring, adds up like that of the seeded history."""

import asyncio
import json
import shutil
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import col, select

from channels.registry import manifests
from channels.replay.manifest import MANIFEST
from domain.account import Account
from domain.clock import SetClock
from domain.ids import ids
from listener.onboarding import add_brand, add_source
from listener.worker import Listener
from net.door import Door
from reports.figures import figures
from reports.period import Period, between
from reports.report import build
from scoring.scorer import BrandProfile, Scorer
from storage import transitions
from storage.database import Database
from storage.migrate import migrate
from storage.tables import Case, Reply, Topic
from tests.reports.conftest import Sql
from tests.reports.recomputed import Recomputed
from tests.reports.test_figures import same

AIRLINES = ("VirginAmerica", "united", "SouthwestAir", "JetBlue", "USAirways", "AmericanAir")
NOW = datetime(2015, 2, 25, 12, 0, tzinfo=UTC)
STEPS = (("requested", "drafted"), ("drafted", "approved"), ("approved", "sending"), ("sending", "sent"))
ZONES = ("America/Chicago", "Asia/Kolkata")


@pytest.fixture(scope="session")
def replayed(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int, list[dict[str, Any]]]:
    """The airline posts heard once, with their own dates; a day of answers by people on top."""
    sample = shared / "mentions" / "airline_sample.jsonl"
    path = tmp_path_factory.mktemp("replayed") / "airline.db"
    brand = asyncio.run(_hear(path, sample))
    return path, brand, [json.loads(text) for text in sample.read_text("utf-8").splitlines() if text.strip()]


async def _hear(path: Path, sample: Path) -> int:
    url = f"sqlite+aiosqlite:///{path}"
    await migrate(url)
    db, clock = Database(url), SetClock(NOW - timedelta(days=3))
    async with db.write() as session:
        brand = await add_brand(session, "Airline", clock.now(), handles=list(AIRLINES), languages=["en"])
        for name in AIRLINES:
            query = f"@{name} OR {name}"
            row_id = ids.next(clock.now())
            session.add(Topic(id=row_id, brand_id=brand.id, name=name, query=query, created_at=clock.now()))
        settings = {"path": str(sample), "shift": "keep"}
        source = add_source(session, brand.id, manifests()["replay"], "airlines", settings, clock.now())
    door = Door(clock)
    listener = Listener(
        database=db,
        clock=clock,
        door=door,
        manifests={"replay": MANIFEST},
        scorer_for=lambda row: Scorer(BrandProfile(names=(row.name, *AIRLINES), default_language="en")),
        open_account=lambda row: Account(0, "", "", "", "", {}),
    )
    for _ in range(3):
        await listener.poll(source.id)
    await _answer(db, brand.id)
    await door.close()
    await db.close()
    return brand.id


async def _answer(db: Database, brand_id: int) -> None:
    """Every third case is answered, from a minute to a day after its post; every seventh is closed."""
    history: list[dict[str, Any]] = []
    who: Any = {"brand_id": brand_id, "actor": "user:1"}
    async with db.write() as session:
        connection = await session.connection()
        query = select(Case.id, Case.posted_at, Reply.id).join(Reply, col(Reply.case_id) == col(Case.id))
        for number, (case_id, posted_at, reply_id) in enumerate(await session.exec(query.order_by(col(Case.id)))):
            at = posted_at + timedelta(seconds=60 + (number * 7919) % 86_400)
            if number % 3 == 0 and at < NOW:
                history += [transitions.entry("reply", reply_id, old, new, now=at, **who) for old, new in STEPS]
                await connection.execute(update(Reply).where(col(Reply.id) == reply_id).values(status="sent"))
            elif number % 7 == 0 and at < NOW:
                history.append(transitions.entry("case", case_id, "open", "resolved", now=at, **who))
                await connection.execute(update(Case).where(col(Case.id) == case_id).values(status="resolved"))
        await transitions.record(session, history)


@pytest.mark.parametrize("zone", ZONES)
async def test_each_figure_of_the_replay_equals_an_independent_recomputation(
    replayed: tuple[Path, int, list[dict[str, Any]]], tmp_path: Path, zone: str
):
    path, brand, _ = replayed
    db = Database(f"sqlite+aiosqlite:///{shutil.copy(path, tmp_path / 'airline.db')}")
    period: Period = between("2015-02-16", "2015-02-25", zone, NOW)
    async with db.read() as session:
        report = await build(session, [brand], period, "", NOW)
    again = Recomputed(Sql(db), brand, period.since, period.until, NOW)
    expected = await again.all(zone, period.days)
    found = figures(report)
    without = {"coverage", "gaps", "late_minutes", "paused_minutes"}  # one source, heard in a minute
    wrong = [
        (each.name, each.group, each.value, expected.get((each.name, each.group)))
        for each in found
        if each.name not in without
        and not same(each.value, expected.get((each.name, each.group), 0 if each.value == 0 else None))
    ]
    await db.close()
    assert wrong == []
    assert len(report.here.response.answered) > 100


async def test_the_replay_counts_what_stands_in_the_file(
    replayed: tuple[Path, int, list[dict[str, Any]]], tmp_path: Path
):
    path, brand, posts = replayed
    db = Database(f"sqlite+aiosqlite:///{shutil.copy(path, tmp_path / 'airline.db')}")
    period = between("2015-02-01", "2015-03-10", "UTC", NOW)
    async with db.read() as session:
        report = await build(session, [brand], period, "", NOW)
    await db.close()
    volume = report.here.volume
    unique = {post["id"]: post for post in posts}
    assert volume.raw == len(unique)
    assert volume.mentions == sum(not post["is_retweet"] for post in unique.values())
    days = Counter(post["created_at"][:10] for post in unique.values() if not post["is_retweet"])
    assert {str(day): feelings.total() for day, feelings in volume.by_day.items() if feelings.total()} == days
