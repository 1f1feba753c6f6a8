"""Posts that their network says were removed, as a page tells it."""

from __future__ import annotations

from sqlalchemy import ColumnElement, or_
from sqlalchemy import select as pick
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.arriving import LISTENER, PageIn, Stored
from storage.purging import Order, purge
from storage.tables import MentionRow, table

_M = table(MentionRow).c
WHY = "the author removed the post"


def _named(names: tuple[str, ...]) -> ColumnElement[bool]:
    """Rows with these native ids. A name that ends with "/" stands for all posts of an account."""
    accounts = {name for name in names if name.endswith("/")}
    whole = [_M.external_id.startswith(name, autoescape=True) for name in accounts]
    return or_(_M.external_id.in_(set(names) - accounts), *whole)


async def cases_of_withdrawn(session: AsyncSession, page: PageIn) -> set[int]:
    """The cases of posts that this page withdraws."""
    if not page.withdrawn:
        return set()
    here = _M.brand_id == page.brand_id, _M.channel == page.channel, _M.case_id.is_not(None)
    found = await (await session.connection()).execute(pick(_M.case_id).where(*here, _named(page.withdrawn)))
    return set(found.scalars())


async def withdraw(session: AsyncSession, page: PageIn, stored: Stored) -> None:
    """The author removed it: nothing of it is kept here."""
    if not page.withdrawn:
        return
    order = Order(page.brand_id, page.channel, WHY, LISTENER, page.now)
    purged = await purge(session, order, _named(page.withdrawn))
    stored.withdrawn = purged.posts
    stored.cases += purged.cases
