"""What a message says, made harmless. Pure.

Chat services turn pieces of plain text into live things: @everyone pages a channel, <!channel> does so in Slack,
[text](address) hides where a link leads, a bare host name becomes a link. Posts are written by strangers, and names of
sources by colleagues, so every piece of a message passes `harmless`; the one live link is our own.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

QUOTED = 200
"""At most this many characters of a post are repeated in a message."""
_TITLE = 150

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(?=[/\\]{2})")
_NAMED = re.compile(r"\b(mailto|tel|sms|xmpp|slack|tg|javascript|data|file|magnet):", re.IGNORECASE)
# a dot that a linkifier may take for part of a host name: letters follow, or it is one of the dots of an IPv4 address
_HOST_DOT = re.compile(r"(?<=[^\W_])[.\u3002](?=[^\W\d_]{2})")
_IPV4 = re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b")
_LIVE = str.maketrans({"@": "＠", "<": "‹", ">": "›", "[": "［", "]": "］", "`": "ˋ", "\\": "⧵"})


def one_line(text: str) -> str:
    """The text on one line: no control, invisible or direction characters, no line breaks, single spaces."""
    kept = (" " if c.isspace() else c for c in text if c.isspace() or unicodedata.category(c)[0] != "C")
    return " ".join("".join(kept).split())


def harmless(text: str) -> str:
    """One line in which nothing pings, links or formats, whatever the service. Applying it twice changes nothing."""
    line = one_line(unicodedata.normalize("NFKC", text)).translate(_LIVE)
    line = _NAMED.sub(r"\1(:)", _SCHEME.sub(r"\1(:)", line))
    line = _IPV4.sub(lambda found: found[0].replace(".", "(.)"), line)
    return _HOST_DOT.sub("(.)", line)


def quoted(text: str, length: int = QUOTED) -> str:
    """The beginning of what somebody wrote, on one line."""
    line = one_line(text)
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"


@dataclass(frozen=True, slots=True)
class Message:
    """What one contact gets. `text` ends with the link; `dedup_key` is the same when a message is sent again."""

    title: str
    text: str
    dedup_key: str


def compose(*, title: str, body: str, why: str, link: str, dedup_key: str) -> Message:
    """The message of one alert to one person. `why` says why they get it; only `link` is left live."""
    lines = [harmless(line) for line in body.splitlines()]
    text = "\n".join([*lines, "", harmless(why), "", "Open and acknowledge:", link, "", f"({harmless(dedup_key)})"])
    return Message(quoted(harmless(title), _TITLE), text, dedup_key)
