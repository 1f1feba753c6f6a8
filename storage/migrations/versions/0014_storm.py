"""storm: a problem whose answers are held, who was let go, approved replies that wait; delays that people are told"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_AT = sa.DateTime(timezone=True)
_JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "storm",
        sa.Column("id", _ID, primary_key=True, autoincrement=False),
        sa.Column("brand_id", _ID, sa.ForeignKey("brand.id"), nullable=False),
        sa.Column("problem_id", _ID, sa.ForeignKey("problem.id"), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("statement_by", _AT, nullable=False),
        sa.Column("known", _JSON, nullable=False),
        sa.Column("unclear", _JSON, nullable=False),
        sa.Column("next_at", _AT),
        sa.Column("stated_by", sa.String(), nullable=False),
        sa.Column("agreed_by", sa.String(), nullable=False),
        sa.Column("pace", sa.Integer(), nullable=False),
        sa.Column("due_at", _AT),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", _AT, nullable=False),
    )
    op.create_index("ix_storm_status", "storm", ["status"])
    op.create_index("ix_storm_problem_id", "storm", ["problem_id"])
    op.create_table(
        "let_go",
        sa.Column("id", _ID, primary_key=True, autoincrement=False),
        sa.Column("storm_id", _ID, sa.ForeignKey("storm.id"), nullable=False),
        sa.Column("case_id", _ID, sa.ForeignKey("case_file.id"), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("created_at", _AT, nullable=False),
        sa.UniqueConstraint("storm_id", "case_id", name="uq_let_go_storm_id_case_id"),
    )
    op.create_index("ix_let_go_case_id", "let_go", ["case_id"])
    op.create_table(
        "frozen",
        sa.Column("id", _ID, primary_key=True, autoincrement=False),
        sa.Column("storm_id", _ID, sa.ForeignKey("storm.id"), nullable=False),
        sa.Column("reply_id", _ID, sa.ForeignKey("reply.id"), nullable=False),
        sa.Column("created_at", _AT, nullable=False),
        sa.UniqueConstraint("reply_id", name="uq_frozen_reply_id"),
    )
    op.create_table(
        "delay",
        sa.Column("id", _ID, primary_key=True, autoincrement=False),
        sa.Column("brand_id", _ID, sa.ForeignKey("brand.id"), nullable=False),
        sa.Column("case_id", _ID, sa.ForeignKey("case_file.id"), nullable=False),
        sa.Column("until", _AT, nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("created_at", _AT, nullable=False),
        sa.Column("told_at", _AT),
    )
    op.create_index("ix_delay_case_id", "delay", ["case_id"])


def downgrade() -> None:
    op.drop_table("delay")
    op.drop_table("frozen")
    op.drop_table("let_go")
    op.drop_table("storm")
