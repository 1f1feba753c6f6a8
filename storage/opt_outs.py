"""Authors who want to be left alone: noted on the way in, or by a person; lifted by a person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.ids import ids
from domain.opt_out import WORDS, Words, asks_to_stop, author_hash
from storage.arriving import LISTENER, PageIn
from storage.tables import MentionRow, OptOut, Reply


async def note_heard(session: AsyncSession, page: PageIn, words: Words = WORDS) -> None:
    """Note whoever asks us to stop in a page that was just stored. Each post counts once, however often it comes
    again: what a person lifted stays lifted until the author says it anew."""
    asking = {
        arrival.mention.external_id: (arrival.mention, said)
        for arrival in page.arrivals
        if (arrival.mention.addressed or arrival.mention.parent_id) and (said := asks_to_stop(arrival.mention, words))
    }
    if not asking:
        return
    ours = await _ours(session, page, [mention.parent_id for mention, _ in asking.values() if mention.parent_id])
    to_us = {name: asked for name, asked in asking.items() if asked[0].addressed or asked[0].parent_id in ours}
    for row in await _rows(session, page, to_us):
        said = to_us[row.external_id][1]
        if not await _noted(session, row.id):
            await note(session, row, said, actor=LISTENER, now=page.now)


async def _ours(session: AsyncSession, page: PageIn, parents: Sequence[str]) -> set[str]:
    """Which of these posts are replies of ours: an answer to one is said to us, though it may not name us."""
    query = select(Reply.external_id).where(Reply.brand_id == page.brand_id, Reply.channel == page.channel)
    return set(await session.exec(query.where(col(Reply.external_id).in_(parents)))) if parents else set()


async def _rows(session: AsyncSession, page: PageIn, names: Iterable[str]) -> list[MentionRow]:
    query = select(MentionRow).where(
        MentionRow.brand_id == page.brand_id,
        MentionRow.channel == page.channel,
        col(MentionRow.external_id).in_(list(names)),
        MentionRow.status != "withdrawn",
    )
    return list(await session.exec(query.order_by(col(MentionRow.id))))


async def _noted(session: AsyncSession, mention_id: int) -> bool:
    return (await session.exec(select(OptOut.id).where(OptOut.mention_id == mention_id).limit(1))).first() is not None


async def note(session: AsyncSession, mention: MentionRow, said: str, *, actor: str, now: datetime) -> OptOut:
    """The author of this mention wants to be left alone from now on. One that stands already is given back."""
    standing = await standing_for(session, mention)
    if standing is not None:
        return standing
    row = OptOut(
        id=ids.next(now),
        brand_id=mention.brand_id,
        channel=mention.channel,
        author_hash=author_hash(mention.channel, mention.author_id, mention.author_handle),
        mention_id=mention.id,
        actor=actor,
        said=said,
        created_at=now,
    )
    session.add(row)
    await session.flush()
    return row


async def standing_for(session: AsyncSession, mention: MentionRow) -> OptOut | None:
    """What stands against writing to the author of this mention."""
    return next((row for row in await of_author(session, mention) if row.status == "standing"), None)


async def of_author(session: AsyncSession, mention: MentionRow) -> list[OptOut]:
    """All that this author ever said of the kind, newest first. An author whose name is gone has none."""
    if not mention.author_id and not mention.author_handle:
        return []
    who = author_hash(mention.channel, mention.author_id, mention.author_handle)
    query = select(OptOut).where(OptOut.brand_id == mention.brand_id, OptOut.author_hash == who)
    return list(await session.exec(query.order_by(col(OptOut.id).desc()).execution_options(populate_existing=True)))
