"""Alembic's entry point: the connection is handed over by storage.migrate."""

from alembic import context

import storage.tables_depth  # noqa: F401  (its tables belong to the metadata)
from storage.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=False,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
