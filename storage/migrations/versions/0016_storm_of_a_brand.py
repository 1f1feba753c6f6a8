"""a storm over a whole brand has no problem; where and when its statement was posted"""

import sqlalchemy as sa
from alembic import op

from storage.tables import UtcDateTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_LEAN = ("let_go", "frozen")


def upgrade() -> None:
    op.add_column("storm", sa.Column("posted_at", UtcDateTime()))
    for name in ("posted_url", "posted_by"):
        op.add_column("storm", sa.Column(name, sa.String(), nullable=False, server_default=""))
    _problem(nullable=True)


def downgrade() -> None:
    storm = sa.table("storm", sa.column("id"), sa.column("problem_id"))
    lost = sa.select(storm.c.id).where(storm.c.problem_id.is_(None))
    for name in _LEAN:
        lean = sa.table(name, sa.column("storm_id"))
        op.execute(sa.delete(lean).where(lean.c.storm_id.in_(lost)))
    op.execute(sa.delete(storm).where(storm.c.problem_id.is_(None)))
    _problem(nullable=False)
    for name in ("posted_at", "posted_url", "posted_by"):
        op.drop_column("storm", name)


def _problem(*, nullable: bool) -> None:
    bind = op.get_bind()
    if bind.dialect.name != "sqlite":
        op.alter_column("storm", "problem_id", existing_type=sa.BigInteger(), nullable=nullable)
        return
    # SQLite writes the table anew, and drops none to which rows of others refer: they stand aside meanwhile
    tables = [sa.Table(name, sa.MetaData(), autoload_with=bind, resolve_fks=False) for name in _LEAN]
    aside = [(lean, [row._asdict() for row in bind.execute(sa.select(lean))]) for lean in tables]
    for lean, _ in aside:
        bind.execute(sa.delete(lean))
    with op.batch_alter_table("storm") as storm:
        storm.alter_column("problem_id", existing_type=sa.Integer(), nullable=nullable)
    for lean, rows in aside:
        if rows:
            bind.execute(sa.insert(lean), rows)
