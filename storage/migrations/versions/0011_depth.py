"""approval depth: the first of two yeses, findings that somebody overruled, and from which risk a brand wants two"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "sign_off",
        sa.Column("id", _ID, primary_key=True, autoincrement=False),
        sa.Column("reply_id", _ID, sa.ForeignKey("reply.id"), nullable=False),
        sa.Column("user_id", _ID, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("text_hash", sa.String(), nullable=False),
        sa.Column("reply_version", sa.Integer(), nullable=False),
        sa.Column("mention_version", sa.Integer(), nullable=False),
        sa.Column("mac", sa.String(), nullable=False),
        sa.Column("created_at", _AT, nullable=False),
        sa.Column("voided_at", _AT),
        sa.Column("void_reason", sa.String(), nullable=False),
    )
    op.create_index("ix_sign_off_reply_id", "sign_off", ["reply_id"])
    op.create_table(
        "overruling",
        sa.Column("id", _ID, primary_key=True, autoincrement=False),
        sa.Column("reply_id", _ID, sa.ForeignKey("reply.id"), nullable=False),
        sa.Column("user_id", _ID, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("finding", sa.String(), nullable=False),
        sa.Column("text_hash", sa.String(64), nullable=False),
        sa.Column("created_at", _AT, nullable=False),
        sa.Column("voided_at", _AT),
        sa.Column("void_reason", sa.String(), nullable=False),
    )
    op.create_index("ix_overruling_reply_id", "overruling", ["reply_id"])
    op.add_column("approval", sa.Column("sign_off_id", _ID))
    op.add_column("brand", sa.Column("two_from", sa.String(), nullable=False, server_default="high"))


def downgrade() -> None:
    op.drop_column("brand", "two_from")
    op.drop_column("approval", "sign_off_id")
    op.drop_table("overruling")
    op.drop_table("sign_off")
