"""Two worker processes on one PostgreSQL share the work; one is killed in the middle, the other finishes."""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row
from pydantic import SecretStr
from sqlmodel import select

from channels.sandbox.ledger import Ledger
from channels.sandbox.server import Sandbox, running
from commands.first_run import add_playground_account, first_person, point_at
from commands.wiring import build
from config.settings import Publishing, Settings
from domain.errors import BadInput
from listener.onboarding import add_brand, add_source
from responders import actions, holds
from storage import settings as switches
from storage.migrate import migrate
from storage.people import person_of
from storage.tables import AccountRow
from tests.flows.program import Program

POSTS = 150
ANSWERS = 12
LIMIT_S = 600
"""What is not done until then is never done."""
REQUESTED = "SELECT id FROM reply WHERE status = 'requested'"
SENT = "SELECT id FROM reply WHERE status = 'sent'"


def rows(url: str, sql: str) -> list[dict[str, Any]]:
    with psycopg.connect(url.replace("+psycopg", "", 1), row_factory=dict_row) as connection:
        return connection.execute(sql.encode()).fetchall()


async def until(look: Callable[[], bool], what: str, give_up_at: float) -> None:
    while not await asyncio.to_thread(look):
        assert time.monotonic() < give_up_at, f"not in time: {what}"
        await asyncio.sleep(0.1)


def write_posts(file: Path) -> None:
    texts = (
        "@norda the train {n} is two hours late and nobody answers, this is unacceptable",
        "@norda you charged me twice for ticket {n}. When do I get a refund?",
    )
    lines = [
        {"id": f"p{n}", "text": texts[n % 2].format(n=n), "author": f"author{n}_test", "lang": "en",
         "created_at": f"2026-03-02T08:{n // 60:02}:{n % 60:02}Z"}
        for n in range(POSTS)
    ]  # fmt: skip
    file.write_text("\n".join(json.dumps(line) for line in lines) + "\n", encoding="utf-8")


@pytest.mark.postgres
async def test_one_of_two_workers_is_killed_and_the_other_finishes(postgres_db: str, tmp_path: Path) -> None:
    write_posts(tmp_path / "posts.jsonl")
    ledger = Ledger(tmp_path / "sandbox.db")
    folders = [tmp_path / "one", tmp_path / "two"]
    async with running(Sandbox(ledger)) as address:
        reach = [address.removeprefix("http://")]
        given = Settings(
            data_dir=folders[0],
            database_url=SecretStr(postgres_db),
            outbound_allow=reach,
            publishing=Publishing(undo_s=0),
        )
        house = build(given)
        await migrate(postgres_db)
        await house.jobs.prepare()
        me = await _furnish(house, address)
        folders[1].mkdir()
        shutil.copy(folders[0] / "secret.key", folders[1])
        shared = {
            "EARSHOT_DATABASE_URL": postgres_db.replace("+psycopg", "", 1),
            "EARSHOT_OUTBOUND_ALLOW": json.dumps(reach),
            "EARSHOT_PUBLISHING__CEILING": "1000",
        }
        one, two = (Program(f, program="tests/flows/worker.py", EARSHOT_DATA_DIR=str(f), **shared) for f in folders)
        with one, two:
            for worker in (one, two):
                await asyncio.to_thread(worker.wait_for, "started")
            give_up_at = time.monotonic() + LIMIT_S
            await _serve_posts(house, tmp_path / "posts.jsonl")
            await until(lambda: len(drafters(postgres_db)) == 2, "both draft", give_up_at)
            one.process.kill()
            left = len(rows(postgres_db, REQUESTED))
            await until(lambda: not rows(postgres_db, REQUESTED), "every draft", give_up_at)
            replies = rows(postgres_db, "SELECT id, text, version FROM reply WHERE status = 'drafted' ORDER BY id")
            approved = 0
            for reply in replies:
                if approved == ANSWERS:
                    break
                try:
                    async with house.database.write() as session:
                        done = await actions.approve(
                            session, me, reply["id"], text=reply["text"], version=reply["version"],
                            now=house.clock.now(), parts=house.responding,
                        )  # fmt: skip
                except BadInput as refused:
                    # two drafts that are stored at the same moment do not see each other
                    if "the same as this recent reply" not in str(refused):
                        raise
                    continue
                assert done.status == "approved", done
                approved += 1
            await until(lambda: len(rows(postgres_db, SENT)) == ANSWERS, "the replies are public", give_up_at)
            print(f"{left} of {len(replies)} drafts were left when one worker was killed")
            assert two.process.poll() is None, two.said
            assert "started" in one.said
        await house.jobs.stop()
        await house.close()
    ledger.close()
    _all_once(postgres_db, tmp_path)


async def _furnish(house: Any, address: str) -> Any:
    now = house.clock.now()
    async with house.database.write() as session:
        brand = await add_brand(session, "Norda", now, handles=["norda"], languages=["en"])
        brand.voice = {**brand.voice, holds.SETTING: "off"}  # nobody waits for these to cool down
        session.add(brand)
        await add_playground_account(house, session, brand.id, "replay")
        await switches.start_publishing(session, actor="user:1", now=now)
    user = await first_person(house)
    await point_at(house, address)
    async with house.database.read() as session:
        return await person_of(session, user.id)


async def _serve_posts(house: Any, file: Path) -> None:
    now = house.clock.now()
    async with house.database.write() as session:
        account = (await session.exec(select(AccountRow))).one()
        place = {"path": str(file), "speed": 0.0, "started_at": now.isoformat()}
        add_source(session, account.brand_id, house.channels["replay"], "posts", place, now, account.id)


def drafters(url: str) -> set[int]:
    """Which processes have drafted: ten bits of every id name the process that gave it."""
    lines = rows(url, "SELECT id FROM transition WHERE noun = 'reply' AND new = 'drafted'")
    return {(line["id"] >> 12) & 1023 for line in lines}


def ledger_rows(folder: Path) -> list[tuple[Any, ...]]:
    """The network's own books, read by a connection of our own."""
    with closing(sqlite3.connect(folder / "sandbox.db")) as books:
        return books.execute("SELECT key, parent_id FROM posts WHERE author = 'norda'").fetchall()


def _all_once(url: str, folder: Path) -> None:
    """Every post is stored once, every case has one draft or answer, and nothing is public twice."""
    counted = rows(url, "SELECT COUNT(*) AS n, COUNT(DISTINCT external_id) AS d FROM mention")
    assert counted == [{"n": POSTS, "d": POSTS}]
    cases = rows(url, "SELECT case_id, COUNT(*) AS n FROM reply GROUP BY case_id")
    assert {case["n"] for case in cases} == {1}
    assert len(cases) == rows(url, "SELECT COUNT(*) AS n FROM case_file")[0]["n"]
    drafted = "SELECT row_id FROM transition WHERE noun = 'reply' AND new = 'drafted'"
    assert len(rows(url, drafted)) == len(cases)
    public = ledger_rows(folder)
    assert len(public) == len({key for key, _ in public}) == len({parent for _, parent in public}) == ANSWERS
