"""One connection and one mail per sending, wherever the line to the post office breaks; and no false certainty."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import pytest

from channels.email.publisher import EmailPublisher
from domain.errors import ChannelError, OutcomeUnknown
from domain.reply import ApprovedReply
from tests.channels.email.conftest import Town
from tests.channels.email.test_publisher import approved

PLACES = (0.0, 0.5, 0.85, 0.92, 0.95, 0.97)
"""Parts of what goes one way in a whole sending, its encryption counted."""


@dataclass
class Relay:
    """A line to a port of this machine. It breaks once so many bytes went `going` (from us) or `coming` (to us)."""

    there: int
    most: dict[str, int] = field(default_factory=dict)
    passed: dict[str, int] = field(default_factory=lambda: {"going": 0, "coming": 0})
    connections: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        back, there = await asyncio.open_connection("127.0.0.1", self.there)
        with suppress(ConnectionError):
            await asyncio.gather(self._pour("going", reader, there), self._pour("coming", back, writer))
        for each in (writer, there):
            each.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            each.transport.abort()

    async def _pour(self, way: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65_536):
            left = self.most.get(way, 1 << 30) - self.passed[way]
            self.passed[way] += len(data[:left])
            writer.write(data[:left])
            await writer.drain()
            if len(data) >= left:
                await asyncio.sleep(0.01)  # so that they arrive before the break does
                raise ConnectionResetError
        raise ConnectionResetError


@asynccontextmanager
async def relay_to(there: int, **most: int) -> AsyncIterator[tuple[Relay, int]]:
    relay = Relay(there, most)
    server = await asyncio.start_server(relay.serve, "127.0.0.1", 0)
    try:
        yield relay, server.sockets[0].getsockname()[1]
    finally:
        server.close()


def by(town: Town, port: int) -> Town:
    """The same town, its post office at the end of a line."""
    return town.having(base_url=town.account.base_url.replace(f":{town.office.port}", f":{port}"))


async def outcome_of(publisher: EmailPublisher, reply: ApprovedReply) -> ChannelError | None:
    try:
        await publisher.publish(reply)
    except ChannelError as error:
        return error
    return None


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("way", ["going", "coming"])
async def test_a_line_that_breaks_leaves_one_mail_or_none_and_the_truth_about_it(town: Town, way: str, place: float):
    async with relay_to(town.office.port) as (whole, port):
        await by(town, port).publisher.publish(approved(town))
    town.office.taken.clear()
    town.office.contents = 0
    async with relay_to(town.office.port, **{way: 1 + int(place * whole.passed[way])}) as (relay, port):
        outcome = await outcome_of(by(town, port).publisher, approved(town))
    assert relay.connections == 1
    assert len(town.office.taken) <= 1
    if outcome is None:
        assert town.office.taken
    elif not isinstance(outcome, OutcomeUnknown):
        assert town.office.contents == 0, f"a false certainty: {outcome!r}"
