"""duties: promises in what we sent, follow-ups, and alerts that are for one person first"""

import sqlalchemy as sa
from alembic import op

from storage.tables import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def _id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _ref(name: str, target: str, *, nullable: bool = False) -> sa.Column[int]:
    key = sa.ForeignKey(f"{target}.id", name=op.f(f"fk_promise_{name}_{target}"))
    return sa.Column(name, _id(), key, nullable=nullable)


def _partial(name: str, table: str, column: str, where: str) -> None:
    op.create_index(name, table, [column], sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def upgrade() -> None:
    op.create_table(
        "promise",
        sa.Column("id", _id(), autoincrement=False, nullable=False),
        _ref("brand_id", "brand"),
        _ref("case_id", "case_file"),
        _ref("reply_id", "reply"),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("stop", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        _ref("owner_id", "person", nullable=True),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=True),
        sa.Column("warn_at", UtcDateTime(), nullable=True),
        _ref("kept_by", "reply", nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promise")),
    )
    op.create_index("ix_promise_brand_id", "promise", ["brand_id"])
    op.create_index("ix_promise_case_id", "promise", ["case_id"])
    _partial("ix_promise_due_at", "promise", "due_at", "status = 'open'")
    op.add_column("reply", sa.Column("promises_due_at", UtcDateTime(), nullable=True))
    _partial("ix_reply_promises_due_at", "reply", "promises_due_at", "promises_due_at IS NOT NULL")
    op.add_column("case_file", sa.Column("follow_up_at", UtcDateTime(), nullable=True))
    _partial("ix_case_file_follow_up_at", "case_file", "follow_up_at", "follow_up_at IS NOT NULL")
    op.execute("ALTER TABLE alert ADD COLUMN for_user_id BIGINT REFERENCES person (id)")


def downgrade() -> None:
    op.drop_column("alert", "for_user_id")
    op.drop_index("ix_case_file_follow_up_at", "case_file")
    op.drop_column("case_file", "follow_up_at")
    op.drop_index("ix_reply_promises_due_at", "reply")
    op.drop_column("reply", "promises_due_at")
    op.drop_table("promise")
