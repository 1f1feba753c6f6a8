"""A resolved case proposes an article: what we said there, without whom we said it to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.errors import Moved
from domain.person import Person
from responders import article_actions
from responders.article_actions import UNTITLED
from responders.done import Done, case_for
from responders.parts import Parts
from responders.voice import spoken
from scoring.clues import clues
from scoring.titles import title_of
from storage import desk_problems, facts, people
from storage.articles import Words, proposed_by
from storage.needles import TAKEN_OUT, Names, Needles, Removed, removed
from storage.tables import Brand, Case, MentionRow, Reply

_NUMBER = re.compile(r"#\w*\d[\w-]*|(?<!\w)(?:[A-Za-z]{1,4}-?\d[\d-]{2,}|\d[\d-]{3,}\d)(?!\w)")
"""Five digits or more, or letters and three: orders, bookings, telephones. Years and amounts stay."""
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+|@\w[\w.@-]*")
_GREETING = re.compile(rf"^[^\n.!?]{{0,60}}{TAKEN_OUT}[^\n.!?,]{{0,20}}[,!:\n]\s*")

_INITIALS = re.compile(r"\s*(?:\^|--|/)\s?[A-ZČĆŠŽĐ]{1,3}\s*$")
"""Who wrote it, as desks sign on X: "^MK"."""
_CLOSING = re.compile(
    r"(?:^|\n|(?<=[.!?…])\s)\s*(?:(?:with )?(?:best|kind|warm|many)?\s?(?:regards|wishes)|yours|sincerely|cheers"
    r"|all the best|(?:lijep[io]?|srda[čc]an|topao|puno) pozdrav\w*|pozdrav\w*|s poštovanjem|srda[čc]no|lp"
    r"|(?:szívélyes )?üdvözlettel|tisztelettel|köszönettel|üdv|salam hangat|salam|hormat kami"
    r"|ar cieņu|cieņā|(?:ar )?sveicieniem|lubos na gumagalang|gumagalang|nagmamalasakit)\b[^.!?]{0,60}[.!]?\s*$",
    re.IGNORECASE,
)
"""The words that end a letter in our six languages, with the names under them."""


async def propose(session: AsyncSession, person: Person, case_id: int, *, now: datetime, parts: Parts) -> Done:
    """A draft, owned by who proposes it. Moved unless the case is resolved, was answered and proposed none yet."""
    case = await case_for(session, person, case_id, "write_articles")
    posts = list(
        await session.exec(select(MentionRow).where(MentionRow.case_id == case_id).order_by(col(MentionRow.id)))
    )
    reply = await _answer(session, case, posts)
    if case.status != "resolved" or reply is None:
        raise Moved("an article is proposed from a case that was answered and is resolved")
    if before := await proposed_by(session, case_id):
        raise Moved(f"this case proposed article {before.id} already")
    lang = reply.lang or case.lang or "en"
    said = unsigned(reply.text, await _signers(session, case.brand_id, lang))
    text = impersonal(said, map(_author, posts), [row.value for row in await facts.of_case(session, case_id)])
    words = Words(await _title(session, case), text or UNTITLED, lang)
    return await article_actions.add(
        session, person, case.brand_id, words=words, owner_id=person.id, case_id=case_id, now=now, parts=parts
    )


def unsigned(text: str, signers: Iterable[str]) -> str:
    """The answer without its ending: the closing, who signed it (a colleague, the brand or its closing), initials."""
    clean = _CLOSING.sub("", _INITIALS.sub("", text.strip())).rstrip()
    for name in filter(None, signers):
        clean = re.sub(rf"(?:\n|(?<=[.!?…])\s)[\s–—-]*{re.escape(name)}\b[^\n.!?]{{0,40}}\W*$", "", clean).rstrip()
    return clean or text


def impersonal(text: str, authors: Iterable[Removed], known: Iterable[str]) -> str:
    """The answer without greeting, names, handles, addresses, order numbers and what is known of this case alone."""
    clean = Names(authors).taken_out(_ADDRESS.sub(TAKEN_OUT, text))
    clean = Needles(known).taken_out(_GREETING.sub("", clean))
    return _NUMBER.sub(TAKEN_OUT, clean).strip().removeprefix(TAKEN_OUT).strip()


def _author(post: MentionRow) -> Removed:
    return removed("", post.author_id, post.author_handle, post.author_name, post.title, post.text)


async def _answer(session: AsyncSession, case: Case, posts: Sequence[MentionRow]) -> Reply | None:
    """Of what we sent, the answer that has most in common with what was asked first; of equals the longest: "You're
    welcome" answers nothing."""
    query = select(Reply).where(Reply.case_id == case.id, Reply.status == "sent", Reply.kind == "answer")
    sent = list(await session.exec(query.order_by(col(Reply.id))))
    reader, first = await article_actions.reader_of(session, case.brand_id), next(iter(posts), None)
    asked = clues(reader, f"{first.title}\n\n{first.text}", first.lang) if first else {}
    return max(
        sent, key=lambda each: (len(asked.keys() & clues(reader, each.text, each.lang)), len(each.text)), default=None
    )


async def _signers(session: AsyncSession, brand_id: int, lang: str) -> list[str]:
    """What may stand under an answer: names, whole ones first, the brand's own words, the brand."""
    brand = await session.get_one(Brand, brand_id)
    names = await people.names_of(session, brand_id, but=())
    first = [name.split()[0] for name in names if name.strip()]
    closing = spoken(brand.voice, brand.languages, lang).closing
    return [*names, *first, str(brand.voice.get("sign_off") or ""), brand.name, closing]


async def _title(session: AsyncSession, case: Case) -> str:
    """The problem's title in our words; without one it is left to the person who owns the draft."""
    problem = (await desk_problems.parts_of(session, [case.id])).get(case.id)
    return title_of("", problem.named, problem.mentions) if problem is not None else UNTITLED
