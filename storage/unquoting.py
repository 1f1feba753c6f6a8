"""Words that a person typed for the resolution of a problem, and that quote a post which was removed: they go, and so
do the drafts that say them to others. Whoever waits gets another draft.

Its transaction holds a resolution before cases, as everywhere: that is why it is none of those that remove posts.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import and_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import replies, resolutions
from storage.needles import Names, Removed, quotes
from storage.problems import OWED
from storage.purging import forget_prints
from storage.tables import Case, Reply, table
from storage.tables_many import Resolution
from storage.transitions import entry, record

WHY: Final = "its words quoted a post that was removed"
CLEANER: Final = "system:cleaner"
Said = Sequence[tuple[Removed, str]]
"""What was said in posts that were removed, each with its post."""
_R = table(Reply).c


async def unquote(session: AsyncSession, brand_id: int, posts: Sequence[Removed], now: datetime) -> None:
    """Take out, language by language, what quotes one of these posts or names who wrote it."""
    said = [(post, text) for post in posts for text in post.ids]
    query = select(Resolution).where(Resolution.brand_id == brand_id).order_by(col(Resolution.id))
    quoting = [row.id for row in await session.exec(query) if _left(row, said) != (row.done, row.wrong)]
    for row_id in quoting:
        if (row := await resolutions.locked(session, row_id)) is not None:
            await _take_out(session, row, posts, _left(row, said), now)


def _left(row: Resolution, said: Said) -> tuple[dict[str, str], dict[str, str]]:
    """What was done and what was wrong, without the languages in which it quotes one of them."""
    done, wrong = ({lang: text for lang, text in words.items() if not quotes(text, said)}
                   for words in (row.done, row.wrong))  # fmt: skip
    return done, wrong


async def _take_out(
    session: AsyncSession, row: Resolution, posts: Sequence[Removed], left: tuple[dict[str, str], dict[str, str]],
    now: datetime,
) -> None:  # fmt: skip
    stands = row.status == "standing"
    untold = await resolutions.untold(session, row)
    opened = {notice.case_id for notice in untold if notice.opened}
    cases = sorted({notice.case_id for notice in untold if notice.case_id})
    moved = await replies.stale_replies(session, cases, now, WHY, CLEANER) if stands else []
    for told in await resolutions.lines(session, row, limit=None):
        await clean(session, told.notice.case_id, row.created_at, posts)
    await ask_again(session, [each for each in moved if each[0] not in opened], now)
    if stands:
        await resolutions.forget(session, row.id, untold)
    values = {"done": left[0], "wrong": left[1], "version": row.version + 1} | ({"tell_due_at": now} if stands else {})
    await replies.change(session, Resolution, row.id, **values)
    line = entry(
        "resolution_words", row.id, "", "changed", brand_id=row.brand_id, actor=CLEANER, now=now, why=WHY
    )  # fmt: skip
    await record(session, [line])


async def clean(session: AsyncSession, case_id: int | None, since: datetime, posts: Sequence[Removed]) -> None:
    """What was written in this case since then: it is blank where it never left, and what was sent loses the name."""
    await forget_prints(session, and_(_R.case_id == case_id, _R.created_at >= since))
    names, blank = Names(posts), {"text": "", "first_text": "", "body": "", "findings": [], "error": ""}
    connection = await session.connection()
    query = select(Reply).where(Reply.case_id == case_id, Reply.created_at >= since)
    for reply in list(await session.exec(query.execution_options(populate_existing=True))):
        values: dict[str, Any] = blank if reply.status in ("replaced", "stale", "rejected", "failed") else {}
        if reply.status == "sent":
            values = {name: names.taken_out(getattr(reply, name)) for name in ("text", "first_text", "body")}
        if values:
            await connection.execute(update(Reply).where(_R.id == reply.id).values(**values))


async def ask_again(session: AsyncSession, moved: Sequence[tuple[int, int]], now: datetime) -> None:
    """Who is owed an answer gets a draft, also where nothing is left to tell in their language."""
    query = select(Case).where(col(Case.id).in_([case_id for case_id, _ in moved]), col(Case.status).in_(OWED))
    owed = {case.id: case for case in await session.exec(query)}
    await replies.request(
        session,
        [
            replies.request_row(
                case.id, brand_id=case.brand_id, channel=case.channel, mention_id=mention_id, lang=case.lang, now=now
            )
            for case_id, mention_id in moved
            if (case := owed.get(case_id))
        ],
    )
