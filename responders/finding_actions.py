"""What a person can do with one finding of the reply contract: mend the text, or overrule it with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.errors import BadInput
from domain.person import Person
from domain.reply import Finding
from responders import knowing
from responders.approval import final_text
from responders.contract import NEVER_OVERRULED
from responders.done import Done, Undo, ready, reply_for, short
from responders.keeping import checked, keep_text
from responders.parts import Parts
from responders.signing import look, overrule_finding
from storage import replies

_FEWEST_WORDS = 3
"""A reason for overruling has at least as many."""


async def mend(
    session: AsyncSession, person: Person, reply_id: int, *, text: str, version: int, finding: str, now: datetime,
    parts: Parts,
) -> Done:  # fmt: skip
    """The text with one finding mended is kept as the draft; `finding` is its key. Undo: `edit` with the old text.

    BadInput where the text has no such finding, or where only a person can mend it.
    """
    case, reply = await reply_for(session, person, reply_id, "edit")
    text = final_text(text)
    ready(case, reply, version)
    gathered = await knowing.gather(session, case, reply, now, person)
    found = _one_of(await checked(session, gathered, text, parts, now), finding)
    if found.fix is None:
        raise BadInput(f"{found.words or found.rule}: nothing can be left out here, change the text yourself")
    fixed = final_text(found.fix)
    findings = await checked(session, gathered, fixed, parts, now)
    await keep_text(session, person, reply, fixed, findings, now)
    undo = Undo("edit", {"text": text, "version": version + 1})
    said = f"mended: {found.rule.replace('_', ' ')}"
    return Done(said, case.id, reply_id, "drafted", version + 1, undo, findings=findings)


async def overrule(
    session: AsyncSession, person: Person, reply_id: int, *, text: str, version: int, finding: str, why: str,
    now: datetime, parts: Parts,
) -> Done:  # fmt: skip
    """One finding does not stop exactly this text: `finding` is its key, `why` at least three words. An edit ends it.

    BadInput for a rule that is never overruled, for advice, and without a reason. A second person must approve then.
    """
    case, reply = await reply_for(session, person, reply_id, "overrule")
    text, why = final_text(text), short(why, "overruling")
    ready(case, reply, version)
    looked = await look(session, person, case, reply, text, parts, now)
    found = _one_of(looked.findings, finding)
    _may_be_overruled(found, found.key in looked.overruled, why)
    if text != reply.text:
        await keep_text(session, person, reply, text, looked.findings, now)
        reply = (await replies.locked(session, reply_id) or (case, reply))[1]
    await replies.void(session, [reply_id], now, "a finding was overruled")
    await overrule_finding(session, person, reply, found, why, now)
    said = f"overruled: {found.rule.replace('_', ' ')}. Two people must approve this text"
    return Done(said, case.id, reply_id, "drafted", reply.version)


def _one_of(findings: Sequence[Finding], key: str) -> Finding:
    found = next((each for each in findings if each.key == key), None)
    if found is None:
        raise BadInput("this text has no such finding any more: look at it again")
    return found


def _may_be_overruled(found: Finding, already: bool, why: str) -> None:
    if already:
        raise BadInput("this finding is overruled already")
    if found.rule in NEVER_OVERRULED:
        raise BadInput(f"{found.rule}: this can never be overruled, change the text ({found.advice})")
    if not found.blocking:
        raise BadInput(f"{found.rule}: this is advice and stops nothing")
    if len(why.split()) < _FEWEST_WORDS:
        raise BadInput(
            f"overruling: say why in a few words, {_FEWEST_WORDS} or more: colleagues and the report will read it"
        )
