"""Without threads for SQLite and without a log."""

from tests.quick import quick

__all__ = ["quick"]
