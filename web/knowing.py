"""What the page of a case shows of what is known, and the forms by which colleagues add to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from fastapi import APIRouter, Request
from pydantic import Field
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.responses import Response

from domain.errors import BadInput
from domain.person import Person
from responders import fact_actions as actions
from responders import knowing, proposing
from responders.fact_actions import KEYS, masked
from responders.knowing import Alike, Fitting
from storage import facts
from storage.articles import names_of
from storage.desk_case import CaseView
from storage.tables import KnownFact
from web.access import PersonDep
from web.acting import act
from web.forms import Form, described, read_form, row_id

router = APIRouter()

MASK = "••••••"


class Fact(Form):
    """A key and a value; what is to be done next has an owner, and may have a day like 2026-03-04."""

    key: str = Field(max_length=60)
    value: str = Field(max_length=2000)
    owner_id: str = ""
    due_on: str = ""


class OfFact(Form):
    """A fact by its number."""

    fact_id: str = ""


@dataclass(frozen=True, slots=True)
class FactRow:
    """One line; `id` is 0 for what Earshot found by itself."""

    key: str
    value: str
    id: int = 0
    row: KnownFact | None = None
    by: str = ""
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """All of it, for one page."""

    rows: list[FactRow]
    fitting: list[Fitting]
    alike: list[Alike]
    keys: tuple[str, ...] = KEYS

    @property
    def noted(self) -> list[KnownFact]:
        """What colleagues noted."""
        return [each.row for each in self.rows if each.row]


async def known(session: AsyncSession, person: Person, view: CaseView, now: datetime) -> Known:
    """What is known of this case, and what we know that fits it."""
    rows = await fact_rows(session, person, view, now)
    mention = view.answered
    if mention is None or not (mention.text or mention.title):
        return Known(rows, [], [])
    return Known(rows, *await knowing.found_for(session, view.case, mention))


async def fact_rows(session: AsyncSession, person: Person, view: CaseView, now: datetime) -> list[FactRow]:
    """What colleagues noted, then what came by itself under keys that nobody noted."""
    noted = await facts.of_case(session, view.case.id)
    people = await names_of(session, [*(r.actor for r in noted), *(f"user:{r.owner_id}" for r in noted if r.owner_id)])
    found = [
        FactRow(
            row.key, MASK if masked(row, person) else row.value, row.id, row,
            people.get(int(row.actor[5:]), "a former colleague"), people.get(row.owner_id or 0, ""),
        )
        for row in noted
    ]  # fmt: skip
    taken = {row.key for row in noted}
    derived = await knowing.derived(session, view.case, now=now)
    return found + [FactRow(key, value) for key, value in derived.items() if key not in taken]


def as_json(rows: list[FactRow]) -> list[dict[str, Any]]:
    """The same for programs."""
    return [
        {"id": str(each.id) if each.id else None, "key": each.key, "value": each.value, "by": each.by or "Earshot",
         "owner": each.owner, "due_on": each.row.due_on.isoformat() if each.row and each.row.due_on else None}
        for each in rows
    ]  # fmt: skip


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text.strip() else None
    except ValueError:
        raise BadInput("due_on: write a day like 2026-03-04, or nothing") from None


@router.post("/cases/{case_id}/know", **described(Fact))
async def know(request: Request, case_id: int, person: PersonDep) -> Response:
    """Note what is known of the case; a later value of the same key replaces the earlier one."""
    form = await read_form(request, Fact)
    return await act(
        request, person, actions.know, ("case", case_id), form.then, key=form.key, value=form.value,
        owner_id=row_id(form.owner_id) or None, due_on=_day(form.due_on),
    )  # fmt: skip


@router.post("/cases/{case_id}/propose", **described(Form, 409))
async def propose(request: Request, case_id: int, person: PersonDep) -> Response:
    """A draft of an article from what we said in a resolved case."""
    form = await read_form(request, Form)
    return await act(request, person, proposing.propose, ("case", case_id), form.then)


@router.post("/cases/{case_id}/forget", **described(OfFact, 409))
async def forget(request: Request, case_id: int, person: PersonDep) -> Response:
    """It is not so after all."""
    form = await read_form(request, OfFact)
    return await act(
        request, person, actions.forget, ("case", case_id), form.then, fact_id=row_id(form.fact_id)
    )  # fmt: skip


@router.post("/cases/{case_id}/remember", **described(OfFact, 409))
async def remember(request: Request, case_id: int, person: PersonDep) -> Response:
    """What was taken back is so."""
    form = await read_form(request, OfFact)
    return await act(
        request, person, actions.remember, ("case", case_id), form.then, fact_id=row_id(form.fact_id)
    )  # fmt: skip
