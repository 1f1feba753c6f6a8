"""history is append-only

The database itself refuses to change or remove a transition; the sealer may fill `seal_id` once.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_SAME = ("id", "brand_id", "noun", "row_id", "old", "new", "actor", "at", "why")

_SQLITE = (
    """CREATE TRIGGER transition_no_delete BEFORE DELETE ON transition
       BEGIN SELECT RAISE(ABORT, 'history is append-only'); END""",
    f"""CREATE TRIGGER transition_no_change BEFORE UPDATE ON transition
        WHEN OLD.seal_id IS NOT NULL OR {" OR ".join(f'OLD."{c}" IS NOT NEW."{c}"' for c in _SAME)}
        BEGIN SELECT RAISE(ABORT, 'history is append-only'); END""",
)
_POSTGRESQL = (
    f"""CREATE FUNCTION transition_append_only() RETURNS trigger AS $$
        BEGIN
          IF TG_OP = 'DELETE' OR OLD.seal_id IS NOT NULL
             OR {" OR ".join(f'OLD."{c}" IS DISTINCT FROM NEW."{c}"' for c in _SAME)} THEN
            RAISE EXCEPTION 'history is append-only';
          END IF;
          RETURN NEW;
        END $$ LANGUAGE plpgsql""",
    """CREATE TRIGGER transition_append_only BEFORE UPDATE OR DELETE ON transition
       FOR EACH ROW EXECUTE FUNCTION transition_append_only()""",
)


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    for statement in _SQLITE if dialect == "sqlite" else _POSTGRESQL:
        op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER transition_no_delete")
        op.execute("DROP TRIGGER transition_no_change")
    else:
        op.execute("DROP TRIGGER transition_append_only ON transition")
        op.execute("DROP FUNCTION transition_append_only()")
