"""Articles: what we know and may tell anybody, in versions, with who looks after it and until when it is good."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from difflib import SequenceMatcher
from typing import Any

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import JSONResponse, Response

from domain.errors import BadInput, Missing
from domain.person import Person
from responders import article_actions as actions
from scoring.pack import LANGUAGES
from storage import articles
from storage.articles import ArticleView, Words, words_of
from storage.desk_case import team_of
from storage.tables import Article
from web.access import PartsDep, PersonDep, brands_for
from web.acting import Action, answer
from web.forms import Form, described, read_form, row_id, wants_json
from web.pages import page
from web.wording import iso, status

router = APIRouter()

STATUSES = ("live", "draft", "retired", "overdue")


class ArticleForm(Form):
    """What an article says. `lang` is a code like hr, `market` a country like HR, or empty for all; `review_on` a day
    like 2026-06-01."""

    title: str = Field("", max_length=300)
    text: str = Field("", max_length=40_000)
    lang: str = ""
    market: str = ""
    owner_id: str = ""
    review_on: str = ""

    @property
    def words(self) -> Words:
        """Its words, as they were typed."""
        return Words(self.title, self.text, self.lang.strip(), self.market.strip().upper())

    @property
    def review(self) -> date | None:
        """The day of review. BadInput when it is none."""
        try:
            return date.fromisoformat(self.review_on) if self.review_on.strip() else None
        except ValueError:
            raise BadInput("review_on: write a day like 2026-06-01, or nothing") from None


class NewArticle(ArticleForm):
    """An article of a brand."""

    brand_id: str


class Changed(ArticleForm):
    """The version of the article that the page showed."""

    version: int


class Status(Form):
    """draft, live or retired."""

    status: str


class Number(Form):
    """A version."""

    number: int = Field(ge=1, le=1_000_000)


@router.get("/knowledge")
async def knowledge_page(
    request: Request, person: PersonDep, parts: PartsDep, status: str = "live", q: str = "", after: str = "",
    about: str = "", lang: str = "", brand: str = "",
) -> Response:  # fmt: skip
    """The articles in one status, or those overdue for review; `q` are words of a title, `after` the page before.
    `about`, `lang` and `brand` are put into the form for a new one."""
    if status not in STATUSES:
        raise BadInput(f"status: choose one of {', '.join(STATUSES)}")
    number = int(after) + 1 if after.isdecimal() and len(after) < 5 else 1
    today, own = parts.clock.now().date(), brands_for(person, "write_articles")
    async with parts.db.read() as session:
        rows, more = await articles.listed(session, person.brands, status, today, words=q[:100], page=number)
        if wants_json(request):
            return JSONResponse({"articles": [_json(row) for row in rows], "after": str(number) if more else ""})
        return await page(
            request, session, person, "knowledge.html", rows=rows, after=str(number) if more else "", wanted=status,
            q=q, statuses=STATUSES, counts=await articles.counts(session, person.brands, today), own=own, today=today,
            people=await articles.names_of(session, [f"user:{row.owner_id}" for row in rows if row.owner_id]),
            team=await team_of(session, own[0]) if len(own) == 1 else [], languages=sorted(LANGUAGES),
            begun=_begun(about, lang), own_brand=row_id(brand),
        )  # fmt: skip


def _begun(about: str, lang: str) -> dict[str, str] | None:
    """What the form for a new article holds already; the text is for a person who knows."""
    if not about:
        return None
    known = lang if lang in LANGUAGES else "en"
    return {
        "title": about[:1].upper() + about[1:160],
        "lang": known,
        "text": "",
        "market": "",
        "owner_id": "",
        "review_on": "",
    }


@router.get("/knowledge/{article_id}")
async def article_page(
    request: Request, article_id: int, person: PersonDep, parts: PartsDep, against: str = ""
) -> Response:
    """One article with its versions; `against` is the number of one that it is compared with."""
    async with parts.db.read() as session:
        view = await articles.view(session, person.brands, article_id)
        if view is None:
            raise Missing("there is no such article")
        if wants_json(request):
            return JSONResponse(_view_json(view))
        old = next((each for each in view.versions if str(each.number) == against), None)
        return await page(
            request, session, person, "article.html", view=view, article=view.article, old=old,
            changes=list(changes(_whole(words_of(old)), _whole(words_of(view.article)))) if old else [],
            may_change=_may_change(person, view.article), team=await team_of(session, view.article.brand_id),
            languages=sorted(LANGUAGES), today=parts.clock.now().date(), events=list(_events(view)), who=who,
        )  # fmt: skip


def _may_change(person: Person, article: Article) -> bool:
    return person.may("publish_articles" if article.status == "live" else "write_articles", article.brand_id)


def _whole(words: Words) -> str:
    return f"{words.title}\n({words.lang}{', ' + words.market if words.market else ''})\n\n{words.text}"


MOST_COMPARED = 600
"""Lines of both versions: comparing takes their square in time, and more is shown whole."""


def changes(old: str, new: str) -> Iterator[tuple[str, str]]:
    """Line by line: ("same" | "out" | "in", line)."""
    before, after = old.split("\n"), new.split("\n")
    if len(before) + len(after) > MOST_COMPARED:
        yield from (("out", line) for line in before)
        yield from (("in", line) for line in after)
        return
    for kind, start, end, other, last in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            yield from (("same", line) for line in before[start:end])
        else:
            yield from (("out", line) for line in before[start:end])
            yield from (("in", line) for line in after[other:last])


def _events(view: ArticleView) -> Iterator[tuple[datetime, str, str]]:
    """When, who, what: changes of status, owner and review, newest first."""
    for step in view.history:
        what = {
            "article owner": "gave it to another owner",
            "article review": f"set the review to {step.new or 'never'}",
        }
        yield step.at, who(step.actor, view.people), what.get(step.noun, f"made it {status(step.new).lower()}")


def who(actor: str, people: dict[int, str]) -> str:
    """The name behind an actor."""
    kind, _, number = actor.partition(":")
    return people.get(int(number), "A former colleague") if kind == "user" and number.isdigit() else "Earshot"


def _json(article: Article) -> dict[str, Any]:
    return {
        "id": str(article.id),
        "brand_id": str(article.brand_id),
        "name": article.name,
        "status": article.status,
        "title": article.title,
        "text": article.text,
        "lang": article.lang,
        "market": article.market,
        "owner_id": str(article.owner_id) if article.owner_id else None,
        "review_on": article.review_on.isoformat() if article.review_on else None,
        "number": article.number,
        "version": article.version,
        "changed_at": iso(article.changed_at),
    }


def _view_json(view: ArticleView) -> dict[str, Any]:
    return _json(view.article) | {
        "versions": [
            {"number": v.number, "title": v.title, "text": v.text, "lang": v.lang, "market": v.market,
             "by": who(v.actor, view.people), "at": iso(v.created_at)}
            for v in view.versions
        ]
    }  # fmt: skip


async def _act(request: Request, person: Person, action: Action, row: int, then: str, **values: Any) -> Response:
    parts = request.app.state.parts
    async with parts.db.write() as session:
        done = await action(session, person, row, now=parts.clock.now(), parts=parts.responding, **values)
    return answer(request, done, then)


@router.post("/knowledge", **described(NewArticle))
async def add(request: Request, person: PersonDep) -> Response:
    """A new article, as a draft."""
    form = await read_form(request, NewArticle)
    return await _act(
        request, person, actions.add, row_id(form.brand_id), form.then, words=form.words,
        owner_id=row_id(form.owner_id) or None, review_on=form.review,
    )  # fmt: skip


@router.post("/knowledge/{article_id}/change", **described(Changed, 409))
async def change(request: Request, article_id: int, person: PersonDep) -> Response:
    """Other words, another owner or day of review."""
    form = await read_form(request, Changed)
    return await _act(
        request, person, actions.change, article_id, form.then, words=form.words, version=form.version,
        owner_id=row_id(form.owner_id) or None, review_on=form.review,
    )  # fmt: skip


@router.post("/knowledge/{article_id}/restore", **described(Number, 409))
async def restore(request: Request, article_id: int, person: PersonDep) -> Response:
    """The words of an earlier version count again."""
    form = await read_form(request, Number)
    return await _act(request, person, actions.restore, article_id, form.then, number=form.number)


@router.post("/knowledge/{article_id}/status", **described(Status, 409))
async def move(request: Request, article_id: int, person: PersonDep) -> Response:
    """Make it live, retire it, or make it a draft again."""
    form = await read_form(request, Status)
    if form.status not in STATUSES[:3]:
        raise BadInput(f"status: choose one of {', '.join(STATUSES[:3])}")
    return await _act(request, person, actions.move, article_id, form.then, status=form.status)
