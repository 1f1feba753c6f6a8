"""A dead token is one state with one alert, whoever notices it: two sources and the publisher at once, for an hour."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlmodel import col, select

from alerts import detection
from alerts.parts import Parts as Alerting
from channels.manifest import Listening, Manifest
from domain.account import Account
from domain.errors import SignInFailed
from domain.ids import ids
from domain.mention import Mention
from domain.ports import Cursor, Held, Page
from listener.verifying import Verifier
from listener.worker import Listener
from scoring.scorer import BrandProfile, Scorer
from storage.accounts import keep_tried
from storage.tables import AccountRow, Alert, SourceRow, Transition
from tests.channels.doors import test_door
from tests.fakes import CHANNEL, Answer
from tests.responders.world import World, account_of, with_parts


@dataclass
class Gate:
    """Lets nobody in while it is shut; waits until everybody has come."""

    shut: bool = True

    async def fetch(self, cursor: Cursor | None) -> Page:
        await asyncio.sleep(0)
        if self.shut:
            raise SignInFailed("HTTP 401: the token was revoked")
        return Page((), cursor)


async def no_posts(listening: Listening, held: Sequence[Held]) -> Mapping[str, Mention | None]:
    raise SignInFailed("HTTP 401: the token was revoked")


def listening(world: World, gate: Gate) -> Listener:
    """A listener on the same database and channel."""
    manifest: Manifest = replace(world.parts.channels[CHANNEL], source=lambda given: gate, verify=no_posts)
    with_parts(world, channels={CHANNEL: manifest})
    scorer = Scorer(BrandProfile(names=("Norda",), default_language="en"))
    return Listener(
        database=world.db, clock=world.clock, door=test_door(world.clock), manifests={CHANNEL: manifest},
        scorer_for=lambda brand: scorer, open_account=account_of,
    )  # fmt: skip


async def two_sources(world: World) -> list[int]:
    found = []
    async with world.db.write() as session:
        for name in ("mentions", "search"):
            row = SourceRow(
                id=ids.next(world.now), brand_id=world.brand_id, account_id=world.account_id, channel=CHANNEL,
                name=name, created_at=world.now,
            )  # fmt: skip
            session.add(row)
            found.append(row.id)
    return found


async def standing(world: World) -> list[tuple[str, str]]:
    """Alerts that are not resolved, after one look of the alarm; those about the waiting case are another matter."""
    parts = Alerting(
        database=world.db, clock=world.clock, jobs=world.jobs, channels=world.parts.channels,
        public_url="https://desk.test", seal=lambda value, _: value, open_=lambda value, _: value,
    )  # fmt: skip
    await detection.sweep(parts, world.now)
    async with world.db.read() as session:
        query = select(Alert.rule, Alert.subject).where(Alert.status != "resolved", col(Alert.rule).not_like("sla_%"))
        return [tuple(row) for row in await session.exec(query.order_by(col(Alert.id)))]  # type: ignore[misc]


async def moves(world: World, noun: str) -> list[str]:
    return [step.new for step in await world.rows(Transition) if step.noun == noun]


async def everybody_notices(world: World, listener: Listener, sources: list[int]) -> None:
    """Both sources, the publisher and the second look, at the same moment."""
    verifier = Verifier(world.db, listener.manifests, listener.ears)
    notices: list[Any] = [listener.poll(source_id) for source_id in sources]
    notices += [verifier.verify(source_id, world.now) for source_id in sources]
    await asyncio.gather(world.steps["send"].handle(world.reply_id, world.now), *notices)


async def test_two_sources_and_the_publisher_at_once_make_one_alert(world: World) -> None:
    gate = Gate()
    listener, sources = listening(world, gate), await two_sources(world)
    await world.approved()
    world.network.answers.append(Answer(applied=False, error=SignInFailed("HTTP 401: the token was revoked")))
    await everybody_notices(world, listener, sources)
    account = f"account:{world.account_id}"
    assert await standing(world) == [("token_dead", account)]
    assert await moves(world, "account") == ["dead"]
    for _ in range(30):
        world.clock.move(120)
        await everybody_notices(world, listener, sources)
        assert await standing(world) == [("token_dead", account)]
    assert await moves(world, "account") == ["dead"]
    assert await moves(world, "source") == ["stopped", "stopped"]
    raised = [alert for alert in await world.rows(Alert) if not alert.rule.startswith("sla_")]
    assert len(raised) == 1
    await listener.door.close()


async def test_connecting_it_again_ends_the_alert_and_raises_no_other(world: World) -> None:
    gate = Gate()
    listener, sources = listening(world, gate), await two_sources(world)
    await everybody_notices(world, listener, sources)
    assert [rule for rule, _ in await standing(world)] == ["token_dead"]
    gate.shut = False
    tried = Account(0, CHANNEL, "norda", "acc-1", "https://parley.test", {"secret_token": "new"})
    async with world.db.write() as session:
        kept = await keep_tried(
            session, world.brand_id, tried, lambda row_id, secrets: "sealed", actor="user:1", now=world.now,
            again=world.account_id,
        )  # fmt: skip
    assert kept.woken == 2
    assert await standing(world) == []
    for source_id in sources:
        assert await listener.poll(source_id) is not None
    assert [row.status for row in await world.rows(AccountRow)] == ["working"]
    assert await standing(world) == []
    await listener.door.close()


async def test_a_reply_refused_while_the_secrets_change_waits_and_goes_out_with_the_new_ones(world: World) -> None:
    await world.approved()
    async with world.db.write() as session:
        account = await session.get_one(AccountRow, world.account_id)
        account.renewed_at = world.now
        session.add(account)
    world.network.answers.append(Answer(applied=False, error=SignInFailed("HTTP 401")))
    await world.steps["send"].handle(world.reply_id, world.now)
    assert (await world.rows(AccountRow))[0].status == "working"
    reply = await world.reply()
    assert (reply.status, len(world.network.posts)) == ("approved", 0)
    assert reply.due_at is not None
    world.clock.move((reply.due_at - world.now).total_seconds())
    await world.steps["send"].handle(world.reply_id, world.now)
    assert ((await world.reply()).status, len(world.network.posts)) == ("sent", 1)
