"""What mended a problem, told to everyone who waits: the form, and who was told."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request
from pydantic import Field
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.responses import Response

from domain.errors import BadInput
from domain.person import Person
from responders import resolution_actions as actions
from responders.drafters.phrasebook import LANGUAGES, first_written
from responders.telling import AT_ONCE
from storage import resolutions
from storage.resolutions import Line, Waiter
from storage.tables import Brand, Problem
from storage.tables_many import Resolution
from web.access import PersonDep
from web.acting import Action, answer
from web.forms import Form, all_values, described, read_form
from web.wording import iso, zone_of

router = APIRouter()

STATES = {
    "ready": "draft ready", "writing": "draft being written", "leaving": "on its way", "told": "told",
    "after": "wrote after it was mended", "aside": "set aside", "cannot": "cannot be answered",
}  # fmt: skip
"""What a line says, in the order in which lines stand."""


class Words(Form):
    """Since when (local, without zone); `done_xx` and `wrong_xx` are the words in language xx."""

    since: str = ""
    done_en: str = Field("", max_length=1000)
    wrong_en: str = Field("", max_length=1000)


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page of a problem shows. `row` is what was confirmed last, or nothing yet; `waiters` were not looked at,
    and `waiting` counts them by language."""

    row: Resolution | None
    lines: list[Line]
    waiters: list[Waiter]
    waiting: Counter[str]
    since: str
    pace: int = AT_ONCE
    most: int = resolutions.SHOWN

    @property
    def stands(self) -> bool:
        """Whether people are being told of it."""
        return self.row is not None and self.row.status == "standing"

    @property
    def counts(self) -> Counter[str]:
        """Lines by state."""
        return Counter(line.state for line in self.lines)

    @property
    def unasked(self) -> int:
        """So many of those who wait never tagged us."""
        return sum(waiter.case_id is None for waiter in self.waiters)

    @property
    def held(self) -> int:
        """So many of them are not next: their turn comes after something else."""
        return sum(bool(waiter.held) for waiter in self.waiters)

    @property
    def back(self) -> list[Line]:
        """Who wrote after it was mended, other than thanks."""
        return [line for line in self.lines if line.back]

    @property
    def needed(self) -> list[str]:
        """The languages whose fields stand open: those in which somebody waits or something is written."""
        row = self.row
        written = {*row.done, *row.wrong} if row else set[str]()
        found = [lang for lang in LANGUAGES if lang in written or self.waiting[lang]]
        return sorted(found, key=lambda lang: -self.waiting[lang]) or ["en"]

    @property
    def others(self) -> list[str]:
        """All other languages that we write."""
        return [lang for lang in LANGUAGES if lang not in self.needed]

    def json(self) -> dict[str, Any] | None:
        """The same for programs."""
        if self.row is None:
            return None
        return {
            "id": str(self.row.id),
            "status": self.row.status,
            "done": self.row.done,
            "wrong": self.row.wrong,
            "since": iso(self.row.since) if self.row.since else None,
            "waiting": self.waiting.total(),
            "told": [_line_json(line) for line in self.lines],
        }


def waits_json(waiter: Waiter) -> dict[str, Any]:
    """One who waits, for programs."""
    return {
        "case_id": str(waiter.case_id) if waiter.case_id else None,
        "mention_id": str(waiter.mention_id),
        "channel": waiter.channel,
        "lang": waiter.lang,
        "author": waiter.name,
        "why": waiter.held,
    }


def _line_json(line: Line) -> dict[str, Any]:
    return {
        "case_id": str(line.notice.case_id) if line.notice.case_id else None,
        "mention_id": str(line.mention.id),
        "reply_id": str(line.reply.id) if line.reply else None,
        "state": line.state,
        "why": line.notice.why,
        "opened": line.notice.opened,
        "back": str(line.back.id) if line.back else None,
    }


async def shown(session: AsyncSession, problem: Problem, zone: str) -> Shown:
    """Who waits for a resolution of this problem, and who was told."""
    row = await resolutions.latest(session, problem.id)
    stands = row is not None and row.status == "standing"
    lines = await resolutions.lines(session, row) if row is not None and stands else []
    lines.sort(key=lambda line: (line.back is None, list(STATES).index(line.state)))
    waiters = await resolutions.waiters(session, problem.id, row.id if row and stands else 0)
    brand = await session.get_one(Brand, problem.brand_id)
    waiting = Counter(first_written([each.lang, each.case_lang, *brand.languages]) for each in waiters)
    since = row.since.astimezone(zone_of(zone)).strftime("%Y-%m-%dT%H:%M") if row and row.since else ""
    return Shown(row, lines, waiters, waiting, since)


async def _act(request: Request, person: Person, action: Action, problem_id: int, then: str, **values: Any) -> Response:
    parts = request.app.state.parts
    async with parts.db.write() as session:
        done = await action(session, person, problem_id, now=parts.clock.now(), parts=parts.responding, **values)
    return answer(request, done, then)


@router.post("/problems/{problem_id}/tell", **described(Words, 409))
async def tell(request: Request, problem_id: int, person: PersonDep) -> Response:
    """It is mended: everyone who waits gets a draft of their own that says so."""
    form = await read_form(request, Words)
    typed = await all_values(request)
    words: dict[str, dict[str, str]] = {"done": {}, "wrong": {}}
    for name, text in typed.items():
        kind, _, lang = name.partition("_")
        if kind in words and lang:
            words[kind][lang] = text
    since = _moment(form.since, person.zone)
    return await _act(request, person, actions.tell, problem_id, form.then, since=since, **words)


@router.post("/problems/{problem_id}/withdraw", **described(Form, 409))
async def withdraw(request: Request, problem_id: int, person: PersonDep) -> Response:
    """It was not so: what was not sent is taken back."""
    form = await read_form(request, Form)
    return await _act(request, person, actions.withdraw, problem_id, form.then)


def _moment(text: str, zone: str) -> datetime | None:
    if not text.strip():
        return None
    try:
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo else at.replace(tzinfo=zone_of(zone))).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadInput(f"since: {text[:40]!r} is not a time; write it like 2026-05-04T15:30") from None
