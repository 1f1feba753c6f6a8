"""market: questions that need no article, and defects that service cannot fix"""

import sqlalchemy as sa
from alembic import op

from storage.tables import UtcDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def _id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _ref(table: str, name: str, target: str) -> sa.Column[int]:
    key = sa.ForeignKey(f"{target}.id", name=op.f(f"fk_{table}_{name}_{target}"))
    return sa.Column(name, _id(), key, nullable=False)


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(), nullable=False) for name in names]


def upgrade() -> None:
    op.create_table(
        "unneeded",
        sa.Column("id", _id(), autoincrement=False, nullable=False),
        _ref("unneeded", "brand_id", "brand"),
        sa.Column("term", sa.BigInteger(), nullable=False),
        *_texts("status", "actor"),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unneeded")),
        sa.UniqueConstraint("brand_id", "term", name=op.f("uq_unneeded_brand_id_term")),
    )
    op.create_table(
        "defect",
        sa.Column("id", _id(), autoincrement=False, nullable=False),
        _ref("defect", "brand_id", "brand"),
        _ref("defect", "problem_id", "problem"),
        _ref("defect", "owner_id", "person"),
        *_texts("note", "status", "actor"),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_defect")),
        sa.UniqueConstraint("problem_id", name=op.f("uq_defect_problem_id")),
    )
    for column in ("brand_id", "owner_id"):
        op.create_index(f"ix_defect_{column}", "defect", [column])


def downgrade() -> None:
    op.drop_table("defect")
    op.drop_table("unneeded")
