"""What was told on the page as a mention, and how it is called. Pure. docs/channels/feedback.md tells of both.

The name is made of all that was said: the same form sent twice is one mention, and whoever knows a name cannot change
what stands under it.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec

from channels.email.address import nobody_reads, usable
from domain.errors import BadInput
from domain.mention import Mention
from domain.ports import Page
from net.text import clean_text

CHANNEL: Final = "feedback"
LONGEST_TEXT: Final = 5000
LONGEST_NAME: Final = 80
LONGEST_ADDRESS: Final = 254
LETTERS: Final = "23456789BCDFGHJKMNPQRTVWXYZ"
"""Read out on the phone without doubt; no vowels, so no words by chance."""
_LENGTH: Final = 12
_GROUP: Final = 4


@dataclass(frozen=True, slots=True)
class Told:
    """What the form said. `once` names the form that was opened: another one is another message."""

    text: str
    name: str = ""
    address: str = ""
    once: str = ""


def read(text: str, name: str = "", address: str = "", once: str = "") -> Told:
    """What was typed, cleaned. BadInput("missing", "too_long" or "address") for what cannot be taken."""
    text = clean_text(text.replace("\r\n", "\n")).strip()
    if not text:
        raise BadInput("missing")
    if len(text) > LONGEST_TEXT:
        raise BadInput("too_long")
    given = address.strip()
    if given and (not usable(given) or nobody_reads(given)):
        raise BadInput("address")
    return Told(text, " ".join(clean_text(name).split())[:LONGEST_NAME], usable(given), once)


def reference(told: Told, link: str, secret: bytes) -> str:
    """The number that its author is given: three groups of four, which nobody can guess without our secret."""
    said = msgspec.json.encode([link, told.once, told.text, told.name, told.address])
    number = int.from_bytes(hmac.new(secret, b"feedback\x00" + said, hashlib.sha256).digest())
    found = ""
    for _ in range(_LENGTH):
        number, at = divmod(number, len(LETTERS))
        found += LETTERS[at]
    return "-".join(found[at : at + _GROUP] for at in range(0, _LENGTH, _GROUP))


def to_page(told: Told, number: str, now: datetime) -> Page:
    """The mention, alone on its page. Nobody checked the address, so it tells nobody apart: each number is an author of
    its own, and only `native` holds the address."""
    mention = Mention(
        channel=CHANNEL,
        external_id=number,
        thread_id=number,
        text=told.text,
        posted_at=now,
        author_handle=f"#{number}",
        author_name=told.name,
        addressed=True,
        native={"to": told.address, "subject": f"#{number}"} if told.address else {},
    )
    return Page((mention,), None, seen=1)


def mail_to(native: dict[str, Any]) -> str:
    """The address that was left; empty when there is none."""
    return usable(str(native.get("to") or ""))
