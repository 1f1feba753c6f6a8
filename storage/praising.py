"""Who may be thanked for praise, and who praised us again and again."""

from __future__ import annotations

from collections.abc import Iterable

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.mention import Mention
from domain.opt_out import author_hash
from domain.praise import SETTING, THANKED_WITHIN, is_praise
from storage.arriving import Arrival, PageIn
from storage.case_writing import author_of
from storage.tables import Brand, Case, OptOut


async def unthanked(session: AsyncSession, page: PageIn, arrivals: Iterable[Arrival]) -> set[str]:
    """Authors of praise among these who may be thanked: nobody twice within `THANKED_WITHIN`, nobody who wants to be
    left alone, and nobody at all where the brand leaves praise without an answer."""
    praising = {author_of(a.mention): a.mention for a in arrivals if is_praise(a.mention, a.score)}
    if not praising or (await _voice(session, page.brand_id)).get(SETTING) == "off":
        return set()
    return {*praising} - await _thanked(session, page, praising) - await _left_alone(session, page, praising)


async def _voice(session: AsyncSession, brand_id: int) -> dict[str, object]:
    return dict((await session.exec(select(Brand.voice).where(Brand.id == brand_id))).first() or {})


async def _thanked(session: AsyncSession, page: PageIn, authors: Iterable[str]) -> set[str]:
    query = select(Case.author_id).where(
        Case.brand_id == page.brand_id, Case.channel == page.channel, col(Case.author_id).in_(list(authors)),
        col(Case.praise), Case.opened_at > page.now - THANKED_WITHIN,
    )  # fmt: skip
    return set(await session.exec(query))


async def _left_alone(session: AsyncSession, page: PageIn, praising: dict[str, Mention]) -> set[str]:
    hashes = {author_hash(page.channel, m.author_id, m.author_handle): name for name, m in praising.items()}
    query = select(OptOut.author_hash).where(OptOut.brand_id == page.brand_id, OptOut.status == "standing")
    return {hashes[each] for each in await session.exec(query.where(col(OptOut.author_hash).in_(list(hashes))))}
