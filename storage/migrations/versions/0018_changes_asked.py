"""a note may ask for changes to a draft"""

import sqlalchemy as sa
from alembic import op

from storage.tables import UtcDateTime

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("note", sa.Column("reply_id", _ID))
    op.add_column("note", sa.Column("settled_at", UtcDateTime()))
    op.create_index("ix_note_reply_id", "note", ["reply_id"])


def downgrade() -> None:
    op.drop_index("ix_note_reply_id", "note")
    op.drop_column("note", "settled_at")
    op.drop_column("note", "reply_id")
