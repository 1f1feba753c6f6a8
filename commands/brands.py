"""Which brands a command is about. What a person types is the short name of one (its slug); nothing means all."""

from __future__ import annotations

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.errors import BadInput
from storage.tables import Brand


async def brands_for(session: AsyncSession, slug: str) -> list[Brand]:
    """The brand with this slug, or with an empty one all, by name; at least one. Raises BadInput."""
    found = list(await session.exec(select(Brand).order_by(col(Brand.name))))
    if not found:
        raise BadInput("no brand is watched yet; begin with: python3 run.py watch NAME")
    wanted = [brand for brand in found if slug in ("", brand.slug)]
    if not wanted:
        raise BadInput(f"--brand {slug}: is not watched; known are {_known(found)}")
    return wanted


async def brand_for(session: AsyncSession, slug: str) -> Brand:
    """The brand with this slug, or with an empty one the only one that there is. Raises BadInput."""
    wanted = await brands_for(session, slug)
    if len(wanted) > 1:
        raise BadInput(f"--brand: name one of {_known(wanted)}")
    return wanted[0]


def _known(brands: list[Brand]) -> str:
    return ", ".join(brand.slug for brand in brands)
