"""when a holding reply is due, by the service hours of the channel; promises are looked for by status and moment"""

import sqlalchemy as sa
from alembic import op

from storage.tables import UtcDateTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_SHARE = 0.75
"""Of the bare time for a first word: so long it was until now."""


def upgrade() -> None:
    op.add_column("case_file", sa.Column("hold_at", UtcDateTime()))
    op.create_index("ix_case_file_hold_at", "case_file", ["hold_at"])
    op.drop_index("ix_promise_due_at", "promise")
    op.create_index("ix_promise_status_due_at", "promise", ["status", "due_at"])
    _hold_on_those_who_wait()


def downgrade() -> None:
    op.drop_index("ix_promise_status_due_at", "promise")
    is_open = sa.text("status = 'open'")
    op.create_index("ix_promise_due_at", "promise", ["due_at"], sqlite_where=is_open, postgresql_where=is_open)
    op.drop_index("ix_case_file_hold_at", "case_file")
    op.drop_column("case_file", "hold_at")


def _hold_on_those_who_wait() -> None:
    """Cases that wait for a first word, and were not held on yet."""
    case = sa.table(
        "case_file", sa.column("id"), sa.column("status"), sa.column("hold_at", UtcDateTime()),
        *(sa.column(name, UtcDateTime()) for name in ("posted_at", "ack_due_at", "next_due_at")),
    )  # fmt: skip
    reply = sa.table("reply", sa.column("case_id"), sa.column("status"))
    noted = sa.table("transition", sa.column("noun"), sa.column("row_id"))
    query = sa.select(case.c.id, case.c.posted_at, case.c.ack_due_at).where(
        case.c.status.in_(("open", "escalated", "snoozed")),
        case.c.ack_due_at.is_not(None),
        case.c.next_due_at.is_not(None),
        ~sa.exists().where(reply.c.case_id == case.c.id, reply.c.status == "sent"),
        ~sa.exists().where(noted.c.noun == "holding", noted.c.row_id == case.c.id),
    )
    bind = op.get_bind()
    for row in bind.execute(query).all():
        hold_at = row.posted_at + (row.ack_due_at - row.posted_at) * _SHARE
        bind.execute(sa.update(case).where(case.c.id == row.id).values(hold_at=hold_at))
