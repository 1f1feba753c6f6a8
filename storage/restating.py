"""A stored mention is scored again: its row and its case say the new score at once; reports count rows, so they do too.

The version of a mention stays, because its words did: an approval is bound to it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec.structs import replace
from sqlalchemy import bindparam, func, update
from sqlalchemy import select as pick
from sqlmodel import SQLModel, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.correction import NOTHING_SAID, Said
from domain.mention import Mention, Score
from domain.ports import Restater
from storage.corrections import said_of
from storage.reporting import COUNTED
from storage.tables import Case, MentionRow, Reply, table

_M, _C, _R = (table(model).c for model in (MentionRow, Case, Reply))


OF_ITS_MOMENT = frozenset(("spread", "history"))


def mention_of(row: MentionRow) -> Mention:
    """The post as scoring reads it. Its language, once found, is taken for its tag."""
    return Mention(
        channel=row.channel, external_id=row.external_id, text=row.text, title=row.title, posted_at=row.posted_at,
        thread_id=row.thread_id, url=row.url, parent_id=row.parent_id, author_id=row.author_id,
        author_handle=row.author_handle, author_name=row.author_name, author_followers=row.author_followers,
        lang_tag=row.lang, addressed=row.addressed, is_repost=row.is_repost, shares=row.shares,
    )  # fmt: skip


def scored(scorer: Restater, rows: Sequence[MentionRow], said: Mapping[int, Said]) -> list[Score]:
    """Their scores by this scorer, with what stands of people's words by mention."""
    words = [said.get(row.id, NOTHING_SAID) for row in rows]
    return list(map(_with_its_moment, rows, scorer.restate([mention_of(row) for row in rows], words), words))


def _with_its_moment(row: MentionRow, score: Score, said: Said) -> Score:
    """What counted when it was heard (how fast it spread, what its author wrote before) goes on counting, unless a
    person set the priority."""
    kept = tuple((name, points, why) for name, points, why in row.parts if name in OF_ITS_MOMENT)
    if not kept or said.level is not None:
        return score
    return replace(score, parts=(*score.parts, *kept), priority=round(score.priority + sum(p for _, p, _ in kept), 1))


async def restate(session: AsyncSession, scorer: Restater, rows: Sequence[MentionRow]) -> list[int]:
    """Score these mentions again, with what stands of people's words. Returns the ids of the cases that changed."""
    scores = scored(scorer, rows, await said_of(session, [row.id for row in rows]))
    changed = [(row, score) for row, score in zip(rows, scores, strict=True) if _differs(row, score)]
    await _update(session, MentionRow, [(row.id, _values(score)) for row, score in changed])
    for row, _ in changed:
        session.expunge(row)  # what was read is no longer so
    why = {row.id: score.why for row, score in zip(rows, scores, strict=True)}
    return await _restate_cases(session, scorer, sorted({row.case_id for row, _ in changed if row.case_id}), why)


async def _update(session: AsyncSession, model: type[SQLModel], rows: Sequence[tuple[int, dict[str, Any]]]) -> None:
    """Many rows with the same columns in one go."""
    if rows:
        change = update(table(model)).where(table(model).c.id == bindparam("row_id"))
        values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in rows[0][1]}
        given = [{"row_id": row_id, **{f"new_{name}": v for name, v in new.items()}} for row_id, new in rows]
        await (await session.connection()).execute(change.values(**values), given)


def _values(score: Score) -> dict[str, Any]:
    return {
        "label": score.label,
        "sentiment": score.sentiment,
        "severity": score.severity,
        "priority": score.priority,
        "parts": [list(part) for part in score.parts],
        "themes": list(score.themes),
    }


def _differs(row: MentionRow, score: Score) -> bool:
    return any(_plain(getattr(row, name)) != value for name, value in _values(score).items())


def _plain(value: Any) -> Any:
    return [list(part) if isinstance(part, tuple) else part for part in value] if isinstance(value, list) else value


async def _restate_cases(session: AsyncSession, scorer: Restater, cases: list[int], why: dict[int, str]) -> list[int]:
    """A case is as urgent as the most urgent of its mentions since our last answer."""
    if not cases:
        return []
    held = select(Case).where(_C.id.in_(cases)).order_by(_C.id).with_for_update()
    rows = list(await session.exec(held.execution_options(populate_existing=True)))
    since, mentions = await _answered_at(session, cases), await _mentions(session, cases)
    tops = {case.id: _top(mentions[case.id], since.get(case.id)) for case in rows if mentions[case.id]}
    if others := [top.id for top in tops.values() if top.id not in why]:
        why |= await _why(session, scorer, others)
    changed = [(case.id, new) for case in rows if case.id in tops and (new := _restated(case, tops[case.id], why))]
    await _update(session, Case, changed)
    for case in rows:
        session.expunge(case)
    return [case_id for case_id, _ in changed]


def _top(mentions: list[Any], since: datetime | None) -> Any:
    """The most urgent of those after this moment, where there are any."""
    counted = [m for m in mentions if since is None or m.posted_at > since]
    return max(counted or mentions, key=lambda m: (m.priority, m.id))


async def _why(session: AsyncSession, scorer: Restater, mentions: list[int]) -> dict[int, str]:
    """Why each of these asks for an answer: no column of theirs holds it, and one that leads now may be another one."""
    rows = list(await session.exec(select(MentionRow).where(_M.id.in_(mentions))))
    scores = scored(scorer, rows, await said_of(session, mentions))
    return {row.id: score.why for row, score in zip(rows, scores, strict=True)}


def _restated(case: Case, top: Any, why: dict[int, str]) -> dict[str, Any]:
    """What changes of the case; nothing where it says so already."""
    new = {"priority": top.priority, "severity": top.severity, "label": top.label, "why": why[top.id]}
    new |= {"praise": case.praise, "next_due_at": case.next_due_at}
    if case.praise and (top.label != "positive" or top.severity > 0):  # a person saw what the words hid
        owes = case.status in ("open", "escalated", "snoozed")
        new |= {"praise": False, "next_due_at": case.ack_due_at if owes else None}
    same = all(getattr(case, name) == value for name, value in new.items())
    return {} if same else {**new, "version": case.version + 1}


async def _answered_at(session: AsyncSession, cases: list[int]) -> dict[int, datetime]:
    sent = pick(_R.case_id, func.max(_R.sent_at)).where(
        _R.case_id.in_(cases), _R.status == "sent", _R.kind != "holding", _R.sent_at.is_not(None)
    )
    return {row[0]: row[1] for row in await (await session.connection()).execute(sent.group_by(_R.case_id))}


async def _mentions(session: AsyncSession, cases: list[int]) -> dict[int, list[Any]]:
    columns = _M.case_id, _M.id, _M.posted_at, _M.priority, _M.severity, _M.label
    query = pick(*columns).where(_M.case_id.in_(cases), _M.status.in_(COUNTED))
    found: dict[int, list[Any]] = defaultdict(list)
    for row in await (await session.connection()).execute(query):
        found[row.case_id].append(row)
    return found
