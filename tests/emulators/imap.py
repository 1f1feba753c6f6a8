"""An IMAP server that speaks the few commands we use and can be told to misbehave.

Dovecot shows how a good one behaves; this one shows what a damaged or hostile one may do.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

_NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
_FROM, _SINCE = re.compile(r"UID (\d+):\*"), re.compile(r"SINCE (\S+)")
_UID = re.compile(r"UID FETCH (\d+) ")


@dataclass
class ImapServer:
    """`mails` by UID; `taken` says when the server took them, where it was not on 20 November. `answers` gives the
    tagged answer to a command ("greeting" is one too), `raw` its untagged lines in place of the true ones; commands in
    `silent` are never answered, after those in `drops` the connection is cut. `mutate` changes every byte that is sent,
    `breaks_after` is how many bytes are sent before the connection is cut. `begins` is called as a session begins."""

    mails: dict[int, bytes] = field(default_factory=dict)
    taken: dict[int, datetime] = field(default_factory=dict)
    validity: int = 7
    capabilities: str = "IMAP4rev1 AUTH=PLAIN"
    answers: dict[str, str] = field(default_factory=dict)
    raw: dict[str, bytes] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)
    drops: set[str] = field(default_factory=set)
    mutate: Callable[[bytes], bytes] = lambda data: data
    breaks_after: int | None = None
    begins: Callable[[], None] = lambda: None
    starttls: ssl.SSLContext | None = None
    said: list[str] = field(default_factory=list)
    port: int = 0
    is_stuck: asyncio.Event = field(default_factory=asyncio.Event)
    _open: set[asyncio.StreamWriter] = field(default_factory=set)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One session."""
        self._open.add(writer)
        self.begins()
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, ValueError):
            await self._send(writer, f"* {self.answers.get('greeting', 'OK ready')}\r\n".encode())
            while line := (await reader.readline()).decode("latin-1").strip():
                if not await self._answer(line, reader, writer):
                    break
        writer.close()

    async def _answer(self, line: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        tag, _, said = line.partition(" ")
        self.said.append(said)
        name = next((each for each in (said, said[4:]) for each in [each.split(" ")[0]] if each != "UID"), "")
        if name in self.silent:
            self.is_stuck.set()
            await asyncio.Event().wait()
        if name == "AUTHENTICATE":
            await self._send(writer, b"+ \r\n")
            self.said.append((await reader.readline()).decode().strip())
        if name in self.drops:
            await self._send(writer, self.raw.get(name, b""))
            writer.transport.abort()
            return False
        await self._send(writer, self.raw.get(name, self._untagged(name, said)))
        await self._send(writer, f"{tag} {self.answers.get(self._key(name, said), 'OK done')}\r\n".encode())
        if name == "STARTTLS" and self.starttls is not None and "STARTTLS" not in self.answers:
            await writer.start_tls(self.starttls)
        return name != "LOGOUT"

    def _key(self, name: str, said: str) -> str:
        """A command, or one FETCH ("FETCH 3")."""
        found = _UID.match(said)
        key = f"FETCH {found[1]}" if found else name
        return key if key in self.answers else name

    def _untagged(self, name: str, said: str) -> bytes:
        found = _UID.match(said)
        if found:
            raw = self.mails.get(int(found[1]))
            date = f"{self._taken(int(found[1])):%d-%b-%Y %H:%M:%S +0000}"
            head = f'* 1 FETCH (UID {found[1]} INTERNALDATE "{date}" BODY[]<0> {{{len(raw or b"")}}}'
            return b"" if raw is None else head.encode() + b"\r\n" + raw + b")\r\n"
        lines = {
            "CAPABILITY": f"* CAPABILITY {self.capabilities}",
            "EXAMINE": f"* {len(self.mails)} EXISTS\r\n* OK [UIDVALIDITY {self.validity}] valid",
            "SEARCH": f"* SEARCH {' '.join(map(str, self._found(said)))}",
            "LIST": '* LIST (\\HasNoChildren) "/" INBOX\r\n* LIST (\\HasNoChildren) "/" "Sent Items"',
            "LOGOUT": "* BYE until soon",
        }
        return f"{lines[name]}\r\n".encode() if name in lines else b""

    def _taken(self, uid: int) -> datetime:
        return self.taken.get(uid, _NOON)

    def _found(self, said: str) -> list[int]:
        """From a UID on, which always names the last mail too, and since a day."""
        first, since = _FROM.search(said), _SINCE.search(said)
        day = datetime.strptime(since[1], "%d-%b-%Y").replace(tzinfo=UTC) if since else datetime.min.replace(tzinfo=UTC)
        start = min(int(first[1]), max(self.mails, default=0)) if first else 0
        return [uid for uid in self.mails if uid >= start and self._taken(uid) >= day]

    async def _send(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        data = self.mutate(data)
        writer.write(data[: self.breaks_after])
        if self.breaks_after is not None:
            self.breaks_after -= len(data)
            if self.breaks_after <= 0:
                await writer.drain()
                writer.transport.abort()
                raise ConnectionResetError
        await writer.drain()


@contextlib.asynccontextmanager
async def imap_server(certificate: Path, key: Path, *, starttls: bool = False) -> AsyncIterator[ImapServer]:
    """Run one on a free loopback port."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    found = ImapServer(starttls=context if starttls else None)
    server = await asyncio.start_server(found.serve, "127.0.0.1", 0, ssl=None if starttls else context)
    found.port = server.sockets[0].getsockname()[1]
    try:
        yield found
    finally:
        server.close()
        for writer in found._open:
            writer.transport.abort()
