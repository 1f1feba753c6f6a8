"""Renders pages. Everything is escaped; what others wrote is only ever a text node or a quoted attribute."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.responses import HTMLResponse, Response

from domain.correction import LEVELS
from domain.person import Person
from listener.meters import amount
from scoring.concepts import THEMES
from storage import alerts, desk, settings
from web import codepoints, wording
from web.access import may_anywhere, parts_of
from web.forms import own_path, sign, signed_value
from web.nav import places_for

FOLDER = Path(__file__).parent
FLASH = "earshot_said"


@dataclass(frozen=True, slots=True)
class Publishing:
    """Whether replies may leave now; `why` not."""

    on: bool
    why: str


def environment() -> Environment:
    """The templates: autoescaped, strict about unknown names."""
    env = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    for name in (
        "ago", "exact", "iso", "clock", "span", "safe_url", "status", "tone", "language", "signed", "points",
        "top_parts", "first_words", "local_input", "seconds_left", "is_purged", "depth_words",
    ):  # fmt: skip
        env.filters[name] = getattr(wording, name)
    env.filters["amount"] = amount
    env.filters["pieces"] = codepoints.pieces
    env.filters["is_odd"] = codepoints.is_odd
    env.globals.update(ROLE=wording.ROLE, SEVERITY=wording.SEVERITY, LEVELS=LEVELS, THEMES=THEMES)
    env.globals.update(FEELING_KEYS={"positive": "+", "neutral": "n", "negative": "-"})
    return env


async def page(
    request: Request, session: AsyncSession, person: Person, template: str, *, status: int = 200, **context: Any
) -> Response:
    """One page in the common layout, with the strip at its head. `context` is what the template names."""
    parts = parts_of(request)
    now = parts.clock.now()
    on, why = await settings.publishing_on(session, parts.responding.stop_file)
    context |= {
        "now": now,
        "zone": person.zone,
        "person": person,
        "may": lambda action: may_anywhere(person, action),
        "may_in": person.may,
        "strip": await desk.strip(session, person.brands, now),
        "unreached_alerts": len(await alerts.unreached(session, person.brands)),
        "publishing": Publishing(on, why),
        "places": places_for(person, request.app.state.paths),
        "said": _said(request),
        "channels": parts.channels,
    }
    response = bare_page(request, template, status, None, **context)
    if FLASH in request.cookies:
        response.delete_cookie(FLASH, path="/")
    return response


def bare_page(
    request: Request, template: str, status_code: int = 200, headers: dict[str, str] | None = None, **context: Any
) -> Response:
    """A page without the desk around it: sign-in, errors."""
    env: Environment = request.app.state.templates
    html = env.get_template(template).render(path=request.url.path, version=parts_of(request).version, **context)
    return HTMLResponse(html, status_code, headers)


def said(request: Request, response: Response, message: dict[str, Any]) -> None:
    """Let the next page say something once. `message`: said, and for undo: path, values, until."""
    if text := sign(parts_of(request).secret, message):
        response.set_cookie(
            FLASH, text, max_age=60, httponly=True, samesite="lax", path="/", secure=parts_of(request).secure
        )


def _said(request: Request) -> dict[str, Any]:
    message = signed_value(parts_of(request).secret, request.cookies.get(FLASH, ""))
    if message:
        message["then"] = own_path(request.url.path + (f"?{request.url.query}" if request.url.query else ""))
    return message
