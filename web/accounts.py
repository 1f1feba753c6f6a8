"""Our accounts on networks. An account is tried before it is saved; its secrets never reach a page again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.responses import RedirectResponse, Response

from domain.errors import BadInput, ChannelError, Missing
from domain.person import Person
from responders.done import record_change
from storage import desk_lists
from storage.accounts import Kept, keep_tried
from storage.bounds import sendings
from storage.tables import AccountRow
from storage.transitions import move
from web.access import PartsDep, PersonDep, brands_for
from web.channel_forms import PREFIX
from web.forms import Form, all_values, described, read_form, row_id
from web.pages import page, said

if TYPE_CHECKING:
    from channels.manifest import Manifest

router = APIRouter()


@router.get("/accounts")
async def accounts_page(
    request: Request, person: PersonDep, parts: PartsDep, add: str = "", again: str = ""
) -> Response:
    """All accounts; `add` opens the form of that channel, `again` that of one account to sign in to it again."""
    now = parts.clock.now()
    async with parts.db.read() as session:
        accounts = await desk_lists.accounts(session, person.brands)
        own = brands_for(person, "accounts")
        meant = next((row for row, _ in accounts if row.id == row_id(again) and row.brand_id in own), None)
        return await page(
            request,
            session,
            person,
            "accounts.html",
            accounts=accounts,
            today={row.id: len(await sendings(session, row.id, now)) for row, _ in accounts},
            per_day=parts.responding.limits.per_day,
            own=own,
            meant=meant,
            addable=[manifest for manifest in parts.channels.values() if manifest.try_account],
            channel=parts.channels.get(meant.channel if meant else add),
            prefix=PREFIX,
        )


@router.post("/accounts")
async def add_account(request: Request, person: PersonDep, parts: PartsDep) -> Response:
    """Sign in with what was given; only when the network agrees is it stored, with its secrets encrypted."""
    values = await all_values(request)
    brand_id = row_id(values.get("brand_id", ""))
    if brand_id not in person.brands:
        raise Missing("there is no such brand")
    person.require("accounts", brand_id)
    manifest = parts.channels.get(values.get("channel", ""))
    if manifest is None or manifest.try_account is None:
        raise BadInput("channel: choose one that takes accounts")
    fields = {name: values.get(PREFIX + name, "").strip() for name, _ in manifest.account_fields}
    try:
        tried = await parts.try_account(manifest.name, fields)
    except ChannelError as error:
        raise BadInput(f"{manifest.title} did not accept this account: {error.detail or error}") from None
    again = row_id(values["again"]) if values.get("again") else None
    async with parts.db.write() as session:
        kept = await keep_tried(
            session, brand_id, tried, parts.seal_secrets, actor=person.actor, now=parts.clock.now(), again=again
        )
    response = RedirectResponse("/accounts", 303)
    said(request, response, {"said": _sentence(kept, manifest)})
    return response


def _sentence(kept: Kept, manifest: Manifest) -> str:
    name = f"{kept.handle} on {manifest.title}"
    if kept.new:
        return f"{name} works and is stored."
    if not kept.woken:
        return f"{name} is connected again."
    return f"{name} is connected again, and {kept.woken} of its sources listen again."


class Label(Form):
    """Whether the account's profile says that it is automated."""

    labelled: bool


@router.post("/accounts/{account_id}/label", **described(Label))
async def label_account(request: Request, account_id: int, person: PersonDep, parts: PartsDep) -> Response:
    """A person has looked at its profile there: networks that ask for a label take replies only with it."""
    form = await read_form(request, Label)
    async with parts.db.write() as session:
        found = await _account(session, person, account_id)
        old, found.labelled = found.labelled, form.labelled
        session.add(found)
        await record_change(
            session, "account_label", found.id, _said(old), _said(form.labelled),
            brand_id=found.brand_id, actor=person.actor, now=parts.clock.now(),
        )  # fmt: skip
    response = RedirectResponse("/accounts", 303)
    said(request, response, {"said": f"Noted: {found.handle} is {_said(form.labelled)}."})
    return response


def _said(labelled: bool | None) -> str:
    return {None: "not looked at", True: "labelled as automated", False: "not labelled"}[labelled]


async def _account(session: AsyncSession, person: Person, account_id: int) -> AccountRow:
    found = await desk_lists.account(session, person.brands, account_id)
    if found is None:
        raise Missing("there is no such account")
    person.require("accounts", found.brand_id)
    return found


@router.post("/accounts/{account_id}/remove", **described(Form, 409))
async def remove_account(request: Request, account_id: int, person: PersonDep, parts: PartsDep) -> Response:
    """Forget its secrets; nothing is sent from it any more."""
    await read_form(request, Form)
    async with parts.db.write() as session:
        found = await _account(session, person, account_id)
        await move(
            session,
            "account",
            found.id,
            found.status,
            "removed",
            brand_id=found.brand_id,
            actor=person.actor,
            now=parts.clock.now(),
            why="by hand",
            secrets="",
            renewed_secrets="",
        )
    response = RedirectResponse("/accounts", 303)
    said(request, response, {"said": f"{found.handle} is removed and its secrets are gone."})
    return response
