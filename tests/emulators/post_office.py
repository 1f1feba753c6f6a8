"""A real SMTP server on the loopback, encrypted, that takes mails from us and can be told to misbehave at each step.

Its ledger is what it took; what a customer would get is there and nowhere else.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from tests.postgres import free_port


@dataclass(frozen=True)
class Trouble:
    """How it misbehaves. `sign_in`, `sender`, `recipient` and `content` are answers in place of the good ones.

    After the final dot: `applied` lets the mail take effect first, `stall_s` keeps the answer back, `drop` cuts the
    connection in place of one.
    """

    sign_in: str = ""
    sender: str = ""
    recipient: str = ""
    content: str = ""
    applied: bool = False
    stall_s: float = 0.0
    drop: bool = False


@dataclass
class PostOffice:
    """`taken` are the mails it accepted, `contents` counts what came after a DATA, `sessions` who spoke to it."""

    password: str
    port: int = 0
    trouble: Callable[[], Trouble | None] = lambda: None
    on_session: Callable[[], None] = lambda: None
    on_taken: Callable[[bytes], None] = lambda mail: None
    taken: list[bytes] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    contents: int = 0
    sessions: int = 0
    users: list[str] = field(default_factory=list)
    controller: Controller | None = None

    @property
    def mails(self) -> list[EmailMessage]:
        """What it took, parsed."""
        return [message_from_bytes(raw, policy=policy.default) for raw in self.taken]

    def _now(self) -> Trouble:
        return self.trouble() or Trouble()

    def authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, given: Any) -> AuthResult:
        """Called for each password that is tried."""
        user, password = given.login.decode(), given.password.decode()
        self.users.append(user)
        if self._now().sign_in:
            return AuthResult(success=False, handled=False, message=self._now().sign_in)
        return AuthResult(success=password == self.password, handled=False)

    async def handle_EHLO(self, server: Any, session: Any, envelope: Any, hostname: str, said: list[str]) -> list[str]:
        session.host_name = hostname
        if server.transport.get_extra_info("sslcontext"):
            self.sessions += 1
            self.on_session()
        return said

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        envelope.mail_from = address
        return self._now().sender or ("250 OK" if session.authenticated else "530 5.7.0 sign in first")

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if self._now().recipient:
            return self._now().recipient
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.contents += 1
        trouble = self._now()
        good = trouble == Trouble(applied=trouble.applied)
        if good or trouble.applied:
            self.taken.append(envelope.content)
            self.recipients += envelope.rcpt_tos
            self.on_taken(envelope.content)
        await asyncio.sleep(trouble.stall_s)
        if trouble.drop:
            server.transport.abort()
        return trouble.content or "250 2.0.0 taken"

    async def close(self) -> None:
        """Listen no more."""
        controller, self.controller = self.controller, None
        if controller is not None:
            await asyncio.to_thread(controller.stop)


def open_post_office(
    password: str, certificate: Path, key: Path, *, starttls: bool = False, **callbacks: Any
) -> PostOffice:
    """A server that listens; the caller closes it."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    office = PostOffice(password, free_port(), **callbacks)
    secured = {"tls_context": context, "require_starttls": True} if starttls else {"ssl_context": context}
    office.controller = Controller(
        office, hostname="127.0.0.1", port=office.port, server_hostname="mail.example",
        authenticator=office.authenticate, auth_require_tls=starttls, **secured,
    )  # fmt: skip
    office.controller.start()
    return office
