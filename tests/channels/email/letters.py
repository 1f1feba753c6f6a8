"""Mails as their writers' programs make them; every text is ours."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime

from channels.email.convert import convert
from domain.mention import Mention

TAKEN = datetime(2026, 11, 20, 12, 30, tzinfo=UTC)
HEAD = {
    "Message-ID": "<one@customers.example>",
    "From": "Mara Testfield <mara@customers.example>",
    "To": "help@norda.example",
    "Subject": "Wet seat",
    "Date": "Fri, 20 Nov 2026 12:00:00 +0000",
}


def letter(body: bytes | str = "My seat was wet.", /, **changes: str | None) -> bytes:
    """A mail; `changes` are header lines, with _ for - (None: without it)."""
    named = {name.replace("_", "-"): value for name, value in changes.items()}
    head = HEAD | {
        next((known for known in HEAD if known.lower() == name.lower()), name): v for name, v in named.items()
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items() if value is not None)
    return f"{lines}\r\n".encode() + (body.encode() if isinstance(body, str) else body)


def heard(raw: bytes, own: Collection[str] = ("help@norda.example",), own_list: str = "") -> Mention:
    """The mention that a mail is."""
    found = convert(raw, TAKEN, set(own), own_list)
    assert found is not None
    return found
