"""the order of the queue has an index

Written by hand: an index with DESC and a condition is not found by autogenerate on SQLite.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_OPEN = sa.text("status IN ('open','escalated')")


def upgrade() -> None:
    columns: list[str | sa.TextClause] = ["brand_id", sa.text("priority DESC"), "next_due_at", "id"]
    op.create_index("ix_case_file_queue", "case_file", columns, sqlite_where=_OPEN, postgresql_where=_OPEN)


def downgrade() -> None:
    op.drop_index("ix_case_file_queue", "case_file")
