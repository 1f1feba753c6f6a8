"""An approved answer as the mail that is sent: its bytes and its Message-ID. No I/O.

The head is written by hand, line by line, because the standard library folds long lists of References into encoded
words, which mail programs do not read as ids. No value can hold a line break, whatever it came from.
"""

from __future__ import annotations

import hashlib
import quopri
import re
import unicodedata
from datetime import UTC
from email.header import Header
from email.utils import format_datetime, formataddr

from channels.email.address import nobody_reads, usable
from channels.email.servers import Login, login_of
from domain.errors import BadInput, SignInFailed
from domain.reply import Frozen, Outgoing, Parent

_RE = re.compile(r"\s*re\s*:", re.IGNORECASE)
_ID = re.compile(r"[\x21-\x3b=\x3f-\x7e]{1,250}")
_LONGEST_SUBJECT = 200
_LONGEST_NAME = 60


def freeze(outgoing: Outgoing) -> Frozen:
    """The mail as it goes on the wire, and its Message-ID without brackets. Raises BadInput when there is nobody who
    would get it."""
    try:
        login = login_of(outgoing.account)
    except SignInFailed as error:
        raise BadInput(f"our mailbox: {error}; connect it again on the accounts page") from None
    recipient = recipient_of(outgoing.parent)
    content = _content(outgoing.text)
    key = _message_id(outgoing, login, recipient, content)
    lines = [*_head(outgoing, login, recipient, key), "", content]
    return Frozen(body="\r\n".join(lines).encode("ascii"), key=key)


def recipient_of(parent: Parent) -> str:
    """Who gets the answer. Raises BadInput."""
    address = usable(str(parent.native.get("to") or ""))
    if not address or nobody_reads(address):
        raise BadInput("this mail names no address at which an answer is read: answer it by hand")
    return address


def subject_of(parent: Parent) -> str:
    """The subject of the answered mail behind one "Re:"."""
    subject = _one_line(str(parent.native.get("subject") or ""))[:_LONGEST_SUBJECT]
    return subject if _RE.match(subject) else f"Re: {subject}".strip()


def _head(outgoing: Outgoing, login: Login, recipient: str, key: str) -> list[str]:
    answered = _ids([outgoing.parent.native.get("message_id")])
    before = _ids([*(outgoing.parent.native.get("references") or []), *answered])
    head = [
        f"From: {formataddr((_one_line(login.name)[:_LONGEST_NAME], login.address), 'utf-8')}",
        f"To: {recipient}",
        f"Subject: {_encoded(subject_of(outgoing.parent))}",
        f"Date: {format_datetime(outgoing.approved_at.astimezone(UTC))}",
        f"Message-ID: <{key}>",
        *(f"In-Reply-To: <{each}>" for each in answered),
        *([f"References: {_folded(before)}"] if before else []),
        "MIME-Version: 1.0",
        'Content-Type: text/plain; charset="utf-8"',
        "Content-Transfer-Encoding: quoted-printable",
    ]
    if outgoing.lang and re.fullmatch(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*", outgoing.lang):
        head.append(f"Content-Language: {outgoing.lang}")
    return head


def _encoded(subject: str) -> str:
    return Header(subject, header_name="Subject").encode(linesep="\r\n")


def _ids(found: list[object]) -> list[str]:
    """Only what can stand between brackets in a head; each once."""
    return list(dict.fromkeys(each for each in found if isinstance(each, str) and _ID.fullmatch(each)))


def _folded(names: list[str]) -> str:
    return "\r\n ".join(f"<{name}>" for name in names)


def _content(text: str) -> str:
    plain = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    return quopri.encodestring(f"{plain}\n".encode()).decode("ascii").replace("\n", "\r\n")


def _message_id(outgoing: Outgoing, login: Login, recipient: str, content: str) -> str:
    """Ours, and always the same for this approval: it is what a read-back looks for, and what answers will name."""
    seed = f"{outgoing.reply_id}|{outgoing.approved_at.isoformat()}|{login.address}|{recipient}|{content}"
    return f"{hashlib.sha256(seed.encode()).hexdigest()[:32]}@{login.domain}"


def _one_line(text: str) -> str:
    return " ".join("".join(c if unicodedata.category(c)[0] != "C" else " " for c in text).split())
