"""praise has a lane of its own; who is one person on several networks"""

import sqlalchemy as sa
from alembic import op

from storage.tables import Json, UtcDateTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    pair = "channel", "author", "other_channel", "other_author"
    op.create_table(
        "identity",
        sa.Column("id", key, autoincrement=False, nullable=False),
        sa.Column("brand_id", key, sa.ForeignKey("brand.id", name="fk_identity_brand_id_brand"), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in (*pair, "status")),
        sa.Column("evidence", Json, nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity")),
        sa.UniqueConstraint("brand_id", *pair, name="uq_identity_pair"),
    )
    op.create_index("ix_identity_other", "identity", ["brand_id", "other_channel", "other_author"])
    op.add_column("case_file", sa.Column("praise", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_table("identity")
    op.drop_column("case_file", "praise")
