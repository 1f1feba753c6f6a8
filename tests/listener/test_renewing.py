"""Secrets that end are renewed in time, once; whatever dies on the way, they are kept or a person is called, once."""

from __future__ import annotations

import asyncio
import inspect
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import text

from config.secrets import Vault
from domain import crashpoint
from domain.account import Account, Renewed
from domain.errors import BadInput, OutcomeUnknown, RateLimited, Refused, SignInFailed, Undecodable, Unreachable
from domain.ids import ids
from listener import renewing
from listener.renewing import BROKEN_OFF, Renewer, renewal_at, wait_in_doubt
from net.door import Door
from storage import sources
from storage.accounts import keep_tried
from storage.database import Database
from storage.renewals import CLAIM_S
from storage.tables import AccountRow, SourceRow, Transition
from tests.channels.network import Fault, Network, serving
from tests.emulators.threads import OWN_ID, OWN_NAME, TOKEN, ThreadsServer
from tests.listener.rig import NOON, House

REFRESH = "/refresh_access_token"
DAY = 86_400.0
LASTS_S = 5_183_944
POINTS = ("renew.before_request", "renew.after_answer", "renew.stored", "renew.in_use")
VAULT = Vault(b"k" * 32)


class Died(BaseException):
    """The process is gone."""


def seal(row_id: int, secrets: Mapping[str, str]) -> str:
    return VAULT.seal(msgspec.json.encode(dict(secrets)).decode(), f"account:{row_id}:secrets")


def open_account(row: AccountRow) -> Account:
    secrets = msgspec.json.decode(VAULT.open(row.secrets, f"account:{row.id}:secrets"), type=dict[str, str])
    return Account(row.id, row.channel, row.handle, row.external_id, row.base_url, secrets, row.labelled)


@dataclass
class Rig:
    """An account on Threads' emulator, and who renews it."""

    house: House
    server: ThreadsServer
    network: Network
    account_id: int

    def renewer(self, **more: Any) -> Renewer:
        """As of a process that has just begun. `more` stands in for facts of the channel."""
        threads = replace(self.house.listener.manifests["threads"], **more)
        return Renewer(self.house.db, self.house.listener.door, {"threads": threads}, open_account, seal)

    async def step(self, renewer: Renewer | None = None) -> int:
        """What is due is done, as the sweep does it."""
        renewer, now = renewer or self.renewer(), self.house.clock.now()
        async with self.house.db.read() as session:
            due = await renewer.due(session, now, 10)
        for account_id in due:
            await renewer.renew(account_id, now)
        return len(due)

    async def until_due(self) -> None:
        """Plan, and go to the moment of the renewal."""
        await self.step()
        row = await self.row()
        assert row.renew_at is not None
        self.house.clock.move((row.renew_at - self.house.clock.now()).total_seconds())

    async def days(self, count: float, renewer: Renewer | None = None) -> None:
        """So much time goes by, and what is due is done every ten minutes."""
        for _ in range(int(count * 144)):
            self.house.clock.move(600)
            await self.step(renewer)

    async def row(self) -> AccountRow:
        async with self.house.db.read() as session:
            return await session.get_one(AccountRow, self.account_id)

    async def token(self) -> str:
        """The one in use."""
        return open_account(await self.row()).secrets["secret_token"]

    @property
    def asked(self) -> int:
        """How many renewals reached the network."""
        return sum(kind == "refresh" for kind, _ in self.server.asked)

    async def moves(self) -> list[str]:
        return [step.new for step in await self.house.rows(Transition) if step.noun == "account"]


@pytest.fixture
async def rig(either: House) -> AsyncIterator[Rig]:
    server, network = ThreadsServer(), Network()
    async with serving(network, server.routes()):
        row_id = ids.next(NOON)
        async with either.db.write() as session:
            session.add(
                AccountRow(
                    id=row_id, brand_id=either.brand_id, channel="threads", handle=OWN_NAME, external_id=OWN_ID,
                    base_url=network.base, secrets=seal(row_id, {"secret_token": TOKEN}), created_at=NOON,
                )
            )  # fmt: skip
        yield Rig(either, server, network, row_id)


@pytest.fixture(autouse=True)
def alive() -> Iterator[None]:
    yield
    crashpoint.arm(None)


def die_once_at(point: str) -> None:
    def die(name: str) -> None:
        if name == point:
            crashpoint.arm(None)
            raise Died

    crashpoint.arm(die)


async def fail(error: Exception) -> Any:
    raise error


def test_every_point_at_which_a_renewal_may_die_is_played() -> None:
    assert set(re.findall(r'crashpoint\("([a-z_.]+)"\)', inspect.getsource(renewing))) == set(POINTS)


def test_a_renewal_comes_halfway_and_never_before_the_network_would_take_it() -> None:
    assert renewal_at(NOON, NOON + timedelta(days=60), 0.0) == NOON + timedelta(days=30)
    assert renewal_at(NOON, None, 3600.0) == NOON + timedelta(hours=1)
    assert renewal_at(NOON, NOON + timedelta(hours=1), 3600.0) == NOON + timedelta(hours=1)


def test_lost_answers_are_asked_for_less_and_less_often() -> None:
    waits = [wait_in_doubt(NOON + timedelta(minutes=m), NOON) for m in (0, 5, 60, 60 * 24 * 9)]
    assert waits == [timedelta(minutes=5), timedelta(minutes=5), timedelta(hours=1), timedelta(days=1)]


async def test_a_token_is_renewed_for_years_and_every_one_of_them_is_sealed(rig: Rig) -> None:
    await rig.until_due()
    assert rig.house.clock.now() == NOON + timedelta(hours=25), "how old this token is nobody knows: as soon as may be"
    await rig.step()
    row, first = await rig.row(), await rig.token()
    assert (first, rig.asked) == (rig.server.tokens[-1], 1)
    assert row.good_until == rig.house.clock.now() + timedelta(seconds=LASTS_S)
    assert (row.status, row.renewing_since, row.renewed_secrets, row.renew_error) == ("working", None, "", "")
    await rig.until_due()
    assert rig.house.clock.now() - NOON == timedelta(hours=25, seconds=LASTS_S / 2), "halfway"
    await rig.step()
    assert (await rig.token(), rig.asked) == (rig.server.tokens[-1], 2)
    async with rig.house.db.read() as session:
        stored = str(list(await (await session.connection()).execute(text("SELECT * FROM account"))))
    assert TOKEN not in stored, "a token stands in the database as it is"


@pytest.mark.parametrize("burns_old", [False, True], ids=["old stays good", "old is burnt"])
@pytest.mark.parametrize("point", POINTS)
async def test_dying_once_at_each_point_keeps_the_account_or_calls_a_person_once(
    rig: Rig, point: str, burns_old: bool
) -> None:
    rig.server.burns_old = burns_old
    await rig.until_due()
    die_once_at(point)
    with pytest.raises(Died):
        await rig.step()
    assert await rig.step() == 0, "the claim of the dead one holds until it runs out"
    rig.house.clock.move(CLAIM_S)
    await rig.days(0.25)
    row = await rig.row()
    if point == "renew.after_answer" and burns_old:
        assert (row.status, row.renewed_secrets) == ("dead", "")
        assert row.error == f"{BROKEN_OFF}: connect it again"
        assert (await rig.moves(), rig.asked) == (["dead"], 2), "one state, one alert, and no more requests"
        return
    assert (row.status, await rig.moves(), row.renewed_secrets) == ("working", [], "")
    assert await rig.token() == rig.server.tokens[-1]
    assert rig.asked == (2 if point == "renew.after_answer" else 1)


async def test_two_processes_at_once_make_one_request(rig: Rig) -> None:
    await rig.until_due()
    other = Database(rig.house.db.url.render_as_string(hide_password=False))
    second = Renewer(other, rig.house.listener.door, rig.house.listener.manifests, open_account, seal)
    now = rig.house.clock.now()
    await asyncio.gather(*(each.renew(rig.account_id, now) for each in (rig.renewer(), second) for _ in range(3)))
    await other.close()
    assert rig.asked == 1
    assert await rig.token() == rig.server.tokens[-1]


@pytest.mark.parametrize(
    ("error", "wait_s", "in_doubt"),
    [
        (Unreachable("refused"), 300, False),
        (RateLimited(NOON + timedelta(hours=27)), 7200, False),
        (Refused("too young"), DAY, False),
        (OutcomeUnknown("reset"), 300, True),
        (Undecodable("no token"), 300, True),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
async def test_what_does_not_go_now_is_tried_later_with_the_token_in_use(
    rig: Rig, error: Exception, wait_s: float, in_doubt: bool
) -> None:
    await rig.until_due()
    await rig.step(rig.renewer(renew=lambda account, door: fail(error)))
    row, now = await rig.row(), rig.house.clock.now()
    assert (row.status, row.renew_error, await rig.token()) == ("working", str(error), TOKEN)
    assert (row.renew_at, row.renewing_since is not None) == (now + timedelta(seconds=wait_s), in_doubt)
    rig.house.clock.move(wait_s)
    await rig.step()
    assert (await rig.token(), (await rig.row()).renew_error) == (rig.server.tokens[-1], "")


async def test_a_refused_token_is_dead_once_with_what_listens_by_it(rig: Rig) -> None:
    source_id = await rig.house.source("mentions", "threads", account=rig.account_id)
    await rig.until_due()
    rig.server.tokens.clear()
    await rig.step()
    await rig.days(0.5)
    row = await rig.row()
    assert (row.status, await rig.moves(), rig.asked) == ("dead", ["dead"], 1)
    assert "make a new one at Meta" in row.error
    assert (await rig.house.get(source_id)).status == "stopped"


async def test_an_answer_that_is_lost_on_the_way_is_asked_for_again(rig: Rig) -> None:
    await rig.until_due()
    rig.network.fault = Fault(reset=True, applied=True, path=REFRESH)
    await rig.step()
    assert (await rig.token(), rig.asked) == (TOKEN, 1), "one request, and nobody repeats it by himself"
    rig.network.fault = None
    rig.house.clock.move(300)
    await rig.step()
    assert (await rig.token(), rig.asked) == (rig.server.tokens[-1], 2)


async def test_who_still_uses_the_old_token_is_not_taken_for_a_dead_account(rig: Rig) -> None:
    """A poll, or a reply, that began with the old token and is refused after the new one is stored."""
    source_id = await rig.house.source("mentions", "threads", account=rig.account_id)
    rig.server.burns_old = True
    await rig.until_due()
    await rig.step()

    async def refused() -> bool:
        async with rig.house.db.write() as session:
            return await sources.account_dead(session, rig.account_id, "HTTP 401", rig.house.clock.now())

    assert not await refused()
    assert ((await rig.row()).status, (await rig.house.get(source_id)).status) == ("working", "listening")
    rig.house.clock.move(601)
    assert await refused(), "a network that goes on refusing is believed"
    assert (await rig.row()).status == "dead"


async def test_a_poll_that_is_refused_meanwhile_comes_again_at_its_usual_time(rig: Rig) -> None:
    source_id = await rig.house.source("mentions", "threads", account=rig.account_id)
    rig.house.listener.ears.open_account = open_account
    await rig.until_due()
    crash_and_burn = replace(rig.house.listener.manifests["threads"], source=lambda listening: Refusing())
    rig.house.listener.manifests["threads"] = crash_and_burn
    await rig.step()
    await rig.house.listener.poll(source_id)
    source = await rig.house.get(source_id)
    assert (source.status, (await rig.row()).status) == ("listening", "working")
    assert source.next_poll_at is not None
    assert source.next_poll_at >= rig.house.clock.now() + timedelta(seconds=60)


class Refusing:
    """Takes no token at all."""

    async def fetch(self, cursor: Any) -> Any:
        raise SignInFailed("HTTP 401")


async def test_an_odd_lifetime_does_not_cost_the_secrets_that_came_with_it(rig: Rig) -> None:
    real = rig.house.listener.manifests["threads"].renew
    assert real is not None

    async def renew(account: Account, door: Door) -> Renewed:
        return replace(await real(account, door), good_for_s=1e30)

    await rig.until_due()
    await rig.step(rig.renewer(renew=renew))
    assert await rig.token() == rig.server.tokens[-1]


async def test_what_a_person_connects_meanwhile_wins(rig: Rig) -> None:
    await rig.until_due()
    by_hand = Account(0, "threads", OWN_NAME, OWN_ID, rig.network.base, {"secret_token": "by-hand"})

    async def renew(account: Account, door: Door) -> Any:
        async with rig.house.db.write() as session:
            now = rig.house.clock.now()
            await keep_tried(session, rig.house.brand_id, by_hand, seal, actor="user:1", now=now, again=rig.account_id)
        return await rig.house.listener.manifests["threads"].renew(account, door)  # type: ignore[misc]

    await rig.step(rig.renewer(renew=renew))
    row = await rig.row()
    assert (await rig.token(), row.renewed_secrets, row.good_until, row.renew_at) == ("by-hand", "", None, None)


@pytest.mark.parametrize("error", [SignInFailed("not accepted"), BadInput("odd")])
async def test_new_secrets_that_do_not_work_leave_the_old_ones_in_use(rig: Rig, error: Exception) -> None:
    await rig.until_due()
    await rig.step(rig.renewer(try_account=lambda account, door: fail(error)))
    row = await rig.row()
    assert (await rig.token(), row.status, row.renewed_secrets, row.good_until) == (TOKEN, "working", "", None)
    assert row.renew_error == str(error)


async def test_the_sign_in_of_another_account_is_never_taken(rig: Rig) -> None:
    async def another(account: Account, door: Door) -> Account:
        return replace(account, external_id="1784", handle="somebody_else")

    await rig.until_due()
    await rig.step(rig.renewer(try_account=another))
    row = await rig.row()
    assert (await rig.token(), row.external_id, row.renewed_secrets) == (TOKEN, OWN_ID, "")
    assert "another account" in row.renew_error


async def test_new_secrets_wait_while_they_cannot_be_tried(rig: Rig) -> None:
    await rig.until_due()
    down = rig.renewer(try_account=lambda account, door: fail(Unreachable("down")))
    await rig.step(down)
    assert (await rig.row()).renewed_secrets, "stored before anything else"
    rig.house.clock.move(300)
    await rig.step(down)
    rig.house.clock.move(300)
    await rig.step()
    assert (await rig.token(), rig.asked) == (rig.server.tokens[-1], 1)


async def test_only_channels_that_say_how_are_renewed(rig: Rig) -> None:
    await rig.step(rig.renewer(renew=None))
    assert (await rig.row()).renew_at is None


async def test_the_end_that_threads_tells_is_kept(rig: Rig, tmp_path: Path) -> None:
    ends = datetime.fromtimestamp(int((datetime.now().astimezone() + timedelta(days=40)).timestamp())).astimezone()
    rig.server.token_ends_at = int(ends.timestamp())
    sign_in = rig.house.listener.manifests["threads"].try_account
    assert sign_in is not None
    account = await sign_in(open_account(await rig.row()), rig.house.listener.door)
    assert account.good_until == ends
    async with rig.house.db.write() as session:
        await keep_tried(session, rig.house.brand_id, account, seal, actor="user:1", now=NOON)
    assert (await rig.row()).good_until == ends


async def test_a_source_that_stopped_with_the_account_goes_on_when_it_is_connected_again(rig: Rig) -> None:
    source_id = await rig.house.source("mentions", "threads", account=rig.account_id)
    rig.server.burns_old = True
    await rig.until_due()
    die_once_at("renew.after_answer")
    with pytest.raises(Died):
        await rig.step()
    await rig.days(0.25)
    assert (await rig.house.get(source_id)).status == "stopped"
    again = replace(open_account(await rig.row()), secrets={"secret_token": rig.server.tokens[0]})
    async with rig.house.db.write() as session:
        now = rig.house.clock.now()
        kept = await keep_tried(session, rig.house.brand_id, again, seal, actor="user:1", now=now, again=rig.account_id)
    async with rig.house.db.read() as session:
        source = await session.get_one(SourceRow, source_id)
    assert (kept.woken, source.status, (await rig.row()).status) == (1, "listening", "working")
    await rig.until_due()
    await rig.step()
    assert await rig.token() == rig.server.tokens[-1], "and it is renewed from then on"
