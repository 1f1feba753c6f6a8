"""What a person can do with a reply, one function per action; those for cases are in `case_actions` and found here too.

Pages, the API and tests all call these. Each takes the caller's transaction, asks `person.require`, moves rows only
through `storage.transitions`, and returns a `Done`. Each raises Missing (no such row for this person), NotAllowed,
Moved (the page has gone stale), BadInput.

`version` is the version the page showed. A decision on a text carries the text as seen: what is approved is what the
person had before their eyes.
"""

from __future__ import annotations

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from channels.manifest import Manifest
from domain.crashpoint import crashpoint
from domain.errors import Moved
from domain.person import Person
from domain.reply import Finding
from responders import holds, knowing
from responders.approval import final_text
from responders.case_actions import (
    assign,
    escalate,
    ignore,
    note,
    remove_note,
    reopen,
    resolve,
    snooze,
    unignore,
    wake,
)
from responders.change_actions import ask_change, refuse_unchanged, unask_change
from responders.correcting import correct, take_back
from responders.done import (
    Done,
    Undo,
    back_to_draft,
    may_move,
    ready,
    reply_for,
    same_version,
    short,
    spoken,
)
from responders.finding_actions import mend, overrule
from responders.freezing import approve_and_freeze
from responders.keeping import checked, findings_of, keep_text
from responders.opt_out_actions import leave_alone, lift_opt_out
from responders.parts import Parts
from responders.redrafting import Typed, bring_back, redraft
from responders.sent_actions import mark_sent, settle_absent, settle_sent
from responders.signing import Looked, first_yes, look, sayable, sign_off, tell_playbooks, waiting_for_second
from responders.storming import refuse_held
from storage import replies, signing, transitions
from storage.database import after_commit
from storage.settings import publishing_on
from storage.tables import Case, MentionRow, Reply

__all__ = [
    "REJECT_REASONS",
    "approve",
    "ask_change",
    "assign",
    "correct",
    "edit",
    "escalate",
    "hand_over",
    "ignore",
    "leave_alone",
    "lift_opt_out",
    "mark_sent",
    "mend",
    "note",
    "overrule",
    "recall",
    "redraft",
    "reject",
    "remove_note",
    "reopen",
    "resolve",
    "restore",
    "settle_absent",
    "settle_sent",
    "snooze",
    "take_back",
    "unask_change",
    "unignore",
    "wake",
]

REJECT_REASONS = ("wrong facts", "wrong tone", "wrong language", "no answer needed", "answered elsewhere")
"""Short reasons offered for a rejection; any other short text is accepted too."""


async def approve(
    session: AsyncSession, person: Person, reply_id: int, *, text: str, version: int, now: datetime, parts: Parts
) -> Done:
    """Yes to exactly this text. drafted -> approved; a manual reply goes on to handed_over with the text to copy.

    BadInput quotes each blocking objection. Undo: `recall`, until the undo window ends. A text that differs from the
    stored one is stored first (edit and approve in one). A second click on the same approval is answered alike. Where
    the Rule of 5 holds it, nothing is approved: the Done has `held_until`.
    """
    case, reply = await reply_for(session, person, reply_id, "approve")
    text = final_text(text)
    if await _clicked_twice(session, person, reply, text, version):
        return await _approved(session, case, reply, parts, now, findings_of(reply))
    if await _signed_twice(session, person, reply, text, version, parts, now):
        version = reply.version
    ready(case, reply, version)
    await refuse_held(session, case.id)
    if held := await _held(session, person, case, reply, text, now):
        return held
    findings = await _yes(session, person, case, reply, text, parts, now, by_hand=reply.way == "manual")
    if isinstance(findings, Done):
        return findings
    reply = (await replies.locked(session, reply_id) or (case, reply))[1]
    crashpoint("approve.before_commit")
    after_commit(session, lambda: crashpoint("approve.committed"))
    return await _approved(session, case, reply, parts, now, findings)


async def hand_over(
    session: AsyncSession, person: Person, reply_id: int, *, text: str, version: int, now: datetime, parts: Parts
) -> Done:
    """Answer by hand, whatever the channel could do: approves the text and gives it to copy. Undo: `recall`."""
    case, reply = await reply_for(session, person, reply_id, "hand_over")
    text = final_text(text)
    if await _clicked_twice(session, person, reply, text, version) and reply.status == "handed_over":
        return await _approved(session, case, reply, parts, now, findings_of(reply))
    same_version(reply, version)
    await refuse_held(session, case.id)
    if held := await _held(session, person, case, reply, text, now):
        return held
    if reply.status in ("approved", "refused"):
        reply = await back_to_draft(session, case, reply, person.actor, now, "answered by hand instead")
    ready(case, reply, reply.version)
    findings = await _yes(session, person, case, reply, text, parts, now, by_hand=True)
    if isinstance(findings, Done):
        return findings
    reply = (await replies.locked(session, reply_id) or (case, reply))[1]
    return await _approved(session, case, reply, parts, now, findings)


async def _held(
    session: AsyncSession, person: Person, case: Case, reply: Reply, text: str, now: datetime
) -> Done | None:
    hold = await holds.begin(session, person, case, reply, text, now)
    if hold is None:
        return None
    wait = f"{-(-(hold.until - now).total_seconds() // 60):.0f} min"
    said = f"held by the Rule of 5 ({', '.join(hold.reasons)}): possible in {wait}, or after five other cases"
    return Done(said, case.id, reply.id, reply.status, reply.version, held_until=hold.until)


async def _clicked_twice(session: AsyncSession, person: Person, reply: Reply, text: str, version: int) -> bool:
    """The same person said yes to the same text on the same page already (a double click, a lost answer)."""
    steps = {"approved": 1, "handed_over": 2}.get(reply.status, 0)
    if not steps or reply.version != version + steps or reply.text != text:
        return False
    approval = await replies.live_approval(session, reply.id)
    return approval is not None and approval.user_id == person.id


async def _signed_twice(
    session: AsyncSession, person: Person, reply: Reply, text: str, version: int, parts: Parts, now: datetime
) -> bool:
    """The same person signed this text off on the same page already, where it was stored with that."""
    if reply.status != "drafted" or reply.version != version + 1 or reply.text != text:
        return False
    mention = await session.get_one(MentionRow, reply.mention_id)
    first = await waiting_for_second(session, reply, mention, parts, now)
    return first is not None and first.user_id == person.id


async def _yes(
    session: AsyncSession, person: Person, case: Case, reply: Reply, text: str, parts: Parts, now: datetime,
    *, by_hand: bool,
) -> Done | tuple[Finding, ...]:  # fmt: skip
    """The yes that lets it leave: its findings that did not block. Or, where a second person is needed, the first."""
    await refuse_unchanged(session, person, reply, text, now)
    looked = await look(session, person, case, reply, text, parts, now)
    sayable(looked)
    if text != reply.text:
        await signing.void_overrulings(session, reply.id, now, "edited")
    first = await first_yes(session, person, reply, text, looked.gathered.mention, parts, now)
    if looked.depth.people > 1 and first is None:
        return await _signed_off(session, person, case, reply, text, looked, parts, now)
    await tell_playbooks(session, person, looked, now)
    return await approve_and_freeze(
        session, person, reply, text, parts, now, by_hand=by_hand, looked=looked, first=first
    )


async def _signed_off(
    session: AsyncSession, person: Person, case: Case, reply: Reply, text: str, looked: Looked, parts: Parts,
    now: datetime,
) -> Done:  # fmt: skip
    if text != reply.text:
        await keep_text(session, person, reply, text, looked.findings, now)
        reply = (await replies.locked(session, reply.id) or (case, reply))[1]
    why = ", ".join(looked.depth.reasons)
    await sign_off(session, person, reply, looked.gathered.mention, why, parts, now)
    said = f"signed off: a second person must approve it too ({why})"
    return Done(said, case.id, reply.id, "drafted", reply.version, findings=looked.findings)


async def _approved(
    session: AsyncSession, case: Case, reply: Reply, parts: Parts, now: datetime, findings: tuple[Finding, ...]
) -> Done:
    if reply.status != "handed_over":
        wait = max(0, round(((reply.due_at or now) - now).total_seconds()))
        said = f"approved: it leaves in {wait} s" if wait else "approved: it leaves now"
        is_on, why = await publishing_on(session, parts.stop_file)
        if not is_on:
            said = f"approved, and it waits: {why}"
        if reply.due_at is None:  # only a storm takes it away
            said = "approved: storm mode holds it, and once it is let go it leaves after an undo window"
        undo = Undo("recall", until=reply.due_at)
        return Done(said, case.id, reply.id, "approved", reply.version, undo, findings=findings)
    mention = (await replies.gather(session, case, reply, now)).mention
    return Done(
        "approved: copy it, post it by hand, then mark it as sent",
        case.id,
        reply.id,
        "handed_over",
        reply.version,
        Undo("recall"),
        copy=reply.text,
        open_url=_place(parts.channels[reply.channel], mention),
        findings=findings,
    )


def _place(manifest: Manifest, mention: MentionRow) -> str:
    """Where a person answers by hand: a page, or a mail to the author."""
    return manifest.open_url(mention.url) or manifest.mail_link(dict(mention.native))


async def edit(
    session: AsyncSession, person: Person, reply_id: int, *, text: str, version: int, now: datetime, parts: Parts
) -> Done:
    """New text: drafted stays drafted with a higher version; approved and handed_over are recalled first (approval
    void); refused goes back to drafted. Undo: `edit` with the old text."""
    case, reply = await reply_for(session, person, reply_id, "edit")
    text = final_text(text)
    same_version(reply, version)
    is_kept = reply.status == "drafted" and text == reply.text
    if reply.status != "drafted":
        may_move("reply", reply.status, "drafted", "edited")
        if reply.status in ("unknown", "rejected"):
            raise Moved(f"this reply is {spoken(reply.status)}, so it cannot be edited")
        reply = await back_to_draft(session, case, reply, person.actor, now, "edited")
    old = reply.text
    findings = await checked(session, await knowing.gather(session, case, reply, now, person), text, parts, now)
    if is_kept:  # a colleague's yes to it stands
        said = "nothing to save: this is how it is kept"
        return Done(said, case.id, reply_id, "drafted", reply.version, findings=findings)
    await keep_text(session, person, reply, text, findings, now)
    undo = Undo("edit", {"text": old, "version": reply.version + 1}) if old and text != old else None
    return Done("saved", case.id, reply_id, "drafted", reply.version + 1, undo, findings=findings)


async def recall(session: AsyncSession, person: Person, reply_id: int, *, now: datetime, parts: Parts) -> Done:
    """Undo of approve and hand_over: approved or handed_over -> drafted, approval void. Moved once it is being sent."""
    case, reply = await reply_for(session, person, reply_id, "recall")
    if reply.status not in ("approved", "handed_over"):
        raise Moved(f"too late: this reply is {spoken(reply.status)}")
    reply = await back_to_draft(session, case, reply, person.actor, now, "recalled")
    return Done("recalled: nothing was sent", case.id, reply_id, "drafted", reply.version)


async def reject(
    session: AsyncSession, person: Person, reply_id: int, *, reason: str, version: int, now: datetime, parts: Parts
) -> Done:
    """drafted or refused -> rejected, with a reason. The case stays open. Undo: `restore`."""
    case, reply = await reply_for(session, person, reply_id, "reject")
    reason = short(reason, "a rejection")
    same_version(reply, version)
    may_move("reply", reply.status, "rejected", "rejected")
    await transitions.move(
        session,
        "reply",
        reply_id,
        reply.status,
        "rejected",
        brand_id=reply.brand_id,
        actor=person.actor,
        now=now,
        why=reason,
        due_at=None,
    )
    await replies.next_turn(session, case.id, now)
    return Done(f"rejected: {reason}", case.id, reply_id, "rejected", version + 1, Undo("restore"))


async def restore(
    session: AsyncSession, person: Person, reply_id: int, *, typed: Typed | None = None, now: datetime, parts: Parts
) -> Done:
    """Undo of reject and redraft. rejected -> drafted, unless the case has another live reply by now. replaced ->
    drafted: what stands there now gives way in turn, with what was `typed` in it."""
    case, reply = await reply_for(session, person, reply_id, "reject")
    if reply.status == replies.REPLACED:
        return await bring_back(session, person, case, reply, typed, now, parts)
    if reply.status != "rejected":
        raise Moved(f"this reply is {spoken(reply.status)}, so there is nothing to take back")
    if await replies.live(session, case.id) is not None:
        raise Moved("this case has a newer draft by now")
    reply = await back_to_draft(session, case, reply, person.actor, now, "rejection taken back")
    return Done("the draft is back", case.id, reply_id, "drafted", reply.version)
