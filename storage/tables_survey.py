"""The table of surveys: one question to the author of a case, and what they answered."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel

from storage.tables import Id, at, key, maybe_at, maybe_ref, ref


class Survey(SQLModel, table=True):
    """Asked once per case. `value` is on the scale of its `kind` (`domain.survey`), None until it is answered; `words`
    are the author's. `reply_id` is the draft that carries the link, where it does not go by hand; if that ends unsent,
    nobody was asked (`storage.surveys`)."""

    id: int = key()
    brand_id: int = ref("brand.id", index=True)
    case_id: int = Field(sa_type=Id, foreign_key="case_file.id", unique=True)
    reply_id: int | None = maybe_ref("reply.id", index=True)
    kind: str
    lang: str
    actor: str
    value: int | None = None
    words: str = ""
    created_at: datetime = at()
    expires_at: datetime = at()
    answered_at: datetime | None = maybe_at()
    changed_at: datetime | None = maybe_at()
