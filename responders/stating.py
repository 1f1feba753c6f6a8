"""The statement of a storm in its languages: one text for everybody, and what single drafts may say of it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from responders.drafters.phrasebook import pack
from responders.drafters.when import said_when
from responders.moments import zone_named
from storage.tables_storm import Storm


def facts_of_statement(storm: Storm, lang: str, zone: str, now: datetime) -> dict[str, str]:
    """Key -> value of what is known by it in this language; nothing where it is not written in that language. When the
    next word comes is known until then."""
    if lang not in storm.known or storm.next_at is None:
        return {}
    known = {"known_outage": storm.known[lang], "still_unclear": storm.unclear[lang]}
    return known | ({"next": _again(storm.next_at, lang, zone)} if now < storm.next_at else {})


def statement_in(storm: Storm, lang: str, zone: str, sign_off: str) -> str:
    """The text for everybody: sorry, what is known, what is not yet, when the next word comes, who says it."""
    said = [storm.known[lang], storm.unclear[lang]]
    if storm.next_at is not None:
        said.append(_again(storm.next_at, lang, zone))
    sentences = " ".join(f"{each[:1].upper()}{each[1:]}." for each in said)
    return f"{pack(lang).lines('storm.sorry')[0]} {sentences}\n{sign_off}"


def _again(at: datetime, lang: str, zone: str) -> str:
    own = pack(lang)
    when = said_when(own, f"{at.astimezone(zone_named(zone)):%Y-%m-%d %H:%M}")
    return own.lines("storm.again")[0].format(next=when)


def is_next_late(storm: Storm, now: datetime) -> bool:
    """Whether the moment of the next word has passed: a new statement would name another one."""
    return storm.next_at is not None and storm.next_at <= now


def run_out(dues: Sequence[datetime | None], start: datetime, pace: int) -> int:
    """How many windows end before their case is let go: the first ones at `start`, then `pace` a minute, in this
    order. Windows that ended before the first moment count too."""
    turns = (start + timedelta(minutes=number // max(pace, 1)) for number in range(len(dues)))
    return sum(due is not None and due <= turn for due, turn in zip(dues, turns, strict=True))
