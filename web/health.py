"""For machines: whether the desk lives, and what the process counts. Neither tells anything about posts or people."""

from __future__ import annotations

import hmac

from fastapi import APIRouter, Request
from sqlalchemy import text
from starlette.responses import PlainTextResponse, Response

from net.metrics import CONTENT_TYPE, render
from web.access import PartsDep

router = APIRouter()

_LOCAL = ("127.0.0.1", "::1")


@router.get("/healthz")
async def healthz(parts: PartsDep) -> Response:
    """200 "ok" when the desk and its database answer."""
    async with parts.db.read() as session:
        await (await session.connection()).execute(text("SELECT 1"))
    return PlainTextResponse("ok\n")


@router.get("/metrics")
async def metrics(request: Request, parts: PartsDep) -> Response:
    """Prometheus figures, for this machine itself or with the bearer token of the settings; 404 for anyone else."""
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    with_token = bool(parts.metrics_token) and hmac.compare_digest(given.encode(), parts.metrics_token.encode())
    direct = "x-forwarded-for" not in request.headers and request.client is not None and request.client.host in _LOCAL
    if not (direct or with_token):
        return PlainTextResponse("not found\n", status_code=404)
    return Response(render(), media_type=CONTENT_TYPE)
