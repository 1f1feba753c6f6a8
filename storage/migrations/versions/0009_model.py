"""model: what the optional model was asked and proposed, and what each day cost"""

import sqlalchemy as sa
from alembic import op

from storage.tables import UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def _id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _ref(name: str, target: str) -> sa.Column[int]:
    key = sa.ForeignKey(f"{target}.id", name=op.f(f"fk_suggestion_{name}_{target}"))
    return sa.Column(name, _id(), key, nullable=False)


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(), nullable=False) for name in names]


def upgrade() -> None:
    op.create_table(
        "suggestion",
        sa.Column("id", _id(), autoincrement=False, nullable=False),
        _ref("brand_id", "brand"),
        _ref("case_id", "case_file"),
        _ref("reply_id", "reply"),
        sa.Column("due_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        *_texts("outcome", "reason", "model", "prompt_hash"),
        sa.Column("prompt_bytes", sa.Integer(), nullable=False),
        *_texts("answer_hash"),
        sa.Column("answer_bytes", sa.Integer(), nullable=False),
        sa.Column("tokens_in", sa.Integer(), nullable=False),
        sa.Column("tokens_out", sa.Integer(), nullable=False),
        sa.Column("reserved", _id(), nullable=False),
        sa.Column("cost", _id(), nullable=False),
        *_texts("lang", "text"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suggestion")),
    )
    for column in ("case_id", "reply_id", "asked_at"):
        op.create_index(f"ix_suggestion_{column}", "suggestion", [column])
    waits = sa.text("due_at IS NOT NULL")
    op.create_index("ix_suggestion_due_at", "suggestion", ["due_at"], sqlite_where=waits, postgresql_where=waits)
    op.create_table(
        "model_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("spent", _id(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_model_day")),
    )


def downgrade() -> None:
    op.drop_table("model_day")
    op.drop_table("suggestion")
