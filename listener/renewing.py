"""Renews the secrets of accounts before they end. One step is one account: ask once, store, try, take into use.

What is stored at each moment says how to go on after a death (decision 0012). Before the answer is stored, the network
is asked again with the secrets in use: one that still takes them gives new ones, and one that has burnt them makes the
account dead, once. After that nothing is asked for again: the new ones are tried and take the place of the old.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from channels.manifest import Manifest
from domain.account import Account, Renewed
from domain.crashpoint import crashpoint
from domain.errors import BadInput, ChannelError, OutcomeUnknown, RateLimited, SignInFailed, Undecodable, Unreachable
from listener import schedule
from net.door import Door
from storage import renewals, sources
from storage.accounts import Seal
from storage.database import Database
from storage.jobs import Step
from storage.tables import AccountRow

log = structlog.get_logger()

_SOON_S, _DAY_S = 300.0, 86_400.0
_LONGEST_S = 10 * 365 * _DAY_S
"""An odd figure must not cost us the secrets that came with it."""
BROKEN_OFF = "its renewal was broken off before the new sign-in was stored, and the network no longer takes the old one"
OTHERS = "the renewal gave the sign-in of another account"


def renewal_at(now: datetime, good_until: datetime | None, least_s: float) -> datetime:
    """When to renew what is good until then: halfway, so that as much time is left for mending as has passed; not
    before it is `least_s` old."""
    half = (good_until - now) / 2 if good_until is not None else timedelta()
    return now + max(half, timedelta(seconds=least_s))


def wait_in_doubt(now: datetime, since: datetime) -> timedelta:
    """Until the next try when answers get lost: as long as it has lasted already, between five minutes and a day."""
    return min(timedelta(seconds=_DAY_S), max(timedelta(seconds=_SOON_S), now - since))


@dataclass(frozen=True, slots=True)
class Renewer:
    """The step over its parts."""

    database: Database
    door: Door
    manifests: Mapping[str, Manifest]
    open_account: Callable[[AccountRow], Account]
    seal: Seal

    def steps(self) -> dict[str, Step]:
        """The durable step "renew", on accounts."""
        return {"renew": Step("renew", self.due, self.renew, lambda row_id: f"renew:{row_id}")}

    async def due(self, session: AsyncSession, now: datetime, limit: int) -> list[int]:
        """Accounts whose renewal is due."""
        able = [name for name, manifest in self.manifests.items() if manifest.renew is not None]
        return await renewals.due(session, able, now, limit)

    async def renew(self, account_id: int, now: datetime) -> None:
        """The next step of this account's renewal; or say why that did not go."""
        async with self.database.write() as session:
            before = await session.get_one(AccountRow, account_id)
            least_s = self.manifests[before.channel].renew_after_s
            if before.renew_at is None:
                await renewals.plan(session, account_id, renewal_at(now, before.good_until, least_s))
                return
            broken = before.renewing_since
            row = await renewals.claim(session, before, now)
        if row is not None and (row.renewed_secrets or await self._ask(row, broken, now)):
            await self._take_into_use(row, now)

    # --- new secrets ---

    async def _ask(self, row: AccountRow, broken: datetime | None, now: datetime) -> bool:
        """One request, and what it gave is stored before anything else. Whether there are new secrets now."""
        renew = self.manifests[row.channel].renew
        assert renew is not None
        assert row.renewing_since is not None
        crashpoint("renew.before_request")
        try:
            renewed = await renew(self.open_account(row), self.door)
        except (OutcomeUnknown, Undecodable) as error:
            await self._later(row, str(error), now + wait_in_doubt(now, row.renewing_since))
        except (Unreachable, RateLimited) as error:
            # Certainly nothing changed by this try; an earlier one may have.
            until = error.retry_at if isinstance(error, RateLimited) else None
            await self._later(row, str(error), schedule.after_limit(now, until, _SOON_S), renewing_since=broken)
        except SignInFailed as error:
            await self._dead(row, f"{BROKEN_OFF}: connect it again" if broken else str(error), now)
        except (ChannelError, BadInput) as error:
            await self._later(row, str(error), now + timedelta(seconds=_DAY_S), renewing_since=broken)
        else:
            crashpoint("renew.after_answer")
            return await self._store(row, renewed, now)
        return False

    async def _store(self, row: AccountRow, renewed: Renewed, now: datetime) -> bool:
        lasts_s = renewed.good_for_s
        row.renewed_secrets = self.seal(row.id, renewed.secrets)
        row.good_until = now + timedelta(seconds=min(lasts_s, _LONGEST_S)) if lasts_s is not None else None
        values = {"renewed_secrets": row.renewed_secrets, "good_until": row.good_until}
        async with self.database.write() as session:
            stored = await renewals.write(session, row, **values)
        crashpoint("renew.stored")
        return stored

    async def _take_into_use(self, row: AccountRow, now: datetime) -> None:
        """The new secrets are tried first: the old ones may still be good, and it must be the same account."""
        try:
            await self._try(row)
        except (SignInFailed, BadInput) as error:
            await self._drop(row, str(error), now)
        except ChannelError as error:
            await self._later(row, str(error), now + wait_in_doubt(now, row.renewing_since or now))
        else:
            least_s = self.manifests[row.channel].renew_after_s
            again = renewal_at(now, row.good_until, least_s)
            values: dict[str, Any] = {"secrets": row.renewed_secrets, "renewed_secrets": "", "renewed_at": now}
            if await self._write(row, renew_at=again, renewing_since=None, renew_error="", **values):
                log.info("account renewed", channel=row.channel, account=row.id, good_until=str(row.good_until))
            crashpoint("renew.in_use")

    async def _try(self, row: AccountRow) -> None:
        sign_in = self.manifests[row.channel].try_account
        assert sign_in is not None, "what is renewed was tried as it was added"
        new = AccountRow(**row.model_dump() | {"secrets": row.renewed_secrets})
        tried: Account = await sign_in(self.open_account(new), self.door)
        if tried.external_id != row.external_id:
            raise BadInput(OTHERS)

    # --- how it ends ---

    async def _later(self, row: AccountRow, why: str, at: datetime, **values: Any) -> None:
        log.warning("account not renewed yet", channel=row.channel, account=row.id, why=why)
        await self._write(row, renew_at=at, renew_error=why, **values)

    async def _drop(self, row: AccountRow, why: str, now: datetime) -> None:
        """New secrets that do not work. The old ones stay in use; a network that has burnt them says so next time."""
        void: dict[str, Any] = {"renewed_secrets": "", "good_until": None, "renewing_since": None}
        await self._later(row, why, now + timedelta(seconds=_DAY_S), **void)

    async def _dead(self, row: AccountRow, why: str, now: datetime) -> None:
        async with self.database.write() as session:
            if await renewals.write(session, row, renewing_since=None, renew_at=None, renew_error=""):
                await sources.account_dead(session, row.id, why, now)

    async def _write(self, row: AccountRow, **values: Any) -> bool:
        async with self.database.write() as session:
            return await renewals.write(session, row, **values)
