"""surveys: one question to the author of a resolved case, and the answer"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "survey",
        sa.Column("id", _ID, primary_key=True, autoincrement=False),
        sa.Column("brand_id", _ID, sa.ForeignKey("brand.id"), nullable=False),
        sa.Column("case_id", _ID, sa.ForeignKey("case_file.id"), nullable=False),
        sa.Column("reply_id", _ID, sa.ForeignKey("reply.id")),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("lang", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("value", sa.Integer()),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("created_at", _AT, nullable=False),
        sa.Column("expires_at", _AT, nullable=False),
        sa.Column("answered_at", _AT),
        sa.Column("changed_at", _AT),
        sa.UniqueConstraint("case_id", name="uq_survey_case_id"),
    )
    op.create_index("ix_survey_brand_id", "survey", ["brand_id"])
    op.create_index("ix_survey_reply_id", "survey", ["reply_id"])


def downgrade() -> None:
    op.drop_table("survey")
