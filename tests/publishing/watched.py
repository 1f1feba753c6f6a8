"""A network that counts requests to read and can spoil them, by whatever method they come."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from tests.channels.network import Fault, Handler, Network
from tests.channels.proofs import Publishing


@dataclass
class Watched(Network):
    """`look` is what requests to read meet from now on, `reads` how many there were."""

    entry: Publishing | None = None
    look: Fault | None = None
    reads: int = 0

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        reads = await self._reads(request)
        self.reads += reads
        self.fault = self.look if reads else None
        return await Network.middleware(self, request, handler)

    async def _reads(self, request: web.Request) -> bool:
        """What shares its address with requests to publish is told by its body."""
        assert self.entry is not None
        shared = request.method == "POST" and request.path.startswith(self.entry.subject.publish_path)
        return request.method == "GET" or (shared and not self.entry.sends(await request.read()))
