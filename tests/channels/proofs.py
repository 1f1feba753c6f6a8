"""How a channel joins the proofs that run the whole product over its emulator: one entry beside its SUBJECT.

In `subjects/<channel>.py`, a tuple of `Publishing` called PUBLISHING brings it into `tests/publishing`, and a tuple of
`Hearing` called HEARING into `tests/loss`. Nothing else has to change there.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from domain.clock import Clock
from domain.reply import Parent
from tests.channels import subjects
from tests.channels.network import Network, Post
from tests.channels.subject import Subject

DAY_S = 86_400.0
NEVER = 1 << 31


@dataclass(frozen=True, slots=True)
class Posted:
    """A post of ours that is public, from the network's own books: its id and the id of what it answers, both as
    mentions and replies name them (`external_id`)."""

    id: str
    parent: str


def own_words(text: str, number: int) -> str:
    """Words that nobody has said before."""
    return f"{text} ({number})"


Kind = Literal["record key", "key", "upsert", "two phases", "refuses duplicates", "read back", "none"]
"""The classes of publishing: by what a network, or we, can tell a repeat from a second post."""


def _as_it_is(network: Network, clock: Clock) -> None:
    """Nothing to prepare."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ByHand:
    """For networks where a post has one answer: `answer` is given by a colleague under the post of this id, in the
    network's own pages; `standing` lists the posts under which a colleague's answer stands."""

    answer: Callable[[Network, str], None]
    standing: Callable[[Network], list[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Publishing:
    """One class of publishing on one emulator.

    `rounds`: how many times over each fault meets each lag where the whole suite runs: so many that the entries of its
    class come to 200 ambiguous publishes together.
    `ask` puts post number n (1, 2, ...; at most 600 per emulator) on the network and says how we answer it.
    `books` lists every post of ours that is public, doubled ones twice, whether it shows already or not.
    `server` names the emulator in `Network.state`; it has a `clock` and a `lag_s`, as `tests.emulators.late`.
    `prepare` is called once with the running emulator, which has the clock of the proof by then, and with that clock.
    `wording` gives trial number n its words, where the network does not take any words at any time.
    `sends` tells by its body whether a request to the address of publishing publishes: some networks have one address
    for all. What does not is a read.
    `carries` gives the frozen bytes that the body of a request to publish stands for: in two phases it only names them.
    `first_step`: the beginning of the address of a first step, which shows nothing to anybody.
    """

    name: str
    kind: Kind
    subject: Subject
    ask: Callable[[Network, int], Parent]
    books: Callable[[Network], list[Posted]]
    server: str = "server"
    prepare: Callable[[Network, Clock], None] = _as_it_is
    rounds: int = 1
    wording: Callable[[str, int], str] = lambda text, number: text
    carries: Callable[[Network, bytes], bytes] = lambda network, body: body
    sends: Callable[[bytes], bool] = lambda body: True
    first_step: str = ""
    by_hand: ByHand | None = None

    def begin(self, network: Network, clock: Clock) -> None:
        """The emulator lives by this clock from now on."""
        network.state[self.server].clock = clock
        self.prepare(network, clock)

    def lag(self, network: Network, seconds: float) -> None:
        """So much later than it is public a post of ours can be read back, from the next one on."""
        network.state[self.server].lag_s = seconds

    @property
    def looks_first(self) -> bool:
        """Whether the publisher reads before it sends, and may find that there is nothing to send."""
        return self.kind in ("upsert", "two phases")


How = Literal["on", "twice", "half", "reset", "end"]
"""What a stream does: it brings what is new and a sign of life; its last posts once more; half a line, and ends; it
breaks; it ends in good order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Streamed:
    """For a source that is streamed. `path` is the address of the stream, `speak` lets whatever is open there do
    something, `quickly` is a block in which our side waits for no more lines."""

    path: str
    speak: Callable[[Network, How], None]
    quickly: Callable[[], AbstractContextManager[object]]


@dataclass(frozen=True, slots=True)
class News:
    """What somebody did at that moment: said a post, changed its words, or took it back (`post.withdrawn`)."""

    post: Post
    at: datetime
    changed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """For a source that is pushed to: `body` tells of some news. The sender sends what was not thanked again; `forgets`
    is the share of news that it never sends at all, so that only a poll hears of them."""

    body: Callable[[Network, list[News]], bytes]
    forgets: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """One kind of source on one emulator, which serves `Network.posts` as they are now, and what is promised of it.

    Every post is heard, or the coverage tells of a gap. What changes behind the newest post (an edit; with `in_place`
    also a post that comes late, to the place of its date, with the number of its date) is heard when it is read again:
    each poll reads the `overlap_posts` newest and what is younger than `overlap_s`; every `sweep_every_s` a sweep reads
    what is younger than `sweep_s`, at most `sweep_posts`. Removals are told of the newest `removal_posts`,
    within `removal_polls` good polls; NEVER means that they come about and are not told.
    `edits` False: posts never change; `edits_come`: a changed post comes again like a new one, so each change is heard.
    With `in_place`, a post that comes up to `late_s` after its date is heard like any other.
    `all_ours`: all are to us, whatever they say; `calls` stands in front of all words. `burst` is the most posts that
    come at once; `dear` says how many times fewer posts a life has here, because each costs requests of its own.
    `settings` are those of the source beside the subject's. `prepare` is called once with the running
    emulator and the network's own clock.
    """

    name: str
    subject: Subject
    settings: Mapping[str, Any] = field(default_factory=dict)
    in_place: bool = False
    all_ours: bool = False
    edits: bool = True
    edits_come: bool = False
    late_s: float = 0.0
    calls: str = ""
    overlap_posts: int = 0
    overlap_s: float = 0.0
    sweep_s: float = 0.0
    sweep_posts: int = 0
    sweep_every_s: float = 0.0
    removal_posts: int = 0
    removal_polls: int = 1
    streamed: Streamed | None = None
    pushed: Pushed | None = None
    burst: int = 200
    dear: int = 1
    prepare: Callable[[Network, Clock], None] = _as_it_is


def entries(name: str) -> list[Any]:
    """All entries with this name, in the order of the channels."""
    modules = [
        importlib.import_module(f"{subjects.__name__}.{m.name}") for m in pkgutil.iter_modules(subjects.__path__)
    ]
    return [entry for module in modules for entry in getattr(module, name, ())]
