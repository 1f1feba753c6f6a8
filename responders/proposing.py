"""A resolved case proposes an article: what we said there, without whom we said it to."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.errors import Moved
from domain.person import Person
from responders import article_actions
from responders.done import Done, case_for
from responders.parts import Parts
from scoring.titles import title_of
from storage import desk_problems, facts
from storage.articles import Words, proposed_by
from storage.needles import TAKEN_OUT, Names, Needles, Removed, removed
from storage.tables import Case, MentionRow, Reply

_NUMBER = re.compile(r"#\w*\d[\w-]*|(?<!\w)(?:[A-Za-z]{1,4}-?\d[\d-]{2,}|\d[\d-]{3,}\d)(?!\w)")
"""Five digits or more, or letters and three: orders, bookings, telephones. Years and amounts stay."""
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+|@\w[\w.@-]*")
_GREETING = re.compile(rf"^[^\n.!?]{{0,60}}{TAKEN_OUT}[^\n.!?,]{{0,20}}[,!:\n]\s*")


async def propose(session: AsyncSession, person: Person, case_id: int, *, now: datetime, parts: Parts) -> Done:
    """A draft, owned by who proposes it. Moved unless the case is resolved, was answered and proposed none yet."""
    case = await case_for(session, person, case_id, "write_articles")
    reply = await _sent(session, case_id)
    if case.status != "resolved" or reply is None:
        raise Moved("an article is proposed from a case that was answered and is resolved")
    if before := await proposed_by(session, case_id):
        raise Moved(f"this case proposed article {before.id} already")
    posts = list(await session.exec(select(MentionRow).where(MentionRow.case_id == case_id)))
    text = impersonal(reply.text, map(_author, posts), [row.value for row in await facts.of_case(session, case_id)])
    words = Words(await _title(session, case, posts), text, reply.lang or case.lang or "en")
    return await article_actions.add(
        session, person, case.brand_id, words=words, owner_id=person.id, case_id=case_id, now=now, parts=parts
    )


def impersonal(text: str, authors: Iterable[Removed], known: Iterable[str]) -> str:
    """The answer without greeting, names, handles, addresses, order numbers and what is known of this case alone."""
    clean = Names(authors).taken_out(_ADDRESS.sub(TAKEN_OUT, text))
    clean = Needles(known).taken_out(_GREETING.sub("", clean))
    return _NUMBER.sub(TAKEN_OUT, clean).strip().removeprefix(TAKEN_OUT).strip()


def _author(post: MentionRow) -> Removed:
    return removed("", post.author_id, post.author_handle, post.author_name, post.title, post.text)


async def _sent(session: AsyncSession, case_id: int) -> Reply | None:
    query = select(Reply).where(Reply.case_id == case_id, Reply.status == "sent", Reply.kind == "answer")
    return (await session.exec(query.order_by(col(Reply.id).desc()).limit(1))).first()


async def _title(session: AsyncSession, case: Case, posts: list[MentionRow]) -> str:
    """The problem's title in our words, else what the posts are about."""
    problem = (await desk_problems.parts_of(session, [case.id])).get(case.id)
    if problem is not None:
        return title_of("", problem.named, problem.mentions)
    themes = list(dict.fromkeys(theme for post in posts for theme in post.themes if theme != "other"))
    return ", ".join(themes).capitalize() or "An answer that helped"
