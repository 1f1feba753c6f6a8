"""The text of a draft and its findings, as they are kept with the reply."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.person import Person
from domain.reply import Finding
from responders.done import record_change
from responders.parts import Parts
from responders.similarity import prints
from storage import clues, replies, signing
from storage.replies import Gathered
from storage.tables import Reply


def finding_rows(findings: tuple[Finding, ...]) -> list[dict[str, Any]]:
    """Findings as they are kept in `Reply.findings`: objects with rule, words, advice, blocking."""
    return [{"rule": f.rule, "words": f.words, "advice": f.advice, "blocking": f.blocking} for f in findings]


def findings_of(reply: Reply) -> tuple[Finding, ...]:
    """The findings kept with a reply."""
    return tuple(Finding(**row) for row in reply.findings)


async def checked(
    session: AsyncSession, gathered: Gathered, text: str, parts: Parts, now: datetime
) -> tuple[Finding, ...]:
    """The contract's word on this text, which must not be like anything that left within a month."""
    return await parts.checked(await beside(session, gathered, text, now), text)


async def beside(session: AsyncSession, gathered: Gathered, text: str, now: datetime) -> Gathered:
    """The same situation, with whatever left within a month in sight that this text may be like."""
    near = await replies.alike(session, gathered.reply, prints(text), replies.LEFT, now)
    return replace(gathered, recent=(*near, *gathered.recent))


async def keep_prints(session: AsyncSession, reply: Reply, text: str) -> None:
    """From now on other replies are likened to this text."""
    await clues.put(session, reply.brand_id, replies.PRINT, reply.id, prints(text))


async def keep_text(
    session: AsyncSession, person: Person, reply: Reply, text: str, findings: tuple[Finding, ...], now: datetime
) -> None:
    """The text of a draft. Another text ends first sign-offs, and what was overruled or asked for."""
    values = {"text": text, "findings": finding_rows(findings), "version": reply.version + 1}
    await replies.change(session, Reply, reply.id, **values)
    if text == reply.text:
        return
    await keep_prints(session, reply, text)
    await replies.void(session, [reply.id], now, "edited")
    await signing.void_overrulings(session, reply.id, now, "edited")
    await signing.settle_changes(session, reply.id, now)
    await record_change(
        session, "reply_text", reply.id, "", "edited", brand_id=reply.brand_id, actor=person.actor, now=now
    )
