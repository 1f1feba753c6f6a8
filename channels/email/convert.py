"""Mails to mentions: who wrote, in which thread, whether a person wrote it at all. No I/O.

Identity: the Message-ID, which is the same wherever the mail is stored; where there is none, a hash of the head. The
author is who an answer goes to: Reply-To before From, as mail programs do. So a contact form that sends as our own
address in the name of a customer is the customer's mail.

Thread: the first id of References, together with the author. Ids alone would not do: all answers to one newsletter name
the same first mail and come from strangers. An answer to a reply of ours finds its case by the reply's own id.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from channels.email.address import nobody_reads, usable
from channels.email.mime import Mail, addresses, body, header, read_mail
from channels.email.quotes import forwards, own_words
from domain.errors import Undecodable
from domain.mention import Mention

CHANNEL = "email"

_ID = re.compile(r"<([^<>\s]{1,250})>")
_MOST_REFERENCES = 20
_LONGEST_SUBJECT = 300
_MACHINES = frozenset({"bulk", "junk", "list", "auto_reply"})


@dataclass(frozen=True, slots=True)
class Author:
    """Who an answer goes to. `address` is as it goes on the wire where that is possible, else as written."""

    name: str
    address: str

    @property
    def id(self) -> str:
        return self.address.casefold()


def author_of(mail: Mail, own: Collection[str]) -> Author | None:
    """The first who is not us (`own`: our addresses, in lower case) and can be written to; None when all are us.

    Raises Undecodable when nobody is named.
    """
    named = [*addresses(mail, "reply-to"), *addresses(mail, "from")]
    if not named:
        raise Undecodable("a mail that names no sender")
    people = [Author(name, usable(address) or address) for name, address in named]
    others = [each for each in people if each.id not in own]
    return next((each for each in others if usable(each.address)), others[0] if others else None)


def by_machine(mail: Mail, own_list: str = "") -> bool:
    """Whether no person wrote it to us: an automatic answer, a failed delivery, a mailing list, bulk mail.

    Sources: RFC 3834 (Auto-Submitted), RFC 3464 (reports, with an empty Return-Path), RFC 2919 (List-Id), and the
    older habit of Precedence. `own_list` is the id of a list through which customers write to us.
    """
    listed, precedence = header(mail, "list-id").casefold(), header(mail, "precedence").casefold()
    if own_list and own_list.casefold() in listed:
        listed, precedence = "", ""
    automatic = header(mail, "auto-submitted").casefold().partition(";")[0].strip()
    return (
        automatic not in ("", "no")
        or precedence in _MACHINES
        or bool(listed)
        or header(mail, "return-path") == "<>"
        or mail.get_content_type() == "multipart/report"
    )


def message_id(mail: Mail) -> str:
    """Without its brackets, which some programs forget; an empty string when there is none."""
    stated = header(mail, "message-id")
    found = _ID.search(stated)
    return found[1] if found else stated if " " not in stated and len(stated) <= 250 else ""


def head_hash(raw: bytes) -> str:
    """Names a mail that has no id of its own: its head is not changed any more once it is stored."""
    head = re.split(rb"\r?\n\r?\n", raw, maxsplit=1)[0]
    return f"sha256:{hashlib.sha256(head).hexdigest()}"


def references(mail: Mail) -> list[str]:
    """Ids of the mails it follows, from the first of the thread to the one it answers. Long lists lose their middle."""
    named = list(dict.fromkeys([*_ID.findall(header(mail, "references")), *_ID.findall(header(mail, "in-reply-to"))]))
    return named if len(named) <= _MOST_REFERENCES else [named[0], *named[-_MOST_REFERENCES + 1 :]]


def to_mention(raw: bytes, mail: Mail, author: Author, received_at: datetime) -> Mention:
    """One mail that a person wrote. `received_at` is when our server took it: the mail's own date is only a claim.

    Raises Undecodable.
    """
    stated, before = message_id(mail), references(mail)
    name = stated or head_hash(raw)
    subject = header(mail, "subject")[:_LONGEST_SUBJECT]
    answers = bool(before) and not forwards(subject)
    found = body(mail, answers=answers)
    attached = f"[attached: {', '.join(found.attached)}]" if found.attached else ""
    native = {
        "to": usable(author.address),
        "no_reply": nobody_reads(author.address),
        "subject": subject,
        "message_id": stated,
        "references": before,
    }
    return Mention(
        channel=CHANNEL,
        external_id=name,
        title=subject,
        text="\n".join(filter(None, [own_words(found.text, answers=answers), attached])),
        posted_at=received_at,
        thread_id=f"{before[0] if before else name} {author.id}",
        parent_id=_answered(mail, before),
        author_id=author.id,
        author_handle=author.address,
        author_name=author.name,
        addressed=True,
        native=native,
    )


def _answered(mail: Mail, before: list[str]) -> str | None:
    """The mail it answers: In-Reply-To names one, in theory; References end with it."""
    named = _ID.findall(header(mail, "in-reply-to"))
    return named[0] if named else before[-1] if before else None


def convert(raw: bytes, received_at: datetime, own: Collection[str], own_list: str = "") -> Mention | None:
    """A mail as a mention, or None when it is none: written by a machine, or by us. Raises Undecodable."""
    mail = read_mail(raw)
    author = None if by_machine(mail, own_list) else author_of(mail, own)
    return to_mention(raw, mail, author, received_at) if author else None
