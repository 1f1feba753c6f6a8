"""The text of a draft and its findings, as they are kept with the reply."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.person import Person
from domain.reply import Finding
from responders.done import record_change
from storage import replies, signing
from storage.tables import Reply


def finding_rows(findings: tuple[Finding, ...]) -> list[dict[str, Any]]:
    """Findings as they are kept in `Reply.findings`: objects with rule, words, advice, blocking."""
    return [{"rule": f.rule, "words": f.words, "advice": f.advice, "blocking": f.blocking} for f in findings]


def findings_of(reply: Reply) -> tuple[Finding, ...]:
    """The findings kept with a reply."""
    return tuple(Finding(**row) for row in reply.findings)


async def keep_text(
    session: AsyncSession, person: Person, reply: Reply, text: str, findings: tuple[Finding, ...], now: datetime
) -> None:
    """The text of a draft. Another text ends first sign-offs and whatever was overruled."""
    values = {"text": text, "findings": finding_rows(findings), "version": reply.version + 1}
    await replies.change(session, Reply, reply.id, **values)
    if text == reply.text:
        return
    await replies.void(session, [reply.id], now, "edited")
    await signing.void_overrulings(session, reply.id, now, "edited")
    await record_change(
        session, "reply_text", reply.id, "", "edited", brand_id=reply.brand_id, actor=person.actor, now=now
    )
