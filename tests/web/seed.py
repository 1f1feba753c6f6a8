"""A full desk for tests and pictures: two brands, every role, posts in several languages, cases in every state.

All names, brands and posts are fictional and written by us.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import msgspec
from fastapi import FastAPI
from sqlalchemy import event, update
from sqlmodel import select

from channels.registry import manifests
from domain.account import Account
from domain.clock import Clock, SetClock
from domain.ids import ids
from domain.mention import Mention
from domain.person import ROLES, Person
from domain.sla import Policy
from listener.teaching import Teacher
from responders import actions
from responders.drafting import Drafting
from responders.parts import Limits
from responders.parts import Parts as Responding
from responders.worker import steps
from scoring.language import Detector
from scoring.scorer import BrandProfile, Scorer
from storage import coverage, people, replies, transitions
from storage.arriving import Arrival, PageIn
from storage.database import Database
from storage.ingest import store_page
from storage.jobs_local import LocalJobs
from storage.tables import (
    AccountRow,
    Alert,
    Attempt,
    Brand,
    Case,
    Coverage,
    MentionRow,
    Reply,
    SourceRow,
    Topic,
    metadata,
)
from web.app import create_app
from web.live import Hub
from web.parts import Parts

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SERVER = "http://127.0.0.1:1"

# channel, author name, handle, minutes ago, text
POSTS: tuple[tuple[str, str, str, float, str], ...] = (
    (
        "mastodon",
        "Mara Kovač",
        "@marak",
        9,
        "@norda third cancelled train this week, I missed my interview. Is anybody there?",
    ),
    (
        "mastodon",
        "Tomislav B.",
        "@tomo",
        14,
        "Norda karta mi je dvaput naplaćena, a podrška se ne javlja. Vratite novac!",
    ),
    ("sandbox", "Eszter", "eszter_h", 22, "A Norda app folyton lefagy, amikor jegyet veszek. Mikor javítjátok?"),
    (
        "hackernews",
        "ptaylor",
        "ptaylor",
        31,
        "Norda's API leaks the seat map of every booking. I reported it twice, no answer. This is a security problem.",
    ),
    (
        "mastodon",
        "Wayan",
        "@wayan",
        44,
        "Kereta Norda terlambat dua jam lagi, tidak ada pengumuman sama sekali. Kecewa.",
    ),
    (
        "mastodon",
        "Ilze",
        "@ilze",
        52,
        "Norda vilciens atkal kavējas, un neviens neko nepaziņo. Kur es varu atgūt naudu?",
    ),
    ("sandbox", "Jun", "jun_r", 63, "Sobrang tagal ng refund ng Norda, tatlong linggo na akong naghihintay."),
    (
        "mastodon",
        "Grace Oduya",
        "@grace",
        75,
        "Lovely trip with Norda today, the conductor found my daughter's bear. Thank you!",
    ),
    ("rss", "Commuter Forum", "forum", 95, "Does anybody know whether Norda sells bike tickets on the night train?"),
    ("mastodon", "Sam", "@sam", 130, "Norda wifi is down again. Great service as always."),
    ("mastodon", "دانا", "@dana", 170, "قطار نوردا متأخر مرة أخرى ولا أحد يجيب على الهاتف"),
    ("hackernews", "kestrel", "kestrel", 260, "Norda publishes its timetable as open data now, which is rather nice."),
)
LATER = (
    ("mastodon", "Mara Kovač", "@marak", 4, "Still nothing. Norda please just tell me when the next train leaves."),
)


@dataclass
class Desk:
    """What a test holds in its hands."""

    app: FastAPI
    parts: Parts
    db: Database
    clock: Clock
    jobs: LocalJobs
    brand: int
    other_brand: int
    users: dict[str, int]
    cases: dict[str, int] = field(default_factory=dict)
    foreign_case: int = 0
    foreign_reply: int = 0

    async def person(self, role: str) -> Person:
        """The person with that role."""
        async with self.db.read() as session:
            person = await people.person_of(session, self.users[role])
        assert person is not None
        return person

    async def reply_of(self, case_id: int) -> Reply:
        """The newest reply of a case."""
        async with self.db.read() as session:
            query = select(Reply).where(Reply.case_id == case_id).order_by(Reply.id.desc())  # type: ignore[attr-defined]
            found = (await session.exec(query)).first()
        assert found is not None
        return found

    async def case(self, case_id: int) -> Case:
        """The case as it is now."""
        async with self.db.read() as session:
            return await session.get_one(Case, case_id)


def open_account(row: AccountRow) -> Account:
    """The account without any secret."""
    return Account(row.id, row.channel, row.handle, row.external_id, row.base_url, {"secret_token": "x"})


def no_publisher(manifest: Any, account: Account) -> Any:
    raise AssertionError("nothing is sent in the tests of the desk")


@cache
def _detector() -> Detector:
    """One for all desks of this process: loading the language model takes most of the time of a small test."""
    return Detector()


@cache
def _scorer() -> Scorer:
    return Scorer(BrandProfile(names=("Norda",), handles=("norda",), default_language="en"))


def _light(db: Database) -> Database:
    """No waiting for the disk: what the pages show does not depend on surviving a power cut."""
    if db.dialect == "sqlite":
        event.listen(db.engine.sync_engine, "connect", lambda made, _: made.execute("PRAGMA synchronous=OFF").close())
    return db


def build(url: str, clock: Clock | None = None, public_url: str = "http://desk.test", **values: Any) -> Desk:
    """An app over this (migrated) database, with nothing in it yet."""
    clock = clock or SetClock(START)
    db = _light(Database(url))
    jobs = LocalJobs(db, clock)
    channels = manifests()
    drafting = Drafting(channels, _detector().detect)
    teacher = Teacher(db, channels, lambda brand: _scorer())
    responding = Responding(
        database=db,
        clock=clock,
        jobs=jobs,
        channels=channels,
        account=open_account,
        publisher=no_publisher,
        secret=b"s" * 32,
        compose=drafting.compose,
        check=drafting.check,
        taught=teacher.taught,
        limits=Limits(undo_s=20),
    )
    jobs.use({kind: step for kind, step in steps(responding).items() if kind in ("draft", "wake")})
    parts = Parts(
        db=db,
        clock=clock,
        live=Hub(db, clock),
        responding=responding,
        channels=channels,
        public_url=public_url,
        secret=b"d" * 32,
        teacher=teacher,
        **values,
    )
    return Desk(create_app(parts), parts, db, clock, jobs, 0, 0, {})


async def furnish(desk: Desk, *, full: bool = True) -> Desk:
    """People of every role in brand Norda, another brand that they do not see, and (full) a morning of posts."""
    now = desk.clock.now()
    async with desk.db.write() as session:
        desk.brand = await _brand(session, "Norda", now)
        desk.other_brand = await _brand(session, "Velotti", now)
        for role in ROLES:
            user = await people.add_person(session, f"{role}@desk.test", role.replace("_", " ").title(), "UTC", now)
            desk.users[role] = user.id
            await people.set_role(session, user.id, desk.brand, role)
        stranger = await people.add_person(session, "stranger@desk.test", "Stranger", "UTC", now)
        desk.users["stranger"] = stranger.id
        await people.set_role(session, stranger.id, desk.other_brand, "admin")
    desk.cases = await hear(desk, desk.brand, POSTS if full else ())
    foreign = await hear(
        desk, desk.other_brand, (("sandbox", "Ola", "ola", 30, "Velotti broke my bike, fix it please"),)
    )
    await desk.jobs.run_once()
    desk.foreign_case = next(iter(foreign.values()))
    desk.foreign_reply = (await desk.reply_of(desk.foreign_case)).id
    if full:
        await hear(desk, desk.brand, LATER, thread="@marak0")
        await desk.jobs.run_once()
        await _trouble(desk)
    return desk


async def _brand(session: Any, name: str, now: datetime) -> int:
    handle = name.casefold()
    brand = Brand(
        id=ids.next(now),
        name=name,
        slug=handle,
        handles=[handle],
        links=[f"{handle}.example"],
        languages=["en"],
        created_at=now,
    )
    session.add(brand)
    await session.flush()
    session.add(Topic(id=ids.next(now), brand_id=brand.id, name=name, query=handle, created_at=now))
    for channel in ("mastodon", "hackernews", "rss", "sandbox"):
        account = None
        if channel in ("mastodon", "sandbox"):
            account = AccountRow(
                id=ids.next(now),
                brand_id=brand.id,
                channel=channel,
                handle=f"@{handle}",
                external_id="1",
                base_url=SERVER,
                created_at=now,
            )
            session.add(account)
            await session.flush()
        source = SourceRow(
            id=ids.next(now),
            brand_id=brand.id,
            account_id=account.id if account else None,
            channel=channel,
            name=f"{name} on {channel}",
            settings={"url": "https://forum.example/feed"} if channel == "rss" else {},
            last_ok_at=now,
            created_at=now,
        )
        session.add(source)
        await session.flush()
        session.add(
            Coverage(
                id=ids.next(now), source_id=source.id, started_at=now - timedelta(days=6), ended_at=now, state="seen"
            )
        )
    return brand.id


async def hear(desk: Desk, brand_id: int, posts: Any, *, thread: str = "", **changes: Any) -> dict[str, int]:
    """Store posts as the listener would; returns the cases by the handle of their author."""
    now = desk.clock.now()
    scorer = _scorer()
    async with desk.db.write() as session:
        sources = list(await session.exec(select(SourceRow).where(SourceRow.brand_id == brand_id)))
        topics = list(await session.exec(select(Topic.id).where(Topic.brand_id == brand_id)))
        for source in sources:
            arrivals = []
            for number, (channel, name, handle, minutes, text) in enumerate(posts):
                if channel == source.channel:
                    mention = _mention(channel, name, handle, number, now - timedelta(minutes=minutes), text, thread)
                    mention = _changed(mention, changes)
                    arrivals.append(Arrival(mention, scorer.score_batch([mention], now)[0], topics))
            if arrivals:
                page = PageIn(
                    source.id,
                    brand_id,
                    source.channel,
                    arrivals,
                    {"n": len(posts)},
                    now,
                    Policy(),
                    seen=len(arrivals) * 7,
                )
                await store_page(session, page)
    async with desk.db.read() as session:
        cases = await session.exec(select(Case).where(Case.brand_id == brand_id))
        return {case.author_handle: case.id for case in cases}


def _mention(channel: str, name: str, handle: str, number: int, at: datetime, text: str, thread: str) -> Mention:
    external_id = f"{handle}{number}" if not thread else f"{handle}-later{number}"
    return Mention(
        channel=channel,
        external_id=external_id,
        thread_id=thread or external_id,
        parent_id=thread or None,
        text=text,
        posted_at=at,
        url=f"https://{channel}.example/{handle.lstrip('@')}/{external_id.lstrip('@')}",
        author_id=handle,
        author_handle=handle,
        author_name=name,
        author_followers=len(text) * 17,
        addressed="@norda" in text,
        native={"id": external_id, "server": "127.0.0.1:1", "answerable": True, "acct": handle.lstrip("@")},
    )


def _changed(mention: Mention, changes: dict[str, Any]) -> Mention:
    return msgspec.structs.replace(mention, **changes) if changes else mention


async def _trouble(desk: Desk) -> None:
    """Some cases moved on by people and workers, a source in trouble, an alert."""
    now = desk.clock.now()
    manager = await desk.person("manager")
    responding = desk.parts.responding
    async with desk.db.write() as session:
        await actions.snooze(
            session, manager, desk.cases["@wayan"], until=now + timedelta(hours=4), now=now, parts=responding
        )
        await actions.assign(
            session, manager, desk.cases["@marak"], user_id=desk.users["agent"], now=now, parts=responding
        )
        await actions.escalate(
            session,
            manager,
            desk.cases["ptaylor"],
            why="Security: the platform team must see it",
            now=now,
            parts=responding,
        )
        await actions.note(
            session,
            manager,
            desk.cases["ptaylor"],
            text="Called the platform team at 08:50.",
            now=now,
            parts=responding,
        )
    await approve(desk, "forum")
    await unknown(desk, "jun_r")
    async with desk.db.write() as session:
        source = (
            await session.exec(select(SourceRow).where(SourceRow.brand_id == desk.brand, SourceRow.channel == "rss"))
        ).one()
        seen = (await session.exec(select(Coverage).where(Coverage.source_id == source.id))).one()
        seen.ended_at = now - timedelta(hours=9)
        session.add(seen)
        await session.flush()
        await transitions.move(
            session,
            "source",
            source.id,
            "listening",
            "failing",
            brand_id=desk.brand,
            actor="system:listener",
            now=now,
            error="forum.example answered 503 three times",
        )
        await coverage.extend(session, source.id, "gap", now + timedelta(seconds=1), "forum.example answered 503")
        session.add(
            Alert(
                id=ids.next(now),
                brand_id=desk.brand,
                rule="source_silent",
                subject="rss",
                title="Forum feed fails",
                raised_at=now,
            )
        )


async def without_risk(desk: Desk) -> None:
    """Nothing here is grave: one person approves each answer."""
    async with desk.db.write() as session:
        await session.exec(update(MentionRow).values(themes=["service"]))


async def approve(desk: Desk, handle: str, role: str = "manager") -> Reply:
    """Approve the draft of this author's case as it stands."""
    reply = await desk.reply_of(desk.cases[handle])
    async with desk.db.write() as session:
        await actions.approve(
            session,
            await desk.person(role),
            reply.id,
            text=reply.text,
            version=reply.version,
            now=desk.clock.now(),
            parts=desk.parts.responding,
        )
    return await desk.reply_of(desk.cases[handle])


async def unknown(desk: Desk, handle: str) -> Reply:
    """A reply whose sending had no clear answer."""
    now = desk.clock.now()
    reply = await approve(desk, handle)
    async with desk.db.write() as session:
        approval = await replies.live_approval(session, reply.id)
        assert approval is not None
        session.add(
            Attempt(
                id=ids.next(now),
                reply_id=reply.id,
                approval_id=approval.id,
                number=1,
                started_at=now,
                outcome="unknown",
                evidence={"error": "the connection was reset after the request was sent"},
            )
        )
        for old, new in (("approved", "sending"), ("sending", "unknown")):
            await transitions.move(
                session,
                "reply",
                reply.id,
                old,
                new,
                brand_id=desk.brand,
                actor="system:sender",
                now=now,
                due_at=now + timedelta(minutes=2),
            )
    return await desk.reply_of(desk.cases[handle])


async def fingerprint(desk: Desk) -> str:
    """Everything in the database as one text, to show that nothing changed."""
    async with desk.db.read() as session:
        connection = await session.connection()
        found = []
        for table in metadata.sorted_tables:
            rows = (await connection.execute(table.select())).all()
            found.append(f"{table.name}: {sorted(map(repr, rows))}")
        return "\n".join(found)
