"""The table of delays: a case takes longer, in the words and until the moment that its author is told."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import SQLModel

from storage.tables import at, key, maybe_at, ref


class Delay(SQLModel, table=True):
    """A person said why it takes longer, and until when; a word to the author was asked for with it. `told_at` is when
    a reply that knew of it had left: from then on our promises are due at that moment."""

    id: int = key()
    brand_id: int = ref("brand.id")
    case_id: int = ref("case_file.id", index=True)
    until: datetime = at()
    why: str
    actor: str
    created_at: datetime = at()
    told_at: datetime | None = maybe_at()
