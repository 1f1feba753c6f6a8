"""Articles in and out of files: all of an import, or nothing; what is exported reads back to the same articles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
from rich.console import Console
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from commands.brands import brand_for
from config.settings import Settings
from domain.clock import SystemClock
from domain.errors import BadInput
from responders.article_actions import take_in
from responders.article_files import Filed, markdown, once_each, read_file
from storage.articles import by_name
from storage.database import Database
from storage.migrate import migrate
from storage.tables import Article, User

say = Console(highlight=False).print
_ACTOR = "system:command"
_KINDS = (".md", ".jsonl")
_LARGEST = 20_000_000


async def import_articles(settings: Settings, path: Path, brand: str, *, dry: bool = False) -> None:
    """Take in the articles of a file or folder. BadInput names file and line; nothing is changed then."""
    filed = once_each(each for file in _files(path) for each in read_file(file.name, _bytes(file)))
    await migrate(settings.database)
    database, now = Database(settings.database), SystemClock().now()
    try:
        async with database.write() as session:
            brand_row = await brand_for(session, brand)
            added, changed, same, gone = await take_in(session, brand_row, filed, actor=_ACTOR, now=now)
            if dry:
                await session.rollback()
    finally:
        await database.close()
    ended = f"; {gone} live no more" if gone else ""
    say(
        f"{added} added, {changed} changed, {same} as they were{ended}"
        + (" (nothing was stored: --dry-run)" if dry else "")
    )


def _files(path: Path) -> Sequence[Path]:
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise BadInput(f"{path}: there is no such file or folder")
    found = sorted(file for file in path.iterdir() if file.suffix in _KINDS and file.is_file())
    if not found:
        raise BadInput(f"{path}: no article in this folder; they end in {' or '.join(_KINDS)}")
    return found


def _bytes(file: Path) -> bytes:
    try:
        if file.stat().st_size > _LARGEST:
            raise BadInput(f"{file.name}: more than {_LARGEST // 1_000_000} MB; split it into several files")
        return file.read_bytes()
    except OSError as error:
        raise BadInput(f"{file.name}: cannot be read ({error.strerror})") from None


async def export_articles(settings: Settings, path: Path, brand: str) -> None:
    """Write all articles of a brand: to a `.jsonl` file, or as Markdown into a folder."""
    await migrate(settings.database)
    database = Database(settings.database)
    try:
        async with database.write() as session:
            filed = await _filed(session, (await brand_for(session, brand)).id)
    finally:
        await database.close()
    try:
        _write(path, filed)
    except OSError as error:
        raise BadInput(f"{path}: cannot be written ({error.strerror})") from None
    say(f"{len(filed)} articles written to {path}")


async def _filed(session: AsyncSession, brand_id: int) -> list[Filed]:
    people = dict((await session.exec(select(User.id, User.email))).all())
    return [_as_file(article, people) for article in (await by_name(session, brand_id)).values()]


def _as_file(article: Article, people: dict[int, str]) -> Filed:
    return Filed(
        name=article.name, title=article.title, text=article.text, lang=article.lang, market=article.market,
        owner=people.get(article.owner_id or 0, ""), review_on=article.review_on, status=article.status,
    )  # fmt: skip


def _write(path: Path, filed: Sequence[Filed]) -> None:
    if path.suffix == ".jsonl":
        path.write_bytes(b"".join(_lines(filed)))
        return
    path.mkdir(parents=True, exist_ok=True)
    for each in filed:
        (path / f"{each.name}.md").write_text(markdown(each), encoding="utf-8", newline="\n")


def _lines(filed: Sequence[Filed]) -> Iterator[bytes]:
    for each in filed:
        row = {
            "name": each.name, "title": each.title, "lang": each.lang, "market": each.market, "owner": each.owner,
            "review": each.review_on.isoformat() if each.review_on else "", "status": each.status, "text": each.text,
        }  # fmt: skip
        yield msgspec.json.encode(row) + b"\n"
