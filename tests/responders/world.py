"""A small house with one brand, its people, an account on the fake network, and a case that waits for an answer."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlmodel import col, select

from domain.account import Account
from domain.clock import SetClock
from domain.ids import ids
from domain.person import Person
from domain.reply import Finding
from responders import actions
from responders.done import Done
from responders.parts import Composed, Limits, Parts
from responders.worker import steps
from storage import replies, settings
from storage.database import Database
from storage.jobs import Step
from storage.replies import Gathered
from storage.tables import AccountRow, Approval, Attempt, Brand, Case, Membership, MentionRow, Reply, SourceRow, User
from tests.fakes import CHANNEL, FakeNetwork, NotedJobs, manifest

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DRAFT = "Hello Mara, we are sorry about the cold coach. The depot is on it."
SECRET = b"a secret of thirty-two bytes or more"


async def compose(gathered: Gathered) -> Composed:
    """The drafter of these tests."""
    return Composed(DRAFT, "en")


def check(gathered: Gathered, text: str) -> list[Finding]:
    """The contract of these tests: no placeholder; shouting is only noted."""
    found = [Finding("placeholder", "[NAME]", "fill it in")] if "[NAME]" in text else []
    return found + ([Finding("shouting", "", "calm down", blocking=False)] if text.isupper() else [])


@dataclass
class World:
    """Everything a test needs to play both the people and the motor."""

    db: Database
    parts: Parts
    clock: SetClock
    network: FakeNetwork
    jobs: NotedJobs
    steps: dict[str, Step]
    agent: Person
    admin: Person
    viewer: Person
    stranger: Person
    brand_id: int
    account_id: int
    case_id: int
    mention_id: int
    reply_id: int
    seen: list[Done] = field(default_factory=list)

    @property
    def now(self) -> datetime:
        return self.clock.now()

    async def act(self, name: str, row_id: int | None = None, *, who: Person | None = None, **values: Any) -> Done:
        """One action in a transaction of its own, as the desk does it."""
        of_case = name in ("snooze", "wake", "assign", "escalate", "resolve", "reopen", "ignore", "unignore", "note")
        target = row_id or (self.case_id if of_case or name == "redraft" else self.reply_id)
        async with self.db.write() as session:
            action = getattr(actions, name)
            done: Done = await action(session, who or self.agent, target, now=self.now, parts=self.parts, **values)
            return done

    async def reply(self, reply_id: int | None = None) -> Reply:
        async with self.db.read() as session:
            return await session.get_one(Reply, reply_id or self.reply_id)

    async def case(self) -> Case:
        async with self.db.read() as session:
            return await session.get_one(Case, self.case_id)

    async def rows(self, model: Any) -> list[Any]:
        async with self.db.read() as session:
            return list(await session.exec(select(model).order_by(col(model.id))))

    async def attempts(self) -> list[Attempt]:
        return await self.rows(Attempt)

    async def approvals(self) -> list[Approval]:
        return await self.rows(Approval)

    async def approve(self, text: str = DRAFT, reply_id: int | None = None, **more: Any) -> Done:
        version = (await self.reply(reply_id)).version
        return await self.act("approve", reply_id, text=text, version=version, **more)

    async def run(self, kind: str) -> int:
        """Run every due step of this kind once, as the sweep does."""
        async with self.db.read() as session:
            due = await self.steps[kind].due(session, self.now, 100)
        for row_id in due:
            await self.steps[kind].handle(row_id, self.now)
        return len(due)

    async def publishing(self, on: bool) -> None:
        async with self.db.write() as session:
            if on:
                await settings.start_publishing(session, actor="user:1", now=self.now)
            else:
                await settings.stop_publishing(session, "a test says so", actor="user:1", now=self.now)

    async def tamper(self, statement: str) -> None:
        """Change the database behind everybody's back."""
        async with self.db.write() as session:
            await (await session.connection()).exec_driver_sql(statement)

    async def drafted(self) -> Reply:
        """Run the draft step; the reply is in front of a person."""
        await self.run("draft")
        return await self.reply()

    async def approved(self) -> Reply:
        """A drafted reply, approved, its undo window over, publishing on."""
        await self.drafted()
        await self.publishing(True)
        await self.approve()
        self.clock.move(21)
        return await self.reply()


async def add_mention(world: World, external_id: str, text: str = "still cold") -> int:
    """A further mention in the thread, as ingest stores it (without asking for a draft)."""
    row_id = ids.next(world.now)
    async with world.db.write() as session:
        first = await session.get_one(MentionRow, world.mention_id)
        values = first.model_dump() | {"id": row_id, "external_id": external_id, "text": text, "text_hash": 2}
        session.add(MentionRow(**values))
        await session.flush()
        case = await session.get_one(Case, world.case_id)
        case.last_mention_id = row_id
    return row_id


async def asked_behind(world: World, text: str = "and my bag is gone") -> tuple[int, int]:
    """A further mention that came while a reply was under way, and the draft that waits for its turn: their ids."""
    mention_id = await add_mention(world, f"later {world.now}", text)
    case = await world.case()
    row = replies.request_row(
        case.id, brand_id=case.brand_id, channel=case.channel, mention_id=mention_id, lang=case.lang, now=world.now
    )
    async with world.db.write() as session:
        await replies.request(session, [row | {"due_at": None}])
    return mention_id, int(row["id"])


def _people(brand_id: int) -> dict[str, Person]:
    roles = {"agent": "agent", "admin": "admin", "viewer": "viewer"}
    people = {name: _person(name, {brand_id: role}) for name, role in roles.items()}
    return people | {"stranger": _person("stranger", {})}


def _person(name: str, roles: dict[int, str]) -> Person:
    return Person(ids.next(START), name.title(), f"{name}@norda.example", "UTC", roles)


def account_of(row: AccountRow) -> Account:
    """What wiring does with decryption; here secrets are plain."""
    return Account(row.id, row.channel, row.handle, row.external_id, row.base_url, {"secret_token": row.secrets})


async def furnish(database_url: str, **facts: Any) -> World:
    """Fill an empty, migrated database. `proof`, `key_valid_s`, `limits` and `with_account` may be given."""
    db, network, jobs, clock = Database(database_url), FakeNetwork(), NotedJobs(), SetClock(START)
    channel = manifest(network, proof=facts.get("proof", "read_back"), key_valid_s=facts.get("key_valid_s", 0.0))
    channel = replace(channel, policies=facts.get("policies", channel.policies))
    parts = Parts(
        database=db,
        clock=clock,
        jobs=jobs,
        channels={CHANNEL: channel},
        account=account_of,
        publisher=lambda found, account: found.publisher(account, None),  # type: ignore[misc,arg-type]
        secret=SECRET,
        compose=compose,
        check=check,
        limits=facts.get("limits", Limits()),
    )
    brand_id = ids.next(START)
    people = _people(brand_id)
    account_id, case_id, mention_id, reply_id, source_id = ids.many(5, START)
    given: dict[str, Any] = {"brand_id": brand_id, "channel": CHANNEL}
    async with db.write() as session:
        session.add(Brand(id=brand_id, name="Norda", slug="norda", created_at=START))
        for person in people.values():
            session.add(User(id=person.id, email=person.email, name=person.name, created_at=START))
        await session.flush()
        for person in people.values():
            for brand, role in person.roles.items():
                session.add(Membership(user_id=person.id, brand_id=brand, role=role))
        session.add(SourceRow(id=source_id, name="talk", created_at=START, **given))
        if facts.get("with_account", True):
            values: dict[str, Any] = {"handle": "norda", "external_id": "acc-1", "base_url": "https://parley.test"}
            session.add(AccountRow(id=account_id, created_at=START, secrets="s", **values, **given))
        clocks = ("ack_due_at", "answer_due_at", "next_due_at")
        due: dict[str, Any] = {name: START + timedelta(hours=1) for name in clocks}
        due |= {"hold_at": START + timedelta(minutes=45)}
        session.add(
            Case(
                id=case_id,
                thread_id="p1",
                lang="en",
                opened_at=START,
                posted_at=START,
                last_mention_at=START,
                last_mention_id=mention_id,
                resolve_due_at=START + timedelta(days=3),
                **due,
                **given,
            )
        )
        await session.flush()
        session.add(
            MentionRow(
                id=mention_id,
                source_id=source_id,
                case_id=case_id,
                external_id="p1",
                thread_id="p1",
                text="coach 4 is cold",
                url="https://parley.test/p1",
                author_handle="mara",
                posted_at=START,
                received_at=START,
                text_hash=1,
                native=facts.get("native", {}),
                **given,
            )
        )
        await session.flush()
        session.add(Reply(id=reply_id, case_id=case_id, mention_id=mention_id, due_at=START, created_at=START, **given))
    return World(
        db, parts, clock, network, jobs, steps(parts), people["agent"], people["admin"], people["viewer"],
        people["stranger"], brand_id, account_id, case_id, mention_id, reply_id,
    )  # fmt: skip


def with_parts(world: World, **changes: Any) -> None:
    """Rewire the world with other parts."""
    world.parts = replace(world.parts, **changes)
    world.steps = steps(world.parts)
