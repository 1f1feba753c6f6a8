"""What a person can do with articles. See `actions` for what all actions share.

Every change of words is a version, so undo is `restore`. What is live is put under its clues in the same transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.errors import BadInput, Missing, Moved, NotAllowed
from domain.person import Person
from responders.article_files import LANG, LONGEST_TEXT, LONGEST_TITLE, MARKET, Filed, slug
from responders.done import Done, Undo, may_move, record_change, spoken
from responders.parts import Parts
from scoring.clues import clues
from scoring.traits import Reader
from storage import articles, transitions
from storage import clues as index
from storage.articles import Words
from storage.tables import Article, Brand, Membership, User

UNTITLED = "…"
"""The title of a proposed article that nobody has named yet."""
SAID = {"draft": "a draft again", "live": "live: drafts may rest on it", "retired": "retired"}


async def add(
    session: AsyncSession, person: Person, brand_id: int, *, words: Words, owner_id: int | None = None,
    review_on: date | None = None, case_id: int | None = None, now: datetime, parts: Parts,
) -> Done:  # fmt: skip
    """A new draft. Undo: `retire`."""
    if brand_id not in person.brands:
        raise Missing("there is no such brand")
    person.require("write_articles", brand_id)
    words = _clean(words)
    owner_id = await _owner(session, brand_id, owner_id)
    name = await _free_name(session, brand_id, slug(words.title) or "article")
    article = await articles.add(
        session, brand_id, name, words, actor=person.actor, now=now, owner_id=owner_id, review_on=review_on,
        case_id=case_id,
    )  # fmt: skip
    return _done(article, "stored as a draft", Undo("status", {"status": "retired"}))


async def change(
    session: AsyncSession, person: Person, article_id: int, *, words: Words, version: int,
    owner_id: int | None = None, review_on: date | None = None, now: datetime, parts: Parts,
) -> Done:  # fmt: skip
    """Other words (a new version), another owner or day of review. Undo of the words: `restore`."""
    article = await _one(session, person, article_id)
    if article.version != version:
        raise Moved("somebody changed this article since the page was shown: reload, then put your words in again")
    before, words = article.number, _clean(words)
    owner_id = await _owner(session, article.brand_id, owner_id)
    await _note(session, article, "article owner", article.owner_id, owner_id, person.actor, now)
    await _note(session, article, "article review", article.review_on, review_on, person.actor, now)
    changed = (owner_id, review_on) != (article.owner_id, article.review_on)
    article.owner_id, article.review_on = owner_id, review_on
    session.add(article)
    if not await articles.rewrite(session, article, words, actor=person.actor, now=now):
        article.version += changed
        await session.flush()
        return _done(article, "stored" if changed else "nothing was changed", None)
    await _reindex(session, article)
    return _done(article, f"stored as version {article.number}", Undo("restore", {"number": before}))


async def restore(
    session: AsyncSession, person: Person, article_id: int, *, number: int, now: datetime, parts: Parts
) -> Done:
    """The words of an earlier version count again, as a new one. Undo: `restore` the one before."""
    article = await _one(session, person, article_id)
    old = await articles.version(session, article_id, number)
    if old is None:
        raise Missing("there is no such version")
    before = article.number
    if not await articles.rewrite(session, article, articles.words_of(old), actor=person.actor, now=now):
        return _done(article, "it says so already", None)
    await _reindex(session, article)
    return _done(article, f"version {number} counts again", Undo("restore", {"number": before}))


async def move(
    session: AsyncSession, person: Person, article_id: int, *, status: str, now: datetime, parts: Parts
) -> Done:
    """draft, live or retired; what is or was live takes who may publish articles. Undo: back to where it was."""
    article = await _one(session, person, article_id)
    if "live" in (status, article.status):
        person.require("publish_articles", article.brand_id)
    if status == "live" and article.title == UNTITLED:
        raise BadInput("title: write one before the article is live")
    old = article.status
    may_move("article", old, status, spoken(status))
    await _move(session, article, status, person.actor, now)
    return _done(article, SAID[status], Undo("status", {"status": old}))


async def take_in(
    session: AsyncSession, brand: Brand, filed: Sequence[Filed], *, actor: str, now: datetime
) -> tuple[int, int, int, int]:
    """Articles from files, all or none: (added, changed, as they were; how many are live no more). BadInput names the
    place of a bad one."""
    people = await _people(session, brand.id)
    known = await articles.by_name(session, brand.id, [each.name for each in filed])
    live = [article for article in known.values() if article.status == "live"]
    counted = [0, 0, 0]
    for each in filed:
        if each.owner and each.owner.casefold() not in people:
            raise BadInput(f"{each.place}: owner: {each.owner} answers for no case of {brand.name}; name a colleague")
        owner_id = people.get(each.owner.casefold())
        counted[await _take_in(session, brand, known.get(each.name), each, owner_id, actor, now)] += 1
    return counted[0], counted[1], counted[2], sum(article.status != "live" for article in live)


async def _take_in(
    session: AsyncSession, brand: Brand, article: Article | None, filed: Filed, owner_id: int | None, actor: str,
    now: datetime,
) -> int:  # fmt: skip
    """0 added, 1 changed, 2 as it was. What the file does not tell of an article that is here stays."""
    words = Words(filed.title, filed.text, filed.lang, filed.market)
    owner, review, status, outcome = owner_id, filed.review_on, filed.status, 0
    if article is None:
        article = await articles.add(session, brand.id, filed.name, words, actor=actor, now=now)
    else:
        words = words if "market" in filed.told else replace(words, market=article.market)
        owner = owner if "owner" in filed.told else article.owner_id
        review = review if "review" in filed.told else article.review_on
        status = status if "status" in filed.told else article.status
        same = (owner, review, status) == (article.owner_id, article.review_on, article.status)
        await _note(session, article, "article owner", article.owner_id, owner, actor, now)
        await _note(session, article, "article review", article.review_on, review, actor, now)
        rewritten = await articles.rewrite(session, article, words, actor=actor, now=now)
        outcome = 1 if rewritten or not same else 2
    article.owner_id, article.review_on = owner, review
    session.add(article)
    await session.flush()
    if article.status != status:
        await _move(session, article, status, actor, now)
    elif outcome != 2:
        await _reindex(session, article)
    return outcome


# --- how -----------------------------------------------------------------------------------------------------------


async def _one(session: AsyncSession, person: Person, article_id: int) -> Article:
    """The article, held for this transaction. Missing alike for absent ids and those of other brands."""
    article = await articles.locked(session, article_id)
    if article is None or article.brand_id not in person.brands:
        raise Missing("there is no such article")
    person.require("write_articles", article.brand_id)
    if article.status == "live" and not person.may("publish_articles", article.brand_id):
        raise NotAllowed("drafts rest on this article, so a manager changes it")
    return article


def _clean(words: Words) -> Words:
    title, text = " ".join(words.title.split()), words.text.replace("\r\n", "\n").strip()
    if not title or len(title) > LONGEST_TITLE:
        raise BadInput(f"title: write one of 1 to {LONGEST_TITLE} characters")
    if not text or len(text) > LONGEST_TEXT:
        raise BadInput(f"text: write 1 to {LONGEST_TEXT} characters")
    if not LANG.fullmatch(words.lang):
        raise BadInput("language: write its code, like en or hr")
    if words.market and not MARKET.fullmatch(words.market):
        raise BadInput("market: write two capital letters like HR, or nothing for every market")
    return Words(title, text, words.lang, words.market)


async def _owner(session: AsyncSession, brand_id: int, owner_id: int | None) -> int | None:
    if owner_id is not None and owner_id not in (await _people(session, brand_id)).values():
        raise BadInput("owner: choose a colleague of this brand")
    return owner_id


async def _people(session: AsyncSession, brand_id: int) -> dict[str, int]:
    """Mail address -> id of those who work for the brand."""
    query = select(User.email, User.id).join(Membership, col(Membership.user_id) == col(User.id))
    query = query.where(Membership.brand_id == brand_id, col(User.disabled_at).is_(None), Membership.role != "viewer")
    return {email.casefold(): user_id for email, user_id in await session.exec(query)}


async def _free_name(session: AsyncSession, brand_id: int, name: str) -> str:
    taken, number = await articles.names_like(session, brand_id, name), 2
    if name not in taken:
        return name
    while f"{name}-{number}" in taken:
        number += 1
    return f"{name}-{number}"


async def _note(
    session: AsyncSession, article: Article, noun: str, old: Any, new: Any, actor: str, now: datetime
) -> None:
    if old != new:
        await record_change(
            session, noun, article.id, str(old or ""), str(new or ""), brand_id=article.brand_id, actor=actor, now=now,
        )  # fmt: skip


async def _move(session: AsyncSession, article: Article, status: str, actor: str, now: datetime) -> None:
    await transitions.move(
        session, "article", article.id, article.status, status, brand_id=article.brand_id, actor=actor, now=now,
        changed_at=now,
    )  # fmt: skip
    await session.refresh(article)
    await _reindex(session, article)


async def _reindex(session: AsyncSession, article: Article) -> None:
    if article.status != "live":
        await index.take_out(session, "article", [article.id])
        return
    found = clues(await reader_of(session, article.brand_id), f"{article.title}\n\n{article.text}", article.lang)
    await index.put(session, article.brand_id, "article", article.id, found)


async def reader_of(session: AsyncSession, brand_id: int) -> Reader:
    """Reads texts of this brand: its own names lead nowhere."""
    brand = await session.get_one(Brand, brand_id)
    return Reader((brand.name, *brand.handles))


def _done(article: Article, said: str, undo: Undo | None) -> Done:
    return Done(said, 0, status=article.status, version=article.version, undo=undo, article_id=article.id)
