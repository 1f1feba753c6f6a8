"""Where networks push to us, outside of sign-in: only the signature counts, which the source's channel checks.

A sender is thanked once what it sent is stored; before that, it keeps it and sends it again. Whoever is not the sender
gets one and the same answer, whether or not there is such a source.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime

import structlog
from fastapi import APIRouter, Request
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, PlainTextResponse, Response

from domain.errors import BadInput, Moved, RateLimited, Refused, SignInFailed, Undecodable, Unreachable
from net import metrics
from storage import desk_lists
from storage.tables import SourceRow
from web.access import PartsDep, PersonDep, brands_for, require_anywhere
from web.gate import Refusals
from web.guards import PUSHED
from web.pages import page
from web.parts import Parts

router = APIRouter()
log = structlog.get_logger()

_BODY_S = 20.0
_LATER_S = 60
_LONGEST_S = 3600
_STRANGER = "Nothing is taken here but what its sender signed. Check the address, the secret, the signature, the clock."


@router.post(PUSHED + "{source_id}")
async def push(request: Request, source_id: int, parts: PartsDep) -> Response:
    """Store what a network pushes: 200 once it is stored, 401 for strangers, 400 for what cannot be read, 429 and 503
    for "send it again later"."""
    if (wait_s := _wait_s(request, source_id, parts)) > 0:
        return _later(429, "Too much at once.", wait_s)
    try:
        async with asyncio.timeout(_BODY_S):
            body = await request.body()
    except (TimeoutError, ClientDisconnect):
        return _say(400, "The body did not arrive.")
    if parts.receiver is None:
        return _stranger(source_id, parts)
    try:
        heard = await parts.receiver.receive(source_id, request.headers, body)
    except (SignInFailed, Refused, BadInput):
        return _stranger(source_id, parts)
    except Undecodable as error:
        metrics.PUSHES.labels("unreadable").inc()
        return _say(400, f"This cannot be read: {error}.")
    except Moved as error:
        return _later(503, f"Not taken now: {error}.", _LONGEST_S)
    except (RateLimited, Unreachable) as error:
        return _later(503, f"Not taken now: {error}.", _until(error, parts.clock.now()))
    metrics.PUSHES.labels("taken").inc()
    return JSONResponse({"seen": heard.seen, "new": heard.stored.new, "unreadable": heard.stored.quarantined})


@router.get(PUSHED + "{source_id}")
async def greet(request: Request, source_id: int, parts: PartsDep) -> Response:
    """Answer a network that asks whether this address is ours."""
    if (wait_s := _wait_s(request, source_id, parts)) > 0:
        return _later(429, "Too much at once.", wait_s)
    if parts.receiver is None:
        return _stranger(source_id, parts)
    try:
        return PlainTextResponse(await parts.receiver.greet(source_id, request.query_params))
    except (SignInFailed, Refused, BadInput):
        return _stranger(source_id, parts)


def _wait_s(request: Request, source_id: int, parts: Parts) -> float:
    return parts.gate.wait_s(source_id, request.client.host if request.client else "", parts.clock.now())


def _until(error: RateLimited | Unreachable, now: datetime) -> float:
    if isinstance(error, RateLimited) and error.retry_at is not None:
        return min(max((error.retry_at - now).total_seconds(), 1.0), _LONGEST_S)
    return _LATER_S


def _stranger(source_id: int, parts: Parts) -> Response:
    metrics.PUSHES.labels("refused").inc()
    if parts.gate.refuse(source_id, parts.clock.now()):
        log.warning("a push was refused", source=source_id)
    return _say(401, _STRANGER)


def _later(status: int, detail: str, wait_s: float) -> Response:
    metrics.PUSHES.labels("later").inc()
    return _say(status, detail, {"retry-after": str(int(wait_s) + 1)})


def _say(status: int, detail: str, headers: dict[str, str] | None = None) -> Response:
    """A problem document: senders are programs."""
    body = {"type": "about:blank", "title": "Not taken", "status": status, "detail": detail}
    return JSONResponse(body, status, headers, media_type="application/problem+json")


# --- the page that tells the addresses ---


@dataclass(frozen=True, slots=True)
class Address:
    """A source that is pushed to, and what to give to its sender."""

    source: SourceRow
    brand: str
    channel: str
    url: str
    steps: str
    refusals: Refusals | None


@router.get("/hooks")
async def addresses_page(request: Request, person: PersonDep, parts: PartsDep) -> Response:
    """The address of each source that networks push to."""
    require_anywhere(person, "listen")
    now = parts.clock.now()
    async with parts.db.read() as session:
        views = await desk_lists.sources(session, brands_for(person, "listen"), now, now)
        addresses = [found for view in views if (found := _address(view, parts))]
        is_public = parts.public_url.startswith("https://")
        return await page(request, session, person, "hooks.html", addresses=addresses, is_public=is_public)


def _address(view: desk_lists.SourceView, parts: Parts) -> Address | None:
    source, manifest = view.source, parts.channels.get(view.source.channel)
    if manifest is None or manifest.receive is None:
        return None
    url = f"{parts.public_url.rstrip('/')}{PUSHED}{source.id}"
    return Address(source, view.brand, manifest.title, url, manifest.push_steps, parts.gate.refusals(source.id))
