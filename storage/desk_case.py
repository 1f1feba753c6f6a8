"""What the page of one case reads: a fixed number of queries, whatever the length of the thread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.person import POLICY
from storage import delays, suggestions, surveys
from storage import promises as ledger
from storage.corrections import of_mentions
from storage.identities import Persons, persons
from storage.opt_outs import of_author
from storage.placing import Place, place_of
from storage.promises import PromiseRow
from storage.replies import may_come_back, newest_live
from storage.tables import (
    Attempt,
    Brand,
    Case,
    Correction,
    Membership,
    MentionRow,
    Note,
    OptOut,
    Reply,
    Topic,
    Transition,
    User,
)
from storage.tables_model import Suggestion
from storage.tables_storm import Storm
from storage.tables_survey import Survey

_THREAD = 200
_EARLIER = 5


@dataclass(frozen=True, slots=True)
class CaseView:
    """Everything about one case. `live` is the reply that still stands between us and the author."""

    case: Case
    brand: Brand
    mentions: list[MentionRow]
    replies: list[Reply]
    attempts: list[Attempt]
    history: list[Transition]
    typed: dict[int, str]
    """Words that belong to a step of history (by its id) and stand where they can be cleaned."""
    notes: list[Note]
    earlier: list[Case]
    topics: list[Topic]
    people: dict[int, str]
    team: list[User]
    opt_outs: list[OptOut]
    """What the author that would be answered said about being left alone, newest first."""
    corrections: list[Correction]
    """What people put right about its mentions, oldest first."""
    promises: list[PromiseRow]
    """What we promised them, oldest first; not what was dismissed."""
    suggested: Suggestion | None
    """What a model proposed for the live reply, beside the composed draft."""
    survey: Survey | None
    """The one question that its author was asked, and their answer."""
    persons: Persons
    """Its author on other networks, as far as somebody said so or it may be."""
    place: Place | None
    """Where it stands in the queue, and where without each part of its loudest mention."""

    @property
    def opt_out(self) -> OptOut | None:
        """What stands against writing to them."""
        return next((each for each in self.opt_outs if each.status == "standing"), None)

    @property
    def thanked(self) -> bool:
        """Whether the last that was heard of an answered case was thanks: it stayed as it was."""
        return bool(self.history) and self.history[-1].noun == "thanks"

    @property
    def live(self) -> Reply | None:
        """The newest live reply."""
        return newest_live(self.replies)

    @property
    def changes_asked(self) -> list[Note]:
        """What people want changed in the live reply as it stands, oldest first."""
        live = self.live
        if live is None or live.status != "drafted":
            return []
        return [note for note in self.notes if note.reply_id == live.id and note.settled_at is None]

    @property
    def former(self) -> list[Reply]:
        """Drafts that gave way to another one and may come back, the newest first."""
        return [reply for reply in reversed(self.replies) if may_come_back(self.case, reply)]

    @property
    def sent(self) -> list[Reply]:
        """Our answers in this thread."""
        return [reply for reply in self.replies if reply.status == "sent"]

    @property
    def loudest(self) -> MentionRow | None:
        """The mention that the priority of the case comes from: its reasons are those of the case."""
        return _loudest(self.case, self.mentions)

    def standing(self, mention: MentionRow) -> dict[str, Correction]:
        """What people said of this mention and counts, by kind."""
        return {
            each.kind: each for each in self.corrections if each.mention_id == mention.id and each.status == "standing"
        }

    @property
    def answered(self) -> MentionRow | None:
        """The mention that the live reply answers, else the newest one."""
        return _answered(self.case, self.mentions, self.replies)


async def brand_of(session: AsyncSession, brands: list[int], noun: str, row_id: int) -> tuple[int, int] | None:
    """(brand, case) of a case or reply that this person may see; None when it is foreign or absent, alike."""
    if noun == "case":
        found = select(Case.brand_id, Case.id).where(col(Case.id) == row_id, col(Case.brand_id).in_(brands))
    else:
        found = select(Reply.brand_id, Reply.case_id).where(col(Reply.id) == row_id, col(Reply.brand_id).in_(brands))
    return (await session.exec(found)).first()


async def case_view(
    session: AsyncSession, brands: list[int], case_id: int, told: Sequence[str] = ()
) -> CaseView | None:  # fmt: skip
    """The case with all that its page shows; None when foreign or absent. For `told` see `identities.persons`."""
    case = (await session.exec(select(Case).where(col(Case.id) == case_id, col(Case.brand_id).in_(brands)))).first()
    if case is None:
        return None
    mentions = await _mentions(session, case_id)
    replies = list(await session.exec(select(Reply).where(col(Reply.case_id) == case_id).order_by(col(Reply.id))))
    answered, live = _answered(case, mentions, replies), newest_live(replies)
    opt_outs = await of_author(session, answered) if answered else []
    put_right = await of_mentions(session, [mention.id for mention in mentions])
    promised = await ledger.of_case(session, case_id)
    elsewhere = await persons(session, case, told)
    history = await _history(session, case, replies, opt_outs, put_right, promised, elsewhere)
    notes = list(await session.exec(select(Note).where(col(Note.case_id) == case_id).order_by(col(Note.id))))
    team = await team_of(session, case.brand_id)
    loudest = _loudest(case, mentions)
    return CaseView(
        place=await place_of(session, case, [float(part[1]) for part in loudest.parts] if loudest else []),
        case=case,
        brand=await session.get_one(Brand, case.brand_id),
        mentions=mentions,
        replies=replies,
        attempts=await _attempts(session, [reply.id for reply in replies]),
        history=history,
        typed=await _typed(session, case, history),
        notes=notes,
        earlier=await _earlier(session, case),
        topics=await _topics(session, case.brand_id, mentions),
        people=await _names(session, case, history, notes, team, [*opt_outs, *put_right]),
        team=team,
        opt_outs=opt_outs,
        corrections=put_right,
        promises=promised,
        suggested=await suggestions.offered(session, live.id) if live is not None else None,
        survey=await surveys.of_case(session, case_id),
        persons=elsewhere,
    )


def _loudest(case: Case, mentions: list[MentionRow]) -> MentionRow | None:
    """After an answer a case is as urgent as what came since, which an older mention may exceed."""
    return max(mentions, key=lambda m: (m.priority == case.priority, m.priority, m.id), default=None)


def _answered(case: Case, mentions: list[MentionRow], replies: list[Reply]) -> MentionRow | None:
    live = newest_live(replies)
    wanted = live.mention_id if live else case.last_mention_id
    return next((m for m in mentions if m.id == wanted), mentions[-1] if mentions else None)


async def _mentions(session: AsyncSession, case_id: int) -> list[MentionRow]:
    newest = (
        select(MentionRow)
        .where(col(MentionRow.case_id) == case_id)
        .order_by(col(MentionRow.posted_at).desc(), col(MentionRow.id).desc())
        .limit(_THREAD)
    )
    return list(reversed(list(await session.exec(newest))))


async def _history(
    session: AsyncSession,
    case: Case,
    replies: list[Reply],
    opt_outs: list[OptOut],
    put_right: list[Correction],
    promised: list[PromiseRow],
    elsewhere: Persons,
) -> list[Transition]:
    nouns = {
        "case": [case.id],
        "reply": [each.id for each in replies],
        "reply_check": [each.id for each in replies],
        "opt_out": [each.id for each in opt_outs],
        "correction": [each.id for each in put_right],
        "promise": [each.promise.id for each in promised],
        "thanks": [case.id],
        "praise": [case.id],
        "thread": [case.id],
        "identity": [each.id for each in elsewhere.said],
        "follow_up": [case.id],
        "holding": [case.id],
        "check_in": [case.id],
        "hold": [each.id for each in replies],
        "suggestion": [case.id],
        "survey": [case.id],
        "storm_case": [case.id],
        "delay": [case.id],
    }
    of = [and_(col(Transition.noun) == noun, col(Transition.row_id).in_(rows)) for noun, rows in nouns.items() if rows]
    return list(await session.exec(select(Transition).where(or_(*of)).order_by(col(Transition.id))))


async def _typed(session: AsyncSession, case: Case, history: list[Transition]) -> dict[int, str]:
    """Why a storm holds the case, and why it takes longer."""
    held = {step.at: step.id for step in history if (step.noun, step.new) == ("storm_case", "held")}
    told = {step.at: step.id for step in history if step.noun == "delay"}
    query = select(Storm).where(Storm.brand_id == case.brand_id, col(Storm.created_at).in_(list(held)))
    found = {held[storm.created_at]: storm.why for storm in await session.exec(query)} if held else {}
    late = await delays.of_case(session, case.id) if told else []
    return found | {told[each.created_at]: each.why for each in late if each.created_at in told}


async def _attempts(session: AsyncSession, reply_ids: list[int]) -> list[Attempt]:
    if not reply_ids:
        return []
    return list(
        await session.exec(select(Attempt).where(col(Attempt.reply_id).in_(reply_ids)).order_by(col(Attempt.id)))
    )


async def _earlier(session: AsyncSession, case: Case) -> list[Case]:
    if not case.author_id:
        return []
    query = (
        select(Case)
        .where(
            col(Case.brand_id) == case.brand_id,
            col(Case.channel) == case.channel,
            col(Case.author_id) == case.author_id,
            col(Case.id) != case.id,
        )
        .order_by(col(Case.opened_at).desc())
        .limit(_EARLIER)
    )
    return list(await session.exec(query))


async def _topics(session: AsyncSession, brand_id: int, mentions: list[MentionRow]) -> list[Topic]:
    wanted = {topic_id for mention in mentions for topic_id in mention.topic_ids}
    if not wanted:
        return []
    query = select(Topic).where(col(Topic.brand_id) == brand_id, col(Topic.id).in_(wanted)).order_by(col(Topic.name))
    return list(await session.exec(query))


async def team_of(session: AsyncSession, brand_id: int, action: str = "note") -> list[User]:
    """Who works for a brand, by name: whoever may do this in it."""
    query = (
        select(User)
        .join(Membership, col(Membership.user_id) == col(User.id))
        .where(col(Membership.brand_id) == brand_id, col(Membership.role).in_(sorted(POLICY[action])))
        .where(col(User.disabled_at).is_(None))
        .order_by(col(User.name))
    )
    return list(await session.exec(query))


async def _names(
    session: AsyncSession,
    case: Case,
    history: list[Transition],
    notes: list[Note],
    team: list[User],
    noted: Sequence[OptOut | Correction],
) -> dict[int, str]:
    known = {user.id: user.name for user in team}
    named = [*(step.actor for step in history), *(each.actor for each in noted)]
    actors = {int(actor[5:]) for actor in named if actor.startswith("user:") and actor[5:].isdigit()}
    wanted = (actors | {note.user_id for note in notes} | {case.assignee_id or 0}) - set(known) - {0}
    if wanted:
        known |= {
            row[0]: row[1] for row in await session.exec(select(User.id, User.name).where(col(User.id).in_(wanted)))
        }
    return known
