"""What a person can do with the resolution of a problem. See `actions` for what all actions share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.errors import BadInput, Missing, Moved
from domain.ids import ids
from domain.person import Person
from responders.done import Done, Undo, record_change
from responders.drafters.known import is_told, is_understood
from responders.drafters.phrasebook import LANGUAGES
from responders.parts import Parts
from responders.telling import lang_of
from storage import grouping, replies, resolutions, transitions
from storage.problems import OWED
from storage.tables import Case, MentionRow, Problem
from storage.tables_many import Resolution

LONGEST: Final = 120
"""Characters of what was done, and of what was wrong: with the moment beside it, it is still one sentence."""
_SOON = timedelta(minutes=5)


async def tell(
    session: AsyncSession, person: Person, problem_id: int, *, done: Mapping[str, str], wrong: Mapping[str, str],
    since: datetime | None = None, now: datetime, parts: Parts,
) -> Done:  # fmt: skip
    """It is mended, in these words by language: each case that waits gets a draft of its own that says so. Pressed
    again with the same words it changes nothing; with others, what was not sent is written anew. Undo: `withdraw`."""
    problem = await _seen(session, person, problem_id)
    done, wrong = _words(done, "done"), _words(wrong, "wrong")
    if not done:
        raise BadInput("done: write what was done, in at least one language")
    if since is not None and (since.tzinfo is None or since > now + _SOON):
        raise BadInput("since: give a moment that has passed; what is still to come is no resolution")
    old = await resolutions.standing(session, problem_id)
    if old is not None:
        return await _reword(session, person, problem, old.id, done, wrong, since, now, parts)
    held = await grouping.locked(session, [problem_id])  # two people at once: the second one finds the first one's
    _stands_alone(held[problem_id])
    if await resolutions.standing(session, problem_id) is not None:
        raise Moved("somebody has just confirmed a resolution: reload to see it")
    row = Resolution(
        id=ids.next(now), brand_id=problem.brand_id, problem_id=problem_id, done=done, wrong=wrong, since=since,
        actor=person.actor, tell_due_at=now, created_at=now,
    )  # fmt: skip
    session.add(row)
    await session.flush()
    await record_change(
        session, "resolution", row.id, "", "standing", brand_id=row.brand_id, actor=person.actor, now=now
    )
    await parts.jobs.nudge(session, "tell", row.id, now)
    return _done(problem, "everyone who waits gets a draft of their own", Undo("withdraw"))


async def withdraw(session: AsyncSession, person: Person, problem_id: int, *, now: datetime, parts: Parts) -> Done:
    """It was not so: what rests on it and was not sent is taken back, and who is owed an answer gets another draft."""
    problem = await _seen(session, person, problem_id)
    row = await _held(session, problem_id)
    await transitions.move(
        session, "resolution", row.id, "standing", "withdrawn",
        brand_id=row.brand_id, actor=person.actor, now=now, tell_due_at=None,
    )  # fmt: skip
    left = await resolutions.untold(session, row)
    opened = {notice.case_id for notice in left if notice.opened}
    drafts = await resolutions.drafts_of(session, problem_id, row.created_at)
    cases = sorted({*(notice.case_id for notice in left if notice.case_id), *drafts})
    moved = await replies.stale_replies(session, cases, now, "its resolution was withdrawn", person.actor)
    await _draft_again(session, [each for each in moved if each[0] not in opened], now, parts)
    return _done(problem, f"withdrawn; {len(moved)} unsent taken back", None)


async def set_apart(
    session: AsyncSession, person: Person, problem_id: int, mention_ids: Sequence[int], now: datetime, parts: Parts
) -> None:
    """These mentions of the problem turn out to tell of something else: no draft about them says any more that what
    stands of it is done. Call it before their problem is held: whoever holds cases may want that."""
    row = await resolutions.standing(session, problem_id)
    if row is None:
        return
    apart = set(mention_ids)
    untold = [notice for notice in await resolutions.untold(session, row) if notice.mention_id in apart]
    opened = {notice.case_id for notice in untold if notice.opened}
    cases = sorted({notice.case_id for notice in untold if notice.case_id})
    moved = await replies.stale_replies(session, cases, now, "it tells of another problem", person.actor)
    await _draft_again(session, [each for each in moved if each[0] not in opened], now, parts)
    await resolutions.forget(session, row.id, untold)  # put back, they are looked at again


async def _draft_again(session: AsyncSession, moved: Sequence[tuple[int, int]], now: datetime, parts: Parts) -> None:
    """Who is owed an answer gets another draft: (case, mention) of those whose draft was taken back."""
    query = select(Case).where(col(Case.id).in_([case_id for case_id, _ in moved]), col(Case.status).in_(OWED))
    owed = {case.id: case for case in await session.exec(query.execution_options(populate_existing=True))}
    rows = [
        replies.request_row(
            case.id, brand_id=case.brand_id, channel=case.channel, mention_id=mention_id, lang=case.lang, now=now
        )
        for case_id, mention_id in moved
        if (case := owed.get(case_id))
    ]
    await replies.request(session, rows)
    for row in rows:
        await parts.jobs.nudge(session, "draft", row["id"], now)


async def _reword(
    session: AsyncSession, person: Person, problem: Problem, resolution_id: int, done: dict[str, str],
    wrong: dict[str, str], since: datetime | None, now: datetime, parts: Parts,
) -> Done:  # fmt: skip
    row = await _held(session, problem.id)
    if (row.done, row.wrong, row.since) == (done, wrong, since):
        return _done(problem, "everyone who waits is being told already", None)
    untold = await resolutions.untold(session, row)
    opened = {notice.case_id for notice in untold if notice.opened}
    cases = sorted({notice.case_id for notice in untold if notice.case_id})
    moved = await replies.stale_replies(session, cases, now, "the words of its resolution changed", person.actor)
    left = await _in_no_language(session, moved, done)
    await _draft_again(session, [each for each in left if each[0] not in opened], now, parts)
    await resolutions.forget(session, row.id, untold)
    values = {"done": done, "wrong": wrong, "since": since, "tell_due_at": now, "version": row.version + 1}
    await replies.change(session, Resolution, row.id, **values)
    await record_change(
        session, "resolution_words", row.id, "", "changed", brand_id=row.brand_id, actor=person.actor, now=now
    )
    await parts.jobs.nudge(session, "tell", row.id, now)
    langs = ", ".join(sorted(set(left.values())))
    told = f"; {len(left)} of them read {langs}, in which it is not written now: see who below" if left else ""
    return _done(problem, f"changed: what was not sent is written anew{told}", None)


async def _in_no_language(
    session: AsyncSession, moved: Sequence[tuple[int, int]], done: Mapping[str, str]
) -> dict[tuple[int, int], str]:
    """Those (case, mention) whose language these words are not in, with it: their drafts say nothing of it."""
    found = {}
    for case_id, mention_id in moved:
        mention = await session.get_one(MentionRow, mention_id)
        lang = await lang_of(session, mention, await session.get_one(Case, case_id))
        if lang not in done:
            found[case_id, mention_id] = lang
    return found


async def _seen(session: AsyncSession, person: Person, problem_id: int) -> Problem:
    """The problem, not held: whoever holds cases may want it (`storage.purging`)."""
    problem = await session.get(Problem, problem_id, populate_existing=True)
    if problem is None or problem.brand_id not in person.brands:
        raise Missing("there is no such problem")
    person.require("tell", problem.brand_id)
    _stands_alone(problem)
    return problem


def _stands_alone(problem: Problem) -> None:
    if problem.status == "merged":
        raise Moved("this problem is part of another: tell those who wait there")


async def _held(session: AsyncSession, problem_id: int) -> Resolution:
    found = await resolutions.standing(session, problem_id)
    row = await resolutions.locked(session, found.id) if found is not None else None
    if row is None or row.status != "standing":
        raise Moved("no resolution of this problem stands: reload to see what happened")
    return row


def _words(given: Mapping[str, str], field: str) -> dict[str, str]:
    """Language -> words. BadInput names the field and what to do."""
    found = {lang: " ".join(text.split()).rstrip(" .") for lang, text in given.items() if text.strip()}
    for lang, text in found.items():
        if lang not in LANGUAGES:
            raise BadInput(f"{field}_{lang}: choose one of {', '.join(LANGUAGES)}")
        if len(text) > LONGEST:
            raise BadInput(f"{field}_{lang}: {len(text)} characters are too many, at most {LONGEST}")
        if not (is_understood if field == "done" else is_told)(text, lang):
            raise BadInput(
                f"{field}_{lang}: write a whole statement in that language, without links, addresses or long numbers;"
                " drafts say it word by word"
            )
    return found


def _done(problem: Problem, said: str, undo: Undo | None) -> Done:
    return Done(said, 0, status=problem.status, version=problem.version, undo=undo, problem_id=problem.id)
