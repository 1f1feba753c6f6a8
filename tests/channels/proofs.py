"""How a channel joins the proofs that run the whole product over its emulator: one entry beside its SUBJECT.

`PUBLISHING`, a tuple of `Publishing`, in `subjects/<channel>.py` brings it into `tests/publishing`. Nothing else has to
change there.
"""

from __future__ import annotations

import importlib
import operator
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from domain.clock import Clock
from domain.reply import Parent
from tests.channels import subjects
from tests.channels.network import Network
from tests.channels.subject import Subject


@dataclass(frozen=True, slots=True)
class Posted:
    """A post of ours that is public, from the network's own books: its id and the id of what it answers, both as
    mentions and replies name them (`external_id`)."""

    id: str
    parent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Publishing:
    """One class of publishing on one emulator.

    `ask` puts post number n (1, 2, ...; at most 600 per emulator) on the network and says how we answer it.
    `books` lists every post of ours that is public, doubled ones twice, whether it shows already or not.
    `lag` says how many seconds later than it is public a post of ours can be read back, from the next one on.
    `prepare` is called once with the running emulator and the clock of the proof.
    `same_bytes` tells whether the body of a request (first) carries the frozen bytes (second) and no others.
    """

    name: str
    subject: Subject
    ask: Callable[[Network, int], Parent]
    books: Callable[[Network], list[Posted]]
    lag: Callable[[Network, float], None]
    prepare: Callable[[Network, Clock], None]
    same_bytes: Callable[[bytes, bytes], bool] = operator.eq


def entries(name: str) -> list[Any]:
    """All entries with this name, in the order of the channels."""
    modules = [
        importlib.import_module(f"{subjects.__name__}.{m.name}") for m in pkgutil.iter_modules(subjects.__path__)
    ]
    return [entry for module in modules for entry in getattr(module, name, ())]
