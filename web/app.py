"""Builds the desk from its parts. One list of pages; everything that guards them stands around the whole."""

from __future__ import annotations

from types import ModuleType

from fastapi import Depends, FastAPI, Request
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from web import (
    accounts,
    advocates,
    alerts,
    brands,
    cases,
    duties,
    erase,
    errors,
    feedback,
    feedback_switch,
    gaps,
    health,
    hooks,
    identities,
    knowing,
    knowledge,
    learning,
    mentions,
    on_call,
    people,
    playbooks,
    problems,
    queue,
    replies,
    reports,
    settings,
    sign_in,
    sources,
    storms,
    stream,
    surveys,
    telling,
    topics,
    welcome,
)
from web.access import PersonDep, require_anywhere
from web.forms import storable
from web.guards import BodyLimit, KnownHost, SafeHeaders, SameOrigin
from web.pages import FOLDER, environment
from web.parts import Parts

PAGES: tuple[ModuleType, ...] = (
    sign_in,
    queue,
    cases,
    replies,
    mentions,
    problems,
    telling,
    storms,
    duties,
    alerts,
    on_call,
    reports,
    topics,
    sources,
    accounts,
    people,
    settings,
    erase,
    welcome,
    stream,
    brands,
    health,
    hooks,
    learning,
    knowledge,
    knowing,
    playbooks,
    gaps,
    surveys,
    advocates,
    identities,
    feedback,
    feedback_switch,
)
"""Each has a `router`. A new page adds its module here and its line in `web.nav`."""

_STREAMS = "/live"


def create_app(parts: Parts) -> FastAPI:
    """The desk. Nothing is global: two apps in one process know nothing of one another."""
    app = FastAPI(
        title="Earshot",
        version=parts.version,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        dependencies=[Depends(storable)],
    )
    app.state.parts = parts
    app.state.templates = environment()
    errors.install(app)
    for module in PAGES:
        app.include_router(module.router)
    app.add_api_route("/api/openapi.json", _describe, include_in_schema=False)
    app.mount("/static", Static(directory=FOLDER / "static"), name="static")
    app.state.paths = frozenset(_paths(app))
    app.add_middleware(PageZip)
    app.add_middleware(BodyLimit, refuse=errors.refuse)
    app.add_middleware(SameOrigin, refuse=errors.refuse)
    app.add_middleware(KnownHost, hosts=parts.known_hosts, refuse=errors.refuse)
    app.add_middleware(SafeHeaders, secure=parts.secure)
    return app


def _paths(app: FastAPI) -> set[str]:
    return {path for _, path in routes(app)}


def routes(app: FastAPI) -> list[tuple[str, str]]:
    """Every (method, path) that the desk answers; GET also stands for HEAD."""
    own = [route for module in PAGES for route in module.router.routes] + [
        r for r in app.routes if isinstance(r, Route)
    ]
    return sorted({(method, route.path) for route in own for method in (route.methods or ()) if method != "HEAD"})


async def _describe(request: Request, person: PersonDep) -> Response:
    """The description of the API, for admins."""
    require_anywhere(person, "people")
    app: FastAPI = request.app
    described = app.openapi()
    described.setdefault("components", {}).setdefault("schemas", {})["Problem"] = _PROBLEM
    return JSONResponse(described)


_PROBLEM = {
    "type": "object",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
    },
}


class Static(StaticFiles):
    """Our own files. Browsers ask each time whether they changed (a small answer), so no page ever runs an old one."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers["cache-control"] = "no-cache"
        return response


class PageZip(GZipMiddleware):
    """Compresses pages, never the stream of hints, which would wait in a buffer."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(app, minimum_size=1000, compresslevel=5)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == _STREAMS:
            await self.app(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)
