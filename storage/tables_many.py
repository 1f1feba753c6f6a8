"""Tables of what is owed to many at once: a problem's resolution, and who is told of it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from storage.tables import Id, at, json_object, key, maybe_at, maybe_ref, ref


class Resolution(SQLModel, table=True):
    """What a person confirmed of a problem, by language: `done` is what was done, `wrong` what was wrong; since when it
    holds. At most one stands per problem. `tell_due_at` is when the next few of those who wait are looked at."""

    __table_args__ = (
        Index("ix_resolution_problem_id", "problem_id"),
        Index(
            "ix_resolution_tell_due_at",
            "tell_due_at",
            sqlite_where=text("tell_due_at IS NOT NULL"),
            postgresql_where=text("tell_due_at IS NOT NULL"),
        ),
    )
    id: int = key()
    brand_id: int = ref("brand.id")
    problem_id: int = ref("problem.id")
    status: str = "standing"
    done: dict[str, str] = json_object()
    wrong: dict[str, str] = json_object()
    since: datetime | None = maybe_at()
    actor: str
    tell_due_at: datetime | None = maybe_at()
    version: int = 1
    created_at: datetime = at()


class Notice(SQLModel, table=True):
    """One who waits was looked at: a draft was asked for in their case, or `why` tells why they cannot be told.

    `opened`: they never tagged us, and their case was opened for this. Without a `case_id` none could be.
    """

    __table_args__ = (UniqueConstraint("resolution_id", "mention_id"), Index("ix_notice_case_id", "case_id"))
    id: int = key()
    resolution_id: int = ref("resolution.id")
    mention_id: int = Field(sa_type=Id, foreign_key="mention.id")
    case_id: int | None = maybe_ref("case_file.id")
    opened: bool = False
    why: str = ""
    created_at: datetime = at()
