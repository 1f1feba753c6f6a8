"""A network that lives: time passes with each request, posts come in between, and it misbehaves as its life says."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from domain.clock import SetClock
from tests.channels.network import NOON, Fault, Handler, Network, Post
from tests.channels.proofs import News
from tests.loss.life import Changed, Life, Said, Trouble

LIMITED = Fault(status=429, body=b'{"error": "slow down"}', headers={"Retry-After": "300"})
DOWN = Fault(status=503, body=b"<html>maintenance</html>", content_type="text/html")
SIGNED_OUT = Fault(status=401, body=b'{"error": "AuthenticationRequired", "message": "who are you?"}')


def _half(body: bytes) -> bytes:
    return body[: len(body) // 2]


def _twice(body: bytes) -> bytes:
    """A page that serves one of its items twice."""
    try:
        value: Any = json.loads(body)
    except ValueError:
        return body
    lists = [found for found in _lists(value) if len(found) > 1]
    if lists:
        longest = max(lists, key=len)
        longest.insert(len(longest) // 2, longest[len(longest) // 2])
    return json.dumps(value).encode()


def _lists(value: Any) -> list[list[Any]]:
    inner = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    own = [value] if isinstance(value, list) and all(isinstance(each, dict) for each in value) else []
    return own + [found for each in inner for found in _lists(each)]


RESET, CUT, TWICE = Fault(reset=True), Fault(mutate=_half), Fault(mutate=_twice)


@dataclass
class Living(Network):
    """`clock` is the network's own. `tell` hears of what does not concern the network: restart, death, jump, asleep.

    Its books: `came` says when a post first could be seen; `versions` what it said from when on ("" after it was taken
    back); `unsure` are posts that were taken back before they were `stored`; `cuts` counts answers cut in half.
    """

    life: Life = field(default_factory=lambda: Life([], 0.0))
    begins: datetime = NOON
    clock: SetClock = field(default_factory=lambda: SetClock(NOON))
    dice: random.Random = field(default_factory=random.Random)
    in_place: bool = False
    tell: Callable[[Trouble], None] = lambda trouble: None
    stored: Callable[[int], bool] = lambda number: False
    came: dict[int, datetime] = field(default_factory=dict)
    versions: dict[int, list[tuple[datetime, str]]] = field(default_factory=dict)
    unsure: set[int] = field(default_factory=set)
    held: dict[int, Post] = field(default_factory=dict)
    order: list[int] = field(default_factory=list)
    next: int = 0
    spoilt: list[Fault] = field(default_factory=list)
    until: dict[str, datetime] = field(default_factory=dict)
    news: list[News] = field(default_factory=list)
    thanked: dict[int, datetime] = field(default_factory=dict)
    cuts: int = 0
    endless: str = ""

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """The network answers as it stands."""
        self.fault = self.asked(request.path)
        return await Network.middleware(self, request, handler)

    def asked(self, path: str = "") -> Fault | None:
        """Somebody asks: some time passes, and this is what befalls the answer."""
        self.clock.move(self.dice.uniform(0.02, 0.8))
        self.go_on()
        fault = self._fault(path)
        self.cuts += fault is CUT
        return fault

    def _fault(self, path: str) -> Fault | None:
        if (fault := self.out()) is not None:
            return fault
        return self.spoilt.pop() if self.spoilt and path != self.endless else None

    def out(self) -> Fault | None:
        """Why it lets nobody in just now."""
        now = self.clock.now()
        if "signed out" in self.until:
            return SIGNED_OUT
        return next(
            (fault for kind, fault in (("down", DOWN), ("limit", LIMITED)) if self.until.get(kind, now) > now), None
        )

    @property
    def signed_in_from(self) -> datetime:
        """When a person can connect again, should the network not take our sign-in any more."""
        return self.until.get("signed out", self.clock.now())

    def next_at(self) -> datetime | None:
        """When something happens next."""
        left = self.life.happenings[self.next : self.next + 1]
        return self.begins + timedelta(seconds=left[0].at) if left else None

    def go_on(self) -> None:
        """Everything that is due by now happens."""
        before = self.next
        while (at := self.next_at()) is not None and at <= self.clock.now():
            happening = self.life.happenings[self.next]
            self.next += 1
            if isinstance(happening, Trouble):
                self._trouble(happening)
            else:
                self._write(happening)
        if self.next > before:
            self.posts = [self.held[number] for number in (sorted(self.order) if self.in_place else self.order)]

    def _write(self, happening: Said | Changed) -> None:
        number, at = happening.number, self.begins + timedelta(seconds=happening.at)
        if isinstance(happening, Said):
            date = self.begins + timedelta(seconds=happening.date)
            self.held[number] = Post(number, happening.text, date, broken=happening.broken)
            self.order.append(number)
            self.came[number] = at
            self.versions[number] = [(at, happening.text)]
        elif not self.held[number].withdrawn:
            self.versions[number].append((at, happening.text))
            text, gone = happening.text or self.held[number].text, not happening.text
            if gone and not self.stored(number):
                self.unsure.add(number)
            self.held[number] = replace(self.held[number], text=text, withdrawn=gone)
        self.news.append(News(self.held[number], at, isinstance(happening, Changed)))

    def _trouble(self, trouble: Trouble) -> None:
        if trouble.kind in ("limit", "down", "signed out"):
            self.until[trouble.kind] = self.clock.now() + timedelta(seconds=trouble.lasts)
        elif trouble.kind in ("reset", "cut", "twice"):
            self.spoilt = [{"reset": RESET, "cut": CUT, "twice": TWICE}[trouble.kind]] * int(trouble.lasts)
        else:
            self.tell(trouble)
