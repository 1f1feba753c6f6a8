"""The table of identities: whether two authors on two networks are one person, as a person said."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import SQLModel

from storage.tables import at, json_list, key, ref


class Identity(SQLModel, table=True):
    """One pair of authors of a brand, each by a channel and the name a case has for them (`Case.author_id`), the lesser
    first. `evidence` is what spoke for it, in words that name nobody."""

    __table_args__ = (
        UniqueConstraint("brand_id", "channel", "author", "other_channel", "other_author", name="uq_identity_pair"),
        Index("ix_identity_other", "brand_id", "other_channel", "other_author"),
    )
    id: int = key()
    brand_id: int = ref("brand.id")
    channel: str
    author: str
    other_channel: str
    other_author: str
    status: str = "same"
    evidence: list[Any] = json_list()
    actor: str
    created_at: datetime = at()
