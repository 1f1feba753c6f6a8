"""What a first start finds: an admin, and - without any brand - a small fictional one with posts written by us."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from commands.wiring import House, new_account_row
from domain.account import Account
from listener.onboarding import add_brand, add_source
from storage.people import first_admin
from storage.tables import AccountRow, Brand, SourceRow, User

DEMO_FILE = Path(__file__).parent.parent / "channels" / "replay" / "demo.jsonl"
_DEMO = "Norda"
_PLAYGROUND = ("replay", "sandbox")
_COMES_UP_S = 6.0


async def first_person(house: House) -> User:
    """The first admin; made when there is nobody. Also admin of each brand that has none."""
    async with house.database.write() as session:
        return await first_admin(session, house.clock.now())


async def has_brand(house: House) -> bool:
    """Whether anything is watched yet."""
    async with house.database.read() as session:
        return (await session.exec(select(Brand.id).limit(1))).first() is not None


async def add_demo(house: House, speed: float) -> None:
    """The fictional brand Norda, a regional railway, with a replayed stream of posts in six languages."""
    now = house.clock.now()
    async with house.database.write() as session:
        brand = await add_brand(
            session,
            _DEMO,
            now,
            handles=["norda", "NordaRail"],
            languages=["en", "hr", "hu", "id", "lv", "tl"],
            links=["norda.example"],
            voice={"sign_off": "Norda"},
            demo=True,
        )
        settings = {"path": str(DEMO_FILE), "speed": speed, "started_at": now.isoformat()}
        account = await add_playground_account(house, session, brand.id, "replay")
        add_source(session, brand.id, house.channels["replay"], "Demo posts", settings, now, account.id)
        sandbox = await add_playground_account(house, session, brand.id, "sandbox")
        add_source(session, brand.id, house.channels["sandbox"], "Sandbox network", {}, now, sandbox.id)


async def add_playground_account(
    house: House, session: AsyncSession, brand_id: int, channel: str, handle: str = "norda"
) -> AccountRow:
    """An account on the sandbox network of this machine. Its address is set at each start (see `point_at`)."""
    account = Account(0, channel, handle, "norda", "http://127.0.0.1:0")
    row = new_account_row(house, brand_id, account, {"secret_token": "sandbox-token"})
    session.add(row)
    await session.flush()
    return row


async def needs_sandbox(house: House) -> bool:
    """Whether any account lives on the sandbox network."""
    async with house.database.read() as session:
        channels = set(await session.exec(select(AccountRow.channel).distinct()))
    return bool(channels & set(_PLAYGROUND))


async def point_at(house: House, address: str) -> None:
    """Tell the playground accounts and sources where the sandbox network runs now, and let it come up first."""
    soon = house.clock.now() + timedelta(seconds=_COMES_UP_S)
    async with house.database.write() as session:
        await session.exec(update(AccountRow).where(col(AccountRow.channel).in_(_PLAYGROUND)).values(base_url=address))
        sources = update(SourceRow).where(col(SourceRow.channel) == "sandbox")
        await session.exec(sources.values(settings={"base_url": address}, next_poll_at=soon))
