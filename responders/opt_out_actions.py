"""What a person can do about an author who wants to be left alone. See `actions` for what actions share."""

from __future__ import annotations

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.errors import Missing, Moved
from domain.person import Person
from responders.done import Done, Undo, case_for, short
from responders.parts import Parts
from storage import opt_outs, replies, transitions
from storage.tables import Case, MentionRow


async def leave_alone(
    session: AsyncSession, person: Person, case_id: int, *, why: str = "", now: datetime, parts: Parts
) -> Done:
    """The author that this case answers wants no more replies from us: none leaves by API until `lift_opt_out`.

    For wishes that are said in other words than those we know. Undo: `lift_opt_out`, for who may.
    """
    case = await case_for(session, person, case_id, "opt_out")
    mention = await _answered(session, case)
    await opt_outs.note(session, mention, short(why, "why", needed=False), actor=person.actor, now=now)
    may_lift = person.may("lift_opt_out", case.brand_id)
    undo = Undo("lift-opt-out", {"why": "noted by mistake"}) if may_lift else None
    return Done("noted: no reply leaves to this author by API", case_id, version=case.version, undo=undo)


async def lift_opt_out(
    session: AsyncSession, person: Person, case_id: int, *, why: str, now: datetime, parts: Parts
) -> Done:
    """Write to the author of this case again, with a reason: standing -> lifted. Moved when nothing stands."""
    case = await case_for(session, person, case_id, "lift_opt_out")
    why = short(why, "to write to them again")
    said = await opt_outs.of_author(session, await _answered(session, case))
    standing = [each.id for each in said if each.status == "standing"]
    if not standing:
        raise Moved("nothing stands against writing to this author")
    for row_id in standing:
        await transitions.move(
            session, "opt_out", row_id, "standing", "lifted",
            brand_id=case.brand_id, actor=person.actor, now=now, why=why,
        )  # fmt: skip
    return Done("lifted: this author may be answered by API again", case_id, version=case.version)


async def _answered(session: AsyncSession, case: Case) -> MentionRow:
    """The post that an answer in this case is for: its author is whom this is about."""
    live = await replies.live(session, case.id)
    mention = await session.get(MentionRow, live.mention_id if live else case.last_mention_id or 0)
    if mention is None or not (mention.author_id or mention.author_handle):
        raise Missing("the author of this case is not known here")
    return mention
