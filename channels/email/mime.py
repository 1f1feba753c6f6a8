"""A mail's bytes to its headers, its words and the names of what is attached. No I/O.

Parsed by the standard library under its older, lenient policy: the newer one raises on headers that real mails have.
Nothing attached is opened.
"""

from __future__ import annotations

import codecs
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses

from channels.email.quotes import without_html_quote
from domain.errors import Undecodable
from net.decode import clean_text, html_to_text

Mail = Message

MOST_CHARACTERS = 30_000
"""Longer mails are logs and threads pasted whole; the rest is cut, and said to be."""
_MOST_BOUNDARIES = 40  # the parser looks at each line once for each of them
_LONGEST_HEADER = 8_000
_MOST_NAMES = 20
_LONGEST_NAME = 80
# Codecs that are no charsets of mails: some interpret escapes, one is quadratic.
_NO_CHARSETS = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined"})
# What declares the smaller set often holds the larger one (WHATWG Encoding reads them so, too).
_LARGER = {"ascii": "utf-8", "iso8859-1": "cp1252", "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932"}
# What the standard library is known to raise on crafted mails, besides its own errors.
_STUMBLES = (MessageError, ValueError, LookupError, TypeError, AttributeError, AssertionError, RecursionError)


@dataclass(frozen=True, slots=True)
class Body:
    """What a reader sees, and the names of attached files."""

    text: str
    attached: tuple[str, ...] = ()


def read_mail(raw: bytes) -> Mail:
    """The mail, which may be cut off at the end. Raises Undecodable."""
    if raw.lower().count(b"boundary=") > _MOST_BOUNDARIES:
        raise Undecodable(f"more than {_MOST_BOUNDARIES} parts within parts")
    try:
        return message_from_bytes(raw)
    except _STUMBLES as error:
        raise Undecodable(f"this mail cannot be parsed ({type(error).__name__})") from None


def to_text(data: bytes, charset: str | None) -> str:
    """Bytes as the charset says. One that is unknown or does not fit gives way to UTF-8; a mail never fails for it."""
    declared = _codec(charset)
    for codec in (declared, "utf-8"):
        try:
            return data.decode(codec)
        except UnicodeError:
            continue
    return data.decode(declared if declared != "utf-8" else "cp1252", "replace")


def _codec(charset: str | None) -> str:
    try:
        name = codecs.lookup((charset or "utf-8").strip("'\"")).name
        with contextlib.suppress(UnicodeError):
            b"ab".decode(name)  # rot13 and the like are codecs, but not of text
    except (LookupError, ValueError):
        return "utf-8"
    return "utf-8" if name in _NO_CHARSETS else _LARGER.get(name, name)


def header(mail: Mail, name: str) -> str:
    """The first header of this name (in lower case), decoded, on one line; an empty string when there is none."""
    return _decoded(_raw(mail, name))


def addresses(mail: Mail, name: str) -> list[tuple[str, str]]:
    """(name, address) of everybody in a header, as written there."""
    try:
        found = getaddresses([_raw(mail, name)])
    except _STUMBLES:
        return []
    return [(_decoded(shown), clean_text(address)) for shown, address in found if address]


def _raw(mail: Mail, name: str) -> str:
    """As it stands in the mail, unfolded; bytes that are not ASCII are read as UTF-8."""
    value = next((value for key, value in mail.raw_items() if key.lower() == name), "")
    text = str(value)[:_LONGEST_HEADER].encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return " ".join(text.split())


def _decoded(text: str) -> str:
    if "=?" in text:
        with contextlib.suppress(*_STUMBLES):  # a word that says it is encoded and is not, stays as it is
            text = "".join(_word(*each) for each in decode_header(text))
    return " ".join(clean_text(text).split())


def _word(word: str | bytes, charset: str | None) -> str:
    if isinstance(word, str):
        return word
    # the library gives unencoded pieces between encoded ones in this codec
    return to_text(word, charset) if charset else word.decode("raw-unicode-escape", "replace")


def body(mail: Mail, *, answers: bool) -> Body:
    """What stands in it. `answers` says that it answers a mail: then a quote of that mail is cut from HTML.

    Raises Undecodable.
    """
    named: list[str] = []
    try:
        text = _shown(mail, named, answers)
    except _STUMBLES as error:
        raise Undecodable(f"the body of this mail cannot be read ({type(error).__name__})") from None
    if len(text) > MOST_CHARACTERS:
        text = f"{text[:MOST_CHARACTERS]}\n[the mail is longer]"
    return Body(text, tuple(named[:_MOST_NAMES]))


def _shown(part: Mail, named: list[str], answers: bool) -> str:
    """The words of a part; what is attached is named."""
    kind = part.get_content_type()
    if kind.startswith("multipart/") and part.is_multipart():
        inner = part.get_payload()
        texts = [(each.get_content_type(), _shown(each, named, answers)) for each in inner if isinstance(each, Message)]
        if kind == "multipart/alternative":
            return min(texts, key=_preference, default=("", ""))[1]
        return "\n\n".join(text for _, text in texts if text)
    if kind in ("text/plain", "text/html") and not _is_attached(part):
        return _words(part, kind, answers)
    if part.get_content_disposition() == "attachment" or not part.get("content-id"):  # others are pictures in the text
        named.append(_name(part, kind))
    return ""


def _preference(text: tuple[str, str]) -> tuple[bool, bool]:
    """Plain text before HTML, and either before nothing."""
    kind, words = text
    return not words, kind != "text/plain"


def _is_attached(part: Mail) -> bool:
    return part.get_content_disposition() == "attachment" or bool(_told(part.get_filename))


def _told(get: Callable[[], str | None]) -> str | None:
    """What a part says of itself; a damaged parameter says nothing, and must not cost the mail its words."""
    try:
        return get()
    except _STUMBLES:
        return None


def _words(part: Mail, kind: str, answers: bool) -> str:
    data = part.get_payload(decode=True)
    text = to_text(data, _told(part.get_content_charset)) if isinstance(data, bytes) else ""
    if kind == "text/html":
        return html_to_text(without_html_quote(text) if answers else text)
    return clean_text(text).strip("\n") if text.strip() else ""


def _name(part: Mail, kind: str) -> str:
    if kind == "message/rfc822":
        return "a forwarded mail"
    name = " ".join(clean_text(_told(part.get_filename) or kind).split())
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
