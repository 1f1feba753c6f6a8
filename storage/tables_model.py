"""The tables of the optional model: what it was asked and proposed, and what was spent on it each day."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from storage.tables import Id, at, key, maybe_at, ref


class Suggestion(SQLModel, table=True):
    """One question to the model, asked at most once, and the draft it proposed beside the composed one.

    `outcome`: "" it is due; asking (also for ever, where the process died: its price stays reserved); offered; dropped
    (an objection, named in `reason`); failed (no usable answer); skipped (never asked). `text` is there while offered.
    What left and what came stand as SHA-256 and bytes, never as words. `reserved` and `cost` are in billionths of the
    currency in which prices are set.
    """

    __table_args__ = (
        Index(
            "ix_suggestion_due_at", "due_at",
            sqlite_where=text("due_at IS NOT NULL"), postgresql_where=text("due_at IS NOT NULL"),
        ),
    )  # fmt: skip
    id: int = key()
    brand_id: int = ref("brand.id")
    case_id: int = ref("case_file.id", index=True)
    reply_id: int = ref("reply.id", index=True)
    due_at: datetime | None = maybe_at()
    created_at: datetime = at()
    asked_at: datetime | None = maybe_at(index=True)
    ended_at: datetime | None = maybe_at()
    outcome: str = ""
    reason: str = ""
    model: str = ""
    prompt_hash: str = ""
    prompt_bytes: int = 0
    answer_hash: str = ""
    answer_bytes: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    reserved: int = Field(default=0, sa_type=Id)
    cost: int = Field(default=0, sa_type=Id)
    lang: str = ""
    text: str = ""


class ModelDay(SQLModel, table=True):
    """What one day (UTC) has cost, reservations included, in billionths of the currency, and how often was asked."""

    __tablename__ = "model_day"
    day: date = Field(primary_key=True)
    calls: int = 0
    spent: int = Field(default=0, sa_type=Id)
