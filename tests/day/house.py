"""A brand on the sandbox network, with every part of the product that has to do with a case, on one virtual clock."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from alerts.notifiers.mail import MailServer
from alerts.parts import Parts as Alerting
from alerts.worker import steps as alert_steps
from alerts.worker import ticks as alert_ticks
from channels.manifest import Manifest
from channels.sandbox import MANIFEST
from channels.sandbox.ledger import Ledger
from channels.sandbox.server import Sandbox, running
from domain.account import Account
from domain.clock import SetClock
from domain.ids import ids
from domain.person import Person
from domain.ports import Publisher
from listener.onboarding import add_source
from listener.worker import Listener
from net.door import Door
from responders.drafting import Drafting
from responders.parts import Compose, Composed, Limits, Parts
from responders.worker import steps as reply_steps
from scoring.scorer import BrandProfile, Scorer
from storage import settings
from storage.database import Database
from storage.replies import Gathered
from storage.tables import AccountRow, Brand, Membership, Shift, Topic, User
from tests.alerts.house import open_, seal
from tests.alerts.mailbox import Mailbox
from tests.channels.doors import test_door
from tests.crash.checker import Rows
from tests.day.motor import Motor
from tests.loss.building import rows_of
from tests.migrated import make_current
from tests.quick import MEMORY
from tests.responders.detector import detect

START = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
"""A Monday."""
NAME, TOKEN = "norda", "sandbox-token"
LIMITS = Limits(per_day=5_000)
"""As the product has them, but for the replies a day: this brand has more people than most."""
_OWED = (
    "SELECT 1 FROM case_file WHERE status IN ('open', 'escalated', 'snoozed') AND next_due_at IS NOT NULL "
    "UNION SELECT 1 FROM reply WHERE status = 'requested' LIMIT 1"
)


@dataclass
class House:
    """`rows` reads the same database by a connection of its own; `managers` approve, `on_call` has the alerts."""

    clock: SetClock
    database: Database
    motor: Motor
    ledger: Ledger
    parts: Parts
    rows: Rows
    managers: list[Person]
    on_call: Person
    brand_id: int

    @property
    def now(self) -> datetime:
        return self.clock.now()


@asynccontextmanager
async def house(url: str, mailbox: Mailbox, drafted: str = "") -> AsyncIterator[House]:
    """A house over the empty database at `url`. Where `drafted` is given, every draft says that, unchecked: what is
    looked for then has nothing to do with drafting, which takes most of the time."""
    await make_current(url)
    database = Database(url)
    try:
        with tempfile.TemporaryDirectory(prefix="earshot-day-", dir=MEMORY) as folder, closing(rows_of(url)) as rows:
            async with _furnished(database, Path(folder), rows, mailbox, drafted) as lived:
                yield lived
    finally:
        await database.close()


@asynccontextmanager
async def _furnished(
    database: Database, folder: Path, rows: Rows, mailbox: Mailbox, drafted: str
) -> AsyncIterator[House]:
    clock = SetClock(START)
    with closing(Ledger(folder / "sandbox.db")) as ledger:
        async with running(Sandbox(ledger, clock=clock)) as address, test_door(clock) as door:
            motor = Motor(clock, database, lambda: bool(rows(_OWED)))
            parts = _responding(database, clock, motor, door)
            parts = replace(parts, compose=_saying(drafted), check=lambda gathered, text: ()) if drafted else parts
            brand_id, people = await _furnish(database, address)
            alerting = _alerting(database, clock, motor, mailbox)
            listener = _listener(database, clock, door)
            motor.begin({**reply_steps(parts), **alert_steps(alerting)}, alert_ticks(alerting)[:1], listener.run_once)
            motor.runner.on_parked = alerting.parked.note
            yield House(clock, database, motor, ledger, parts, rows, people[:-1], people[-1], brand_id)


def _saying(text: str) -> Compose:
    async def compose(gathered: Gathered) -> Composed:
        return Composed(text, "en")

    return compose


def _account(row: AccountRow) -> Account:
    return Account(row.id, row.channel, row.handle, row.external_id, row.base_url, {"secret_token": row.secrets})


def _responding(database: Database, clock: SetClock, motor: Motor, door: Door) -> Parts:
    drafting = Drafting({MANIFEST.name: MANIFEST}, detect)

    def publisher(found: Manifest, account: Account) -> Publisher:
        assert found.publisher is not None
        made: Publisher = found.publisher(account, door)
        return made

    return Parts(
        database=database, clock=clock, jobs=motor, channels={MANIFEST.name: MANIFEST}, account=_account,
        publisher=publisher, secret=b"a secret of thirty-two bytes or more", compose=drafting.compose,
        check=drafting.check, limits=LIMITS,
    )  # fmt: skip


def _alerting(database: Database, clock: SetClock, motor: Motor, mailbox: Mailbox) -> Alerting:
    mail = MailServer(host="127.0.0.1", port=mailbox.port, sender="earshot@norda.example", security="none")
    return Alerting(
        database=database, clock=clock, jobs=motor, channels={MANIFEST.name: MANIFEST},
        public_url="https://desk.norda.example", seal=seal, open_=open_, mail=mail,
    )  # fmt: skip


def _listener(database: Database, clock: SetClock, door: Door) -> Listener:
    scorer = Scorer(BrandProfile(names=(NAME,), handles=(NAME,)))
    return Listener(
        database=database, clock=clock, door=door, manifests={MANIFEST.name: MANIFEST},
        scorer_for=lambda brand: scorer, open_account=_account,
    )  # fmt: skip


async def _furnish(database: Database, address: str) -> tuple[int, list[Person]]:
    """A brand with three managers and somebody on call all week, its account, and a source that hears all."""
    new = partial(ids.next, START)
    brand_id, account_id = new(), new()
    roles = {"Ada": "agent", "Bruno": "agent", "Cleo": "manager", "Dora": "on_call"}
    people = [
        Person(new(), name, f"{name.lower()}@norda.example", "UTC", {brand_id: role}) for name, role in roles.items()
    ]
    async with database.write() as session:
        session.add(Brand(id=brand_id, name=NAME, slug=NAME, handles=[NAME], created_at=START))
        session.add_all(User(id=who.id, email=who.email, name=who.name, created_at=START) for who in people)
        await session.flush()
        session.add_all(Membership(user_id=who.id, brand_id=brand_id, role=who.roles[brand_id]) for who in people)
        session.add_all(
            Shift(
                id=new(), brand_id=brand_id, user_id=people[-1].id, weekday=day, start_minute=0, end_minute=1440
            )
            for day in range(7)
        )  # fmt: skip
        session.add(Topic(id=new(), brand_id=brand_id, name=NAME, query=NAME, created_at=START))
        session.add(
            AccountRow(
                id=account_id, brand_id=brand_id, channel=MANIFEST.name, handle=NAME, external_id=NAME,
                base_url=address, secrets=TOKEN, created_at=START,
            )
        )  # fmt: skip
        await session.flush()
        given = {"base_url": address, "interval_s": 60.0}
        add_source(session, brand_id, MANIFEST, "the network", given, START, account_id)
        await settings.start_publishing(session, actor=people[0].actor, now=START)
    return brand_id, people
