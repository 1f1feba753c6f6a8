"""What a person can do in a storm. See `actions` for what all actions share.

Each is done to a problem by its id, or with `of_brand` to a whole brand by the id of that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.errors import BadInput, Missing, Moved
from domain.ids import ids
from domain.person import POLICY, Person
from responders.done import Done, Undo, case_for, record_change, short
from responders.drafters.known import FEWEST_STATED, why_not_told, why_not_understood
from responders.drafters.phrasebook import LANGUAGES
from responders.parts import Parts
from responders.sent_actions import checked_url
from responders.statement import blocking
from responders.stating import is_next_late
from responders.storming import CASES, tell_case
from storage import replies, signing, storms, transitions
from storage.tables import Brand, Problem
from storage.tables_storm import Frozen, Storm

LONGEST: Final = 120
"""Characters of what is known and of what is not yet: each is one sentence of every draft."""
FASTEST: Final = 60
"""Cases a minute."""
PACE: Final = 10
"""Cases a minute that are proposed."""
_LONGEST_WAIT = timedelta(days=7)
_HELD_STILL: Final = "let go by one storm mode: another one holds it still, let it go once more"


@dataclass(frozen=True, slots=True)
class Over:
    """What a storm is over: a problem, or without one a whole brand."""

    brand_id: int
    problem: Problem | None = None


async def begin(
    session: AsyncSession, person: Person, row_id: int, *, why: str, minutes: int = 30, now: datetime, parts: Parts,
    of_brand: bool = False,
) -> Done:  # fmt: skip
    """Hold all answers in the cases of this problem or brand; of a brand only who may let go. `minutes`: when the
    statement is to be out. Pressed twice it is on once. Undo: `storm-end`, for who may."""
    over = await _over(session, person, row_id, "calm" if of_brand else "storm", of_brand)
    if over.problem is not None and over.problem.status != "open":
        raise Moved(f"this problem is {over.problem.status}: storm mode is for open ones")
    why = short(why, "storm mode")
    if not 1 <= minutes <= 24 * 60:
        raise BadInput("minutes: the statement is to be out within 1 to 1440 minutes")
    await storms.take_turn(session, over.brand_id)  # two people at once: the second one finds the first one's
    if await _on(session, over) is not None:
        return _done(over, "storm mode is on already")
    storm = Storm(
        id=ids.next(now), brand_id=over.brand_id, problem_id=over.problem.id if over.problem else None, why=why,
        actor=person.actor, statement_by=now + timedelta(minutes=minutes), created_at=now,
    )  # fmt: skip
    session.add(storm)
    await session.flush()
    await record_change(session, "storm", storm.id, "", "frozen", brand_id=storm.brand_id, actor=person.actor, now=now)
    many = await storms.freeze(session, storm, now)
    await _tell_held(session, storm, person, "held", "", now)  # its reason can be cleaned, history cannot
    undo = Undo("storm-end") if person.may("calm", storm.brand_id) else None
    return _done(over, f"storm mode is on: nothing leaves, {many} approved wait; write the statement", undo)


async def state(
    session: AsyncSession, person: Person, row_id: int, *, known: Mapping[str, str], unclear: Mapping[str, str],
    next_at: datetime | None, now: datetime, parts: Parts, of_brand: bool = False,
) -> Done:  # fmt: skip
    """The words of the statement, by language. Other words than before need another yes, and hold again whoever was not
    answered yet."""
    over, storm = await _storm(session, person, row_id, of_brand, "tell")
    known, unclear = _words(known, "known"), _words(unclear, "unclear")
    if not known or known.keys() != unclear.keys():
        raise BadInput("known, unclear: write both in at least one language, and both in each")
    if next_at is None or next_at.tzinfo is None or not now < next_at <= now + _LONGEST_WAIT:
        raise BadInput("next: say when the next word comes, within the next 7 days")
    if (storm.known, storm.unclear, storm.next_at) == (known, unclear, next_at):
        return _done(over, "these are the words already")
    if storm.next_at is not None and (storm.posted_at is not None or storm.status == "releasing"):
        storm.statement_by = storm.next_at  # the public was told: these words are the next ones
    storm.known, storm.unclear, storm.next_at = known, unclear, next_at
    if found := await blocking(session, storm, over.problem, parts, now):
        raise BadInput("; ".join(found))
    await _restate(session, storm, person, now)
    return _done(over, "kept: a second person reads it and agrees")


async def _restate(session: AsyncSession, storm: Storm, person: Person, now: datetime) -> None:
    words: dict[str, Any] = {"known": storm.known, "unclear": storm.unclear, "next_at": storm.next_at}
    words |= {"stated_by": person.actor, "statement_by": storm.statement_by, **storms.NOT_POSTED}
    if storm.status == "frozen":
        await replies.change(session, Storm, storm.id, agreed_by="", version=storm.version + 1, **words)
    else:
        await _move(session, storm, "frozen", person, now, "other words", agreed_by="", due_at=None, **words)
    await record_change(
        session, "statement", storm.id, "", "written", brand_id=storm.brand_id, actor=person.actor, now=now
    )
    await storms.hold_again(session, storm.id)
    await storms.freeze(session, storm, now)


async def agree(
    session: AsyncSession,
    person: Person,
    row_id: int,
    *,
    version: int,
    now: datetime,
    parts: Parts,
    of_brand: bool = False,
) -> Done:
    """A second person's yes to exactly these words; where only one may approve, their own counts."""
    over, storm = await _storm(session, person, row_id, of_brand, "approve")
    if storm.status != "frozen" or not storm.known or storm.version != version:
        raise Moved("the statement has changed since the page was shown: reload and read it again")
    _in_time(storm, now)
    approvers = await signing.approvers(session, storm.brand_id, sorted(POLICY["approve"]))
    if storm.stated_by == person.actor and approvers > 1:
        raise BadInput("you wrote these words: a second person agrees to them")
    await _move(session, storm, "stated", person, now, "", agreed_by=person.actor)
    return _done(over, "agreed: post it now from the brand's account, then begin the release")


async def posted(
    session: AsyncSession, person: Person, row_id: int, *, url: str = "", pace: int = PACE, now: datetime,
    parts: Parts, of_brand: bool = False,
) -> Done:  # fmt: skip
    """The statement was posted by hand: said once, with its address where it has one. Where the person may let cases
    go, the release begins with it."""
    over, storm = await _storm(session, person, row_id, of_brand, "tell")
    _agreed(storm)
    url = checked_url(url)
    if storm.posted_at is not None:
        return _done(over, "it is marked as posted already")
    if storm.status == "stated":
        _in_time(storm, now)
    await replies.change(session, Storm, storm.id, posted_at=now, posted_url=url, posted_by=person.actor)
    await record_change(
        session, "statement", storm.id, "", "posted", brand_id=storm.brand_id, actor=person.actor, now=now
    )
    if storm.status == "stated" and person.may("calm", over.brand_id):
        return await _release(session, over, storm, pace, person, now, parts)
    return _done(over, "marked as posted: a manager begins the release")


async def release(
    session: AsyncSession, person: Person, row_id: int, *, pace: int, now: datetime, parts: Parts,
    of_brand: bool = False,
) -> Done:  # fmt: skip
    """The statement is out: cases are let go, so many a minute. While it goes on: another pace."""
    over, storm = await _storm(session, person, row_id, of_brand, "calm")
    _agreed(storm)
    if storm.status == "stated":
        _in_time(storm, now)
    return await _release(session, over, storm, pace, person, now, parts)


async def _release(
    session: AsyncSession, over: Over, storm: Storm, pace: int, person: Person, now: datetime, parts: Parts
) -> Done:
    if not 1 <= pace <= FASTEST:
        raise BadInput(f"pace: 1 to {FASTEST} cases a minute")
    if storm.status == "stated":
        await _move(session, storm, "releasing", person, now, f"{pace} a minute", pace=pace, due_at=now)
    else:
        await replies.change(session, Storm, storm.id, pace=pace, due_at=now, version=storm.version + 1)
        await record_change(
            session, "pace", storm.id, str(storm.pace), str(pace), brand_id=storm.brand_id, actor=person.actor, now=now
        )
    await parts.jobs.nudge(session, "release", storm.id, now)
    return _done(over, f"{pace} cases a minute are let go, the most urgent first")


def _agreed(storm: Storm) -> None:
    if storm.status == "frozen":
        raise Moved("the statement comes first: write it, and a second person agrees to it")


def _in_time(storm: Storm, now: datetime) -> None:
    """Raise Moved where the statement promises its next word by a moment that has passed."""
    if is_next_late(storm, now):
        raise Moved("the next word was to come before now: write the statement again with another moment")


async def end(
    session: AsyncSession, person: Person, row_id: int, *, now: datetime, parts: Parts, of_brand: bool = False
) -> Done:
    """Everything is as it was: drafts may be approved, and approved replies are queued again with their undo window."""
    over, storm = await _storm(session, person, row_id, of_brand, "calm")
    await _tell_held(session, storm, person, "let_go", "storm mode is over", now)
    await _move(session, storm, "over", person, now, "", due_at=None)
    waiting = await session.exec(select(Frozen.reply_id).where(Frozen.storm_id == storm.id).order_by(col(Frozen.id)))
    for reply_id in list(waiting):
        await parts.jobs.nudge(session, "thaw", reply_id, now)
    return _done(over, "storm mode is off: approved replies are queued again, with their undo window")


async def let_go(
    session: AsyncSession, person: Person, case_id: int, *, why: str, now: datetime, parts: Parts
) -> Done:  # fmt: skip
    """This one case is answered now, with what it has."""
    found = await storms.holding(session, case_id)
    storm = await storms.locked(session, found.id) if found else None
    case = await case_for(session, person, case_id, "calm")
    if storm is None or storm.status not in storms.ON or await storms.is_let_go(session, storm.id, case_id):
        raise Moved("storm mode does not hold this case: reload to see what happened")
    await storms.let_go(session, storm.id, case_id, person.actor, now)
    await tell_case(session, case, "let_go", person.actor, now, short(why, "letting it go"))
    live = await replies.live(session, case_id)
    if live is not None and live.status == "approved":
        await parts.jobs.nudge(session, "thaw", live.id, now)
    still = await storms.holding(session, case_id)
    said = "let go: it can be answered now" if still is None else _HELD_STILL
    return Done(said, case_id, status=case.status, version=case.version + 1)


# --- how -------------------------------------------------------------------------------------------------------


async def _over(session: AsyncSession, person: Person, row_id: int, action: str, of_brand: bool) -> Over:
    """The problem or brand, not held: whoever holds cases may want it (`storage.purging`)."""
    row = await session.get(Brand if of_brand else Problem, row_id, populate_existing=True)
    over = Over(row.brand_id, row) if isinstance(row, Problem) else Over(row_id)
    if row is None or over.brand_id not in person.brands:
        raise Missing("there is no such brand" if of_brand else "there is no such problem")
    person.require(action, over.brand_id)
    return over


async def _on(session: AsyncSession, over: Over) -> Storm | None:
    if over.problem is None:
        return await storms.on_brand(session, over.brand_id)
    return await storms.on(session, over.problem.id)


async def _storm(
    session: AsyncSession, person: Person, row_id: int, of_brand: bool, action: str
) -> tuple[Over, Storm]:  # fmt: skip
    over = await _over(session, person, row_id, action, of_brand)
    found = await _on(session, over)
    storm = await storms.locked(session, found.id) if found is not None else None
    if storm is None or storm.status not in storms.ON:
        raise Moved("storm mode is not on here: reload to see what happened")
    session.expunge(storm)  # values from here on: it is written by statements
    return over, storm


async def _move(
    session: AsyncSession, storm: Storm, new: str, person: Person, now: datetime, why: str, **values: object
) -> None:
    await transitions.move(
        session, "storm", storm.id, storm.status, new,
        brand_id=storm.brand_id, actor=person.actor, now=now, why=why, **values,
    )  # fmt: skip


async def _tell_held(
    session: AsyncSession, storm: Storm, person: Person, new: str, why: str, now: datetime
) -> None:  # fmt: skip
    """A line in the history of every case that is held at this moment."""
    found = await storms.held(session, storm)
    await transitions.record(
        session,
        [
            transitions.entry(
                CASES, each.case_id, "", new, brand_id=storm.brand_id, actor=person.actor, now=now, why=why
            )
            for each in found
        ],
    )


def _words(given: Mapping[str, str], field: str) -> dict[str, str]:
    """Language -> words. BadInput names the field and what to do."""
    found = {lang: " ".join(text.split()).rstrip(" .") for lang, text in given.items() if text.strip()}
    for lang, text in found.items():
        if lang not in LANGUAGES:
            raise BadInput(f"{field}_{lang}: choose one of {', '.join(LANGUAGES)}")
        if len(text) > LONGEST:
            raise BadInput(f"{field}_{lang}: {len(text)} characters are too many, at most {LONGEST}")
        why_not = why_not_understood if field == "known" else why_not_told
        if why := why_not(text, lang, FEWEST_STATED):
            raise BadInput(f"{field}_{lang}: write a whole statement in that language: {why}")
    return found


def _done(over: Over, said: str, undo: Undo | None = None) -> Done:
    if over.problem is None:
        return Done(said, 0, undo=undo, storm_over=over.brand_id)
    problem = over.problem
    return Done(said, 0, status=problem.status, version=problem.version, undo=undo, problem_id=problem.id)
