"""A page on its way into the database, what it changed there, and how drafts are asked for on the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.ids import ids
from domain.mention import Mention, Score
from domain.ports import Cursor, Unreadable
from domain.sla import Policy
from storage import replies
from storage.bulk import formed, inserting_formed
from storage.driver import Many, run
from storage.tables import Reply, table
from storage.transitions import entry

LISTENER: Final = "system:listener"


@dataclass(frozen=True, slots=True)
class Arrival:
    """One post that matched: what the channel gave, what scoring found, which topics it belongs to."""

    mention: Mention
    score: Score | None
    topic_ids: list[int]


@dataclass(frozen=True, slots=True)
class PageIn:
    """A page on its way into the database.

    `own` are posts of ours: never mentions, but they confirm what a person posted by hand. Posts from before
    `history_before` are kept, but open no case. `complete` says that no further page waits, `resumed` that the poll
    went on from a cursor, `patience_s` how long a source may go unpolled before that counts as a gap.
    `newest_at` is the moment of the newest post served, matching or not. `held_until` is the claim under which the
    page was fetched (None: no claim to check); storing the page prolongs it to `hold_until`. `pushed` says that nobody
    asked for the page, so nothing on it was found late.
    """

    source_id: int
    brand_id: int
    channel: str
    arrivals: Sequence[Arrival]
    cursor: Cursor | None
    now: datetime
    policy: Policy
    seen: int = 0
    withdrawn: tuple[str, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()
    gap: str | None = None
    keep_cursor: bool = False
    history_before: datetime | None = None
    own: tuple[Mention, ...] = ()
    complete: bool = True
    resumed: bool = True
    patience_s: float = 900.0
    newest_at: datetime | None = None
    held_until: datetime | None = None
    hold_until: datetime | None = None
    pushed: bool = False

    def is_history(self, mention: Mention) -> bool:
        """Whether the post is from before we listened."""
        return self.history_before is not None and mention.posted_at < self.history_before


@dataclass(slots=True)
class Stored:
    """What one page changed. `cases` are the ids of cases opened or changed (for live pages)."""

    new: int = 0
    edited: int = 0
    seen_again: int = 0
    withdrawn: int = 0
    quarantined: int = 0
    confirmed: int = 0
    cases: list[int] = field(default_factory=list)


def step(page: PageIn, noun: str, row_id: int, old: str, new: str, why: str) -> dict[str, Any]:
    """One row of history by the listener."""
    return entry(noun, row_id, old, new, brand_id=page.brand_id, actor=LISTENER, now=page.now, why=why)


def _reply_template() -> list[Any]:
    empty = Reply(id=0, brand_id=0, case_id=0, mention_id=0, channel="", created_at=datetime.min.replace(tzinfo=UTC))
    return [getattr(empty, column.name) for column in table(Reply).columns]


# Building a model object for each row would cost more than all the rest of the page.
_REPLY = _reply_template()
_REPLY_AT = {column.name: place for place, column in enumerate(table(Reply).columns)}
_ID, _CASE, _MENTION = (_REPLY_AT[name] for name in ("id", "case_id", "mention_id"))


async def request_drafts(session: AsyncSession, page: PageIn, wanted: Sequence[tuple[int, int]]) -> None:
    """One requested reply for each (case, mention to answer), as far as no person has to decide about one already.
    Behind a reply that may be public already it waits until that is settled: it must know what was said."""
    cases = [case_id for case_id, _ in wanted]
    covered = await replies.cases_with_reply(session, cases, ("requested", "drafted", "approved", "refused"))
    behind = await replies.cases_with_reply(session, cases, replies.UNDER_WAY)
    connection = await session.connection()
    for due_at, is_behind in ((page.now, False), (None, True)):
        asked = [item for item in wanted if item[0] not in covered and (item[0] in behind) is is_behind]
        await run(connection, requesting(connection.dialect.name, page, asked, due_at))


def requesting(dialect: str, page: PageIn, wanted: Sequence[tuple[int, int]], due_at: datetime | None) -> Many:
    """Inserts one requested reply for each (case, mention to answer). They differ by ids only."""
    template = _REPLY.copy()
    shared = {"brand_id": page.brand_id, "channel": page.channel, "due_at": due_at, "created_at": page.now}
    for name, value in shared.items():
        template[_REPLY_AT[name]] = value
    formed(dialect, table(Reply), [template])
    rows = []
    for row_id, (case_id, mention_id) in zip(ids.many(len(wanted), page.now), wanted, strict=True):
        row = template.copy()
        row[_ID], row[_CASE], row[_MENTION] = row_id, case_id, mention_id
        rows.append(row)
    return inserting_formed(dialect, table(Reply), rows)
