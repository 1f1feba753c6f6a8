"""Random weeks: late and disordered posts, edits, dead tokens, restarts, spent budgets. What was said is heard."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from channels.x import source
from domain.errors import RateLimited
from domain.ports import Cursor
from tests.channels.x.rig import Rig, rigged
from tests.emulators.x_posts import Said

ROUNDS = 60


@dataclass
class Week:
    """One run: what was heard by identity, newest version last, and where we stand."""

    rig: Rig
    rng: random.Random
    heard: dict[str, str] = field(default_factory=dict)
    cursor: Cursor | None = None

    def speak(self) -> None:
        """Some posts of the last seconds, not in order, some of them found only later; now and then an edit."""
        now = self.rig.clock.now()
        for _ in range(self.rng.choice([0, 0, 1, 3, 40])):
            at = now - timedelta(seconds=self.rng.uniform(0, 8))
            later = now + timedelta(seconds=self.rng.choice([0, 0, self.rng.uniform(0, 30)]))
            number = len(self.rig.server.posts)
            self.rig.server.say(f"norda {number}", self.rng.choice(["mara", "ben"]), at=at, found_from=later)
        if self.rng.random() < 0.3 and (known := self._latest()):
            said = self.rng.choice(known)
            self.rig.server.edit(said, f"norda {said.history[0]} in other words {now}", now)

    def _latest(self) -> list[Said]:
        return [said for said in self.rig.server.posts.values() if said.id == said.history[-1]]

    async def poll(self, pages: int, budget: float) -> None:
        """As a worker does: some pages, perhaps cut, each stored with its cursor."""
        for _ in range(pages):
            if self.rng.random() < 0.05:
                self.rig.server.tokens.clear()
            try:
                page = await self.rig.source(daily_budget_usd=budget).fetch(self.cursor)
            except RateLimited:
                return
            self.heard |= {mention.external_id: mention.text for mention in page.mentions}
            self.cursor = json.loads(json.dumps(page.cursor))
            if not page.more:
                return
            self.rig.clock.move(self.rng.choice([0, 0, 1, 60]))

    def said(self) -> dict[str, str]:
        """By identity, in the newest words."""
        return {str(said.history[0]): said.raw for said in self._latest()}


@pytest.mark.parametrize("seed", range(8))
async def test_what_was_said_is_what_is_heard(seed: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(source, "PAGE", 10)
    async with rigged(random.Random(seed).choice(["tweet", "post"])) as rig:
        week = Week(rig, random.Random(seed))
        for _ in range(ROUNDS):
            week.speak()
            await week.poll(pages=week.rng.choice([1, 2, 40]), budget=week.rng.choice([0.5, 50.0, 50.0]))
            rig.clock.move(week.rng.choice([5, 30, 120, 3600, 6 * 3600]))
        for _ in range(3):
            await week.poll(pages=1000, budget=10_000.0)
            rig.clock.move(60)
        assert week.heard == week.said()
        assert len(week.heard) > 100
        assert week.cursor is not None
        assert week.cursor["meter"]["micros"] >= round(rig.server.usd() * 1e6) > 0


async def test_without_the_overlap_the_same_weeks_lose_posts(monkeypatch: pytest.MonkeyPatch):
    """The proof can fail."""
    monkeypatch.setattr("channels.x.snowflake.OVERLAP_MS", 0)
    lost = 0
    for seed in range(4):
        try:
            await test_what_was_said_is_what_is_heard(seed, monkeypatch)
        except AssertionError:
            lost += 1
    assert lost > 0
