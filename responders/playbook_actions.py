"""What a person can do with the playbooks of a brand. See `actions` for what all actions share.

The files are what counts; history keeps who put which version there. Undo is the version before.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.errors import BadInput, Missing, Moved
from domain.person import Person
from responders.done import Done, Undo
from responders.parts import Parts
from responders.playbooks import version_of
from responders.shelf import Shelf
from storage import transitions
from storage.database import after_rollback
from storage.tables import Brand

NOUN: Final = "playbook"
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+){0,20}")
_LONGEST_NAME = 60


async def put(
    session: AsyncSession, person: Person, brand_id: int, *, file: str, content: str, seen: str, now: datetime,
    parts: Parts,
) -> Done:  # fmt: skip
    """This text is in force under this name. `seen` is the version that the page showed, "" where there was none."""
    brand, shelf = await _held(session, person, brand_id, parts)
    before = _version(shelf, brand, file)
    if before != seen:
        raise Moved("somebody changed this playbook since the page was shown: look at what changes again")
    return await _put(session, person, brand, shelf, file, _bytes(content), now)


async def restore(
    session: AsyncSession, person: Person, brand_id: int, *, file: str, version: str, now: datetime, parts: Parts
) -> Done:
    """An earlier version is in force again."""
    brand, shelf = await _held(session, person, brand_id, parts)
    content = shelf.versions(brand.slug, checked(shelf, brand.slug, file)).get(version)
    if content is None:
        raise BadInput("version: there is no such version of this playbook")
    return await _put(session, person, brand, shelf, file, content, now)


async def remove(
    session: AsyncSession, person: Person, brand_id: int, *, file: str, now: datetime, parts: Parts
) -> Done:  # fmt: skip
    """It is in force no more. Undo: `restore`."""
    brand, shelf = await _held(session, person, brand_id, parts)
    before = _version(shelf, brand, file)
    if not before:
        raise BadInput("file: there is no such playbook")
    await _record(session, person, brand, file, before, "", now)
    _undone_with(session, shelf, brand.slug, file)
    shelf.take_away(brand.slug, file)
    return _done(brand, f"“{file}” is in force no more", Undo("restore", {"file": file, "version": before}))


async def _put(
    session: AsyncSession, person: Person, brand: Brand, shelf: Shelf, file: str, content: bytes, now: datetime
) -> Done:  # fmt: skip
    before, after = _version(shelf, brand, file), version_of(content)
    if before == after:
        return _done(brand, "it says so already", None)
    file = checked(shelf, brand.slug, file)
    await _record(session, person, brand, file, before, after, now)
    _undone_with(session, shelf, brand.slug, file)
    shelf.put(brand.slug, file, content)
    undo = Undo("restore", {"file": file, "version": before}) if before else Undo("remove", {"file": file})
    return _done(brand, f"“{file}” is in force as version {after}", undo)


def _undone_with(session: AsyncSession, shelf: Shelf, slug: str, file: str) -> None:
    """What history does not keep is not in force either: the file says again what it says now."""
    before = shelf.text(slug, file)
    after_rollback(session, lambda: shelf.put_back(slug, file, before))


def checked(shelf: Shelf, slug: str, file: str) -> str:
    """The name of a file, as it may be written. BadInput says how; files that are there keep theirs."""
    there = file in {name for name, _ in shelf.looked(slug)}
    if not there and (not _NAME.fullmatch(file) or len(file) > _LONGEST_NAME):
        raise BadInput("file: name it with small letters a to z, digits and hyphens, like late-trains")
    return file


def _bytes(content: str) -> bytes:
    """Browsers send line ends of their own."""
    return content.replace("\r\n", "\n").encode()


def _version(shelf: Shelf, brand: Brand, file: str) -> str:
    content = shelf.text(brand.slug, checked(shelf, brand.slug, file))
    return version_of(content) if content is not None else ""


async def _held(session: AsyncSession, person: Person, brand_id: int, parts: Parts) -> tuple[Brand, Shelf]:
    """The brand, held until the transaction ends: of two people at once the second one finds the first one's."""
    if brand_id not in person.brands:
        raise Missing("there is no such brand")
    person.require("playbooks", brand_id)
    if parts.shelf is None:
        raise BadInput("this installation keeps no playbooks")
    return await session.get_one(Brand, brand_id, with_for_update=True), parts.shelf


async def _record(
    session: AsyncSession, person: Person, brand: Brand, file: str, old: str, new: str, now: datetime
) -> None:  # fmt: skip
    line = transitions.entry(NOUN, brand.id, old, new, brand_id=brand.id, actor=person.actor, now=now, why=file)
    await transitions.record(session, [line])


def _done(brand: Brand, said: str, undo: Undo | None) -> Done:
    return Done(said, 0, undo=undo, playbooks_of=brand.id)
