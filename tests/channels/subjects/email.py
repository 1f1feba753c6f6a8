"""E-mail in the conformance suite: Dovecot keeps the mailbox, an SMTP server takes what we send and files it there."""

from __future__ import annotations

import base64
import os
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
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
from tests.channels.subject import Subject
from tests.conftest import require
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
