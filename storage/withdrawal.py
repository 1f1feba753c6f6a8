"""What an author removed goes: text and name, also where they were quoted. The id stays: it never comes back."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, func, or_, update
from sqlalchemy import select as pick
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import replies
from storage.arriving import PageIn, Stored, request_drafts, step
from storage.tables import Alert, Case, MentionRow, Reply, table
from storage.transitions import record

_M, _C, _R, _A = (table(model).c for model in (MentionRow, Case, Reply, Alert))
_WHY = "the author removed the post"
_NEVER_LEFT = ("stale", "rejected", "failed")
_BLANK: dict[str, Any] = {
    "text": "",
    "title": "",
    "url": "",
    "author_id": "",
    "author_handle": "",
    "author_name": "",
    "native": {},
    "parts": [],
    "text_hash": 0,
    "content_hash": "",
}


def _named(names: tuple[str, ...]) -> ColumnElement[bool]:
    """Rows with these native ids. A name that ends with "/" stands for all posts of an account."""
    accounts = {name for name in names if name.endswith("/")}
    whole = [_M.external_id.startswith(name, autoescape=True) for name in accounts]
    return or_(_M.external_id.in_(set(names) - accounts), *whole)


async def withdraw(session: AsyncSession, page: PageIn, stored: Stored) -> None:
    """The author removed it: a draft on it goes stale, an otherwise empty case closes, nothing quotes it any more."""
    if not page.withdrawn:
        return
    here = _M.brand_id == page.brand_id, _M.channel == page.channel, _M.status != "withdrawn"
    query = pick(_M.id, _M.status, _M.case_id).where(*here, _named(page.withdrawn)).order_by(_M.id).with_for_update()
    rows = list(await (await session.connection()).execute(query))
    if not rows:
        return
    gone = [row.id for row in rows]
    await _run(session, update(MentionRow).where(_M.id.in_(gone)), status="withdrawn", version=_M.version + 1, **_BLANK)
    await record(session, [step(page, "mention", row.id, row.status, "withdrawn", _WHY) for row in rows])
    cases = sorted({row.case_id for row in rows if row.case_id})
    stale = await replies.stale_replies(session, cases, page.now, why=_WHY)
    await _close_empty(session, page, cases)
    await _unquote(session, page, gone, cases)
    await request_drafts(session, page, await _still_said(session, [case_id for case_id, _ in stale]))
    stored.withdrawn = len(rows)
    stored.cases += cases


async def _run(session: AsyncSession, statement: Any, **values: Any) -> None:
    await (await session.connection()).execute(statement.values(**values))


async def _still_said(session: AsyncSession, case_ids: list[int]) -> list[tuple[int, int]]:
    """The newest mention that is left in each of these cases: it is still owed an answer."""
    if not case_ids:
        return []
    left = await (await session.connection()).execute(
        pick(_M.case_id, func.max(_M.id)).where(_M.case_id.in_(case_ids), _M.status != "withdrawn").group_by(_M.case_id)
    )
    return [(row[0], row[1]) for row in left]


async def _close_empty(session: AsyncSession, page: PageIn, cases: list[int]) -> None:
    """Cases in which nothing is left. One that was resolved before loses its names as well."""
    left = pick(_M.case_id).where(_M.case_id.in_(cases), _M.status != "withdrawn")
    query = pick(_C.id, _C.status).where(_C.id.in_(cases), _C.id.not_in(left)).order_by(_C.id).with_for_update()
    rows = list(await (await session.connection()).execute(query))
    blank = {"author_id": "", "author_handle": "", "author_name": "", "next_due_at": None, "snoozed_until": None}
    empty = update(Case).where(_C.id.in_([row.id for row in rows]))
    await _run(session, empty, status="resolved", version=_C.version + 1, **blank)
    ended = [row for row in rows if row.status != "resolved"]
    await record(session, [step(page, "case", row.id, row.status, "resolved", _WHY) for row in ended])


async def _unquote(session: AsyncSession, page: PageIn, mentions: list[int], cases: list[int]) -> None:
    """Drafts that never left, the reason of the case, and alerts may quote what was said or name who said it."""
    unsent = update(Reply).where(_R.mention_id.in_(mentions), _R.status.in_(_NEVER_LEFT))
    await _run(session, unsent, text="", first_text="", body="", findings=[], error="")
    await _run(session, update(Case).where(_C.id.in_(cases)), why="")
    subjects = [f"case:{case_id}" for case_id in cases]
    quoting = update(Alert).where(_A.brand_id == page.brand_id, _A.subject.in_(subjects))
    await _run(session, quoting, title=f"A case: {_WHY}", body="")
