"""One way for all actions: one transaction, then a hint to open pages, then on to the next page (or JSON)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from fastapi import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from domain.errors import Held
from domain.person import Person
from responders.done import Done, Undo
from storage import desk_case
from storage.database import after_commit
from web.access import parts_of
from web.forms import own_path, wants_json
from web.live import Hint
from web.pages import said
from web.wording import iso

Action = Callable[..., Awaitable[Done]]
"""One of `responders.actions`: (session, person, row id, *, now, parts, and what the form said)."""


async def act(
    request: Request, person: Person, action: Action, row: tuple[str, int], then: str, **values: Any
) -> Response:
    """Run one action in one transaction and answer. `row` is (noun, id), `values` what the form said."""
    parts = parts_of(request)
    async with parts.db.write() as session:
        done = await action(session, person, row[1], now=parts.clock.now(), parts=parts.responding, **values)
        found = await desk_case.brand_of(session, person.brands, "case", done.case_id) if done.case_id else None
        if found is not None:
            hint = Hint(found[0], *row, done.case_id, done.version)
            after_commit(session, lambda: parts.live.tell(hint))
    if done.held_until is not None:  # only now: that the hold began is committed
        raise Held(done.said, done.held_until)
    return answer(request, done, then)


def answer(request: Request, done: Done, then: str) -> Response:
    """Where to go on, with one sentence and a way back; for programs the same as JSON."""
    if wants_json(request):
        return JSONResponse(done_json(done))
    response = RedirectResponse(own_path(then, _place(done)), 303)
    said(request, response, _message(done))
    return response


def _place(done: Done) -> str:
    if done.problem_id is not None:
        return f"/problems/{done.problem_id}"
    if done.article_id is not None:
        return f"/knowledge/{done.article_id}"
    if done.gap_id is not None:
        return "/gaps"
    if done.storm_over is not None:
        return f"/brands/{done.storm_over}/storm"
    if done.playbooks_of is not None:
        return "/playbooks"
    return f"/cases/{done.case_id}" if done.case_id else "/mentions"


def done_json(done: Done) -> dict[str, Any]:
    """What was done, for programs."""
    return {
        "said": done.said,
        "case_id": str(done.case_id) if done.case_id else None,
        "problem_id": str(done.problem_id) if done.problem_id else None,
        "article_id": str(done.article_id) if done.article_id else None,
        "gap_id": str(done.gap_id) if done.gap_id else None,
        "storm_over": str(done.storm_over) if done.storm_over else None,
        "reply_id": str(done.reply_id) if done.reply_id else None,
        "status": done.status,
        "version": done.version,
        "copy": done.copy,
        "open_url": done.open_url,
        "findings": [
            {"rule": f.rule, "words": f.words, "advice": f.advice, "blocking": f.blocking} for f in done.findings
        ],
        "undo": _undo(done, done.undo) if done.undo else None,
    }


def _message(done: Done) -> dict[str, Any]:
    message: dict[str, Any] = {"said": done.said[:1].upper() + done.said[1:]}
    if done.case_id:
        message["case"] = str(done.case_id)
    if done.undo:
        message["undo"] = _undo(done, done.undo)
    return message


_OF_REPLIES = {"recall", "restore", "edit", "unask-change"}


def _undone(done: Done, undo: Undo) -> tuple[str, int | None]:
    if done.problem_id is not None:
        return "problems", undo.row_id or done.problem_id
    if done.storm_over is not None:
        return "brands", done.storm_over
    if done.article_id is not None:
        return "knowledge", done.article_id
    if done.gap_id is not None:
        return "gaps", done.gap_id
    if done.playbooks_of is not None:
        return "playbooks", done.playbooks_of
    if done.promise_id is not None:
        return "promises", done.promise_id
    if done.mention_id is not None:
        return "mentions", done.mention_id
    return ("replies", undo.row_id or done.reply_id) if undo.action in _OF_REPLIES else ("cases", done.case_id)


def _undo(done: Done, undo: Undo) -> dict[str, Any]:
    """The form that takes it back: its path, its fields, and until when."""
    noun, row_id = _undone(done, undo)
    values = {
        name: iso(value) if isinstance(value, datetime) else str(value or "") for name, value in undo.values.items()
    }
    return {
        "path": f"/{noun}/{row_id}/{undo.action}",
        "values": values,
        "until": iso(undo.until) if undo.until else "",
    }
