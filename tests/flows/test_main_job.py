"""The main job in one process, on both databases: heard, scored, drafted, approved, public once; and an outage told."""

from __future__ import annotations

import json
import math
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlmodel import col, func, select

from alerts.worker import SWEEP_S
from alerts.worker import steps as alert_steps
from alerts.worker import ticks as alert_ticks
from channels.sandbox.ledger import Ledger
from channels.sandbox.server import Sandbox, running
from commands.first_run import DEMO_FILE, add_demo, first_person, point_at
from commands.watch import replay_of
from commands.wiring import House, build
from config.settings import Mail, Settings
from domain.clock import SetClock
from domain.ids import ids
from domain.person import Person
from listener.onboarding import add_source
from responders import actions
from responders.done import Done
from responders.worker import steps as reply_steps
from storage import settings as switches
from storage.migrate import migrate
from storage.people import person_of
from storage.rota import add_contact
from storage.tables import Attempt, Brand, Case, MentionRow, Reply, SourceRow
from tests.alerts.mailbox import Mailbox, start

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass
class Job:
    """A house, the sandbox network beside it, and its first person."""

    house: House
    ledger: Ledger
    me: Person

    @property
    def clock(self) -> SetClock:
        assert isinstance(self.house.clock, SetClock)
        return self.house.clock

    async def hear(self) -> None:
        """Poll until no source has anything new."""
        seen = -1
        while seen != (seen := await self.one(select(func.sum(SourceRow.seen)))):
            await self.house.listener.run_once()
            self.clock.move(4)

    async def work(self) -> None:
        """Every due step, until none is due."""
        steps = {**reply_steps(self.house.responding), **alert_steps(self.house.alerting)}
        busy = True
        while busy:
            busy = False
            for step in steps.values():
                async with self.house.database.read() as session:
                    due = await step.due(session, self.clock.now(), 5000)
                for row_id in due:
                    await step.handle(row_id, self.clock.now())
                busy |= bool(due)

    async def rows(self, query: Any) -> list[Any]:
        async with self.house.database.read() as session:
            return list(await session.exec(query))

    async def one(self, query: Any) -> Any:
        return (await self.rows(query))[0]

    async def act(self, name: str, row_id: int, **values: Any) -> Done:
        async with self.house.database.write() as session:
            act = getattr(actions, name)
            now, parts = self.clock.now(), self.house.responding
            done: Done = await act(session, self.me, row_id, now=now, parts=parts, **values)
            return done


@asynccontextmanager
async def opened(url: str, folder: Path, prepare: Any, mail: Mail | None = None) -> AsyncIterator[Job]:
    """A house that `prepare` has furnished, its clock set by hand, publishing on."""
    clock = SetClock(NOW)
    ledger = Ledger(folder / "sandbox.db")
    async with running(Sandbox(ledger, clock=clock)) as address:
        given = Settings(
            data_dir=folder,
            database_url=SecretStr(url),
            outbound_allow=[address.removeprefix("http://")],
            mail=mail or Mail(),
        )
        await migrate(given.database)
        house = build(given, clock)
        if house.database.dialect == "postgresql":
            await house.jobs.prepare()
        await prepare(house)
        await point_at(house, address)
        user = await first_person(house)
        async with house.database.write() as session:
            await switches.start_publishing(session, actor=f"user:{user.id}", now=clock.now())
            me = await person_of(session, user.id)
        assert me is not None
        yield Job(house, ledger, me)
        await house.jobs.stop()
        await house.close()
    ledger.close()


async def demo_at_once(house: House) -> None:
    await add_demo(house, 0.0)


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


async def explained(job: Job) -> None:
    """Every kept mention has parts that sum to its priority."""
    mentions = await job.rows(select(MentionRow).where(MentionRow.status == "kept"))
    assert mentions
    for mention in mentions:
        said = sum(part[1] for part in mention.parts)
        assert math.isclose(said, mention.priority, abs_tol=0.01), (mention.parts, mention.priority)


async def answered_by_drafts(job: Job, wanted: int | None = None) -> None:
    """Every open case has one live reply, drafted; with `wanted` so many have, and the others are asked for."""
    cases = await job.rows(select(Case.id).where(Case.status == "open"))
    replies = await job.rows(select(Reply).where(Reply.status != "stale"))  # its author wrote more about it
    assert sorted(reply.case_id for reply in replies) == sorted(cases)
    assert {reply.status for reply in replies} <= {"drafted", "requested"}
    drafted = [reply for reply in replies if reply.status == "drafted"]
    assert all(reply.text for reply in drafted)
    assert len(drafted) == (len(cases) if wanted is None else wanted)


async def publish_one(job: Job) -> None:
    """Approve the gravest draft, once its hold is over; it is public once, by the network's own books, and its case
    waits."""
    query = select(Reply).join(Case, col(Case.id) == Reply.case_id).where(Reply.status == "drafted")
    reply = (await job.rows(query.order_by(col(Case.priority).desc(), col(Reply.id)).limit(1)))[0]
    done = await job.act("approve", reply.id, text=reply.text, version=reply.version)
    if done.held_until is not None:
        job.clock.move((done.held_until - job.clock.now()).total_seconds())
        done = await job.act("approve", reply.id, text=reply.text, version=reply.version)
    assert done.status == "approved"
    await job.work()
    assert job.ledger.attempts() == []  # the undo window is open
    job.clock.move(21)
    for _ in range(3):
        await job.work()
        job.clock.move(70)
    assert [attempt.outcome for attempt in job.ledger.attempts()] == ["stored"]
    parent = await job.one(select(MentionRow.external_id).where(MentionRow.id == reply.mention_id))
    (public,) = job.ledger.replies(f"replay:{parent}", job.clock.now())
    assert (public.author, public.text) == ("norda", reply.text)
    sent = await job.one(select(Reply).where(Reply.id == reply.id))
    assert (sent.status, sent.external_id) == ("sent", str(public.id))
    assert await job.one(select(Case.status).where(Case.id == reply.case_id)) == "waiting"
    assert await job.one(select(func.count()).select_from(Attempt)) == 1


async def test_the_demo_from_file_to_public_reply(database_url: str, tmp_path: Path) -> None:
    lines = lines_of(DEMO_FILE)
    async with opened(database_url, tmp_path, demo_at_once) as job:
        await job.hear()
        source = await job.one(select(SourceRow).where(SourceRow.channel == "replay"))
        stored = await job.rows(select(MentionRow.external_id).where(MentionRow.channel == "replay"))
        named = {line["id"] for line in lines if "norda" in line["text"].casefold()}
        assert (source.seen, source.stored, len(set(stored))) == (len(lines), len(stored), len(stored))
        assert named <= set(stored)
        await job.work()
        await explained(job)
        await answered_by_drafts(job)
        await publish_one(job)


async def test_three_thousand_posts_of_airlines(tmp_path: Path, shared: Path) -> None:
    file = shared / "mentions" / "airline_sample.jsonl"
    lines = lines_of(file)
    async with opened("", tmp_path, replay_of(file, 0.0, "Airlines")) as job:
        await job.hear()
        stored = set(await job.rows(select(MentionRow.external_id)))
        source = await job.one(select(SourceRow).where(SourceRow.channel == "replay"))
        assert (source.seen, source.stored) == (len(lines), len(stored))
        assert stored == {line["id"] for line in lines}
        await explained(job)
        draft = reply_steps(job.house.responding)["draft"]
        async with job.house.database.read() as session:
            due = await draft.due(session, job.clock.now(), 100)
        for row_id in due:
            await draft.handle(row_id, job.clock.now())
        await answered_by_drafts(job, 100)


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    box, controller = start()
    yield box
    controller.stop()


async def test_a_planted_outage_is_told_by_mail_at_the_first_sweep_once(
    database_url: str, tmp_path: Path, mailbox: Mailbox
) -> None:
    mail = Mail(host="127.0.0.1", port=mailbox.port, security="none", sender="earshot@norda.example")
    async with opened(database_url, tmp_path, demo_at_once, mail) as job:
        house, now = job.house, job.clock.now()
        async with house.database.write() as session:
            values = {"user_id": job.me.id, "kind": "mail", "label": "mail", "target": "ana@norda.example"}
            await add_contact(session, id=ids.next(now), created_at=now, **values)
            brand_id = (await session.exec(select(Brand.id))).one()
            add_source(session, brand_id, house.channels["replay"], "Outage", {"path": "/nowhere/at.all"}, now)
        await house.listener.run_once()
        detect = alert_ticks(house.alerting)[0]
        assert detect.every_s == SWEEP_S <= 60
        for _ in range(3):
            await detect.run(job.clock.now())
            await job.work()
        told = [mail for mail in mailbox.mails if "Outage" in mail["Subject"]]
        assert len(told) == 1
        assert told[0]["To"] == "ana@norda.example"
        assert len({mail["X-Earshot-Alert"] for mail in mailbox.mails}) == len(mailbox.mails)
