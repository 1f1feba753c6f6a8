"""The statement of a storm before the reply contract, as any reply."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.reply import Finding
from responders.parts import Parts
from responders.rules.learned import BY_BOTH
from responders.stating import facts_of_statement, statement_in
from storage import problems
from storage.replies import Gathered
from storage.tables import Brand, Case, MentionRow, Problem, Reply
from storage.tables_storm import Storm

_POSTS = 20


@dataclass(frozen=True, slots=True)
class Written:
    """The statement in one language, and what the contract says of it."""

    lang: str
    text: str
    findings: tuple[Finding, ...]


async def written(
    session: AsyncSession, storm: Storm, problem: Problem | None, parts: Parts, now: datetime
) -> list[Written]:
    """The statement in each of its languages, before the posts of this problem; without one, of the whole brand.

    Nobody can overrule what stops it, and two people read it: what lists and reader may get wrong together is advice.
    """
    brand = await session.get_one(Brand, storm.brand_id)
    posts = await _posts(session, brand.id, problem, parts)
    sign_off = str(brand.voice.get("sign_off") or brand.name)
    found = []
    for lang in sorted(storm.known):
        text = statement_in(storm, lang, brand.zone, sign_off)
        findings = await parts.checked(_situation(storm, brand, posts, lang, now), text) if posts else ()
        findings = (*findings, *_elsewhere(posts, text, parts))
        weighed = tuple(replace(each, blocking=each.blocking and each.rule not in BY_BOTH) for each in findings)
        found.append(Written(lang, text, weighed))
    return found


async def blocking(
    session: AsyncSession, storm: Storm, problem: Problem | None, parts: Parts, now: datetime
) -> list[str]:
    """What stops it, in words that name the language."""
    return [
        f"{each.lang}: {f.words}: {f.advice}" if f.words else f"{each.lang}: {f.advice}"
        for each in await written(session, storm, problem, parts, now)
        for f in each.findings
        if f.blocking
    ]


async def _posts(session: AsyncSession, brand_id: int, problem: Problem | None, parts: Parts) -> list[MentionRow]:
    """The newest posts that it answers, those of the channel that takes the longest texts first."""
    query = select(MentionRow).where(MentionRow.status == "kept", MentionRow.text != "")
    if problem is None:
        query = query.where(MentionRow.brand_id == brand_id, col(MentionRow.case_id).is_not(None))
    else:
        query = query.where(col(MentionRow.id).in_(await problems.members(session, problem.root_id)))
    rows = list(await session.exec(query.order_by(col(MentionRow.posted_at).desc()).limit(_POSTS)))
    known = [row for row in rows if row.channel in parts.channels]
    return sorted(known, key=lambda row: -parts.channels[row.channel].max_length)


def _elsewhere(posts: list[MentionRow], text: str, parts: Parts) -> list[Finding]:
    """The other channels of these posts that it does not fit: advice, for it can be posted where the longest go."""
    others = sorted({row.channel for row in posts} - {posts[0].channel} if posts else ())
    over = [(each.title, each.length(text) - each.max_length) for each in map(parts.channels.__getitem__, others)]
    told = ", ".join(f"{title} (shorten it by {count})" for title, count in over if count > 0)
    return [Finding("too_long", "", f"It does not fit {told}, where people wait too.", blocking=False)] if told else []


def _situation(storm: Storm, brand: Brand, posts: list[MentionRow], lang: str, now: datetime) -> Gathered:
    """As if one post in this language said what they all say."""
    values = posts[0].model_dump() | {"lang": lang, "author_name": "", "author_handle": "", "author_id": ""}
    post = MentionRow(**values)
    case = Case(
        id=0, brand_id=brand.id, channel=post.channel, thread_id="", lang=lang, opened_at=storm.created_at,
        last_mention_at=storm.created_at,
    )  # fmt: skip
    reply = Reply(
        id=0, brand_id=brand.id, case_id=0, mention_id=post.id, channel=post.channel, lang=lang,
        created_at=storm.created_at,
    )  # fmt: skip
    known = facts_of_statement(storm, lang, brand.zone, now)
    return Gathered(reply, case, post, tuple(posts), brand, None, (), known=known)
