"""Exactly one request to publish at the socket, whatever happens to it on its way: each connector, each of 12 faults.

Between the connector and its network lies the line of `tests/publishing`; it sees every request that begins.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from domain.errors import ChannelError, OutcomeUnknown, Unreachable
from domain.reply import PublishedReply
from tests.channels.conformance import Rig
from tests.channels.publishing import ready, words
from tests.publishing.faults import AMBIGUOUS, APPLIED, REFUSED, Fault
from tests.publishing.line import Line, line_to
from tests.publishing.patience import patience_ends

FAULTS = (REFUSED, *AMBIGUOUS)
"""Refused; reset at three places of the request and three of the answer; half-close; time-out; 5xx, applied and not;
an answer that cannot be read."""
_PLACE = 0.3
_LONGEST_S = 31.0
"""No sending may take longer."""


@asynccontextmanager
async def _between(rig: Rig) -> AsyncIterator[Line]:
    """The line, as the network's address from now on."""
    async with line_to(urlsplit(rig.network.base).port or 0, rig.subject.publish_path) as line:
        rig.network.base = line.base
        with patience_ends() as move:
            line.out_of_time = lambda: move(_LONGEST_S)
            yield line


async def check_one_request(rig: Rig, kind: str) -> None:
    """One request, none where nobody listens; the error that fits, or a success that is true."""
    seen: list[bytes] = []
    async with _between(rig) as line:
        reply, publisher = await ready(rig), rig.publisher()
        line.seen = lambda address, body: seen.append(body)
        line.fault = Fault(kind, _PLACE)
        if kind == REFUSED:
            await line.pause()
        outcome = await _tried(lambda: publisher.publish(reply))
        if kind == REFUSED:
            await line.listen()
        await _quiet()
        assert len(seen) == (0 if kind == REFUSED else 1), f"{len(seen)} requests"
    public = rig.subject.published_texts(rig.network)
    assert public == ([words(rig)] if kind in APPLIED else [])
    if isinstance(outcome, PublishedReply):
        assert public, "called published, and it is not"
    else:
        assert isinstance(outcome, Unreachable if kind == REFUSED else OutcomeUnknown), outcome


async def _tried(publish: Callable[[], Awaitable[PublishedReply]]) -> PublishedReply | ChannelError:
    try:
        return await publish()
    except ChannelError as error:
        return error


async def _quiet() -> None:
    """Time for whatever would still leave by itself."""
    for _ in range(20):
        await asyncio.sleep(0)
    await asyncio.sleep(0.002)
