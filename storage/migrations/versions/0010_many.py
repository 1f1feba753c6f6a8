"""many: the resolution of a problem and who is told of it"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_AT = sa.DateTime(timezone=True)
_JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "resolution",
        sa.Column("id", _ID, primary_key=True, autoincrement=False),
        sa.Column("brand_id", _ID, sa.ForeignKey("brand.id"), nullable=False),
        sa.Column("problem_id", _ID, sa.ForeignKey("problem.id"), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("done", _JSON, nullable=False),
        sa.Column("wrong", _JSON, nullable=False),
        sa.Column("since", _AT),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("tell_due_at", _AT),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", _AT, nullable=False),
    )
    op.create_index("ix_resolution_problem_id", "resolution", ["problem_id"])
    due = sa.text("tell_due_at IS NOT NULL")
    op.create_index("ix_resolution_tell_due_at", "resolution", ["tell_due_at"], sqlite_where=due, postgresql_where=due)
    op.create_table(
        "notice",
        sa.Column("id", _ID, primary_key=True, autoincrement=False),
        sa.Column("resolution_id", _ID, sa.ForeignKey("resolution.id"), nullable=False),
        sa.Column("mention_id", _ID, sa.ForeignKey("mention.id"), nullable=False),
        sa.Column("case_id", _ID, sa.ForeignKey("case_file.id")),
        sa.Column("opened", sa.Boolean(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("created_at", _AT, nullable=False),
        sa.UniqueConstraint("resolution_id", "mention_id", name="uq_notice_resolution_id_mention_id"),
    )
    op.create_index("ix_notice_case_id", "notice", ["case_id"])


def downgrade() -> None:
    op.drop_table("notice")
    op.drop_table("resolution")
