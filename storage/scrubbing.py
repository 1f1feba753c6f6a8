"""What is cleaned a little after posts lost their words: names inside of native ids and of what refers to them, raw
samples, places of sources, and what we answered. Many removals of one brand and channel go together.

1. wait while a reply in one of the cases is on its way, or a source holds a place that names a post (bounded);
2. look for what refers to the posts, chunk by chunk, without holding anybody up;
3. take the words of resolutions, storms and delays that quote them out (`unquoting`, `unquoting_storms`): these come
   before cases, so it is done apart;
4. in one transaction, in turn with whoever stores posts there: look through what came in meanwhile, clean it all, and
   forget what to look for. From here on the hash of its native id keeps a post away.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from sqlalchemy import bindparam, func, or_, update
from sqlalchemy import select as pick
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import unquoting, unquoting_storms
from storage.database import Database
from storage.needles import Names, Needles, Removed, without
from storage.removals import SOON, gone_name
from storage.tables import (
    Alert,
    Article,
    ArticleVersion,
    Attempt,
    Case,
    KnownFact,
    MentionRow,
    Promise,
    Quarantine,
    Removal,
    Reply,
    SourceRow,
    table,
)
from storage.turns import take_turn

PATIENCE: Final = timedelta(hours=12)
"""Longer than this nothing waits for a reply that nobody settles: within a day nothing is left."""
_BATCH = 2000
"""As many as share one walk through the table."""
_CHUNK = 20_000
_SAMPLES = 2000
_ON_ITS_WAY: Final = ("sending", "unknown", "handed_over")
_M, _C, _R, _T, _Q, _S, _X, _A, _F = (
    table(model).c for model in (MentionRow, Case, Reply, Attempt, Quarantine, SourceRow, Removal, Alert, KnownFact)
)
_W, _V, _P = table(Article).c, table(ArticleVersion).c, table(Promise).c


@dataclass(frozen=True, slots=True)
class _Batch:
    """Removals of one brand and channel: what to look for, by removal; their posts by native id, and their cases."""

    brand_id: int
    channel: str
    found: dict[int, Removed]
    posts: dict[str, int]
    cases: dict[int, int]

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self.posts)


async def scrub(database: Database, removal_id: int, now: datetime) -> int:
    """Clean up after the removals that are due together with this one. Returns how many are done."""
    async with database.write() as session:
        batch = await _due_with(session, removal_id, now)
    if batch is None:
        return 0
    top, refer = await _referring(database, batch)
    async with database.write() as session:
        await unquoting.unquote(session, batch.brand_id, list(batch.found.values()), now)
    await unquoting_storms.unquote(database, batch.brand_id, list(batch.found.values()), now)
    async with database.write() as session:
        await take_turn(session, batch.brand_id, batch.channel)
        refer += await _refer(session, batch, top, None)
        await _rename(session, batch, refer)
        await _clean_replies(session, batch)
        await _clean_facts(session, batch)
        await _clean_articles(session, batch)
        await _clean_samples(session, batch)
        await _clean_places(session, batch)
        done = update(Removal).where(_X.id.in_(list(batch.found))).values(needles={}, due_at=None)
        await (await session.connection()).execute(done)
    return len(batch.found)


async def scrub_now(database: Database, brand_id: int, channel: str, now: datetime) -> int:
    """The same for all removals of this brand and channel, without the wait that gathers them. Returns how many."""
    async with database.write() as session:
        here = _X.brand_id == brand_id, _X.channel == channel, _X.due_at.is_not(None)
        await (await session.connection()).execute(update(Removal).where(*here).values(due_at=now))
    total = 0
    while True:
        async with database.read() as session:
            first = (
                await (await session.connection()).execute(pick(func.min(_X.id)).where(*here, _X.due_at <= now))
            ).scalar()
        done = await scrub(database, first, now) if first is not None else 0
        if not done:
            return total
        total += done


# --- 1. what is ready ------------------------------------------------------------------------------------------


async def _due_with(session: AsyncSession, removal_id: int, now: datetime) -> _Batch | None:
    connection = await session.connection()
    first = (await connection.execute(pick(_X.brand_id, _X.channel).where(_X.id == removal_id))).first()
    if first is None:
        return None
    here = _X.brand_id == first.brand_id, _X.channel == first.channel, _X.due_at <= now
    columns = _X.id, _X.mention_id, _X.needles, _X.removed_at, _M.case_id
    query = pick(*columns).join(MentionRow, _M.id == _X.mention_id).where(*here)
    rows = list(await connection.execute(query.order_by(_X.id).limit(_BATCH)))
    later = await _not_ready(session, first, rows, now)
    if later:
        await connection.execute(update(Removal).where(_X.id.in_(later)).values(due_at=now + SOON))
    ready = [row for row in rows if row.id not in later]
    found = {row.id: msgspec.convert(row.needles, Removed) for row in ready}
    posts = {found[row.id].name: row.mention_id for row in ready}
    cases = {row.id: row.case_id for row in ready if row.case_id}
    return _Batch(first.brand_id, first.channel, found, posts, cases) if found else None


async def _not_ready(session: AsyncSession, first: Any, rows: Sequence[Any], now: datetime) -> set[int]:
    """Removals that wait: a reply of their case is on its way, or a source that is being read holds their name."""
    young = [row for row in rows if now - row.removed_at < PATIENCE]
    cases = {row.case_id for row in young if row.case_id}
    connection = await session.connection()
    under_way = pick(_R.case_id).where(_R.case_id.in_(cases), _R.status.in_(_ON_ITS_WAY))
    busy = set((await connection.execute(under_way)).scalars())
    held = pick(_S.cursor).where(_S.brand_id == first.brand_id, _S.channel == first.channel, _S.claimed_until > now)
    places = [msgspec.json.encode(place).decode() for place in (await connection.execute(held)).scalars() if place]
    return {
        row.id for row in young
        if row.case_id in busy or any(row.needles["name"] in place for place in places)
    }  # fmt: skip


# --- 2. what refers to the posts -------------------------------------------------------------------------------


async def _referring(database: Database, batch: _Batch) -> tuple[int, list[Any]]:
    """Every post that names one of them as its parent or thread, and the highest id that was looked at."""
    at = 0
    found: list[Any] = []
    while True:
        async with database.read() as session:
            beyond = pick(_M.id).where(_M.id > at).order_by(_M.id).offset(_CHUNK - 1).limit(1)
            end = (await (await session.connection()).execute(beyond)).scalar()
            if end is None:
                return at, found
            found += await _refer(session, batch, at, end)
            at = end


async def _refer(session: AsyncSession, batch: _Batch, after: int, end: int | None) -> list[Any]:
    query = pick(_M.id, _M.parent_id, _M.thread_id, _M.native).where(
        _M.id > after,
        _M.brand_id == batch.brand_id,
        _M.channel == batch.channel,
        or_(_M.parent_id.in_(batch.names), _M.thread_id.in_(batch.names)),
    )
    if end is not None:
        query = query.where(_M.id <= end)
    return list(await (await session.connection()).execute(query))


# --- 4. cleaning -----------------------------------------------------------------------------------------------


async def _rename(session: AsyncSession, batch: _Batch, refer: Iterable[Any]) -> None:
    """The posts, their threads and cases, and whatever answers them go by names that tell nobody's."""
    connection, names = await session.connection(), batch.names
    new = {name: gone_name(batch.channel, name) for name in names}
    for row in refer:
        parent, thread = new.get(row.parent_id, row.parent_id), new.get(row.thread_id, row.thread_id)
        values = {"parent_id": parent, "thread_id": thread, "native": without(row.native, names)}
        await connection.execute(update(MentionRow).where(_M.id == row.id).values(**values))
    own = update(MentionRow).where(_M.id == bindparam("post")).values(external_id=bindparam("gone"))
    await connection.execute(own, [{"post": row_id, "gone": new[name]} for name, row_id in batch.posts.items()])
    here = _C.brand_id == batch.brand_id, _C.channel == batch.channel
    cases = update(Case).where(*here, _C.thread_id == bindparam("name")).values(thread_id=bindparam("gone"))
    await connection.execute(cases, [{"name": name, "gone": gone} for name, gone in new.items()])


async def _clean_replies(session: AsyncSession, batch: _Batch) -> None:
    """What we said stays on record, without the name of whom we said it to. The bytes that were sent are not kept."""
    connection = await session.connection()
    by_case: dict[int, list[Removed]] = {}
    for removal_id, case_id in batch.cases.items():
        by_case.setdefault(case_id, []).append(batch.found[removal_id])
    columns = [_R[name] for name in ("id", "case_id", "status", "text", "first_text", "error", "findings")]
    rows = list(await connection.execute(pick(*columns).where(_R.case_id.in_(list(by_case)))))
    alerts: dict[str, Needles] = {}
    for row in rows:
        authors = by_case[row.case_id]
        names, needles = Names(authors), Needles(word for each in authors for word in (*each.ids, *each.words))
        values: dict[str, Any] = {name: names.taken_out(getattr(row, name)) for name in ("text", "first_text", "error")}
        values["findings"] = needles.cleaned(row.findings)
        if row.status not in ("approved", "sending"):  # one to somebody who is still there
            values |= {"body": "", "due_at": None if row.status == "sent" else _R.due_at}
        await connection.execute(update(Reply).where(_R.id == row.id).values(**values))
        await _move_promises(session, row, names)
        for attempt in list(await connection.execute(pick(_T.id, _T.evidence).where(_T.reply_id == row.id))):
            clean = update(Attempt).where(_T.id == attempt.id).values(evidence=needles.cleaned(attempt.evidence))
            await connection.execute(clean)
        alerts[f"reply:{row.id}"] = needles
    about = _A.brand_id == batch.brand_id, _A.subject.in_(list(alerts))  # they say what the network said of the reply
    for alert in list(await connection.execute(pick(_A.id, _A.subject, _A.body).where(*about))):
        clean = update(Alert).where(_A.id == alert.id).values(body=alerts[alert.subject].cleaned(alert.body))
        await connection.execute(clean)


async def _move_promises(session: AsyncSession, reply: Any, names: Names) -> None:
    """The words of a promise stand elsewhere in the cleaned reply."""
    connection = await session.connection()
    for row in list(await connection.execute(pick(_P.id, _P.start, _P.stop).where(_P.reply_id == reply.id))):
        start, stop = (len(names.taken_out(reply.text[:at])) for at in (row.start, row.stop))
        await connection.execute(update(Promise).where(_P.id == row.id).values(start=start, stop=stop))


async def _clean_facts(session: AsyncSession, batch: _Batch) -> None:
    """What colleagues know of a case may name its author, or quote the post."""
    connection, by_case = await session.connection(), dict[int, list[str]]()
    for removal_id, case_id in batch.cases.items():
        by_case.setdefault(case_id, []).extend((*batch.found[removal_id].ids, *batch.found[removal_id].words))
    for row in list(await connection.execute(pick(_F.id, _F.case_id, _F.value).where(_F.case_id.in_(list(by_case))))):
        clean = Needles(by_case[row.case_id]).taken_out(row.value)
        await connection.execute(update(KnownFact).where(_F.id == row.id).values(value=clean))


async def _clean_articles(session: AsyncSession, batch: _Batch) -> None:
    """An article that was proposed from a case may quote its posts, in any of its versions."""
    connection, by_case = await session.connection(), dict[int, list[Removed]]()
    for removal_id, case_id in batch.cases.items():
        by_case.setdefault(case_id, []).append(batch.found[removal_id])
    proposed = pick(_W.id, _W.case_id, _W.title, _W.text).where(_W.case_id.in_(list(by_case)))
    for row in list(await connection.execute(proposed)):
        names = Names(by_case[row.case_id])
        clean = update(Article).where(_W.id == row.id)
        await connection.execute(clean.values(title=names.taken_out(row.title), text=names.taken_out(row.text)))
        versions = pick(_V.number, _V.title, _V.text).where(_V.article_id == row.id)
        for old in list(await connection.execute(versions)):
            clean = update(ArticleVersion).where(_V.article_id == row.id, _V.number == old.number)
            await connection.execute(clean.values(title=names.taken_out(old.title), text=names.taken_out(old.text)))


async def _clean_samples(session: AsyncSession, batch: _Batch) -> None:
    """Raw items that could not be read, and that name the post or its author."""
    connection, at = await session.connection(), 0
    needles = Needles(word for each in batch.found.values() for word in each.ids)
    sources = pick(_S.id).where(_S.brand_id == batch.brand_id, _S.channel == batch.channel)
    query = pick(_Q.id, _Q.place, _Q.sample).where(_Q.source_id.in_(sources)).order_by(_Q.id).limit(_SAMPLES)
    while rows := list(await connection.execute(query.where(_Q.id > at))):
        gone = [row.id for row in rows if needles.found_in(f"{row.place}\n{row.sample}")]
        clean = update(Quarantine).where(_Q.id.in_(gone)).values(place="a post that was removed", sample="")
        await connection.execute(clean)
        at = rows[-1].id


async def _clean_places(session: AsyncSession, batch: _Batch) -> None:
    """Sources remember the last posts they saw. One that is being read keeps its place: it moves on by itself."""
    connection, names = await session.connection(), batch.names
    here = _S.brand_id == batch.brand_id, _S.channel == batch.channel, _S.cursor.is_not(None)
    query = pick(_S.id, _S.cursor).where(*here).order_by(_S.id).with_for_update()
    for row in list(await connection.execute(query)):
        clean = without(row.cursor, names)
        if clean != row.cursor:
            await connection.execute(update(SourceRow).where(_S.id == row.id).values(cursor=clean))
