"""Looks for words everywhere in a database: in every column of every row, and (SQLite) in the bytes of its files."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import text

from storage.database import Database
from storage.tables import metadata


async def found(db: Database, words: Iterable[str], *, but: frozenset[str] = frozenset()) -> dict[str, list[str]]:
    """Word -> where it stands ("table" or the name of a file); words that stand nowhere are left out.

    `but` names tables that may hold them.
    """
    rows = await _rows(db, but)
    files = _files(db) if not but else {}
    places: dict[str, list[str]] = {}
    for word in words:
        forms = {word.encode(), word.encode("unicode_escape")}
        for place, content in [*rows.items(), *files.items()]:
            if any(form.lower() in content.lower() for form in forms):
                places.setdefault(word, []).append(place)
    return places


async def _rows(db: Database, but: frozenset[str]) -> dict[str, bytes]:
    content = {}
    async with db.read() as session:
        connection = await session.connection()
        for name in metadata.tables.keys() - but:
            every = await connection.execute(text(f'SELECT * FROM "{name}"'))
            content[name] = repr([tuple(row) for row in every]).encode()
    return content


def _files(db: Database) -> dict[str, bytes]:
    if db.dialect != "sqlite":
        return {}
    base = Path(db.url.database or "")
    return {file.name: file.read_bytes() for file in base.parent.glob(f"{base.name}*")}
