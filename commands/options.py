"""Options that several commands share, and how they become settings."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from config.settings import Settings, load

Config = Annotated[Path | None, typer.Option("--config", help="A TOML file; default earshot.toml when it is there.")]
Host = Annotated[str | None, typer.Option(help="Where the desk listens.", show_default="127.0.0.1")]
Port = Annotated[int | None, typer.Option(help="The desk's port.", show_default="8765")]
DataDir = Annotated[Path | None, typer.Option(help="Database, key file, stop file.", show_default="data")]
DatabaseUrl = Annotated[
    str | None, typer.Option(help="postgresql://… for several processes.", show_default="SQLite in the data folder")
]
PublicHttp = Annotated[
    bool, typer.Option("--allow-public-http", help="Listen on a public address without TLS: only for trying.")
]
BehindTls = Annotated[bool, typer.Option("--behind-tls", help="A proxy before us does TLS.")]


def settings_from(
    config: Path | None,
    data_dir: Path | None = None,
    database_url: str | None = None,
    **given: Any,
) -> Settings:
    """Settings with the command line on top."""
    from pydantic import SecretStr

    flags = {name: value or None for name, value in given.items() if isinstance(value, bool)}
    others = {name: value for name, value in given.items() if not isinstance(value, bool)}
    url = SecretStr(database_url) if database_url else None
    return load(config, data_dir=data_dir, database_url=url, **flags, **others)
