"""What a person can do with a reply or a case, one function per action. Pages, the API and tests all call these.

Each takes the caller's transaction, asks `person.require`, moves rows only through `storage.transitions`, and returns
a `Done`. Each raises Missing (no such row for this person), NotAllowed, Moved (the page has gone stale), BadInput.

`version` is the version the page showed: of the reply for replies, of the case for cases (None there: not compared).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.person import Person
from domain.reply import Finding
from responders.parts import Parts

REJECT_REASONS = ("wrong_facts", "wrong_tone", "wrong_language", "no_answer_needed", "answered_elsewhere")
"""Short reasons offered for a rejection; any other short text is accepted too."""


@dataclass(frozen=True, slots=True)
class Undo:
    """How to take an action back: the action's name, what it is called with, until when it can work (None: no limit)."""

    action: str
    values: dict[str, Any] = field(default_factory=dict)
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """What an action did. `said` is one plain sentence for the page. `copy` and `open_url` are filled for an answer by
    hand; `findings` are the objections that did not block."""

    said: str
    case_id: int
    reply_id: int | None = None
    status: str = ""
    version: int = 0
    undo: Undo | None = None
    copy: str = ""
    open_url: str = ""
    findings: tuple[Finding, ...] = ()


async def approve(
    session: AsyncSession, person: Person, reply_id: int, *, text: str, version: int, now: datetime, parts: Parts
) -> Done:
    """Yes to exactly this text. drafted -> approved; a manual reply goes on to handed_over with the text to copy.

    BadInput quotes each blocking objection. Undo: `recall`, until the undo window ends. A text that differs from the
    stored one is stored first (edit and approve in one). A second click on the same approval is answered alike.
    """
    raise NotImplementedError


async def edit(
    session: AsyncSession, person: Person, reply_id: int, *, text: str, version: int, now: datetime, parts: Parts
) -> Done:
    """New text: drafted stays drafted with a higher version; approved and handed_over are recalled first (approval
    void); refused goes back to drafted. Undo: `edit` with the old text."""
    raise NotImplementedError


async def recall(session: AsyncSession, person: Person, reply_id: int, *, now: datetime, parts: Parts) -> Done:
    """Undo of approve and hand_over: approved or handed_over -> drafted, approval void. Moved once it is being sent."""
    raise NotImplementedError


async def reject(
    session: AsyncSession, person: Person, reply_id: int, *, reason: str, version: int, now: datetime, parts: Parts
) -> Done:
    """drafted or refused -> rejected, with a reason. The case stays open. Undo: `restore`."""
    raise NotImplementedError


async def restore(session: AsyncSession, person: Person, reply_id: int, *, now: datetime, parts: Parts) -> Done:
    """Undo of reject: rejected -> drafted, unless the case has another live reply by now."""
    raise NotImplementedError


async def redraft(
    session: AsyncSession, person: Person, case_id: int, *, kind: str = "answer", now: datetime, parts: Parts
) -> Done:
    """Ask for a fresh draft; a draft, approved or refused reply of the case gives way. Moved while one is under way."""
    raise NotImplementedError


async def hand_over(
    session: AsyncSession, person: Person, reply_id: int, *, text: str, version: int, now: datetime, parts: Parts
) -> Done:
    """Answer by hand, whatever the channel could do: approves the text and gives it to copy. Undo: `recall`."""
    raise NotImplementedError


async def mark_sent(
    session: AsyncSession,
    person: Person,
    reply_id: int,
    *,
    url: str = "",
    resolve: bool = False,
    now: datetime,
    parts: Parts,
) -> Done:
    """handed_over -> sent: a person has posted it. The case waits (or is resolved when asked). The worker then tries
    to find it on the network, where the channel can read."""
    raise NotImplementedError


async def settle_sent(
    session: AsyncSession, person: Person, reply_id: int, *, url: str, now: datetime, parts: Parts
) -> Done:
    """unknown -> sent: a person has seen it on the network, at this address."""
    raise NotImplementedError


async def settle_absent(session: AsyncSession, person: Person, reply_id: int, *, now: datetime, parts: Parts) -> Done:
    """unknown -> drafted: a person has looked and it is not there; approving again sends it anew. BadInput while the
    settling time runs, because it may still appear."""
    raise NotImplementedError


async def snooze(
    session: AsyncSession,
    person: Person,
    case_id: int,
    *,
    until: datetime,
    version: int | None = None,
    now: datetime,
    parts: Parts,
) -> Done:
    """open -> snoozed until a moment in the future (BadInput otherwise). The clocks run on. Undo: `wake`."""
    raise NotImplementedError


async def wake(session: AsyncSession, person: Person, case_id: int, *, now: datetime, parts: Parts) -> Done:
    """snoozed -> open. Undo: `snooze` until the old moment."""
    raise NotImplementedError


async def assign(
    session: AsyncSession,
    person: Person,
    case_id: int,
    *,
    user_id: int | None,
    version: int | None = None,
    now: datetime,
    parts: Parts,
) -> Done:
    """Give the case to a colleague of the brand (None: to nobody). Undo: `assign` to the one before."""
    raise NotImplementedError


async def escalate(
    session: AsyncSession,
    person: Person,
    case_id: int,
    *,
    why: str,
    version: int | None = None,
    now: datetime,
    parts: Parts,
) -> Done:
    """open or snoozed -> escalated, with a reason. Undo: `reopen`."""
    raise NotImplementedError


async def resolve(
    session: AsyncSession,
    person: Person,
    case_id: int,
    *,
    why: str = "",
    version: int | None = None,
    now: datetime,
    parts: Parts,
) -> Done:
    """Nothing more is owed: -> resolved. An approved reply is recalled to a draft. Undo: `reopen`."""
    raise NotImplementedError


async def reopen(session: AsyncSession, person: Person, case_id: int, *, now: datetime, parts: Parts) -> Done:
    """resolved, waiting or escalated -> open; its clocks count again."""
    raise NotImplementedError


async def ignore(
    session: AsyncSession,
    person: Person,
    case_id: int,
    *,
    why: str = "",
    version: int | None = None,
    now: datetime,
    parts: Parts,
) -> Done:
    """Irrelevant: the mentions of the case are ignored, the case is resolved. Undo: `unignore`."""
    raise NotImplementedError


async def unignore(session: AsyncSession, person: Person, case_id: int, *, now: datetime, parts: Parts) -> Done:
    """Undo of ignore: mentions kept again, case open again."""
    raise NotImplementedError


async def note(session: AsyncSession, person: Person, case_id: int, *, text: str, now: datetime, parts: Parts) -> Done:
    """A private note on the case; never leaves Earshot."""
    raise NotImplementedError
