"""Alerts by mail. We speak SMTP ourselves, because "try later" (4xx) and "never" (5xx) need different answers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Literal

import aiosmtplib

from alerts.message import Message, one_line
from alerts.notifiers.outcome import DELIVERED, Outcome
from domain.errors import BadInput

_LONGEST = 254
_SAID = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """The mail server that takes our alerts. `sender` is the address they come from, `timeout_s` bounds one message."""

    host: str
    port: int = 587
    sender: str
    username: str = ""
    password: str = field(default="", repr=False)
    security: Literal["starttls", "tls", "none"] = "starttls"
    timeout_s: float = 20.0


def checked_address(text: str) -> str:
    """The mail address, if it is one. Raises BadInput."""
    text = text.strip()
    name, at, host = text.rpartition("@")
    plain = text.isascii() and text.isprintable() and not any(c in text for c in ' ,;<>()"\\:')
    if not at or not name or "@" in name or not host or not plain or len(text) > _LONGEST:
        raise BadInput("mail address: write one address like name@example.org")
    return text


def build(server: MailServer, message: Message, to: str, now: datetime) -> EmailMessage:
    """The mail: plain text only. A second copy carries the same Message-ID, so mail programs show it once."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address("Earshot", addr_spec=server.sender)
    mail["To"] = Address(addr_spec=to)
    mail["Subject"] = message.title
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<{message.dedup_key}@{_host(server)}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Earshot-Alert"] = message.dedup_key
    mail.set_content(message.text)
    return mail


def _host(server: MailServer) -> str:
    return server.sender.rpartition("@")[2] or "localhost"


async def send(server: MailServer | None, message: Message, to: str, now: datetime) -> Outcome:
    """Hand one mail to the server."""
    if server is None:
        return Outcome("never", "no mail server is set: add [mail] to the settings")
    try:
        mail = build(server, message, checked_address(to), now)
        await aiosmtplib.send(
            mail,
            hostname=server.host,
            port=server.port,
            username=server.username or None,
            password=server.password or None,
            use_tls=server.security == "tls",
            start_tls=True if server.security == "starttls" else False if server.security == "none" else None,
            timeout=server.timeout_s,
            local_hostname=_host(server),  # otherwise the library asks the name server, and everybody waits
        )
    except BadInput as error:
        return Outcome("never", str(error))
    except aiosmtplib.SMTPRecipientsRefused as error:
        return _refused((one.code, one.message) for one in error.recipients)
    except aiosmtplib.SMTPResponseException as error:
        return _refused([(error.code, error.message)])
    except (aiosmtplib.SMTPException, OSError, ValueError) as error:
        return Outcome("later", f"{server.host}: {_short(str(error) or type(error).__name__)}")
    return DELIVERED


def _refused(answers: Iterable[tuple[int, str]]) -> Outcome:
    code, said = max(answers, default=(450, "refused without a reason"))
    return Outcome("never" if code >= 500 else "later", _short(f"{code} {said}"))


def _short(text: str) -> str:
    return one_line(text)[:_SAID]
