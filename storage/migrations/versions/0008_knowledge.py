"""knowledge: facts known of a case, articles with their versions, and the clues by which they are found"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "known_fact",
        sa.Column("id", _ID, primary_key=True, autoincrement=False),
        sa.Column("brand_id", _ID, sa.ForeignKey("brand.id"), nullable=False),
        sa.Column("case_id", _ID, sa.ForeignKey("case_file.id"), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("owner_id", _ID, sa.ForeignKey("person.id")),
        sa.Column("due_on", sa.Date()),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("replaces", _ID, sa.ForeignKey("known_fact.id")),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("created_at", _AT, nullable=False),
    )
    op.create_index("ix_known_fact_case_id", "known_fact", ["case_id"])
    op.create_table(
        "article",
        sa.Column("id", _ID, primary_key=True, autoincrement=False),
        sa.Column("brand_id", _ID, sa.ForeignKey("brand.id"), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("lang", sa.String(), nullable=False),
        sa.Column("market", sa.String(), nullable=False),
        sa.Column("owner_id", _ID, sa.ForeignKey("person.id")),
        sa.Column("review_on", sa.Date()),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("case_id", _ID, sa.ForeignKey("case_file.id")),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", _AT, nullable=False),
        sa.Column("changed_at", _AT, nullable=False),
        sa.UniqueConstraint("brand_id", "name", name="uq_article_brand_id_name"),
    )
    op.create_index("ix_article_review_on", "article", ["brand_id", "review_on"])
    op.create_table(
        "article_version",
        sa.Column("article_id", _ID, sa.ForeignKey("article.id"), primary_key=True, autoincrement=False),
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("lang", sa.String(), nullable=False),
        sa.Column("market", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("created_at", _AT, nullable=False),
    )
    op.create_table(
        "clue",
        sa.Column("brand_id", _ID, sa.ForeignKey("brand.id"), primary_key=True, autoincrement=False),
        sa.Column("noun", sa.String(), primary_key=True),
        sa.Column("term", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("row_id", _ID, primary_key=True, autoincrement=False),
    )
    op.create_index("ix_clue_noun_row_id", "clue", ["noun", "row_id"])


def downgrade() -> None:
    for name in ("clue", "article_version", "article", "known_fact"):
        op.drop_table(name)
