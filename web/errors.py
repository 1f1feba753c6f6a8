"""Errors as clear pages, and as RFC 9457 problems for programs."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Match
from starlette.types import Receive, Scope, Send

from domain.errors import BadInput, EarshotError, Held, Missing, Moved, NotAllowed, SignInFailed
from web.access import SignInNeeded
from web.forms import own_path, wants_json
from web.guards import HEADERS
from web.pages import bare_page
from web.wording import iso

log = structlog.get_logger()

TITLES = {
    400: "This request cannot be read",
    401: "Please sign in",
    403: "Not permitted",
    404: "Nothing here",
    405: "Not possible here",
    409: "It has changed in between",
    413: "Too large",
    421: "Unknown name",
    422: "This cannot be used as it is",
    429: "Too many tries",
    500: "Something went wrong",
    503: "Not ready",
}
STATUS_OF: tuple[tuple[type[Exception], int], ...] = (
    (Missing, 404),
    (BadInput, 422),
    (NotAllowed, 403),
    (Moved, 409),
    (SignInFailed, 422),
    (EarshotError, 422),
)


def status_of(error: Exception) -> int:
    """The HTTP status of one of our errors."""
    return next((status for kind, status in STATUS_OF if isinstance(error, kind)), 500)


def problem(
    request: Request,
    status: int,
    detail: str,
    headers: dict[str, str] | None = None,
    *,
    more: dict[str, str] | None = None,
) -> Response:
    """The answer for an error: a page for people, a problem document (with `more` in it) for programs."""
    title = TITLES.get(status, TITLES[500])
    if wants_json(request):
        body = {"type": "about:blank", "title": title, "status": status, "detail": detail} | (more or {})
        return JSONResponse(body, status, headers, media_type="application/problem+json")
    return bare_page(
        request, "error.html", status, headers, title=title, detail=detail, status=status, back=_form_of(request)
    )


def _form_of(request: Request) -> str:
    """The page whose form was sent; empty where none was, or where its browser does not say."""
    try:
        before = urlsplit(request.headers.get("referer", ""))
        path = own_path(before.path + (f"?{before.query}" if before.query else ""), "")
    except ValueError:
        return ""
    asked = {"type": "http", "method": "GET", "path": before.path, "headers": []}
    can_open = any(route.matches(asked)[0] is Match.FULL for route in request.app.routes)
    return path if request.method == "POST" and before.netloc == request.url.netloc and can_open else ""


async def refuse(scope: Scope, receive: Receive, send: Send, status: int, detail: str) -> None:
    """`problem` for the guards, which stand outside of the routes."""
    await problem(Request(scope), status, detail)(scope, receive, send)


async def _on_ours(request: Request, error: Exception) -> Response:
    more = {"until": iso(error.until)} if isinstance(error, Held) else None
    return problem(request, status_of(error), _sentence(str(error)), more=more)


async def _on_sign_in(request: Request, error: Exception) -> Response:
    if wants_json(request) or request.method != "GET":
        return problem(request, 401, "Sign in first; your session may have ended.")
    wanted = own_path(request.url.path + (f"?{request.url.query}" if request.url.query else ""))
    return RedirectResponse("/sign-in" if wanted == "/queue" else f"/sign-in?then={quote(wanted)}", 303)


async def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    known = {404: "There is no such page.", 405: "This address does not take this kind of request."}
    return problem(
        request, error.status_code, known.get(error.status_code, str(error.detail)), dict(error.headers or {})
    )


async def _on_shape(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    if first["loc"][0] == "path":
        return problem(request, 404, "There is no such page.")
    where = ".".join(str(part) for part in first["loc"][1:])
    return problem(request, 422, f"{where}: {first['msg']}")


async def _on_surprise(request: Request, error: Exception) -> Response:
    log.error("page failed", path=request.url.path, error=type(error).__name__)
    said = "Nothing was changed. It is in the log; try again, and tell your admin if it stays."
    return problem(request, 500, said, HEADERS)  # this answer leaves outside of the guard that sets them


def _sentence(said: str) -> str:
    said = said[:1].upper() + said[1:]
    return said if said.endswith((".", "!", "?")) else said + "."


def install(app: FastAPI) -> None:
    """Hand every kind of error to its treatment."""
    app.add_exception_handler(EarshotError, _on_ours)
    app.add_exception_handler(SignInNeeded, _on_sign_in)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(RequestValidationError, _on_shape)
    app.add_exception_handler(Exception, _on_surprise)
