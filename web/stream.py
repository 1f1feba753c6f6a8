"""/live: hints to open pages as server-sent events. The stream ends with the session, and at shutdown."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

from fastapi import APIRouter, Request
from starlette.responses import StreamingResponse

from domain.person import Person
from storage import desk
from web.access import PartsDep, PersonDep, person_asking
from web.live import Hint
from web.parts import Parts

router = APIRouter()


@router.get("/live")
async def live(request: Request, person: PersonDep, parts: PartsDep) -> StreamingResponse:
    """Events: `hint` (noun, id, case, version, new) and `strip` (counts for the head of the page)."""
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return StreamingResponse(_events(request, person, parts), media_type="text/event-stream", headers=headers)


async def _events(request: Request, person: Person, parts: Parts) -> AsyncIterator[str]:
    yield "retry: 3000\n\n"
    async for hint in parts.live.listen(person.brands):
        if hint is not None:
            yield _event("hint", _hint(hint))
            continue
        if await person_asking(request) is None:
            return  # signed out or disabled meanwhile
        async with parts.db.read() as session:
            strip = await desk.strip(session, person.brands, parts.clock.now())
        yield _event(
            "strip", {"alerts": strip.alerts, "trouble": strip.trouble, "todo": strip.todo, "late": strip.late}
        )


def _event(name: str, value: dict[str, object]) -> str:
    return f"event: {name}\ndata: {json.dumps(value)}\n\n"


def _hint(hint: Hint) -> dict[str, object]:
    return {
        "noun": hint.noun,
        "id": str(hint.id),
        "case": str(hint.case_id),
        "version": hint.version,
        "new": hint.is_new,
    }
