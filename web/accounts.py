"""Our accounts on networks. An account is tried before it is saved; its secrets never reach a page again."""

from __future__ import annotations

from fastapi import APIRouter, Request
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.responses import RedirectResponse, Response

from domain.account import Account
from domain.errors import BadInput, ChannelError, Missing
from domain.ids import ids
from domain.person import Person
from responders.done import record_change
from storage import desk_lists
from storage.bounds import sendings
from storage.tables import AccountRow
from storage.transitions import move
from web.access import PartsDep, PersonDep, brands_for
from web.channel_forms import PREFIX
from web.forms import Form, all_values, described, read_form, row_id
from web.pages import page, said
from web.parts import Parts

router = APIRouter()


@router.get("/accounts")
async def accounts_page(request: Request, person: PersonDep, parts: PartsDep, add: str = "") -> Response:
    """All accounts; `add` opens the form of that channel."""
    now = parts.clock.now()
    async with parts.db.read() as session:
        accounts = await desk_lists.accounts(session, person.brands)
        return await page(
            request,
            session,
            person,
            "accounts.html",
            accounts=accounts,
            today={row.id: len(await sendings(session, row.id, now)) for row, _ in accounts},
            per_day=parts.responding.limits.per_day,
            own=brands_for(person, "accounts"),
            addable=[manifest for manifest in parts.channels.values() if manifest.try_account],
            channel=parts.channels.get(add),
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
    async with parts.db.write() as session:
        known = await desk_lists.same_account(session, brand_id, tried)
        if known is not None:
            await _connect_again(session, known, tried, person, parts)
        else:
            session.add(_row(brand_id, tried, parts))
    response = RedirectResponse("/accounts", 303)
    sentence = f"{tried.handle} on {manifest.title} works and is stored."
    if known is not None:
        sentence = f"{tried.handle} on {manifest.title} is connected again. If one of its sources stopped, resume it."
    said(request, response, {"said": sentence})
    return response


def _row(brand_id: int, tried: Account, parts: Parts) -> AccountRow:
    now = parts.clock.now()
    row_id = ids.next(now)
    return AccountRow(
        id=row_id,
        brand_id=brand_id,
        channel=tried.channel,
        handle=tried.handle,
        external_id=tried.external_id,
        base_url=tried.base_url,
        secrets=parts.seal_secrets(row_id, tried.secrets),
        labelled=tried.labelled,
        created_at=now,
    )


async def _connect_again(
    session: AsyncSession, known: AccountRow, tried: Account, person: Person, parts: Parts
) -> None:
    """New secrets for an account that we have: its sources and its waiting replies go on with them."""
    known.handle, known.error = tried.handle, ""
    known.secrets = parts.seal_secrets(known.id, tried.secrets)
    known.labelled = known.labelled if tried.labelled is None else tried.labelled
    session.add(known)
    if known.status == "dead":
        await move(
            session,
            "account",
            known.id,
            "dead",
            "working",
            brand_id=known.brand_id,
            actor=person.actor,
            now=parts.clock.now(),
            why="connected again",
            error="",
        )


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
        )
    response = RedirectResponse("/accounts", 303)
    said(request, response, {"said": f"{found.handle} is removed and its secrets are gone."})
    return response
