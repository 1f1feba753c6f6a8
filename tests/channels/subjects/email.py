"""E-mail in the conformance suite: Dovecot keeps the mailbox, an SMTP server takes what we send and files it there."""

from __future__ import annotations

import base64
import os
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any
from unittest import mock

from channels.email import MANIFEST
from channels.manifest import Situation
from domain.account import Account
from domain.reply import Parent
from tests.channels.network import NOON, Fault, Network, Post
from tests.channels.proofs import NEVER, Hearing
from tests.channels.subject import Subject
from tests.conftest import require
from tests.emulators.imap import ImapServer, imap_server
from tests.emulators.post_office import PostOffice, Trouble, open_post_office
from tests.peers.dovecot import PASSWORD, Dovecot, certificate, dovecot_program, shared_dovecot

CUSTOMER = "mara_testfield@customers.example"
_NUMBERS = count(1)


def mail(post: Post) -> bytes:
    """The post as a person's mail. One that is broken names no sender."""
    date = format_datetime(post.posted_at).removesuffix(" +0000" if post.naive else "")
    head = [
        f"Message-ID: <{post.id}@customers.example>",
        *([] if post.broken else [f"From: {post.author}@customers.example"]),
        *([f"Date: {date}"] if post.dated else []),
        "Subject: to the help desk",
        'Content-Type: text/plain; charset="utf-8"',
        "Content-Transfer-Encoding: base64",
    ]
    return "\r\n".join([*head, "", base64.encodebytes(post.text.encode()).decode()]).encode()


def trouble_of(fault: Fault | None) -> Trouble | None:
    """What a fault of the suite is in SMTP: refusals have their steps, all else comes in place of a clear answer."""
    if fault is None:
        return None
    refusals = {
        401: Trouble(sign_in="535 5.7.8 not allowed here"),
        403: Trouble(recipient="550 5.7.1 not allowed here"),
        422: Trouble(content="554 5.6.0 not allowed here"),
        429: Trouble(recipient="451 4.7.1 try again later"),
    }
    odd = Trouble(content="" if fault.reset else "<html>gateway</html>", applied=fault.applied, stall_s=fault.stall_s)
    return refusals.get(fault.status or 0, odd if odd.content else Trouble(drop=True, applied=fault.applied))


@dataclass
class EmailSubject(Subject):
    """Each test has a mailbox of its own on the one Dovecot. A mail cannot be edited."""

    publish_path: str = "/submission"
    publishes_over_http: bool = False

    def serving(self, network: Network, folder: Path) -> AbstractAsyncContextManager[object]:
        return self._serving(network)

    @asynccontextmanager
    async def _serving(self, network: Network) -> AsyncIterator[None]:
        require("dovecot", dovecot_program(), "no Dovecot 2.3 is installed (Debian 12: apt-get install dovecot-imapd)")
        dovecot, made, user = shared_dovecot(), certificate(), f"help{next(_NUMBERS)}@norda.example"
        network.server = office = open_post_office(
            PASSWORD,
            made.certificate,
            made.key,
            trouble=lambda: trouble_of(network.fault),
            on_session=lambda: network.requests.append(("POST", self.publish_path)),
            on_taken=partial(dovecot.deliver, user, at=NOON, folder="Sent"),
        )
        network.state |= {"dovecot": dovecot, "office": office, "user": user, "delivered": set()}
        with mock.patch.dict(os.environ, SSL_CERT_FILE=str(made.certificate)):
            try:
                yield
            finally:
                await office.close()

    def settings(self, network: Network, folder: Path) -> dict[str, Any]:
        return {"folder": "INBOX"}

    def prepare(self, network: Network, folder: Path) -> None:
        dovecot: Dovecot = network.state["dovecot"]
        for post in network.posts:
            if post.id not in network.state["delivered"]:
                network.state["delivered"].add(post.id)
                dovecot.deliver(network.state["user"], mail(post), post.posted_at)

    def native_id(self, post_id: int) -> str:
        return f"{post_id}@customers.example"

    def account(self, network: Network) -> Account:
        user, office = network.state["user"], network.state["office"]
        servers = f"imaps://127.0.0.1:{network.state['dovecot'].port} smtps://127.0.0.1:{office.port} sent=server"
        return Account(1, "email", f"Norda Service <{user}>", user, servers, {"secret_password": PASSWORD})

    def parent(self, network: Network) -> Parent:
        native = {"to": CUSTOMER, "subject": "Wet seat", "message_id": self.native_id(1), "references": []}
        thread = f"{self.native_id(1)} {CUSTOMER}"
        return Parent(self.native_id(1), thread, "", CUSTOMER, CUSTOMER, native)

    def published_texts(self, network: Network) -> list[str]:
        office: PostOffice = network.state["office"]
        return [str(mail.get_content()).strip() for mail in office.mails]


SITUATIONS = {
    "no account": Situation(False, True, {"to": CUSTOMER}),
    "a no-reply address": Situation(True, True, {"to": "no-reply@shop.example", "no_reply": True}),
    "no usable address": Situation(True, True, {"to": ""}),
    "otherwise": Situation(True, True, {"to": CUSTOMER}),
}
SUBJECT = EmailSubject(MANIFEST, over_http=False, shows_edits=False, situations=SITUATIONS)


# --- proofs ----------------------------------------------------------------------------------------------------

USER = "help@norda.example"
REFUSALS = {
    401: {"AUTHENTICATE": "NO [AUTHENTICATIONFAILED] who are you?"},
    429: {"AUTHENTICATE": "NO [LIMIT] slow down"},
    503: {"greeting": "BYE maintenance"},
}


@dataclass
class MailboxSubject(EmailSubject):
    """A mailbox on a server that misbehaves as its life says, once in each session."""

    def serving(self, network: Network, folder: Path) -> AbstractAsyncContextManager[object]:
        return self._living(network)

    @asynccontextmanager
    async def _living(self, network: Network) -> AsyncIterator[None]:
        made = certificate()
        with mock.patch.dict(os.environ, SSL_CERT_FILE=str(made.certificate)):
            async with imap_server(made.certificate, made.key) as server:
                box = network.state["server"] = Box(network, server)
                server.begins = box.begin
                yield

    def prepare(self, network: Network, folder: Path) -> None:
        """Mails come while it lives."""

    def account(self, network: Network) -> Account:
        servers = f"imaps://127.0.0.1:{network.state['server'].server.port} smtps://127.0.0.1:465 sent=server"
        return Account(1, "email", f"Norda Service <{USER}>", USER, servers, {"secret_password": PASSWORD})


@dataclass
class Box:
    """The mails of a living network in one folder. Numbers rise as mails come in; now and then the folder numbers them
    anew. What was released late keeps its day, where that is not before we listened."""

    network: Any
    server: ImapServer
    filed: dict[int, bytes] = field(default_factory=dict)
    next_uid: int = 10_000

    def begin(self) -> None:
        """A session begins."""
        fault, dice = self.network.asked(), self.network.dice
        self._file()
        if dice.random() < 0.05:
            self._number_anew()
        if fault is not None and fault.mutate is not None:
            self._copy(3)
        refused = REFUSALS.get(fault.status or 0) if fault else None
        breaks = fault is not None and refused is None
        self.server.answers, self.server.breaks_after = refused or {}, dice.randint(0, 12_000) if breaks else None

    def _file(self) -> None:
        """What came since, and what was deleted."""
        gone = {self.filed.get(post.id) for post in self.network.posts if post.withdrawn}
        self.server.mails = {uid: raw for uid, raw in self.server.mails.items() if raw not in gone}
        for post in self.network.posts:
            if post.id not in self.filed:
                self.filed[post.id] = mail(post)
                if not post.withdrawn:
                    self._add(self.filed[post.id], max(post.posted_at, NOON - timedelta(days=1)))

    def _add(self, raw: bytes, taken: datetime) -> None:
        self.next_uid += 1
        self.server.mails[self.next_uid], self.server.taken[self.next_uid] = raw, taken

    def _copy(self, count: int) -> None:
        """Somebody moves mails away and back: they come in once more."""
        for uid in list(self.server.mails)[-count:]:
            self._add(self.server.mails[uid], self.server.taken[uid])

    def _number_anew(self) -> None:
        mails, taken = self.server.mails, self.server.taken
        self.server.mails, self.server.taken, self.next_uid = {}, {}, 0
        self.server.validity += 1
        for uid, raw in mails.items():
            self._add(raw, taken[uid])


HEARING = (
    Hearing(
        name="E-mail",
        subject=MailboxSubject(MANIFEST, over_http=False, shows_edits=False),
        all_ours=True,
        edits=False,
        sweep_every_s=6 * 3600.0,
        removal_posts=1,
        removal_polls=NEVER,
        dear=4,
    ),
)
