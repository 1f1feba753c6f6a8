"""what people put right, and how far a brand's scores follow it"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from storage.tables import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def _id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "correction",
        sa.Column("id", _id(), autoincrement=False, nullable=False),
        sa.Column("brand_id", _id(), nullable=False),
        sa.Column("mention_id", _id(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("old", sa.String(), nullable=False),
        sa.Column("new", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("teaches", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("replaces", _id(), nullable=True),
        sa.Column("restate_due_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"], name=op.f("fk_correction_brand_id_brand")),
        sa.ForeignKeyConstraint(["mention_id"], ["mention.id"], name=op.f("fk_correction_mention_id_mention")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction")),
    )
    op.create_index(op.f("ix_correction_mention_id"), "correction", ["mention_id"])
    op.create_index("ix_correction_brand_id_id", "correction", ["brand_id", "id"])
    standing = sa.text("status = 'standing'")
    op.create_index(
        "uq_correction_standing",
        "correction",
        ["mention_id", "kind"],
        unique=True,
        sqlite_where=standing,
        postgresql_where=standing,
    )
    due = sa.text("restate_due_at IS NOT NULL")
    op.create_index(
        "ix_correction_restate_due_at", "correction", ["restate_due_at"], sqlite_where=due, postgresql_where=due
    )
    op.create_table(
        "learning",
        sa.Column("brand_id", _id(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("live_up_to", _id(), nullable=False),
        sa.Column("forgotten_up_to", _id(), nullable=False),
        sa.Column("before_reset", _JSON, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("rescore_due_at", UtcDateTime(), nullable=True),
        sa.Column("rescored_up_to", _id(), nullable=False),
        sa.ForeignKeyConstraint(["brand_id"], ["brand.id"], name=op.f("fk_learning_brand_id_brand")),
        sa.PrimaryKeyConstraint("brand_id", name=op.f("pk_learning")),
    )
    op.create_index("ix_learning_rescore_due_at", "learning", ["rescore_due_at"])


def downgrade() -> None:
    op.drop_table("learning")
    op.drop_table("correction")
