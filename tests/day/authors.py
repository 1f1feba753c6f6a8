"""Those who write to us: when, about what, whether they write twice, and what they say to an answer. Seeded."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from tests.day.diary import Diary, Said
from tests.day.house import NAME, START, House
from tests.day.words import AGAIN, FURIOUS, MATTERS, STILL, THANKS
from tests.responders.posts import FIRST_NAMES, POSTS

LANGS = ("en", "en", "hr", "hu", "id", "lv", "tl")
HOUR = 3600.0
STORM_AT, STORM_S = 12 * HOUR, 0.25 * HOUR
"""An outage at five in the afternoon: an eighth of the day's posts come within a quarter of an hour."""
_KIND = "SELECT kind FROM reply WHERE status = 'sent' AND external_id = '{}'"


@dataclass(frozen=True, slots=True)
class Author:
    """Somebody with one matter; `more` is one for a second one."""

    name: str
    lang: str
    matter: str
    text: str
    more: tuple[str, str]


@dataclass
class Authors:
    """All who write on this day."""

    house: House
    dice: random.Random
    diary: Diary
    seen: int = 0

    def plan(self, count: int) -> None:
        """So many people write within 24 hours; some of them twice."""
        for number in range(count):
            author, at = self._author(number), START + timedelta(seconds=self._moment(number))
            heat = FURIOUS[author.lang] if self.dice.random() < 0.15 else ""
            self._says(at, author, heat + author.text, "first")
            chance = self.dice.random()
            later = at + timedelta(minutes=self.dice.uniform(3, 150))
            if chance < 0.12 and author.matter in MATTERS:
                self._says(later, author, f"{AGAIN[author.lang]}{author.text}", "again")
            elif chance < 0.16:
                self._says(later, author, author.more[1], "other")

    def _author(self, number: int) -> Author:
        lang = self.dice.choice(LANGS)
        kind, _, text = self.dice.choice(POSTS[lang])
        other, _, more = self.dice.choice([post for post in POSTS[lang] if post[0] != kind])
        name, tail = f"{FIRST_NAMES[lang].casefold()}{number}", f" @{NAME} {10_000 + number}"
        return Author(name, lang, kind, text + tail, (other, more + tail))

    def _moment(self, number: int) -> float:
        """Three quarters from seven to ten in the evening, an eighth at once, an eighth whenever."""
        if number % 8 == 0:
            return STORM_AT + self.dice.uniform(0.0, STORM_S)
        return self.dice.uniform(0.0, 24 * HOUR) if number % 8 == 1 else self.dice.uniform(2 * HOUR, 17 * HOUR)

    def _says(self, at: datetime, author: Author, text: str, why: str, parent: str | None = None) -> None:
        async def write() -> None:
            now = self.house.now
            post = self.house.ledger.write(author.name, text, now, parent_id=parent, lang=author.lang)
            matter = author.more[0] if why == "other" else author.matter
            self.diary.said.append(Said(str(post.id), now, author.name, matter, why))
            self._by_name[author.name] = author
            self.house.motor.wake()

        self.house.motor.at(at, write)

    # --- what they say to an answer ---

    def __post_init__(self) -> None:
        self._by_name: dict[str, Author] = {}

    async def look(self) -> None:
        """Whoever got an answer since the last look may say something to it."""
        for post in self.house.ledger.changes(self.seen, 500, self.house.now):
            self.seen = post.seq
            parent = self.house.ledger.post(post.parent_id or "") if post.author == NAME else None
            if parent is not None and parent.author in self._by_name:
                kind = self.house.rows(_KIND.format(post.id))
                self._react(self._by_name[parent.author], str(post.id), bool(kind) and kind[0]["kind"] == "follow_up")
        self.house.motor.at(self.house.now + timedelta(minutes=10), self.look)

    def _react(self, author: Author, post: str, asked: bool) -> None:
        thanks, still = (0.3, 0.35) if asked else (0.15, 0.1)
        chance, says = self.dice.random(), partial(self._says, parent=post)
        later = self.house.now + timedelta(minutes=self.dice.uniform(2, 180))
        if chance < thanks:
            says(later, author, f"@{NAME} {THANKS[author.lang]}", "thanks")
        elif chance < thanks + still:
            says(later, author, f"{STILL[author.lang]} @{NAME} {self.dice.randint(1, 999)}", "still")
