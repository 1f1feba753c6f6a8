"""Cases as posts arrive: opened, joined, woken, reopened; drafts on old words go stale and new ones are asked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, update
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.identity import NO_MATTER
from domain.ids import ids
from domain.mention import Mention, Score
from domain.praise import is_praise
from domain.sla import due
from domain.thanks import all_is_well, only_thanks
from storage import replies
from storage.arriving import Arrival, PageIn, request_drafts, requesting, step
from storage.bulk import inserting
from storage.case_duties import followed_up
from storage.driver import Many
from storage.held import Theirs
from storage.tables import Case, table
from storage.transitions import record

_C = table(Case).c
_CLOSED = ("waiting", "resolved")


@dataclass(slots=True)
class Opening:
    """What one page does to cases: `held` are those that stood before, by thread, `theirs` those that its authors still
    have with us, by author, `unthanked` the authors who may be thanked for praise; the rest is filled post by post."""

    held: dict[str, Case]
    theirs: dict[str, list[tuple[Theirs, Case]]] = field(default_factory=dict)
    unthanked: set[str] = field(default_factory=set)
    new: dict[str, NewCase] = field(default_factory=dict)
    of_author: dict[str, list[NewCase]] = field(default_factory=dict)
    joined: dict[int, Joined] = field(default_factory=dict)

    def case_for(self, page: PageIn, arrival: Arrival, mention_id: int, thread: str) -> int | None:
        """The case this mention belongs to: a held one, one that this page opens, or none."""
        if case := self.held.get(thread):
            self.joined.setdefault(case.id, Joined(case)).arrivals.append((mention_id, arrival))
            return case.id
        if thread in self.new:
            _extend_new(page, self.new[thread], arrival, mention_id)
            return int(self.new[thread].row[0])
        score = arrival.score
        if score is None or page.is_history(arrival.mention):
            return None
        if is_praise(arrival.mention, score):
            return self._praised(page, arrival, score, mention_id, thread)
        if not score.needs_answer:
            return None
        if case := self._of_its_author(arrival, thread):
            return self._widened(case, arrival, mention_id)
        return self._opened(page, arrival, score, mention_id, thread)

    def _widened(self, case: Case, arrival: Arrival, mention_id: int) -> int:
        joined = self.joined.setdefault(case.id, Joined(case))
        joined.arrivals.append((mention_id, arrival))
        joined.is_wider = True
        return case.id

    def _of_its_author(self, arrival: Arrival, thread: str) -> Case | None:
        """The newest case that its author still has with us about the same, or with a post of this thread."""
        about, theirs = matter_of(arrival), self.theirs.get(arrival.mention.author_id, [])
        return next((case for at, case in reversed(theirs) if at.takes(about, thread)), None)

    def _praised(self, page: PageIn, arrival: Arrival, score: Score, mention_id: int, thread: str) -> int | None:
        """The case for a thank-you, where its author may be thanked. Whom we still owe something about the same is not
        thanked apart: it belongs to that case."""
        author, owed = author_of(arrival.mention), self._of_its_author(arrival, thread)
        if owed is not None and not owed.praise:
            return self._widened(owed, arrival, mention_id)
        if author not in self.unthanked:
            return None
        self.unthanked.discard(author)
        opened = NewCase(_case_row(page, arrival, score, mention_id, thread), mention_id, frozenset())
        self.new[thread] = opened
        return int(opened.row[0])

    def _opened(self, page: PageIn, arrival: Arrival, score: Score, mention_id: int, thread: str) -> int:
        """The case that this page opens for this post, or has opened for one of its author about the same."""
        author, about = arrival.mention.author_id, matter_of(arrival)
        same = next((new for new in self.of_author.get(author, []) if new.about & about), None)
        if same is not None:
            _extend_new(page, same, arrival, mention_id)
        else:
            same = NewCase(_case_row(page, arrival, score, mention_id, thread), mention_id, about)
            if author:
                self.of_author.setdefault(author, []).append(same)
        self.new[thread] = same
        return int(same.row[0])

    def new_cases(self, dialect: str) -> Many:
        """Inserts the new cases; their mentions may follow."""
        return inserting(dialect, table(Case), [new.row for new in self._each_new()])

    def requests(self, dialect: str, page: PageIn) -> Many:
        """Asks for a draft for each new case, once its mentions are there."""
        wanted = [(int(new.row[0]), new.to_answer) for new in self._each_new()]
        return requesting(dialect, page, wanted, page.now)

    async def join(self, session: AsyncSession, page: PageIn) -> list[int]:
        """Once all that is there: join what was held. Returns the ids of all these cases."""
        await join(session, page, self.joined)
        return [int(new.row[0]) for new in self._each_new()] + list(self.joined)

    def _each_new(self) -> list[NewCase]:
        """Each once: two threads of one author may be one case."""
        return list({new.row[0]: new for new in self.new.values()}.values())


@dataclass(slots=True)
class NewCase:
    """A row of a case to insert. `to_answer` is the newest mention of it that needs an answer, `about` its matter."""

    row: list[Any]
    to_answer: int
    about: frozenset[str]


@dataclass(slots=True)
class Joined:
    """A held case that got new mentions, oldest first."""

    case: Case
    arrivals: list[tuple[int, Arrival]] = field(default_factory=list)
    asked: bool = False
    """We asked the author whether all is well, so whatever they say is an answer."""
    asked_last: bool = False
    """They heard no more of us since, so a yes answers that."""
    is_wider: bool = False
    """A post of another thread is among them: the same author, about the same."""
    is_edit: bool = False
    """They are posts of the case that were edited, with the moment of their new words."""

    def wants(self, arrival: Arrival) -> bool:
        """Whether this post must be answered. Plain thanks never open what was answered, and praise never what was
        opened to thank for it, nor what we owe its author for another post."""
        is_aside = self.case.praise or self.is_wider
        if self.why_stays(arrival) or (is_aside and is_praise(arrival.mention, arrival.score)):
            return False
        answers_us = self.asked and self.is_theirs(arrival)
        return answers_us or (arrival.score is not None and arrival.score.needs_answer)

    def is_theirs(self, arrival: Arrival) -> bool:
        """Whether the author of the case wrote it."""
        return author_of(arrival.mention) == self.case.author_id

    @property
    def why_open(self) -> str:
        return "the author edited the post" if self.is_edit else "the author wrote again"

    def why_stays(self, arrival: Arrival) -> str:
        """Why this post leaves an answered case as it is, empty where it does not: thanks and nothing else, or a yes
        to our question whether all is well."""
        text = arrival.mention.text
        if self.case.status not in _CLOSED:
            return ""
        if only_thanks(text):
            return "only thanks: it stays as it is"
        says_yes = self.asked_last and self.is_theirs(arrival) and all_is_well(text)
        return "all is well: it stays as it is" if says_yes else ""

    def newest(self) -> int | None:
        """The newest mention of the case: a page may bring an older one."""
        mention_id, arrival = self.arrivals[-1]
        return mention_id if arrival.mention.posted_at >= self.case.last_mention_at else self.case.last_mention_id

    def wanting(self) -> tuple[int, datetime] | None:
        """The newest of these mentions that needs an answer, with its moment."""
        found = [(i, a.mention.posted_at) for i, a in self.arrivals if self.wants(a)]
        return found[-1] if found else None


BACK_WITHIN = timedelta(days=7)
"""So long after the last post of an answered case its author writes about the same matter; the measure of a second
contact. Where we still owe them something it is the same matter however late they write."""


def matter_of(arrival: Arrival) -> frozenset[str]:
    """The themes by which two posts of one author are about the same matter."""
    return frozenset(arrival.score.themes if arrival.score else ()) - NO_MATTER


_CASE_COLUMNS = [column.name for column in table(Case).columns]
_PRIORITY, _SEVERITY, _LABEL, _MENTIONS, _LAST_AT, _LAST_ID, _WHY, _ID, _THREAD, _PRAISE = (
    _CASE_COLUMNS.index(name)
    for name in (
        "priority", "severity", "label", "mentions", "last_mention_at", "last_mention_id", "why", "id", "thread_id",
        "praise",
    )
)  # fmt: skip


def _extend_new(page: PageIn, new: NewCase, arrival: Arrival, mention_id: int) -> None:
    score, row = arrival.score, new.row
    if score is not None and score.needs_answer and row[_PRAISE] and not is_praise(arrival.mention, score):
        row = _turned_new(page, new, arrival, score, mention_id)
    row[_MENTIONS] += 1
    row[_LAST_AT], row[_LAST_ID] = max(row[_LAST_AT], arrival.mention.posted_at), mention_id
    if score is not None and score.needs_answer:
        new.to_answer = mention_id
    if score is not None and score.priority > row[_PRIORITY]:
        row[_PRIORITY], row[_SEVERITY], row[_LABEL], row[_WHY] = (
            score.priority,
            score.severity,
            score.label,
            score.why,
        )


def _turned_new(page: PageIn, new: NewCase, arrival: Arrival, score: Score, mention_id: int) -> list[Any]:
    """Its praise was not all: the case is what it would be had it begun with this post."""
    old, thread = new.row, new.row[_THREAD]
    new.row = _case_row(page, arrival, score, mention_id, thread)
    new.row[_ID], new.row[_MENTIONS], new.about = old[_ID], old[_MENTIONS], matter_of(arrival)
    return new.row


def _case_row(page: PageIn, arrival: Arrival, score: Score, mention_id: int, thread: str) -> list[Any]:
    """One case in the order of the table's columns (a test holds the two together)."""
    mention, praise = arrival.mention, is_praise(arrival.mention, score)
    clocks = due(page.policy, mention.posted_at)
    return [
        ids.next(page.now),
        page.brand_id,
        page.channel,
        thread,
        author_of(mention),
        mention.author_handle,
        mention.author_name,
        "open",
        None,  # assignee
        score.lang,
        score.label,
        score.severity,
        score.priority,
        score.why,
        page.now,
        mention.posted_at,
        mention.posted_at,
        mention_id,
        1,
        clocks.ack,
        clocks.answer,
        clocks.limit,
        clocks.resolve,
        None if praise else min(clocks.ack, clocks.answer),
        None,  # snoozed until
        1,
        None,  # follow-up
        praise,
        clocks.hold,
    ]


def author_of(mention: Mention) -> str:
    """How a case names its author."""
    return mention.author_id or mention.author_handle


async def join(session: AsyncSession, page: PageIn, joined: dict[int, Joined]) -> None:
    """New words in a thread: the case wakes or reopens, drafts on the old words go stale, a new one is asked for."""
    if not joined:
        return
    await _lock(session, joined)
    history, wanted = [], {}
    for case_id, each in joined.items():
        wants = each.wanting()
        if wants is not None:
            wanted[case_id] = wants
            if each.case.status in ("snoozed", "waiting", "resolved"):
                history.append(step(page, "case", case_id, each.case.status, "open", each.why_open))
            if each.case.praise:
                history.append(step(page, "praise", case_id, "praise", "answer", "it is no longer praise alone"))
        if each.is_wider:
            history.append(step(page, "thread", case_id, "", "joined", "its author wrote about the same elsewhere"))
        stays = next((why for _, arrival in each.arrivals if (why := each.why_stays(arrival))), "")
        if wants is None and stays:
            history.append(step(page, "thanks", case_id, "", "noted", stays))
    await _update(session, [_joined_values(page, each, case_id in wanted) for case_id, each in joined.items()])
    await record(session, history)
    stale = dict(await replies.stale_replies(session, list(joined), page.now, why="the thread has a new message"))
    thanked = {line["row_id"] for line in history if line["noun"] == "thanks"}
    asked = {case: mention for case, mention in _to_answer(joined, wanted, stale).items() if case not in thanked}
    await request_drafts(session, page, list(asked.items()))


async def _lock(session: AsyncSession, joined: dict[int, Joined]) -> None:
    """Hold the cases, in order, and read them as they are now: a person may just be working on one."""
    query = select(Case).where(_C.id.in_(list(joined))).order_by(_C.id).with_for_update()
    for case in await session.exec(query.execution_options(populate_existing=True)):
        joined[case.id].case = case
    closed = [case_id for case_id, join in joined.items() if join.case.status in _CLOSED]
    for case_id, is_last in (await followed_up(session, closed)).items():
        joined[case_id].asked, joined[case_id].asked_last = True, is_last


def _to_answer(
    joined: dict[int, Joined], wanted: dict[int, tuple[int, datetime]], stale: dict[int, int]
) -> dict[int, int]:
    """Which mention of each case the next draft answers: the newest that needs it.

    A draft that went stale was about one already; an older post that is read late does not take its place.
    """
    found = dict(stale)
    for case_id, (mention_id, posted_at) in wanted.items():
        if case_id not in stale or posted_at >= joined[case_id].case.last_mention_at:
            found[case_id] = mention_id
    return found


async def _update(session: AsyncSession, changed: Iterable[dict[str, Any]]) -> None:
    """Many cases in a few statements: those that change in the same columns go together."""
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for values in changed:
        alike.setdefault(tuple(values), []).append({f"new_{name}": value for name, value in values.items()})
    for names, rows in alike.items():
        new: dict[str, Any] = {name: bindparam(f"new_{name}") for name in names if name != "id"}
        new |= {"mentions": _C.mentions + bindparam("new_mentions"), "version": _C.version + 1}
        statement = update(table(Case)).where(_C.id == bindparam("new_id")).values(**new)
        await (await session.connection()).execute(statement, rows)


def _joined_values(page: PageIn, join: Joined, wants: bool) -> dict[str, Any]:
    """What changes of the case, by column; of `mentions` how many there are more."""
    case = join.case
    turned = case.praise and wants
    scores = [a.score for _, a in join.arrivals if a.score is not None and (not turned or join.wants(a))]
    top = max(scores, key=lambda s: s.priority, default=None)
    values: dict[str, Any] = {
        "id": case.id,
        "mentions": 0 if join.is_edit else len(join.arrivals),
        "last_mention_at": max(case.last_mention_at, join.arrivals[-1][1].mention.posted_at),
        "last_mention_id": join.newest(),
    }
    if wants:
        values |= {"status": "escalated" if case.status == "escalated" else "open", "snoozed_until": None}
        values |= {"follow_up_at": None, **_owed_again(page, join)}
    if turned:
        values |= _clocks_anew(page, join)
    if top is not None and (turned or top.priority > case.priority or case.status in ("waiting", "resolved")):
        values |= {"priority": top.priority, "severity": top.severity, "label": top.label, "why": top.why}
    return values


def _clocks_anew(page: PageIn, join: Joined) -> dict[str, Any]:
    """For praise nothing was owed: all of it counts from the first post that needs an answer."""
    since = min(arrival.mention.posted_at for _, arrival in join.arrivals if join.wants(arrival))
    clocks = due(page.policy, since)
    return {
        "praise": False, "posted_at": since, "ack_due_at": clocks.ack, "answer_due_at": clocks.answer,
        "answer_limit_at": clocks.limit, "resolve_due_at": clocks.resolve,
        "next_due_at": min(clocks.ack, clocks.answer), "hold_at": clocks.hold,
    }  # fmt: skip


def _owed_again(page: PageIn, join: Joined) -> dict[str, datetime | None]:
    """What is owed next: an unanswered case keeps its clock, an answered one gets a new answer time, and is held on
    again where that will not do."""
    case = join.case
    if case.next_due_at is not None and case.status in ("open", "escalated", "snoozed"):
        return {"next_due_at": case.next_due_at, "hold_at": case.hold_at}
    asked = (a.mention.posted_at for _, a in join.arrivals if join.wants(a))
    clocks = due(page.policy, min(asked))
    return {"next_due_at": clocks.answer, "hold_at": clocks.hold}
