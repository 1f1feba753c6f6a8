"""Which playbooks apply to a case, and what the reply contract may take from their limits."""

from __future__ import annotations

from collections.abc import Collection

from sqlmodel.ext.asyncio.session import AsyncSession

from responders.parts import Parts
from responders.playbooks import Playbook, goodwill
from storage import signing
from storage.replies import Gathered
from storage.tables import Case, Reply

Grounds = tuple[frozenset[str], int]
"""Themes and severity."""


async def grounds_of(session: AsyncSession, case: Case, reply: Reply) -> Grounds:
    """The themes and the severity of what is answered, in all posts of the case that are still there. What was so
    before a person corrected it counts too: nobody lifts the need for a second person alone."""
    found = await signing.grounds(session, case.id, reply.mention_id)
    return frozenset(theme for themes, _ in found for theme in themes), max((each for _, each in found), default=0)


def playbooks_for(
    gathered: Gathered, grounds: Grounds, parts: Parts, markets: Collection[str]
) -> tuple[Playbook, ...]:  # fmt: skip
    """Those in force that apply to this case in any of these markets."""
    (themes, severity), channel, lang = grounds, gathered.reply.channel, gathered.mention.lang
    every = parts.playbooks(gathered.brand.slug)
    return tuple(
        each for each in every if any(each.applies(themes, severity, channel, lang, market) for market in markets)
    )


async def goodwill_of(session: AsyncSession, gathered: Gathered, parts: Parts) -> str:
    """What a reply in this case may offer without asking, in words; empty where no playbook says so."""
    if not parts.playbooks(gathered.brand.slug):
        return ""
    grounds = await grounds_of(session, gathered.case, gathered.reply)
    return goodwill(playbooks_for(gathered, grounds, parts, {gathered.market}))
