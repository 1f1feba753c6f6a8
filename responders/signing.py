"""Two people's yes: who must sign, the first sign-off beside its reply, and findings that a manager overruled."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.errors import BadInput, Moved
from domain.ids import ids
from domain.person import POLICY, Person
from domain.reply import Finding
from responders import approval, knowing
from responders.approval import Approver, First, NotApproved
from responders.autonomy import WINDOW, earned
from responders.depth import Depth, Situation, depth
from responders.keeping import checked
from responders.parts import Parts
from responders.playbooks import Playbook, over_limit
from responders.rules import posts
from responders.rules.signed import SIGNED
from responders.rules.words import LANGUAGES
from storage import signing, transitions
from storage.people import person_of
from storage.replies import Gathered
from storage.tables import Approval, Case, MentionRow, Reply
from storage.tables_depth import Overruling, SignOff
from storage.track import track

CHECKS = "reply_check"
"""The noun under which history tells of first sign-offs and overruled findings; its rows are those of replies."""


@dataclass(frozen=True, slots=True)
class Looked:
    """A text as a person may say yes to it: what is known, its findings (overruled ones stop nothing), the keys of
    those overruled, how many people it takes, the playbooks for this case, and whether what they wrote may be praise or
    irony."""

    gathered: Gathered
    findings: tuple[Finding, ...]
    overruled: frozenset[str]
    depth: Depth
    playbooks: tuple[Playbook, ...] = ()
    is_ambiguous: bool = False

    @property
    def blocking(self) -> tuple[Finding, ...]:
        """What still stops approval."""
        return tuple(each for each in self.findings if each.blocking)


async def look(
    session: AsyncSession, person: Person, case: Case, reply: Reply, text: str, parts: Parts, now: datetime
) -> Looked:
    """The contract's word on this text for this person, with what was overruled in it, and how many people it takes."""
    gathered = await knowing.gather(session, case, reply, now, person)
    rows = await signing.overrulings(session, gathered.reply.id, approval.text_hash(text))
    overruled = frozenset(row.finding for row in rows)
    found = await checked(session, gathered, text, parts, now)
    standing = tuple(replace(each, blocking=each.blocking and each.key not in overruled) for each in found)
    grounds = await grounds_of(session, case, reply)
    playbooks = _playbooks(gathered, grounds, parts, {gathered.market})
    markets = await knowing.markets_of(session, gathered.brand, gathered.mention, case.id)
    beyond = over_limit(text, reply.lang, _playbooks(gathered, grounds, parts, markets))
    needed = await _depth(session, gathered, grounds, standing, overruled, beyond, now)
    is_ambiguous = await asyncio.to_thread(_is_ambiguous, gathered.mention)
    return Looked(gathered, standing, overruled, needed, playbooks, is_ambiguous)


def _is_ambiguous(mention: MentionRow) -> bool:
    heard = posts.heard(mention.text) if mention.lang in LANGUAGES else None
    return heard is not None and heard.is_ambiguous


async def grounds_of(session: AsyncSession, case: Case, reply: Reply) -> tuple[frozenset[str], int]:
    """The themes and the severity of what is answered, in all posts of the case that are still there. What was so
    before a person corrected it counts too: nobody lifts the need for a second person alone."""
    found = await signing.grounds(session, case.id, reply.mention_id)
    return frozenset(theme for themes, _ in found for theme in themes), max((each for _, each in found), default=0)


def _playbooks(
    gathered: Gathered, grounds: tuple[frozenset[str], int], parts: Parts, markets: Collection[str]
) -> tuple[Playbook, ...]:
    (themes, severity), channel, lang = grounds, gathered.reply.channel, gathered.mention.lang
    every = parts.playbooks(gathered.brand.slug)
    return tuple(
        each for each in every if any(each.applies(themes, severity, channel, lang, market) for market in markets)
    )


async def _depth(
    session: AsyncSession,
    gathered: Gathered,
    grounds: tuple[frozenset[str], int],
    findings: Sequence[Finding],
    overruled: frozenset[str],
    beyond: str,
    now: datetime,
) -> Depth:
    (themes, severity), two_from = grounds, gathered.brand.two_from
    situation = Situation(
        themes=themes,
        severity=severity,
        findings=tuple(each.rule for each in findings if each.key not in overruled and each.rule != SIGNED),
        overruled=tuple(each.rule for each in findings if each.key in overruled),
        over_limit=beyond,
        followers=await signing.reach(session, gathered.case.id, gathered.reply.mention_id),
    )
    count = await signing.approvers(session, gathered.reply.brand_id, sorted(POLICY["approve"]))
    found = depth(situation, two_from=two_from, approvers=count)
    if found.level != "medium" or found.people < 2:
        return found
    return depth(replace(situation, earned=await _earned(session, gathered, now)), two_from=two_from, approvers=count)


async def _earned(session: AsyncSession, gathered: Gathered, now: datetime) -> str:
    """What unedited approvals have earned here, in words; empty when it is not enough."""
    mention = gathered.mention
    if not mention.themes:
        return ""
    how = await track(
        session, mention.brand_id, theme=mention.themes[0], channel=mention.channel, lang=mention.lang,
        since=now - WINDOW,
    )  # fmt: skip
    found = earned(how.ended, how.bad, now)
    where = f"{mention.themes[0]} on {mention.channel} in {mention.lang or 'no known language'}"
    return f"earned: {found.as_drafted} of {found.drafts} drafts about {where} left as drafted" if found.holds else ""


async def first_yes(
    session: AsyncSession, person: Person, reply: Reply, text: str, mention: MentionRow, parts: Parts, now: datetime
) -> SignOff | None:
    """Another person's standing first yes to exactly this; None when there is none."""
    if text != reply.text:
        return None
    for yes in await signing.sign_offs(session, reply.id):
        if yes.user_id != person.id and await _counts(session, yes, reply, mention, parts, now):
            return yes
    return None


async def _counts(
    session: AsyncSession, yes: SignOff, reply: Reply, mention: MentionRow, parts: Parts, now: datetime
) -> bool:
    if yes.reply_version != reply.version or now >= yes.created_at + timedelta(seconds=parts.limits.approval_life_s):
        return False
    by = await approver_of(session, yes.user_id, reply.brand_id)
    try:
        approval.check_first(First(yes, by), reply, mention, parts.secret)
    except NotApproved:
        return False
    return True


async def sign_off(
    session: AsyncSession, person: Person, reply: Reply, mention: MentionRow, why: str, parts: Parts, now: datetime
) -> None:
    """Store the first of two people's yes to a reply as it is stored; a second press changes nothing."""
    for yes in await signing.sign_offs(session, reply.id):
        if yes.user_id == person.id and await _counts(session, yes, reply, mention, parts, now):
            return
    row = approval.sign_first(
        ids.next(now), user_id=person.id, reply=reply, mention=mention, secret=parts.secret, now=now
    )
    session.add(row)
    await session.flush()
    await _tell(session, person, reply, "signed_off", why, now)


async def overrule_finding(
    session: AsyncSession, person: Person, reply: Reply, finding: Finding, why: str, now: datetime
) -> None:
    """Store that a finding does not hold for the text of this reply as it is stored, with the reason in the history."""
    digest = approval.text_hash(reply.text)
    row = Overruling(
        id=ids.next(now), reply_id=reply.id, user_id=person.id, rule=finding.rule, finding=finding.key,
        text_hash=digest, created_at=now,
    )  # fmt: skip
    session.add(row)
    await session.flush()
    await _tell(session, person, reply, "overruled", f"{finding.rule}: {why}", now)


async def _tell(session: AsyncSession, person: Person, reply: Reply, new: str, why: str, now: datetime) -> None:
    line = transitions.entry(CHECKS, reply.id, "", new, brand_id=reply.brand_id, actor=person.actor, now=now, why=why)
    await transitions.record(session, [line])


async def tell_playbooks(session: AsyncSession, person: Person, looked: Looked, now: datetime) -> None:
    """The history keeps which version of which playbook was shown to whoever approved."""
    if looked.playbooks:
        why = ", ".join(f"{each.name} ({each.version})" for each in looked.playbooks)
        await _tell(session, person, looked.gathered.reply, "playbooks", why, now)


def sayable(looked: Looked) -> None:
    """Raise Moved where nobody is left to answer, BadInput quoting every finding that stops approval."""
    if looked.gathered.mention.status == "withdrawn":
        raise Moved("the author has removed the post: there is nothing to answer")
    if looked.blocking:
        raise BadInput("; ".join(f"{f.words}: {f.advice}" if f.words else f.advice for f in looked.blocking))


async def approver_of(session: AsyncSession, user_id: int, brand_id: int) -> Approver:
    """The person behind a yes, as they are now."""
    person = await person_of(session, user_id)
    return Approver(user_id, person is not None and person.may("approve", brand_id))


async def first_of(session: AsyncSession, yes: Approval | None, brand_id: int) -> First | None:
    """The first yes that this approval rests on."""
    if yes is None or yes.sign_off_id is None:
        return None
    first = await session.get(SignOff, yes.sign_off_id, populate_existing=True)
    return None if first is None else First(first, await approver_of(session, first.user_id, brand_id))


async def waiting_for_second(
    session: AsyncSession, reply: Reply, mention: MentionRow, parts: Parts, now: datetime
) -> SignOff | None:
    """The first yes that this reply has and that still counts: a second person is awaited."""
    for yes in await signing.sign_offs(session, reply.id):
        if await _counts(session, yes, reply, mention, parts, now):
            return yes
    return None
