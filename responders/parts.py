"""What the way out is built from. `run.py` fills it once; tests fill it with their own."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from sqlmodel.ext.asyncio.session import AsyncSession

from channels.manifest import Manifest
from domain.account import Account
from domain.clock import Clock
from domain.ports import Jobs, Publisher, Restater
from domain.reply import Finding
from responders.drafters.model import Model
from responders.playbooks import Playbook
from responders.shelf import Shelf
from responders.survey_links import SurveyLinks
from storage.database import Database
from storage.replies import Gathered
from storage.tables import AccountRow, Brand


@dataclass(frozen=True, slots=True)
class Composed:
    """A proposed text and its language; `error` is filled instead when no draft can be written, in plain words."""

    text: str
    lang: str | None
    error: str = ""


Compose = Callable[[Gathered], Awaitable[Composed]]
"""Writes a draft from what storage knows about the case."""

Check = Callable[[Gathered, str], Sequence[Finding]]
"""The reply contract: objections to this text in this situation. Pure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Times in seconds.

    `undo_s` is how long an approved reply waits before it leaves (per channel in `undo_by_channel`, 0 to 120).
    `approval_life_s` is how long a yes is good for. `deadline_s` bounds one sending; a row that is still `sending`
    after it has an unknown outcome. More than `ceiling` sendings of one account within `ceiling_window_s` stop
    publishing altogether: something has run away. More than `per_day` replies of one account within 24 hours wait.
    `follow_up_s` after a case was resolved its author is asked whether all is well. `check_in_s` after the last word
    to the author of an unsolved case a further one is drafted. `sla` are the promised times of brands without own ones.
    """

    undo_s: float = 20.0
    undo_by_channel: Mapping[str, float] = field(default_factory=dict)
    approval_life_s: float = 86_400.0
    deadline_s: float = 60.0
    ceiling: int = 30
    ceiling_window_s: float = 600.0
    per_day: int = 200
    follow_up_s: float = 172_800.0
    check_in_s: float = 172_800.0
    sla: Mapping[str, float] = field(default_factory=dict[str, float])

    @property
    def check_in(self) -> timedelta:
        """How long the author of an unsolved case hears nothing from us at most."""
        return timedelta(seconds=self.check_in_s)

    def follow_up(self, now: datetime) -> datetime:
        """When the author of a case that is resolved now is asked whether all is well."""
        return now + timedelta(seconds=self.follow_up_s)

    def undo(self, channel: str) -> timedelta:
        """The undo window of this channel."""
        return timedelta(seconds=min(120.0, max(0.0, self.undo_by_channel.get(channel, self.undo_s))))


Taught = Callable[[AsyncSession, Brand], Awaitable[Restater]]
"""The scorer of a brand with what its people have taught by now."""


def _no_playbooks(slug: str) -> tuple[Playbook, ...]:
    return ()


async def _no_scorer(session: AsyncSession, brand: Brand) -> Restater:
    raise NotImplementedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """`account` decrypts a stored account, `publisher` builds the publisher of a channel for it, `secret` signs
    approvals (kept in the data folder, outside the database), `playbooks` gives those in force by a brand's short name
    and `shelf` keeps them, `stop_file` stops publishing while it exists. `model` proposes a second draft, where there
    is one; without `surveys` (nobody outside could reach the page) no author is asked for satisfaction."""

    database: Database
    clock: Clock
    jobs: Jobs
    channels: Mapping[str, Manifest]
    account: Callable[[AccountRow], Account]
    publisher: Callable[[Manifest, Account], Publisher]
    secret: bytes
    compose: Compose
    check: Check
    taught: Taught = _no_scorer
    playbooks: Callable[[str], tuple[Playbook, ...]] = _no_playbooks
    shelf: Shelf | None = None
    stop_file: Path | None = None
    model: Model | None = None
    surveys: SurveyLinks | None = None
    limits: Limits = field(default_factory=Limits)

    async def checked(self, gathered: Gathered, text: str) -> tuple[Finding, ...]:
        """The contract's word on this text. It takes up to a second where its sentences are new and long, so it is
        found on a thread of its own: the desk answers other people meanwhile."""
        return tuple(await asyncio.to_thread(self.check, gathered, text))

    def silent(self, channel: str) -> str:
        """Whose rule it is that posts of this channel teach nothing; empty when they may."""
        return self.channels[channel].no_training if channel in self.channels else ""
