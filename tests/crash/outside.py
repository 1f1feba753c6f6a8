"""The world outside in a process of its own: the sandbox network and a mail server, each with its own books.

They survive every death of the product, so what they wrote down can be held against its database.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import web
from aiosmtpd.smtp import SMTP

from channels.sandbox.faults import Fault, Faults
from channels.sandbox.ledger import Ledger
from channels.sandbox.server import Sandbox
from tests.crash.clock import SharedClock

BOOKS = "sandbox.db"
MAILS = "mails.jsonl"


@dataclass
class MailTaker:
    """Takes mails and writes them down. `moods`, first come first served: lost (taken, the answer never leaves),
    later (451), never (550); without one a mail is taken."""

    clock: SharedClock
    folder: Path
    moods: list[str] = field(default_factory=list)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        mood = self.moods.pop(0) if self.moods else "taken"
        if mood in ("later", "never"):
            return "451 not now" if mood == "later" else "550 no such person"
        mail = message_from_bytes(envelope.content)
        line = {
            "at": self.clock.now().isoformat(),
            "key": mail["X-Earshot-Alert"],
            "to": envelope.rcpt_tos,
            "lost": mood == "lost",
        }
        with (self.folder / MAILS).open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        if mood == "lost":
            server.transport.abort()
        return "250 taken"


class Outside:
    """Both servers on one loop, and one address by which the harness sets the stage of a trial."""

    def __init__(self, clock: SharedClock, folder: Path) -> None:
        self.mail = MailTaker(clock, folder)
        self.sandbox = Sandbox(Ledger(folder / BOOKS), clock=clock)

    async def stage(self, request: web.Request) -> web.Response:
        """POST /stage {folder, faults, moods, lag_s}: from now on the books stand in that folder."""
        given = await request.json()
        self.sandbox.ledger.close()
        self.mail.folder, self.mail.moods = Path(given["folder"]), list(given.get("moods", []))
        self.sandbox.ledger = Ledger(self.mail.folder / BOOKS)
        faults = [msgspec.convert(fault, Fault) for fault in given.get("faults", [])]
        self.sandbox.faults, self.sandbox.lag_s = Faults(faults), float(given.get("lag_s", 0.0))
        return web.json_response({})

    async def run(self, ready: Callable[[int, int], None]) -> None:
        """Serve for ever; `ready` gets the ports of the network and of the mail server."""
        app = web.Application(client_max_size=256_000)
        app.add_routes([*self.sandbox.routes(), web.post("/stage", self.stage)])
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        loop = asyncio.get_running_loop()
        mail = await loop.create_server(lambda: SMTP(self.mail, hostname="localhost", loop=loop), "127.0.0.1", 0)
        ready(runner.addresses[0][1], mail.sockets[0].getsockname()[1])
        await asyncio.Event().wait()


def open_outside(clock: SharedClock, folder: Path) -> tuple[int, int, int]:
    """Fork the world outside. Returns its process id and the two ports. It ends with its parent's pipe."""
    from_child, to_parent = os.pipe()
    alive, leash = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(from_child)
        os.close(leash)
        try:
            asyncio.run(_serve(clock, folder, to_parent, alive))
        finally:
            os._exit(0)
    os.close(to_parent)
    os.close(alive)
    with os.fdopen(from_child) as pipe:
        ports = json.loads(pipe.readline())
    return child, ports[0], ports[1]


async def _serve(clock: SharedClock, folder: Path, to_parent: int, alive: int) -> None:
    def ready(network: int, mail: int) -> None:
        os.write(to_parent, f"[{network}, {mail}]\n".encode())

    loop = asyncio.get_running_loop()
    loop.add_reader(alive, loop.stop)  # the parent has gone
    await Outside(clock, folder).run(ready)
