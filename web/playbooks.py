"""Playbooks: what people may do in a kind of case, in versions; what changes is shown before it is in force."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import PurePath
from typing import Any

from fastapi import APIRouter, Request
from pydantic import Field
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.datastructures import UploadFile
from starlette.responses import JSONResponse, RedirectResponse, Response

from domain.errors import BadInput, Missing
from domain.person import Person
from responders import playbook_actions as actions
from responders.article_files import slug
from responders.last_good import LARGEST
from responders.playbooks import Playbook, read_playbook, version_of
from responders.shelf import Shelf
from storage import articles
from storage.tables import Brand, Transition
from web.access import PartsDep, PersonDep, brands_for
from web.acting import Action, answer
from web.forms import Form, described, read_form, row_id, wants_json
from web.knowledge import changes, who
from web.pages import page

router = APIRouter()

_AROUND = 2
"""Lines shown before and after a bad one."""


class Given(Form):
    """A playbook as TOML. `file` is the name of its file without an ending; without one, it is made of the name."""

    brand_id: str
    file: str = Field("", max_length=100)
    content: str = Field("", max_length=LARGEST)


class Seen(Given):
    """The version that the page showed, "" where there was none."""

    seen: str = Field("", max_length=64)


class Named(Form):
    """The name of a file, without its ending."""

    file: str = Field(max_length=100)


class Version(Named):
    """A version of it."""

    version: str = Field(max_length=64)


@dataclass(frozen=True, slots=True)
class Line:
    """One file of the list. `book` is what is in force of it, `wrong` what is wrong with it and what counts."""

    brand: Brand
    file: str
    book: Playbook | None
    wrong: str

    def json(self) -> dict[str, Any]:
        """The same for programs."""
        found = self.book
        return {
            "brand_id": str(self.brand.id), "file": self.file, "wrong": self.wrong,
            "name": found.name if found else None, "version": found.version if found else None,
            "market": found.market if found else None, "limits": dict(found.limits) if found else None,
            "review_on": found.review_on.isoformat() if found else None,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Preview:
    """What would change. `wrong` says why it cannot be put in force, `lines` are those around the bad one."""

    brand_id: int
    file: str
    content: str
    seen: str = ""
    book: Playbook | None = None
    changes: tuple[tuple[str, str], ...] = ()
    wrong: str = ""
    lines: tuple[tuple[int, str], ...] = ()
    bad: int = 0


async def _page(
    request: Request, session: AsyncSession, person: Person, preview: Preview | None = None, status: int = 200
) -> Response:
    shelf = request.app.state.parts.responding.shelf
    brands = await session.exec(select(Brand).where(col(Brand.id).in_(person.brands)).order_by(col(Brand.name)))
    lines = [Line(brand, file, known.good, known.told) for brand in brands if shelf is not None
             for file, known in shelf.looked(brand.slug)]  # fmt: skip
    if wants_json(request):
        return JSONResponse({"playbooks": [line.json() for line in lines]})
    response = await page(
        request, session, person, "playbooks.html", lines=lines, own=brands_for(person, "playbooks"), preview=preview,
        today=_today(request),
    )  # fmt: skip
    response.status_code = status
    return response


def _today(request: Request) -> date:
    return request.app.state.parts.clock.now().date()  # type: ignore[no-any-return]


@router.get("/playbooks")
async def playbooks_page(request: Request, person: PersonDep, parts: PartsDep) -> Response:
    """All playbooks of the person's brands, and what is wrong with their files."""
    async with parts.db.read() as session:
        return await _page(request, session, person)


@router.post("/playbooks/preview", **described(Given))
async def preview(request: Request, person: PersonDep, parts: PartsDep) -> Response:
    """What would change, or the line that is wrong; nothing is put in force. An `upload` stands for the text."""
    form = await read_form(request, Given)
    brand_id = row_id(form.brand_id)
    async with parts.db.read() as session:
        brand = await _brand(session, person, brand_id)
        shelf = _shelf(parts.responding.shelf)
        found = _look(shelf, brand, form.file.strip(), await _content(request, form))
        return await _page(request, session, person, found, 422 if found.wrong else 200)


async def _brand(session: AsyncSession, person: Person, brand_id: int) -> Brand:
    if brand_id not in person.brands:
        raise Missing("there is no such brand")
    person.require("playbooks", brand_id)
    return await session.get_one(Brand, brand_id)


def _shelf(shelf: Shelf | None) -> Shelf:
    if shelf is None:
        raise BadInput("this installation keeps no playbooks")
    return shelf


async def _content(request: Request, form: Given) -> tuple[bytes, str]:
    """What was sent, and the name of its file."""
    if not request.headers.get("content-type", "").startswith("multipart/"):
        return form.content.encode(), ""
    upload, found = (await request.form()).get("upload"), (form.content.encode(), "")
    if isinstance(upload, UploadFile) and upload.filename:
        found = await upload.read(), PurePath(upload.filename).stem
    await request.close()
    return found


def _look(shelf: Shelf, brand: Brand, file: str, sent: tuple[bytes, str]) -> Preview:
    content, text = sent[0], sent[0].decode("utf-8", "replace").replace("\r\n", "\n")
    file = file or slug(sent[1])
    try:
        book = read_playbook(f"{file or 'the text'}{'.toml' if file else ''}", content)
        file = actions.checked(shelf, brand.slug, file or slug(book.name))
    except BadInput as error:
        return _wrong(brand.id, file, text, str(error))
    old = shelf.text(brand.slug, file)
    before = old.decode("utf-8", "replace").replace("\r\n", "\n") if old is not None else ""
    seen = version_of(old) if old is not None else ""
    lines = changes(before.rstrip("\n"), text.rstrip("\n")) if old is not None else ()
    return Preview(brand.id, file, text, seen, book, tuple(lines))


def _wrong(brand_id: int, file: str, text: str, wrong: str) -> Preview:
    found = re.search(r"line (\d{1,6})", wrong)
    bad = int(found[1]) if found else 0
    lines = list(enumerate(text.split("\n"), 1))[max(0, bad - 1 - _AROUND) : bad + _AROUND] if bad else []
    return Preview(brand_id, file, text, wrong=wrong, lines=tuple(lines), bad=bad)


@router.get("/playbooks/{brand_id}")
async def playbook_page(
    request: Request, brand_id: int, person: PersonDep, parts: PartsDep, file: str = "", against: str = ""
) -> Response:
    """One playbook with its versions; `against` is one that it is compared with."""
    if brand_id not in person.brands:
        raise Missing("there is no such brand")
    if not file or parts.responding.shelf is None:
        return RedirectResponse("/playbooks", 303)
    async with parts.db.read() as session:
        brand, shelf = await session.get_one(Brand, brand_id), parts.responding.shelf
        versions = shelf.versions(brand.slug, actions.checked(shelf, brand.slug, file))
        now = shelf.text(brand.slug, file)
        if now is None and not versions:
            raise Missing("there is no such playbook")
        text = (now or b"").decode("utf-8", "replace")
        known = dict(shelf.looked(brand.slug)).get(file)
        old = versions.get(against)
        lines = list(changes(old.decode("utf-8", "replace").rstrip(), text.rstrip())) if old is not None else []
        steps = await _steps(session, brand_id, file)
        return await page(
            request, session, person, "playbook.html", brand=brand, file=file, text=text, known=known,
            current=version_of(now) if now is not None else "", versions=list(_versions(versions, steps)),
            against=against if old is not None else "", changes=lines, steps=steps, who=who, today=_today(request),
            people=await articles.names_of(session, [step.actor for step in steps]),
        )  # fmt: skip


async def _steps(session: AsyncSession, brand_id: int, file: str) -> list[Transition]:
    query = select(Transition).where(
        Transition.noun == actions.NOUN, Transition.row_id == brand_id, Transition.why == file
    )
    return list(await session.exec(query.order_by(col(Transition.id).desc()).limit(100)))


def _versions(versions: dict[str, bytes], steps: list[Transition]) -> Iterator[tuple[str, Transition | None]]:
    """Each version, the newest first, with who put it there last; None where a person wrote the file by hand."""
    for version in reversed(versions):
        yield version, next((step for step in steps if step.new == version), None)


async def _act(request: Request, person: Person, action: Action, brand_id: int, then: str, **values: Any) -> Response:
    parts = request.app.state.parts
    async with parts.db.write() as session:
        done = await action(session, person, brand_id, now=parts.clock.now(), parts=parts.responding, **values)
    return answer(request, done, then)


@router.post("/playbooks", **described(Seen, 409))
async def put(request: Request, person: PersonDep) -> Response:
    """Put it in force."""
    form = await read_form(request, Seen)
    given = {"file": form.file.strip(), "content": form.content, "seen": form.seen}
    return await _act(request, person, actions.put, row_id(form.brand_id), form.then, **given)


@router.post("/playbooks/{brand_id}/restore", **described(Version))
async def restore(request: Request, brand_id: int, person: PersonDep) -> Response:
    """An earlier version is in force again."""
    form = await read_form(request, Version)
    return await _act(request, person, actions.restore, brand_id, form.then, file=form.file, version=form.version)


@router.post("/playbooks/{brand_id}/remove", **described(Named))
async def remove(request: Request, brand_id: int, person: PersonDep) -> Response:
    """It is in force no more; its versions stay."""
    form = await read_form(request, Named)
    return await _act(request, person, actions.remove, brand_id, form.then, file=form.file)
