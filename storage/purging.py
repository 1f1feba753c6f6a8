"""What goes at once when posts are removed: their words and their authors' names, here and in what quoted them.

Their authors removed them, somebody asked for it, or they are older than posts are kept. Names inside of native ids,
raw samples and what we answered are cleaned a little later (`scrubbing`), many at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, or_, update
from sqlalchemy import select as pick
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import clues, corrections, identities, replies, suggestions, surveys
from storage.needles import quotes, removed_of
from storage.removals import remember
from storage.tables import Alert, Case, KnownFact, MentionRow, Note, OptOut, Problem, Reply, Told, table
from storage.tables_market import Defect
from storage.transitions import entry, move_page, record

_M, _C, _R, _A, _N, _O, _P = (table(model).c for model in (MentionRow, Case, Reply, Alert, Note, OptOut, Problem))
_F, _W, _D = table(KnownFact).c, table(Told).c, table(Defect).c
_NEVER_LEFT: Final = ("stale", "rejected", "failed", "replaced")
_BLANK: Final[dict[str, Any]] = {
    "text": "",
    "title": "",
    "url": "",
    "author_id": "",
    "author_handle": "",
    "author_name": "",
    "parent_id": None,
    "native": {},
    "parts": [],
    "text_hash": 0,
    "content_hash": "",
}
_NOBODY: Final = {"author_id": "", "author_handle": "", "author_name": ""}
HAS_WORDS: Final[ColumnElement[bool]] = or_(_M.text != "", _M.author_id != "", _M.author_handle != "")
"""Not purged yet."""


@dataclass(frozen=True, slots=True)
class Order:
    """Whose posts go and why. `withdrawn` moves them to that status (the author removed them, or somebody asked for
    it); without, they go on counting in reports, but have no words any more."""

    brand_id: int
    channel: str
    why: str
    actor: str
    now: datetime
    withdrawn: bool = True


@dataclass(slots=True)
class Purged:
    """How many posts lost their words, and the cases they belonged to."""

    posts: int = 0
    cases: list[int] = field(default_factory=list)


async def purge(session: AsyncSession, order: Order, *which: ColumnElement[bool]) -> Purged:
    """Remove the words of these posts of one brand and channel: drafts on them go stale, a case in which nothing is
    left closes, nothing quotes them any more, and they never come back."""
    here = _M.brand_id == order.brand_id, _M.channel == order.channel, _M.status != "withdrawn", HAS_WORDS
    await _hold_cases(session, *here, *which)
    columns = [_M[name] for name in ("id", "status", "case_id", "external_id", "title", "text", "native")]
    query = pick(*columns, _M.author_id, _M.author_handle, _M.author_name).where(*here, *which)
    connection = await session.connection()
    rows = list(await connection.execute(query.order_by(_M.id).with_for_update()))
    if not rows:
        return Purged()
    await remember(session, order.brand_id, order.channel, rows, order.now)
    await _blank(session, order, rows)
    await corrections.forget(session, order.brand_id, [row.id for row in rows], gone=order.withdrawn)
    cases = sorted({row.case_id for row in rows if row.case_id})
    stale = await replies.stale_replies(session, cases, order.now, why=order.why)
    left = await _left(session, cases)
    empty = [case_id for case_id in cases if case_id not in left]
    await _close_empty(session, order, empty)
    gone = [*empty, *await _hand_on(session, left)]
    await _forget_facts(session, gone)
    await surveys.forget(session, cases, gone, order.now)
    authors = {row.author_id or row.author_handle for row in rows}
    await identities.forget(session, order.brand_id, order.channel, authors)
    await _untitle(session, order, rows)
    await _unquote(session, order, [row.id for row in rows], cases)
    await _ask_again(session, order, [case_id for case_id, _ in stale], left)
    return Purged(len(rows), cases)


async def _hold_cases(session: AsyncSession, *posts: ColumnElement[bool]) -> None:
    """Cases come before their posts, as for whoever acts on one or corrects a post."""
    theirs = pick(_M.case_id).where(*posts, _M.case_id.is_not(None))
    held = pick(_C.id).where(_C.id.in_(theirs)).order_by(_C.id).with_for_update()
    await (await session.connection()).execute(held)


async def _run(session: AsyncSession, statement: Any, **values: Any) -> None:
    await (await session.connection()).execute(statement.values(**values))


async def _blank(session: AsyncSession, order: Order, rows: Sequence[Any]) -> None:
    gone = update(MentionRow).where(_M.id.in_([row.id for row in rows]))
    if not order.withdrawn:
        await _run(session, gone, version=_M.version + 1, **_BLANK)
        return
    await _run(session, gone, status="withdrawn", version=_M.version + 1, **_BLANK)
    await record(session, [_step(order, "mention", row.id, row.status, "withdrawn") for row in rows])


def _step(order: Order, noun: str, row_id: int, old: str, new: str) -> dict[str, Any]:
    return entry(noun, row_id, old, new, brand_id=order.brand_id, actor=order.actor, now=order.now, why=order.why)


async def _left(session: AsyncSession, cases: list[int]) -> dict[int, list[Any]]:
    """The posts that still have words in each of these cases, the newest last."""
    columns = _M.case_id, _M.id, _M.author_id, _M.author_handle, _M.author_name, _M.posted_at
    query = pick(*columns).where(_M.case_id.in_(cases), _M.status != "withdrawn", HAS_WORDS)
    found: dict[int, list[Any]] = defaultdict(list)
    for row in await (await session.connection()).execute(query.order_by(_M.posted_at, _M.id)):
        found[row.case_id].append(row)
    return found


async def _close_empty(session: AsyncSession, order: Order, empty: list[int]) -> None:
    """Cases in which nothing is left. One that was resolved before loses its names as well."""
    query = pick(_C.id, _C.status).where(_C.id.in_(empty)).order_by(_C.id).with_for_update()
    rows = list(await (await session.connection()).execute(query))
    over = {"next_due_at": None, "snoozed_until": None, "follow_up_at": None, "version": _C.version + 1}
    await _run(session, update(Case).where(_C.id.in_(empty)), status="resolved", **over, **_NOBODY)
    await record(session, [_step(order, "case", r.id, r.status, "resolved") for r in rows if r.status != "resolved"])


async def _hand_on(session: AsyncSession, left: dict[int, list[Any]]) -> list[int]:
    """A case goes on with who is left in it: its newest post counts, and its author only where they still speak.
    Returns the cases that have another author now."""
    handed = list[int]()
    columns = _C.id, _C.author_id, _C.author_handle
    query = pick(*columns).where(_C.id.in_(list(left))).order_by(_C.id).with_for_update()
    for case in list(await (await session.connection()).execute(query)):
        posts = left[case.id]
        newest, here = posts[-1], update(Case).where(_C.id == case.id)
        values = {"last_mention_id": newest.id, "last_mention_at": newest.posted_at, "version": _C.version + 1}
        if not any((p.author_id, p.author_handle) == (case.author_id, case.author_handle) for p in posts):
            values |= {name: getattr(newest, name) for name in _NOBODY} | {"follow_up_at": None}
            handed.append(case.id)
        await _run(session, here, **values)
    return handed


async def _forget_facts(session: AsyncSession, cases: list[int]) -> None:
    """What colleagues noted about somebody who is gone from a case, in whatever words."""
    await _run(session, update(KnownFact).where(_F.case_id.in_(cases)), value="")


async def _unquote(session: AsyncSession, order: Order, mentions: list[int], cases: list[int]) -> None:
    """Drafts that never left, the reason of the case and alerts may quote what was said or name who said it."""
    await _reject_refused(session, order, cases)
    unsent = update(Reply).where(_R.case_id.in_(cases), _R.status.in_(_NEVER_LEFT))
    await _run(session, unsent, text="", first_text="", body="", findings=[], error="")
    await _run(session, update(Case).where(_C.id.in_(cases)), why="")
    subjects = [f"case:{case_id}" for case_id in cases]
    quoting = update(Alert).where(_A.brand_id == order.brand_id, _A.subject.in_(subjects))
    await _run(session, quoting, title=f"A case: {order.why}", body="")
    await _run(session, update(Note).where(_N.case_id.in_(cases), _N.flagged_at.is_(None)), flagged_at=order.now)
    await suggestions.forget(session, cases)
    await clues.take_out(session, "case", cases)
    await forget_prints(session, _R.case_id.in_(cases))
    typed = update(OptOut).where(_O.mention_id.in_(mentions), _O.actor.startswith("user:"))
    await _run(session, typed, said="")


async def forget_prints(session: AsyncSession, which: ColumnElement[bool]) -> None:
    """No reply is likened to these any more: what is hashed of them may be somebody's words."""
    rows = (await (await session.connection()).execute(pick(_R.id).where(which))).scalars()
    await clues.take_out(session, replies.PRINT, list(rows))


async def _untitle(session: AsyncSession, order: Order, rows: Sequence[Any]) -> None:
    """A title that a person typed for a problem and that quotes one of the posts: pages word one of ours again. The
    note of a defect that does so goes. Their problems are held so that others can go on naming them: who begins a storm
    does, and waits for cases that are held here."""
    told = pick(_W.problem_id).where(_W.mention_id.in_([row.id for row in rows]))
    theirs = _P.id.in_(told) | _P.id.in_(pick(_P.root_id).where(_P.id.in_(told)))
    typed = pick(_P.id, _P.title).where(_P.brand_id == order.brand_id, _P.title != "", theirs)
    titles = list(await (await session.connection()).execute(typed.order_by(_P.id).with_for_update(key_share=True)))
    noted = pick(_D.id, _D.note).where(
        _D.brand_id == order.brand_id, _D.note != "", _D.problem_id.in_(pick(_P.id).where(theirs))
    )
    notes = list(await (await session.connection()).execute(noted.order_by(_D.id).with_for_update()))
    if not titles and not notes:
        return
    posts = [
        (removed_of(r), f"{r.title} {r.text}")
        for r in rows
    ]  # fmt: skip
    gone = [title.id for title in titles if quotes(title.title, posts)]
    await _run(session, update(Problem).where(_P.id.in_(gone)), title="", version=_P.version + 1)
    await record(session, [_step(order, "title", problem_id, "", "") for problem_id in gone])
    quoting = [each.id for each in notes if quotes(each.note, posts)]
    await _run(session, update(Defect).where(_D.id.in_(quoting)), note="", version=_D.version + 1)


async def _reject_refused(session: AsyncSession, order: Order, cases: list[int]) -> None:
    """What the network refused is not public: there is nothing left to mend it for."""
    query = pick(_R.id).where(_R.case_id.in_(cases), _R.status == "refused").order_by(_R.id)
    refused = list((await (await session.connection()).execute(query)).scalars())
    await move_page(
        session, "reply", refused, "refused", "rejected",
        brand_id=order.brand_id, actor=order.actor, now=order.now, why=order.why, due_at=None,
    )  # fmt: skip


async def _ask_again(session: AsyncSession, order: Order, cases: list[int], left: dict[int, list[Any]]) -> None:
    """Where a draft went stale and somebody else is still waiting, a new one answers the newest post that is left."""
    rows = [
        replies.request_row(
            case_id, brand_id=order.brand_id, channel=order.channel, mention_id=left[case_id][-1].id, lang=None,
            now=order.now,
        )
        for case_id in cases if case_id in left
    ]  # fmt: skip
    await replies.request(session, rows)
