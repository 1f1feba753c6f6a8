"""Small pieces of the sandbox server's answers and of reading its requests."""

from __future__ import annotations

import json
from typing import TypeVar

import msgspec
from aiohttp import web

from channels.sandbox.ledger import SandboxPost

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
}
T = TypeVar("T")


class Said(msgspec.Struct, frozen=True):
    """A request to publish. `parent_id` with a colon ("replay:17") names a post of another network."""

    account: str
    key: str
    parent_id: str
    text: str


class Written(msgspec.Struct, frozen=True):
    """Somebody says something."""

    author: str
    text: str
    parent_id: str | None = None
    lang: str | None = None


def inside(post: SandboxPost) -> bool:
    """Whether the post shows under another one of this network."""
    return post.parent_id is not None and ":" not in post.parent_id


def page(html: str) -> web.Response:
    """HTML with the headers that forbid scripts and foreign addresses."""
    return web.Response(text=html, content_type="text/html", headers=HEADERS)


def number(request: web.Request, name: str, default: int, limit: int) -> int:
    """A whole number of the query, at most `limit`; anything else is `default`."""
    given = request.query.get(name, "")
    return min(int(given), limit) if given.isascii() and given.isdigit() and len(given) < 20 else default


def refusal(kind: type[web.HTTPError], reason: str) -> web.HTTPException:
    """A refusal whose body names the reason, as `{"error": ...}`."""
    return kind(reason=reason, text=json.dumps({"error": reason}), content_type="application/json")


def read(body: bytes, kind: type[T]) -> T:
    """The body as this type; a 400 when it is something else."""
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise refusal(web.HTTPBadRequest, "the body is not what this address expects") from error


async def cut(request: web.Request, answer: bytes, after_bytes: int) -> web.StreamResponse:
    """Send the beginning of the answer, then drop the connection."""
    response = web.StreamResponse(status=201, headers={"Content-Length": str(len(answer))})
    if after_bytes:
        await response.prepare(request)
        await response.write(answer[:after_bytes])
    if request.transport is not None:
        request.transport.abort()
    return response
