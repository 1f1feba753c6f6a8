"""What a person can put right about a mention: its feeling, its priority, its themes. See `actions` for what actions
share. The person's word counts at once, for the mention and its case; what others learn from it goes live elsewhere."""

from __future__ import annotations

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.correction import LEVELS, checked
from domain.errors import BadInput, Missing, Moved
from domain.person import Person
from responders.done import Done, Undo
from responders.parts import Parts
from responders.rising import NEEDED, ask_for_second
from scoring.concepts import THEMES
from storage import corrections, replies, restating
from storage.tables import Brand, Case, MentionRow


async def correct(
    session: AsyncSession, person: Person, mention_id: int, *, kind: str, value: str, now: datetime, parts: Parts
) -> Done:
    """`kind` is sentiment, priority or theme. The last word of each kind counts. Undo: `take_back`."""
    mention = await _mention(session, person, mention_id)
    value = checked(kind, value, THEMES)
    silent = parts.silent(mention.channel)
    row = await corrections.note(
        session, mention, kind, value, old=_shown(mention, kind), teaches=not silent, actor=person.actor, now=now
    )
    if row is None:
        return await _done(session, mention, f"this is what counts already: {spoken(kind, value)}", None)
    why = f". Other posts learn nothing from it: {silent}" if silent else ""
    why += await _restate(session, person, mention, parts, now)
    return await _done(session, mention, f"corrected: {spoken(kind, value)}{why}", Undo("take-back", {"kind": kind}))


async def take_back(
    session: AsyncSession, person: Person, mention_id: int, *, kind: str, now: datetime, parts: Parts
) -> Done:
    """What stood before counts again: an earlier word of a person, else what is scored. Moved when nothing stood,
    BadInput for irrelevant, which is of the whole case."""
    if kind == "irrelevant":
        raise BadInput("irrelevant: put the case back in the queue to take that back")
    mention = await _mention(session, person, mention_id)
    stood = await corrections.standing(session, mention_id, kind)
    if stood is None or not await corrections.take_back(session, mention, kind, actor=person.actor, now=now):
        raise Moved("there is no such correction to take back")
    value = stood.new
    why = await _restate(session, person, mention, parts, now)
    undo = Undo("correct", {"kind": kind, "value": value})
    return await _done(session, mention, f"the correction is taken back{why}", undo)


async def _restate(session: AsyncSession, person: Person, mention: MentionRow, parts: Parts, now: datetime) -> str:
    """Its row and its case say the new score. What to add where an approved reply needs a second person by it."""
    case_id = mention.case_id
    scorer = await parts.taught(session, await session.get_one(Brand, mention.brand_id))
    await restating.restate(session, scorer, [mention])
    case = await session.get(Case, case_id, populate_existing=True) if case_id is not None else None
    live = await replies.live(session, case.id) if case is not None else None
    rose = await ask_for_second(session, case, live, person.actor, parts, now) if case and live else ""
    return f". The reply does not leave: {NEEDED} ({rose})" if rose else ""


def spoken(kind: str, value: str) -> str:
    """A value as it is said to people."""
    if kind == "priority":
        return LEVELS[int(value)]
    if kind == "theme":
        return f"about {value.replace(',', ', ')}" if value else "about nothing in particular"
    return value


def _shown(mention: MentionRow, kind: str) -> str:
    return {"sentiment": mention.label, "priority": str(mention.severity), "theme": ",".join(mention.themes)}[kind]


async def _mention(session: AsyncSession, person: Person, mention_id: int) -> MentionRow:
    """The mention, held. Missing alike for absent ids and those of other brands; Moved when its words are gone."""
    mention = await corrections.held(session, mention_id)
    if mention is None or mention.brand_id not in person.brands:
        raise Missing("there is no such mention")
    person.require("triage", mention.brand_id)
    if mention.status == "withdrawn" or not (mention.text or mention.title):
        raise Moved("the words of this mention are gone, so there is nothing to put right")
    return mention


async def _done(session: AsyncSession, mention: MentionRow, said: str, undo: Undo | None) -> Done:
    case = await session.get(Case, mention.case_id) if mention.case_id else None
    return Done(
        said, case.id if case else 0, status=case.status if case else "", version=case.version if case else 0,
        undo=undo, mention_id=mention.id,
    )  # fmt: skip
