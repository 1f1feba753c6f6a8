"""Durable steps. What is due is a column of the row that needs it; there is no job table of ours.

A step moves its row by conditional update, so running it twice is harmless. Two motors carry the nudges:
`jobs_local` (SQLite, one process) and `jobs_procrastinate` (PostgreSQL, any number of workers).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

Due = Callable[[AsyncSession, datetime, int], Awaitable[list[int]]]
Handler = Callable[[int, datetime], Awaitable[None]]


def no_lock(row_id: int) -> str | None:
    """Steps of this kind may run side by side."""
    return None


@dataclass(frozen=True, slots=True)
class Step:
    """One kind of durable step.

    `due` lists the ids of rows whose step is due, most urgent first; `handle` does one; `lock` names what may not
    run twice at the same time (the account of a sending), None when nothing. `gives_way` marks bulk work (drafts of a
    flood of posts): what a person waits for, like a sending, never queues behind it.
    """

    kind: str
    due: Due
    handle: Handler
    lock: Callable[[int], str | None] = field(default=no_lock)
    gives_way: bool = False


Steps = Mapping[str, Step]


@dataclass(frozen=True, slots=True)
class Tick:
    """Work that is swept as a whole (sealing, clocks, detection): `run(now)` every `every_s` seconds."""

    name: str
    every_s: float
    run: Callable[[datetime], Awaitable[Any]]
