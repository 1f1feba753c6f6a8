"""The tables of what service cannot give: questions that need no article, and defects with their owners."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, UniqueConstraint
from sqlmodel import Field, SQLModel

from storage.tables import Id, at, key, ref


class Unneeded(SQLModel, table=True):
    """Somebody said that questions with this clue need no article. The clue is a hash: no word of theirs is kept."""

    __table_args__ = (UniqueConstraint("brand_id", "term"),)
    id: int = key()
    brand_id: int = ref("brand.id")
    term: int = Field(sa_type=BigInteger)
    status: str = "aside"
    actor: str
    created_at: datetime = at()


class Defect(SQLModel, table=True):
    """A problem that service cannot fix, once per problem, and who sees to it. `since` is when it was last reported."""

    id: int = key()
    brand_id: int = ref("brand.id", index=True)
    problem_id: int = Field(sa_type=Id, foreign_key="problem.id", unique=True)
    owner_id: int = ref("person.id", index=True)
    note: str
    status: str = "reported"
    actor: str
    since: datetime = at()
    version: int = 1
