"""Where we listen: health, what was covered, and what to do when a source is in trouble."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from fastapi import APIRouter, Request
from pydantic import Field
from sqlalchemy.exc import IntegrityError
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.responses import RedirectResponse, Response

from channels.manifest import Manifest
from domain.errors import BadInput, Missing, Refused
from domain.person import Person
from listener.ears import settings_of
from listener.meters import readings
from listener.onboarding import add_source as add_row
from responders.done import record_change
from storage import coverage, desk_lists
from storage.desk_lists import SourceView
from storage.lag import lags
from storage.tables import Coverage, SourceRow
from storage.transitions import move
from web.access import PartsDep, PersonDep, brands_for
from web.brands import days_of
from web.channel_forms import inputs, settings_from
from web.forms import Form, all_values, described, own_path, read_form, row_id
from web.pages import page, said
from web.parts import Parts

router = APIRouter()

DAYS = 7
_LAG_SINCE = timedelta(hours=24)
_WIDTH = 700.0


@dataclass(frozen=True, slots=True)
class Bar:
    """One stretch of a timeline, in units of the picture."""

    x: float
    width: float
    stretch: Coverage


@router.get("/sources")
async def sources_page(request: Request, person: PersonDep, parts: PartsDep, add: str = "") -> Response:
    """All sources; `add` opens the form of that channel."""
    now = parts.clock.now()
    since = now - timedelta(days=DAYS)
    own = brands_for(person, "listen")
    channel = _chosen(parts, add)
    async with parts.db.read() as session:
        views = await desk_lists.sources(session, person.brands, since, now)
        reached = await lags(session, person.brands, now - _LAG_SINCE)
        troubled = [view.source.id for view in views if view.unread]
        return await page(
            request,
            session,
            person,
            "sources.html",
            views=views,
            bars=lambda view: bars(view, since, now),
            days=DAYS,
            own=own,
            channel=channel,
            inputs=inputs(channel) if channel else [],
            accounts=[row for row, _ in await desk_lists.accounts(session, own)] if channel else [],
            quarantine=await desk_lists.quarantined(session, troubled) if troubled else [],
            advice=advice,
            looked_at=partial(looked_at, parts.channels),
            lags=reached,
            meters=readings([view.source for view in views], parts.channels, now),
        )


def bars(view: SourceView, since: datetime, now: datetime) -> list[Bar]:
    """The timeline as bars, oldest first."""
    scale = _WIDTH / (now - since).total_seconds()
    found = []
    for stretch in view.stretches:
        start, end = max(stretch.started_at, since), min(stretch.ended_at, now)
        x = (start - since).total_seconds() * scale
        found.append(Bar(round(x, 1), round(max(1.5, (end - start).total_seconds() * scale), 1), stretch))
    return found


def looked_at(channels: Mapping[str, Manifest], source: SourceRow) -> bool:
    """Whether posts of this source are looked at again."""
    manifest = channels.get(source.channel)
    if manifest is None or manifest.verify is None:
        return False
    try:
        return manifest.verify_can(settings_of(source, manifest), source.account_id is not None)
    except Refused:
        return True


def advice(source: SourceRow) -> str:
    """What to do about a source in trouble, in one sentence."""
    if source.status == "stopped":
        return "It will not start again by itself. Mend the cause (often the account or the address), then resume it."
    if source.status == "failing":
        return "It is tried again by itself, less often each time. Nothing to do unless it stays so for hours."
    if source.status == "paused":
        return "Somebody paused it. What is posted meanwhile may be missed."
    return ""


@router.post("/sources")
async def add_source(request: Request, person: PersonDep, parts: PartsDep) -> Response:
    """Listen somewhere new. The settings are checked by the channel before anything is stored."""
    values = await all_values(request)
    brand_id = row_id(values.get("brand_id", ""))
    if brand_id not in person.brands:
        raise Missing("there is no such brand")
    person.require("listen", brand_id)
    manifest = _chosen(parts, values.get("channel", ""))
    if manifest is None:
        known = ", ".join(name for name, each in parts.channels.items() if each.is_chosen)
        raise BadInput(f"channel: unknown; choose one of {known}")
    name = values.get("name", "").strip()[:120]
    if not name:
        raise BadInput("name: give the source a name by which you will know it")
    settings = settings_from(manifest, values)
    now = parts.clock.now()
    try:
        async with parts.db.write() as session:
            account_id = await _account(session, values.get("account_id", ""), brand_id, manifest.name)
            add_row(session, brand_id, manifest, name, settings, now, account_id)
            await session.flush()
    except IntegrityError:
        raise BadInput(f"name: {name!r} is taken on this channel; choose another") from None
    if not manifest.is_asked:
        return _done(request, f"“{name}” has an address now. Give it to the sender.", "/hooks")
    return _done(request, f"Listening to “{name}”. The first poll comes within a minute.")


def _chosen(parts: Parts, name: str) -> Manifest | None:
    manifest = parts.channels.get(name)
    return manifest if manifest is not None and manifest.is_chosen else None


async def _account(session: AsyncSession, value: str, brand_id: int, channel: str) -> int | None:
    if not value:
        return None
    found = await desk_lists.account(session, [brand_id], row_id(value))
    if found is None or found.channel != channel:
        raise BadInput("account: choose one of this brand and channel")
    return found.id


@router.post("/sources/{source_id}/pause", **described(Form, 409))
async def pause(request: Request, source_id: int, person: PersonDep, parts: PartsDep) -> Response:
    """Stop listening there for now."""
    form = await read_form(request, Form)
    now = parts.clock.now()
    async with parts.db.write() as session:
        source = await _source(session, person, source_id)
        await _move(session, source, "paused", person, now)
        await coverage.extend(session, source.id, "paused", now, f"paused by {person.name}")
    return _done(request, f"“{source.name}” is paused.", form.then)


@router.post("/sources/{source_id}/resume", **described(Form, 409))
async def resume(request: Request, source_id: int, person: PersonDep, parts: PartsDep) -> Response:
    """Listen there again, from where it stood."""
    form = await read_form(request, Form)
    now = parts.clock.now()
    async with parts.db.write() as session:
        source = await _source(session, person, source_id)
        await _move(session, source, "listening", person, now, failures=0, error="", next_poll_at=now)
        if source.status == "paused":
            await coverage.extend(session, source.id, "paused", now, "")
    return _done(request, f"“{source.name}” listens again.", form.then)


class Keep(Form):
    """How many days posts are kept; empty: as the brand says."""

    keep_days: str = Field("", max_length=5)


@router.post("/sources/{source_id}/keep", **described(Keep))
async def keep(request: Request, source_id: int, person: PersonDep, parts: PartsDep) -> Response:
    """Keep the posts of this source as long as this."""
    form = await read_form(request, Keep)
    days = days_of(form.keep_days)
    async with parts.db.write() as session:
        source = await _source(session, person, source_id)
        old, source.keep_days, source.next_purge_at = source.keep_days, days, None
        session.add(source)
        await record_change(
            session, "source_keep", source_id, _days(old), _days(days),
            brand_id=source.brand_id, actor=person.actor, now=parts.clock.now(),
        )  # fmt: skip
    return _done(request, f"“{source.name}”: posts are kept {_days(days)}.", form.then)


def _days(days: int | None) -> str:
    return "as the brand says" if days is None else f"{days} day{'' if days == 1 else 's'}"


async def _source(session: AsyncSession, person: Person, source_id: int) -> SourceRow:
    found = await desk_lists.source(session, person.brands, source_id)
    if found is None:
        raise Missing("there is no such source")
    person.require("listen", found.brand_id)
    return found


async def _move(
    session: AsyncSession, source: SourceRow, new: str, person: Person, now: datetime, **values: object
) -> None:
    if source.status == new:
        raise BadInput(f"the source is {new} already")
    await move(
        session,
        "source",
        source.id,
        source.status,
        new,
        brand_id=source.brand_id,
        actor=person.actor,
        now=now,
        why="by hand",
        **values,
    )


def _done(request: Request, sentence: str, then: str = "") -> Response:
    response = RedirectResponse(own_path(then, "/sources"), 303)
    said(request, response, {"said": sentence})
    return response
