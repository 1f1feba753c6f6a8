"""A small house: a brand, its people, the on-call list, a source, and a way to make cases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlmodel import col, select

from alerts.notifiers.mail import MailServer
from alerts.parts import Parts, contact_context
from alerts.worker import steps, ticks
from domain.clock import SetClock
from domain.ids import ids
from domain.person import Person
from net.address import AllowList
from storage import transitions
from storage.database import Database
from storage.jobs_local import LocalJobs
from storage.tables import (
    Alert,
    Brand,
    Case,
    Contact,
    Delivery,
    Membership,
    MentionRow,
    OneTimeToken,
    Shift,
    SourceRow,
    User,
)
from tests.alerts.mailbox import Mailbox

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # a Monday


@dataclass
class House:
    """Everything a test needs to play the world, the people and the motor."""

    db: Database
    parts: Parts
    clock: SetClock
    mailbox: Mailbox
    brand_id: int
    source_id: int
    on_call: Person
    fallback: Person
    admin: Person

    @property
    def now(self) -> datetime:
        return self.clock.now()

    async def sweep(self) -> int:
        """One look of the detection."""
        raised: int = await ticks(self.parts)[0].run(self.now)
        return raised

    async def run(self, kind: str) -> int:
        """Run every due step of this kind once, as the motor's sweep does."""
        step = steps(self.parts)[kind]
        async with self.db.read() as session:
            due = await step.due(session, self.now, 200)
        for row_id in due:
            await step.handle(row_id, self.now)
        return len(due)

    async def work(self) -> None:
        """Detection, rounds and messages, until nothing is due any more."""
        await self.sweep()
        while await self.run("alert") + await self.run("deliver"):
            pass

    async def rows(self, model: Any) -> list[Any]:
        async with self.db.read() as session:
            return list(await session.exec(select(model).order_by(col(model.id))))

    async def rows_of_tokens(self) -> list[OneTimeToken]:
        async with self.db.read() as session:
            return list(await session.exec(select(OneTimeToken)))

    async def alert(self) -> Alert:
        """The newest alert."""
        found: Alert = (await self.rows(Alert))[-1]
        return found

    async def deliveries(self) -> list[Delivery]:
        return await self.rows(Delivery)

    async def stop_source(self, why: str = "the feed says 410 Gone") -> None:
        """The outage that tests plant."""
        async with self.db.write() as session:
            await self._move_source(session, "listening", "stopped", why)

    async def start_source(self) -> None:
        async with self.db.write() as session:
            await self._move_source(session, "stopped", "listening", "")

    async def _move_source(self, session: Any, old: str, new: str, why: str) -> None:
        await transitions.move(
            session, "source", self.source_id, old, new, brand_id=self.brand_id, actor="system:listener",
            now=self.now, why=why, error=why,
        )  # fmt: skip

    async def add(self, *rows: Any) -> None:
        async with self.db.write() as session:
            for row in rows:
                session.add(row)
                await session.flush()

    async def case(self, **values: Any) -> int:
        """A case with one mention, due an hour after it was posted."""
        now = self.now
        text = values.pop("text", "My bag is gone and nobody answers")
        case_id, mention_id = ids.next(now), ids.next(now)
        case = Case(
            id=case_id, brand_id=self.brand_id, channel="rss", thread_id=f"t{case_id}", author_handle="mara",
            opened_at=now, posted_at=now, last_mention_at=now, answer_due_at=now + timedelta(hours=1),
            next_due_at=now + timedelta(hours=1), last_mention_id=mention_id,
        )  # fmt: skip
        for name, value in values.items():
            setattr(case, name, value)
        mention = MentionRow(
            id=mention_id, brand_id=self.brand_id, source_id=self.source_id, case_id=case_id, channel="rss",
            external_id=f"m{mention_id}", thread_id=case.thread_id, text=text, posted_at=now, received_at=now,
            text_hash=mention_id,
        )  # fmt: skip
        await self.add(case, mention)
        return case_id

    async def resolve_case(self, case_id: int) -> None:
        async with self.db.write() as session:
            await transitions.move(
                session, "case", case_id, "open", "resolved", brand_id=self.brand_id, actor="user:1", now=self.now,
                next_due_at=None,
            )  # fmt: skip

    async def contact(self, person: Person, kind: str, target: str, label: str = "") -> int:
        contact_id = ids.next(self.now)
        sealed = target if kind == "mail" else self.parts.seal(target, contact_context(contact_id))
        await self.add(
            Contact(
                id=contact_id, user_id=person.id, kind=kind, label=label or kind, target=sealed, created_at=self.now
            )
        )
        return contact_id


def seal(value: str, context: str) -> str:
    """Stands for the vault: not secret, but bound to its context."""
    return f"sealed[{context}]{value[::-1]}"


def open_(sealed: str, context: str) -> str:
    """The other way round."""
    assert sealed.startswith(f"sealed[{context}]")
    return sealed.removeprefix(f"sealed[{context}]")[::-1]


async def furnish(url: str, mailbox: Mailbox) -> House:
    """The house with its people: Ivo is on call all week, Petra is the fallback, Ana the admin."""
    db, clock = Database(url), SetClock(START)
    parts = Parts(
        database=db,
        clock=clock,
        jobs=LocalJobs(db, clock),
        channels={},
        public_url="https://desk.norda.example",
        seal=seal,
        open_=open_,
        mail=MailServer(host="127.0.0.1", port=mailbox.port, sender="earshot@norda.example", security="none"),
        allow=AllowList.parse([]),
    )
    brand = Brand(id=ids.next(START), name="Norda", slug="norda", created_at=START)
    users = [
        User(id=ids.next(START), email=f"{name.lower()}@norda.example", name=name, created_at=START)
        for name in ("Ivo", "Petra", "Ana")
    ]
    source = SourceRow(id=ids.next(START), brand_id=brand.id, channel="rss", name="feed", created_at=START)
    house = House(db, parts, clock, mailbox, brand.id, source.id, *(_person(user, brand.id) for user in users))
    await house.add(*users, brand, source)
    roles, ivo = ("on_call", "agent", "admin"), users[0].id
    await house.add(
        *(Membership(user_id=user.id, brand_id=brand.id, role=role) for user, role in zip(users, roles, strict=True)),
        *(
            Shift(id=ids.next(START), brand_id=brand.id, user_id=ivo, weekday=day, start_minute=0, end_minute=1440)
            for day in range(7)
        ),
    )
    async with db.write() as session:
        stored = await session.get_one(Brand, brand.id)
        stored.fallback_user_id = users[1].id
    return house


def _person(user: User, brand_id: int) -> Person:
    role = {"Ivo": "on_call", "Petra": "agent", "Ana": "admin"}[user.name]
    return Person(user.id, user.name, user.email, "UTC", {brand_id: role})
