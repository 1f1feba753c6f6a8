"""A case changes hands: whoever has it signs the draft that nobody touched."""

from __future__ import annotations

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from responders import knowing
from responders.done import record_change
from responders.drafting import counted, signature_of
from responders.keeping import checked, finding_rows, keep_prints
from responders.parts import Parts
from responders.signatures import last_line, signed_by
from storage import replies, signing
from storage.tables import Case, Reply

_DRAFTER = "system:drafter"


async def sign_anew(session: AsyncSession, case: Case, user_id: int | None, now: datetime, parts: Parts) -> None:
    """The signature of a draft as it was first written follows to this colleague (None: nobody), no other word of it.

    What a person changed, signed off, approved or overruled a finding of stays: the contract tells whose name it has.
    """
    reply = await replies.live(session, case.id)
    if reply is None or reply.status != "drafted" or reply.text != reply.first_text:
        return
    if reply.channel not in parts.channels:
        return
    if await signing.has_word(session, reply.id):
        return
    before = await knowing.gather(session, case, reply, now)
    after = await knowing.gather(session, Case(**case.model_dump() | {"assignee_id": user_id}), reply, now)
    old, new = signature_of(before), signature_of(after)
    if old == new or last_line(reply.text) != old:
        return
    text, channel = signed_by(reply.text, new), parts.channels[reply.channel]
    if counted(channel, after.mention)(text) > channel.max_length:
        return
    found = finding_rows(await checked(session, after, text, parts, now))
    values = {"text": text, "first_text": text, "findings": found, "version": reply.version + 1}
    await replies.change(session, Reply, reply.id, **values)
    await keep_prints(session, reply, text)
    # not in the name of who handed it over: nobody typed, which the Rule of 5 would take for a changed mind
    await record_change(
        session, "reply_text", reply.id, "", "signed anew", brand_id=reply.brand_id, actor=_DRAFTER, now=now
    )
