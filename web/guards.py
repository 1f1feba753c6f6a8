"""What every request passes before any page: known host, same origin, bounded size, safe headers. Plain ASGI."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

Refuse = Callable[[Scope, Receive, Send, int, str], Awaitable[None]]
"""Answers a request with an error page: status and one plain sentence."""

MUTATING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
BODY_LIMIT = 256 * 1024
PUSHED = "/hooks/"
"""Under this address networks push to us: no page of ours sends there, and only a signature counts."""
PUSH_LIMIT = 1024 * 1024

_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "manifest-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "require-trusted-types-for": "'script'",
    "trusted-types": "'none'",
}
HEADERS = {
    "content-security-policy": "; ".join(f"{name} {value}" for name, value in _POLICY.items()),
    "x-content-type-options": "nosniff",
    # not no-referrer: browsers would then send "Origin: null" with our own forms
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


class SafeHeaders:
    """Sets the headers on every answer; pages are never kept by caches on the way unless they say otherwise."""

    def __init__(self, app: ASGIApp, secure: bool) -> None:
        self.app = app
        self.extra = {"strict-transport-security": "max-age=31536000"} if secure else {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in (HEADERS | self.extra).items():
                    headers[name] = value
                headers.setdefault("cache-control", "no-store")
            await send(message)

        await self.app(scope, receive, with_headers if scope["type"] == "http" else send)


class KnownHost:
    """Refuses a host name that is not ours: a stranger's name that points here (DNS rebinding)."""

    def __init__(self, app: ASGIApp, hosts: frozenset[str], refuse: Refuse) -> None:
        self.app, self.hosts, self.refuse = app, hosts, refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and _host_name(Headers(scope=scope).get("host", "")) not in self.hosts:
            said = "This name does not belong to this desk. Use the address that Earshot printed at start."
            await self.refuse(scope, receive, send, 421, said)
            return
        await self.app(scope, receive, send)


class SameOrigin:
    """Refuses a changing request that did not start on one of our own pages (forged by another site)."""

    def __init__(self, app: ASGIApp, refuse: Refuse) -> None:
        self.app, self.refuse = app, refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] in MUTATING and not self._passes(scope):
            said = "This request did not come from a page of this desk, so nothing was done. Try it in the desk."
            await self.refuse(scope, receive, send, 403, said)
            return
        await self.app(scope, receive, send)

    @staticmethod
    def _passes(scope: Scope) -> bool:
        return scope["path"].startswith(PUSHED) or from_here(Headers(scope=scope))


def from_here(headers: Headers) -> bool:
    """Whether the browser says that our own page sent this. Silence counts as no: a program can say Origin too."""
    if (site := headers.get("sec-fetch-site")) is not None and site != "same-origin":
        return False
    origin = headers.get("origin")
    if origin is None:
        return site == "same-origin"
    return bool(urlsplit(origin).netloc) and urlsplit(origin).netloc == headers.get("host")


class BodyLimit:
    """Stops reading a body that is larger than any form of ours, or than what a network may push at once."""

    def __init__(self, app: ASGIApp, refuse: Refuse) -> None:
        self.app, self.refuse = app, refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = PUSH_LIMIT if scope["path"].startswith(PUSHED) else BODY_LIMIT
        declared = Headers(scope=scope).get("content-length", "0")
        if not declared.isdigit() or int(declared) > limit:
            await self.refuse(scope, receive, send, 413, f"This is larger than {limit // 1024} KiB.")
            return
        await self.app(scope, self._counted(receive, limit), send)

    @staticmethod
    def _counted(receive: Receive, limit: int) -> Receive:
        size = 0

        async def counted() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > limit:
                raise HTTPException(413, f"This is larger than {limit // 1024} KiB.")
            return message

        return counted


def _host_name(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
