"""Runs IMAP sessions without holding up the event loop: at most a few threads, each session under one time limit.

When the time is up, or the caller goes away, the connection is cut; the thread that waits on it ends at once.
"""

from __future__ import annotations

import asyncio
import imaplib
import ssl
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from channels.email.mailbox import Line, Mailbox
from channels.email.protocol import words_of
from channels.email.servers import PORTS, Login
from domain.errors import ChannelError, Unreachable
from net.door import Door

T = TypeVar("T")

SESSION_S = 60.0
_THREADS = ThreadPoolExecutor(4, thread_name_prefix="imap")


@dataclass(frozen=True, slots=True)
class Imap:
    """One mailbox of ours. Nothing is kept between sessions."""

    login: Login
    door: Door

    async def run(self, work: Callable[[Mailbox], T], timeout_s: float = SESSION_S) -> T:
        """Sign in, work, sign out. Raises the errors of a read."""
        server = self.login.reading
        try:
            async with asyncio.timeout(timeout_s):
                sock = await self.door.connect(server.host, server.port, kind="mail", ports=PORTS)
                return await self._in_thread(Line(sock), work)
        except TimeoutError:
            raise Unreachable(f"{server.host}: the session took longer than {timeout_s:g} s") from None

    async def _in_thread(self, line: Line, work: Callable[[Mailbox], T]) -> T:
        job: Future[T] = _THREADS.submit(self._session, line, work)
        try:
            return await asyncio.wrap_future(job)
        finally:
            if job.cancel():  # it had not begun
                line.sock.close()
            elif not job.done():
                line.cut()

    def _session(self, line: Line, work: Callable[[Mailbox], T]) -> T:
        try:
            mailbox = Mailbox(line, self.login.reading)
            try:
                mailbox.sign_in(self.login.reading.user, self.login.password)
                return work(mailbox)
            finally:
                mailbox.leave()
        except (imaplib.IMAP4.error, OSError, ValueError) as error:
            raise meaning(error, self.login.reading.host) from error
        finally:
            line.sock.close()


def meaning(error: Exception, host: str) -> ChannelError:
    """A fault of the connection or the protocol by its name: the session came to nothing, later may be better."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return Unreachable(f"{host}: its certificate is not trusted")
    if isinstance(error, ssl.SSLError):
        return Unreachable(f"{host}: no secure connection (TLS)")
    if isinstance(error, TimeoutError):
        return Unreachable(f"{host}: no answer in time")
    if isinstance(error, imaplib.IMAP4.error):
        return Unreachable(f"{host}: {words_of(error.args)}")
    return Unreachable(f"{host}: the connection broke")
