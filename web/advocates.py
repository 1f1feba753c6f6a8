"""Advocates: who praises us again and again, what for, and when they were last thanked."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from domain.errors import BadInput
from domain.person import Person
from reports import export
from storage import reporting
from storage.advocates import MOST, Advocate, advocates
from web.access import PartsDep, PersonDep, brands_for, require_anywhere
from web.forms import wants_json
from web.pages import page
from web.parts import Parts
from web.wording import iso

router = APIRouter()

CHOICES = (30, 90, 365)
COLUMNS = (
    "brand", "channel", "author", "handle", "praised", "about", "last_praise_utc", "last_thanked_utc", "followers",
    "url",
)  # fmt: skip


@router.get("/advocates")
async def advocates_page(request: Request, person: PersonDep, parts: PartsDep, days: str = "90") -> Response:
    """The list, as a page or (asked for) as JSON."""
    found, brands = await _found(person, parts, days)
    if wants_json(request):
        return JSONResponse({"advocates": [_json(each) for each in found]})
    async with parts.db.read() as session:
        return await page(
            request, session, person, "advocates.html", found=found, brands=brands, days=int(days), choices=CHOICES,
            most=MOST,
        )  # fmt: skip


@router.get("/advocates.csv")
async def advocates_csv(person: PersonDep, parts: PartsDep, days: str = "90") -> Response:
    """The list to keep as a file, in the form of the other exports."""
    found, brands = await _found(person, parts, days)
    name = f'attachment; filename="earshot-advocates-{parts.clock.now():%Y-%m-%d}.csv"'
    lines = (text.encode("utf-8", "replace") for text in _lines(found, brands))
    headers = {"content-disposition": name, "cache-control": "no-store"}
    return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=headers)


async def _found(person: Person, parts: Parts, days: str) -> tuple[list[Advocate], dict[int, str]]:
    require_anywhere(person, "report")
    if days not in map(str, CHOICES):
        raise BadInput(f"days: choose one of {', '.join(map(str, CHOICES))}")
    allowed = brands_for(person, "report")
    async with parts.db.read() as session:
        private = [name for name, manifest in parts.channels.items() if manifest.private]
        found = await advocates(session, allowed, parts.clock.now() - timedelta(days=int(days)), private)
        return found, await reporting.brand_names(session, allowed)


def _lines(found: list[Advocate], brands: dict[int, str]) -> Iterable[str]:
    yield export.MARK + export.line(COLUMNS)
    for each in found:
        post = each.newest
        followers = "" if post.author_followers is None else post.author_followers
        yield export.line([
            brands.get(post.brand_id, ""), post.channel, post.author_name, post.author_handle, each.praised,
            ", ".join(each.about), export.utc(post.posted_at), export.utc(each.thanked_at) if each.thanked_at else "",
            followers, post.url,
        ])  # fmt: skip


def _json(each: Advocate) -> dict[str, Any]:
    post = each.newest
    return {
        "brand_id": str(post.brand_id),
        "channel": post.channel,
        "author": post.author_name,
        "handle": post.author_handle,
        "praised": each.praised,
        "about": list(each.about),
        "last_praise_at": iso(post.posted_at),
        "last_thanked_at": iso(each.thanked_at) if each.thanked_at else None,
        "followers": post.author_followers,
        "url": post.url,
    }
