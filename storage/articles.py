"""Articles and their versions. Every change of words is a new version; what is live is found by its clues."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import func
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.errors import Moved
from domain.ids import ids
from storage.tables import Article, ArticleVersion, Brand, Transition, User

PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class Words:
    """What an article says, to whom."""

    title: str
    text: str
    lang: str
    market: str = ""


@dataclass(frozen=True, slots=True)
class ArticleView:
    """Everything about one article; versions newest first."""

    article: Article
    brand: Brand
    versions: list[ArticleVersion]
    history: list[Transition]
    people: dict[int, str]


async def add(
    session: AsyncSession, brand_id: int, name: str, words: Words, *, actor: str, now: datetime,
    owner_id: int | None = None, review_on: date | None = None, case_id: int | None = None,
) -> Article:  # fmt: skip
    """A new draft with its first version. Raises Moved when somebody else stored one of this name just now."""
    article = Article(
        id=ids.next(now), brand_id=brand_id, name=name, title=words.title, text=words.text, lang=words.lang,
        market=words.market, owner_id=owner_id, review_on=review_on, case_id=case_id, created_at=now, changed_at=now,
    )  # fmt: skip
    session.add(article)
    try:
        await session.flush()
    except IntegrityError:  # which is about the name: all that it refers to was looked up
        raise Moved(f"somebody else just stored an article of this name ({name}): store yours once more") from None
    session.add(_version(article, actor, now))
    await session.flush()
    return article


async def proposed_by(session: AsyncSession, case_id: int) -> Article | None:
    """The article that came of this case."""
    return (await session.exec(select(Article).where(Article.case_id == case_id).limit(1))).first()


async def rewrite(session: AsyncSession, article: Article, words: Words, *, actor: str, now: datetime) -> bool:
    """Another version with these words. False when the article says so already."""
    if words == words_of(article):
        return False
    article.title, article.text, article.lang, article.market = words.title, words.text, words.lang, words.market
    article.number, article.version, article.changed_at = article.number + 1, article.version + 1, now
    session.add(article)
    session.add(_version(article, actor, now))
    await session.flush()
    return True


def words_of(row: Article | ArticleVersion) -> Words:
    """What it says now, or said then."""
    return Words(row.title, row.text, row.lang, row.market)


def _version(article: Article, actor: str, now: datetime) -> ArticleVersion:
    return ArticleVersion(
        article_id=article.id, number=article.number, title=article.title, text=article.text, lang=article.lang,
        market=article.market, actor=actor, created_at=now,
    )  # fmt: skip


async def locked(session: AsyncSession, article_id: int) -> Article | None:
    """The article, held for this transaction."""
    return await session.get(Article, article_id, with_for_update=True, populate_existing=True)


async def by_name(session: AsyncSession, brand_id: int, names: Sequence[str] | None = None) -> dict[str, Article]:
    """The articles of a brand by name, held for this transaction; where given, these alone."""
    query = select(Article).where(Article.brand_id == brand_id).order_by(col(Article.name)).with_for_update()
    if names is not None:
        query = query.where(col(Article.name).in_(list(names)))
    return {article.name: article for article in await session.exec(query)}


async def names_like(session: AsyncSession, brand_id: int, name: str) -> set[str]:
    """The names of a brand's articles that begin so."""
    query = select(Article.name).where(
        Article.brand_id == brand_id, col(Article.name).startswith(name, autoescape=True)
    )
    return set(await session.exec(query))


async def these(session: AsyncSession, row_ids: Sequence[int], market: str) -> list[Article]:
    """Those of these articles that are live and meant for this market or for all."""
    query = select(Article).where(
        col(Article.id).in_(list(row_ids)), Article.status == "live", col(Article.market).in_(("", market))
    )
    return list(await session.exec(query))


async def live_markets(session: AsyncSession, brand_id: int) -> dict[int, str]:
    """Article -> its market, of all that are live."""
    query = select(Article.id, Article.market).where(Article.brand_id == brand_id, Article.status == "live")
    return dict((await session.exec(query)).all())


# --- what the pages read -------------------------------------------------------------------------------------------


async def listed(
    session: AsyncSession, brands: list[int], status: str, today: date, *, words: str = "", page: int = 1
) -> tuple[list[Article], bool]:
    """The articles in a status (or `overdue`: to be reviewed by now) with these words in the title, those due first;
    and whether there are more."""
    query = select(Article).where(col(Article.brand_id).in_(brands))
    if words:
        query = query.where(col(Article.title).icontains(words, autoescape=True))
    if status == "overdue":
        query = query.where(Article.status == "live", col(Article.review_on) < today)
    else:
        query = query.where(Article.status == status)
    order = col(Article.review_on).is_(None), col(Article.review_on), col(Article.title), col(Article.id)
    found = list(await session.exec(query.order_by(*order).offset((page - 1) * PAGE).limit(PAGE + 1)))
    return found[:PAGE], len(found) > PAGE


async def counts(session: AsyncSession, brands: list[int], today: date) -> dict[str, int]:
    """How many articles are in each status, and how many live ones are overdue for review."""
    query = select(Article.status, func.count()).where(col(Article.brand_id).in_(brands))
    found = dict((await session.exec(query.group_by(col(Article.status)))).all())
    late = select(func.count()).where(
        col(Article.brand_id).in_(brands), Article.status == "live", col(Article.review_on) < today
    )
    return found | {"overdue": (await session.exec(late)).one()}


async def view(session: AsyncSession, brands: list[int], article_id: int) -> ArticleView | None:
    """One article with all that its page shows; None when foreign or absent."""
    query = select(Article).where(Article.id == article_id, col(Article.brand_id).in_(brands))
    article = (await session.exec(query)).first()
    if article is None:
        return None
    versions = select(ArticleVersion).where(ArticleVersion.article_id == article_id)
    past = select(Transition).where(Transition.noun == "article", Transition.row_id == article_id)
    found = list(await session.exec(versions.order_by(col(ArticleVersion.number).desc())))
    history = list(await session.exec(past.order_by(col(Transition.id).desc())))
    actors = [*(each.actor for each in found), *(each.actor for each in history)]
    return ArticleView(
        article, await session.get_one(Brand, article.brand_id), found, history, await names_of(session, actors)
    )


async def names_of(session: AsyncSession, actors: Sequence[str]) -> dict[int, str]:
    """User id -> name of those among these actors that are people."""
    wanted = {int(actor[5:]) for actor in actors if actor.startswith("user:") and actor[5:].isdigit()}
    query = select(User.id, User.name).where(col(User.id).in_(wanted))
    return dict((await session.exec(query)).all())


async def version(session: AsyncSession, article_id: int, number: int) -> ArticleVersion | None:
    """The article as it was."""
    return await session.get(ArticleVersion, (article_id, number))
