"""Weeks of a fictional brand, written straight into the tables: every status, feeling, kind of reply and gap occurs.

All of it follows from the seed of a random generator, so that a failing test can be run again.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from domain.ids import ids
from storage.database import Database
from storage.tables import Brand, Case, Correction, Coverage, MentionRow, Promise, Reply, SourceRow, Topic, Transition
from storage.tables_survey import Survey

CHANNELS = ("rss", "mastodon", "hackernews")
LABELS = ("positive", "neutral", "negative", "unsure")
THEMES: tuple[list[str], ...] = (["delivery"], ["billing", "question"], [], ["delivery", "staff"], ["question"])
LANGS = ("en", "hr", "lv", None)
REASONS = ("wrong_facts", "wrong_tone", "it promises, too much / now")
HOUR = timedelta(hours=1)


@dataclass
class Seeded:
    """What was written."""

    brand_id: int
    sources: dict[str, int] = field(default_factory=dict)
    topics: dict[str, int] = field(default_factory=dict)
    cases: list[int] = field(default_factory=list)


@dataclass
class _Writing:
    brand_id: int
    now: datetime
    dice: random.Random
    sources: dict[str, int]
    topics: list[int]
    cases: list[Any] = field(default_factory=list)
    mentions: list[Any] = field(default_factory=list)
    replies: list[Any] = field(default_factory=list)
    promises: list[Any] = field(default_factory=list)
    transitions: list[Any] = field(default_factory=list)
    corrections: list[Any] = field(default_factory=list)

    def step(self, noun: str, row_id: int, old: str, new: str, at: datetime, why: str = "") -> None:
        self.transitions.append(
            Transition(
                id=ids.next(at), brand_id=self.brand_id, noun=noun, row_id=row_id, old=old, new=new, actor="user:1",
                at=at, why=why,
            )
        )  # fmt: skip


async def add_brand(db: Database, name: str, now: datetime) -> int:
    """A brand with nothing in it."""
    brand = Brand(id=ids.next(now), name=name, slug=name.casefold(), created_at=now - timedelta(days=200))
    async with db.write() as session:
        session.add(brand)
    return brand.id


async def fill(
    db: Database, brand_id: int, now: datetime, *, days: float = 30, mentions: int = 300, seed: int = 7
) -> Seeded:
    """Posts spread over the `days` before `now`, about half of them with a case."""
    dice = random.Random(seed)
    start = now - timedelta(days=days)
    sources = {channel: ids.next(start) for channel in CHANNELS}
    topics = {name: ids.next(start) for name in ("delays", "tickets", "staff")}
    made = Seeded(brand_id, sources, topics)
    it = _Writing(brand_id, now, dice, sources, list(topics.values()))
    for number in range(mentions):
        _post(it, number, start + (now - start) * dice.random() ** 0.8)
    async with db.write() as session:
        for channel, source_id in sources.items():
            session.add(_source(it, channel, source_id, start))
        for name, topic_id in topics.items():
            session.add(Topic(id=topic_id, brand_id=brand_id, name=name, query=name, created_at=start))
        await session.flush()
        for rows in (
            it.cases,
            it.mentions,
            it.replies,
            it.promises,
            _surveys(it),
            it.transitions,
            it.corrections,
            _coverage(it, start),
        ):
            session.add_all(rows)
            await session.flush()
    made.cases = [case.id for case in it.cases]
    return made


def _source(it: _Writing, channel: str, source_id: int, start: datetime) -> SourceRow:
    return SourceRow(
        id=source_id, brand_id=it.brand_id, channel=channel, name=f"Rail talk ({channel})", created_at=start,
        next_poll_at=it.now + timedelta(minutes=1),
    )  # fmt: skip


def _post(it: _Writing, number: int, at: datetime) -> None:
    dice = it.dice
    channel, label = dice.choice(CHANNELS), dice.choice(LABELS)
    status = dice.choices(("kept", "received", "ignored", "withdrawn"), (80, 5, 9, 6))[0]
    with_case = dice.random() < 0.5
    mention_id = ids.next(at)
    case_id = _case(it, channel, label, mention_id, at, status) if with_case else None
    it.mentions.append(
        MentionRow(
            id=mention_id, brand_id=it.brand_id, source_id=it.sources[channel], case_id=case_id, channel=channel,
            external_id=f"p{number}", thread_id=f"p{number}", text=f"post {number} about the night train",
            author_handle=f"@rider{number % 40}", author_name=f"Rider {number % 40}", author_id=f"r{number % 40}",
            is_repost=not with_case and dice.random() < 0.2, posted_at=at,
            received_at=at + timedelta(seconds=dice.randrange(400)),
            text_hash=number,
            themes=THEMES[number % len(THEMES)], topic_ids=dice.sample(it.topics, dice.randrange(3)), status=status,
            lang=dice.choice(LANGS), label=label,
            sentiment={"positive": 0.6, "neutral": 0.0, "negative": -0.55, "unsure": None}[label],
            priority=dice.random() * 50, url=f"https://forum.example/{number}",
        )
    )  # fmt: skip

    if number % 11 == 0:
        _correction(it, mention_id, label, at)


def _correction(it: _Writing, mention_id: int, label: str, at: datetime) -> None:
    """A person put the feeling right; every third of them thought better of it, or it was about the priority."""
    for kind, status in (("sentiment", "taken_back" if mention_id % 3 == 0 else "standing"), ("priority", "standing")):
        it.corrections.append(
            Correction(
                id=ids.next(at), brand_id=it.brand_id, mention_id=mention_id, kind=kind, old="neutral", new=label,
                actor="user:1", status=status, created_at=at,
            )
        )  # fmt: skip


def _case(it: _Writing, channel: str, label: str, mention_id: int, at: datetime, status: str) -> int:
    case_id = ids.next(at)
    opened = at + timedelta(seconds=it.dice.randrange(600))
    end = "none" if status in ("ignored", "withdrawn") and it.dice.random() < 0.7 else it.dice.choice(
        ("answered", "answered", "answered", "held", "held, then answered", "closed", "none", "reopened")
    )  # fmt: skip
    status_now = {"closed": "resolved", "held": "waiting", "answered": "waiting"}.get(end, "open")
    it.cases.append(
        Case(
            id=case_id, brand_id=it.brand_id, channel=channel, thread_id=f"t{case_id}", author_handle="@rider",
            author_id=_author(len(it.cases)),
            status=status_now, lang="en", label=label, priority=it.dice.random() * 50, opened_at=opened, posted_at=at,
            last_mention_at=at, last_mention_id=mention_id, ack_due_at=at + HOUR,
            answer_due_at=at + HOUR * it.dice.choice((1, 2)), answer_limit_at=at + timedelta(days=1),
            resolve_due_at=at + timedelta(days=3),
        )
    )  # fmt: skip
    _history(it, case_id, channel, mention_id, opened, end)
    return case_id


def _author(number: int) -> str:
    """A few who come again, and some whom nobody knows."""
    return "" if number % 9 == 0 else f"r{number % 17}"


def _history(it: _Writing, case_id: int, channel: str, mention_id: int, opened: datetime, end: str) -> None:
    """What people did with the case, as far as it lies in the past."""
    later = opened + timedelta(seconds=int(60 * 2 ** (it.dice.random() * 11.5)))
    if it.dice.random() < 0.25:
        _reply(it, case_id, channel, mention_id, opened, later, rejected=it.dice.choice(REASONS))
    if end.startswith("held"):
        _reply(it, case_id, channel, mention_id, opened, later, kind="holding")
        later += HOUR * it.dice.randrange(1, 30)
    if end in ("answered", "held, then answered"):
        _reply(it, case_id, channel, mention_id, opened, later)
    if end in ("closed", "reopened"):
        it.step("case", case_id, "open", "resolved", min(later, it.now))
    if end == "answered" and len(it.cases) % 7 == 0 and later + 2 * HOUR < it.now:
        it.step("case", case_id, "waiting", "open", later + HOUR)
        it.transitions[-1].actor = "system:listener"
    if end == "answered" and len(it.cases) % 13 == 0:
        it.step("case", case_id, "open", "escalated", min(later, it.now))
    if end == "reopened":
        it.step("case", case_id, "resolved", "open", min(later + HOUR, it.now))


def _reply(
    it: _Writing,
    case_id: int,
    channel: str,
    mention_id: int,
    opened: datetime,
    at: datetime,
    *,
    kind: str = "answer",
    rejected: str = "",
) -> None:
    done = at <= it.now
    status = ("rejected" if rejected else "sent") if done else "drafted"
    edited = it.dice.random() < 0.4
    reply_id = ids.next(opened)
    it.replies.append(
        Reply(
            id=reply_id, brand_id=it.brand_id, case_id=case_id, mention_id=mention_id, channel=channel, status=status,
            kind=kind, text="we are sorry, truly" if edited else "we are sorry", first_text="we are sorry",
            created_at=opened, sent_at=at if status == "sent" else None,
        )
    )  # fmt: skip
    if done and rejected:
        it.step("reply", reply_id, "drafted", "rejected", at, rejected)
    elif done:
        for old, new in (("drafted", "approved"), ("approved", "sending"), ("sending", "sent")):
            it.step("reply", reply_id, old, new, at)
        _promise(it, case_id, reply_id, at)
        for rule in OVERRULED[len(it.replies) % len(OVERRULED)]:
            it.step("reply_check", reply_id, "", "overruled", at, f"{rule}: it is as it says")


def _surveys(it: _Writing) -> list[Any]:
    """Every second case was asked; two in three of those have answered, some of them later on."""
    kinds = (("csat", 1, 5), ("nps", 0, 10), ("csat", 1, 5), ("ces", 1, 7))
    rows = []
    for number, case in enumerate(it.cases[::2]):
        kind, low, high = kinds[number % len(kinds)]
        asked, said = case.opened_at + 2 * HOUR, number % 3 > 0
        rows.append(
            Survey(
                id=ids.next(asked), brand_id=it.brand_id, case_id=case.id, kind=kind, lang="en", actor="user:1",
                value=low + number * 7 % (high - low + 1) if said else None, created_at=asked,
                expires_at=asked + timedelta(days=30), answered_at=asked + number % 40 * HOUR if said else None,
            )
        )  # fmt: skip
    return rows


OVERRULED: tuple[tuple[str, ...], ...] = ((), ("canned",), (), (), ("bad_link", "canned", "canned"), ())
PROMISES = ("kept", "broken", "late", "open", "found", "dismissed", "kept")


def _promise(it: _Writing, case_id: int, reply_id: int, at: datetime) -> None:
    """Each reply promises something for a day later, and the promises end in every way."""
    end, due = PROMISES[len(it.promises) % len(PROMISES)], at + timedelta(days=1)
    if due > it.now and end in ("broken", "late"):
        end = "open"
    promise_id = ids.next(at)
    it.promises.append(
        Promise(
            id=promise_id, brand_id=it.brand_id, case_id=case_id, reply_id=reply_id, start=0, stop=2, made_at=at,
            status={"late": "kept"}.get(end, end), due_at=due,
        )
    )  # fmt: skip
    if end in ("broken", "late"):
        it.step("promise", promise_id, "open", "broken", due)
    if end in ("kept", "late"):
        it.step("promise", promise_id, "broken" if end == "late" else "open", "kept", min(due, it.now))


def _coverage(it: _Writing, start: datetime) -> list[Coverage]:
    """One source sees everything, one has a gap yesterday, one was paused, caught up later and has a gap."""
    day = timedelta(days=1)
    lines = {
        "mastodon": [("seen", it.now)],
        "rss": [("seen", it.now - day), ("gap", it.now - day + timedelta(minutes=70)), ("seen", it.now)],
        "hackernews": [
            ("seen", it.now - 5 * day), ("paused", it.now - 4 * day), ("seen", it.now - 3 * day),
            ("late", it.now - 3 * day + 5 * HOUR), ("seen", it.now - 2 * day), ("gap", it.now - 2 * day + 3 * HOUR),
            ("seen", it.now),
        ],
    }  # fmt: skip
    found = []
    for channel, stretches in lines.items():
        at = start
        for state, until in stretches:
            found.append(
                Coverage(
                    id=ids.next(at), source_id=it.sources[channel], started_at=at, ended_at=until, state=state,
                    reason="the feed answered 503" if state == "gap" else "",
                )
            )  # fmt: skip
            at = until
    return found
