"""Accounts from the command line: tried with their network, then stored, the same way as in the desk."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence

import typer
from rich.console import Console
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from channels.manifest import Manifest
from commands.brands import brand_for
from commands.wiring import House, account_tester, build, seal_secrets
from config.settings import Settings
from domain.errors import BadInput, ChannelError
from storage.accounts import keep_tried
from storage.migrate import migrate
from storage.tables import AccountRow, Brand

say = Console(highlight=False).print
_ACTOR = "system:command"

Ask = Callable[[str, bool], str]
"""(label, is a secret) -> what a person types."""


def ask(label: str, secret: bool) -> str:
    """From the keyboard; a secret is not shown."""
    return str(typer.prompt(label, hide_input=secret, err=True))


async def add_account(
    settings: Settings, channel: str, brand: str, given: Sequence[str], again: str, *, prompt: Ask | None = None
) -> None:
    """Try an account and store it, or connect one again (`again` is its handle or id). BadInput says what to mend."""
    await migrate(settings.database)
    house = build(settings)
    try:
        manifest = _manifest(house, channel)
        async with house.database.read() as session:
            row = await brand_for(session, brand)
            known = await _known(session, row, channel, again) if again else None
        prompt = prompt or (ask if sys.stdin.isatty() else None)
        fields = _fields(manifest, _named(given, manifest), known, prompt)
        try:
            tried = await account_tester(house.channels, house.door)(channel, fields)
        except ChannelError as error:
            raise BadInput(f"{manifest.title} did not accept this account: {error.detail or error}") from None
        async with house.database.write() as session:
            kept = await keep_tried(
                session, row.id, tried, seal_secrets(house.vault), actor=_ACTOR, now=house.clock.now(),
                again=known.id if known else None,
            )  # fmt: skip
    finally:
        await house.close()
    done = "works and is stored" if kept.new else "is connected again"
    more = f"; {kept.woken} of its sources listen again" if kept.woken else ""
    say(f"{kept.handle} on {manifest.title} {done} for {row.name}{more}")


async def list_accounts(settings: Settings) -> None:
    """Print every account with its state."""
    await migrate(settings.database)
    house = build(settings)
    try:
        async with house.database.read() as session:
            query = select(AccountRow, Brand.name).join(Brand, col(Brand.id) == col(AccountRow.brand_id))
            query = query.where(AccountRow.status != "removed").order_by(col(AccountRow.id))
            for row, brand in await session.exec(query):
                why = f": {row.error}" if row.error else ""
                say(f"{row.id}  {brand}  {row.channel}  {row.handle}  {row.status}{why}", soft_wrap=True, markup=False)
    finally:
        await house.close()


def _manifest(house: House, channel: str) -> Manifest:
    manifest = house.channels.get(channel)
    if manifest is None or manifest.try_account is None:
        able = [name for name, each in house.channels.items() if each.try_account]
        raise BadInput(f"{channel}: no channel that takes accounts; those are {', '.join(able)}")
    return manifest


async def _known(session: AsyncSession, brand: Brand, channel: str, again: str) -> AccountRow:
    query = select(AccountRow).where(
        AccountRow.brand_id == brand.id, AccountRow.channel == channel, AccountRow.status != "removed"
    )
    rows = [row for row in await session.exec(query) if again.lstrip("@") in (str(row.id), row.handle.lstrip("@"))]
    if len(rows) != 1:
        raise BadInput(f"--again {again}: {len(rows)} accounts are called so; run.py account list shows their ids")
    return rows[0]


def _named(given: Sequence[str], manifest: Manifest) -> dict[str, str]:
    """`name=value` of the command line. Secrets do not belong there: other people of this machine can read it."""
    plain = [name for name, _ in manifest.account_fields if not name.startswith("secret_")]
    named = {}
    for each in given:
        name, equals, value = each.partition("=")
        if not equals or name not in plain:
            raise BadInput(f"--set {name}: give name=value with one of {', '.join(plain) or 'nothing'}")
        named[name] = value.strip()
    return named


def _fields(
    manifest: Manifest, named: Mapping[str, str], known: AccountRow | None, prompt: Ask | None
) -> dict[str, str]:
    """Each field from the command line, else the environment, else (connecting again) as it was, else typed."""
    fields = {}
    for name, label in manifest.account_fields:
        variable = f"EARSHOT_ACCOUNT_{name.upper()}"
        was = getattr(known, name, "") if known is not None and not name.startswith("secret_") else ""
        value = named.get(name) or os.environ.get(variable, "").strip() or was
        if not value and prompt is None:
            way = "" if name.startswith("secret_") else f", or --set {name}=…"
            raise BadInput(f"{label}: give it as {variable} in the environment{way}")
        fields[name] = value or (prompt(label, name.startswith("secret_")).strip() if prompt else "")
    return fields
