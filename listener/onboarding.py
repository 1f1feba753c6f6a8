"""Watching a brand with nothing but its name: topics and every source that needs no account."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
import xxhash
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from channels.manifest import Manifest
from domain.errors import BadInput
from domain.ids import ids
from domain.query import fold, parse
from storage.tables import Brand, SourceRow, Topic

_LONGEST_NAME = 80


def slug_of(name: str) -> str:
    """A short name for addresses: ASCII letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", plain.casefold()).strip("-")
    # a name in another script has none of these: its hash keeps two such brands apart
    return slug or f"brand-{xxhash.xxh3_64_hexdigest(name.encode('utf-8', 'replace'))[:8]}"


def topic_query(name: str) -> str:
    """What to listen for when only the name is known: the name itself, as a hashtag and as a handle."""
    quoted = " ".join(name.replace('"', " ").split())
    joined = "".join(fold(quoted).split())
    return f'"{quoted}" OR "{joined}"' if joined != fold(quoted) else f'"{quoted}"'


async def add_brand(session: AsyncSession, name: str, now: datetime, **values: Any) -> Brand:
    """A new brand with one topic: its name. BadInput when the name is empty, too long or taken."""
    name = " ".join(name.split())
    if not name or len(name) > _LONGEST_NAME:
        raise BadInput(f"brand: a name of 1 to {_LONGEST_NAME} characters is needed")
    parse(topic_query(name))
    slug = slug_of(name)
    if (await session.exec(select(Brand.id).where(col(Brand.slug) == slug))).first():
        raise BadInput(f"brand: {name} is watched already; open it in the desk")
    brand = Brand(id=ids.next(now), name=name, slug=slug, created_at=now, **values)
    session.add(brand)
    await session.flush()
    session.add(Topic(id=ids.next(now), brand_id=brand.id, name=name, query=topic_query(name), created_at=now))
    return brand


def add_source(
    session: AsyncSession,
    brand_id: int,
    manifest: Manifest,
    name: str,
    settings: Mapping[str, Any],
    now: datetime,
    account_id: int | None = None,
) -> SourceRow:
    """A new source, due at once; one that is only pushed to us is overdue when it stays silent.

    BadInput when its settings are not those of the channel, or nothing could tell its pushes from a stranger's.
    """
    try:
        msgspec.convert(dict(settings), manifest.settings)
    except msgspec.ValidationError as error:
        raise BadInput(f"source {name}: {error}") from None
    if manifest.receive is not None and not manifest.is_asked and account_id is None:
        raise BadInput(f"source {name}: pushes are signed with a secret of an account: add a {manifest.title} account")
    row = SourceRow(
        id=ids.next(now),
        brand_id=brand_id,
        account_id=account_id,
        channel=manifest.name,
        name=name,
        settings=dict(settings),
        next_poll_at=now if manifest.is_asked else now + timedelta(seconds=manifest.silence_after_s),
        created_at=now,
    )
    session.add(row)
    return row


async def watch_brand(
    session: AsyncSession, name: str, manifests: Mapping[str, Manifest], now: datetime, **values: Any
) -> tuple[Brand, Sequence[SourceRow]]:
    """A brand, its topic, and all sources that need no account (R6: also where nobody tags us)."""
    brand = await add_brand(session, name, now, **values)
    sources = [
        add_source(session, brand.id, manifest, title, settings, now)
        for manifest in manifests.values()
        for title, settings in manifest.keyless(brand.name)
    ]
    return brand, sources
