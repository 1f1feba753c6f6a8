"""Tables of storm mode: what is held (a problem or a brand), who was let go, and approved replies that wait for it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from storage.tables import Id, at, json_object, key, maybe_at, maybe_ref, ref


class Storm(SQLModel, table=True):
    """Answers in the cases of this problem, or (without one) of the whole brand, are held. At most one is on for each.

    `known` and `unclear` are the statement by language: what is known, and what is not yet; `next_at` is when the next
    word comes. `stated_by` wrote it, `agreed_by` is whose yes it has, `statement_by` is when it is to be out. `pace`
    is cases a minute, `due_at` is when the next few are let go. `posted_at` is when it was said that the statement is
    out, and `posted_url` where.
    """

    __table_args__ = (Index("ix_storm_status", "status"), Index("ix_storm_problem_id", "problem_id"))
    id: int = key()
    brand_id: int = ref("brand.id")
    problem_id: int | None = maybe_ref("problem.id")
    status: str = "frozen"
    why: str
    actor: str
    statement_by: datetime = at()
    known: dict[str, str] = json_object()
    unclear: dict[str, str] = json_object()
    next_at: datetime | None = maybe_at()
    stated_by: str = ""
    agreed_by: str = ""
    posted_at: datetime | None = maybe_at()
    posted_url: str = ""
    posted_by: str = ""
    pace: int = 0
    due_at: datetime | None = maybe_at()
    version: int = 1
    created_at: datetime = at()


class LetGo(SQLModel, table=True):
    """A case is held no longer, though its storm is on."""

    __tablename__ = "let_go"
    __table_args__ = (UniqueConstraint("storm_id", "case_id"), Index("ix_let_go_case_id", "case_id"))
    id: int = key()
    storm_id: int = ref("storm.id")
    case_id: int = ref("case_file.id")
    actor: str
    created_at: datetime = at()


class Frozen(SQLModel, table=True):
    """An approved reply that a storm keeps from leaving; it has no `due_at` meanwhile, and gets one back."""

    id: int = key()
    storm_id: int = ref("storm.id")
    reply_id: int = Field(sa_type=Id, foreign_key="reply.id", unique=True)
    created_at: datetime = at()
