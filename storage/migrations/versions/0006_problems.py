"""problems: mentions with one cause, what is usual at which hour, and where grouping stands"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
_AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "problem",
        sa.Column("id", _ID, primary_key=True, autoincrement=False),
        sa.Column("brand_id", _ID, sa.ForeignKey("brand.id"), nullable=False),
        sa.Column("root_id", _ID, sa.ForeignKey("problem.id"), nullable=False),
        sa.Column("merged_into", _ID, sa.ForeignKey("problem.id")),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("named", _JSON, nullable=False),
        sa.Column("mentions", sa.Integer(), nullable=False),
        sa.Column("severity", sa.Integer(), nullable=False),
        sa.Column("first_at", _AT, nullable=False),
        sa.Column("last_at", _AT, nullable=False),
        sa.Column("spike_since", _AT),
        sa.Column("spike_people", sa.Integer(), nullable=False),
        sa.Column("spike_usual", sa.Float(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", _AT, nullable=False),
    )
    op.create_index("ix_problem_brand_id_last_at", "problem", ["brand_id", "last_at"])
    op.create_index("ix_problem_root_id", "problem", ["root_id"])
    op.create_table(
        "told",
        sa.Column("mention_id", _ID, sa.ForeignKey("mention.id"), primary_key=True, autoincrement=False),
        sa.Column("problem_id", _ID, sa.ForeignKey("problem.id"), nullable=False),
    )
    op.create_index("ix_told_problem_id", "told", ["problem_id"])
    op.create_table(
        "trouble_hour",
        sa.Column("brand_id", _ID, sa.ForeignKey("brand.id"), primary_key=True, autoincrement=False),
        sa.Column("hour_at", _AT, primary_key=True),
        sa.Column("cause", sa.String(), primary_key=True),
        sa.Column("mentions", sa.Integer(), nullable=False),
    )
    op.create_table(
        "grouping",
        sa.Column("brand_id", _ID, sa.ForeignKey("brand.id"), primary_key=True, autoincrement=False),
        sa.Column("up_to", _ID, nullable=False),
        sa.Column("looked", _JSON, nullable=False),
        sa.Column("memory", sa.LargeBinary(), nullable=False),
        sa.Column("since", _AT, nullable=False),
    )


def downgrade() -> None:
    for name in ("grouping", "trouble_hour", "told", "problem"):
        op.drop_table(name)
