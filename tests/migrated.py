"""Databases with the current tables in a moment: migrated once per test session, then copied."""

from __future__ import annotations

import tempfile
from pathlib import Path
from uuid import uuid4

import psycopg
from sqlalchemy import make_url

from storage.migrate import migrate

_files: list[bytes] = []
_templates: dict[str, str] = {}


async def make_current(url: str) -> None:
    """Bring the empty database at `url` to the current schema."""
    if url.startswith("sqlite"):
        current = await _file()
        with open(make_url(url).database or "", "wb") as file:  # noqa: ASYNC230 - a test waits for its own file
            file.write(current)
    else:
        await _copy(url)


async def _file() -> bytes:
    if not _files:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "current.db"
            await migrate(f"sqlite+aiosqlite:///{path}")
            _files.append(path.read_bytes())
    return _files[0]


async def _copy(url: str) -> None:
    """PostgreSQL copies a whole database faster than it runs the migrations."""
    server, _, name = url.rpartition("/")
    admin = f"{server.replace('+psycopg', '', 1)}/postgres"
    if server not in _templates:
        template = f"current_{uuid4().hex[:12]}"
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {template}".encode())
        await migrate(f"{server}/{template}")
        _templates[server] = template
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name}".encode())
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {_templates[server]}".encode())
