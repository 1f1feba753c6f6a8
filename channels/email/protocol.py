"""IMAP's words: how we write names, and what a server's refusal means. Pure."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable

from domain.errors import ChannelError, Gone, RateLimited, SignInFailed, Unreachable

# Response codes of RFC 5530 and RFC 9051. What a server says without one depends on what was asked.
_MEANINGS: dict[str, type[ChannelError]] = {
    "AUTHENTICATIONFAILED": SignInFailed,
    "AUTHORIZATIONFAILED": SignInFailed,
    "EXPIRED": SignInFailed,
    "PRIVACYREQUIRED": SignInFailed,
    "LIMIT": RateLimited,
    "OVERQUOTA": RateLimited,
    "THROTTLED": RateLimited,
    "INUSE": Unreachable,
    "UNAVAILABLE": Unreachable,
    "SERVERBUG": Unreachable,
    "NONEXISTENT": Gone,
    "TRYCREATE": Gone,
}


def refusal(host: str, why: str, otherwise: type[ChannelError]) -> ChannelError:
    """What a NO means: by its response code, or `otherwise`."""
    code = re.search(r"\[([A-Z-]+)", why)
    kind = _MEANINGS.get(code[1], otherwise) if code else otherwise
    detail = f"{host} says: {why}"
    return RateLimited(detail=detail) if kind is RateLimited else kind(detail)


def quoted(text: str) -> str:
    """A string of the protocol. Folder names beyond ASCII are written in modified UTF-7 (RFC 3501, 5.1.3)."""
    return '"{}"'.format(text.replace("\\", "\\\\").replace('"', '\\"'))


def folder_name(text: str) -> str:
    """A folder's name as servers know it, for one that a person typed."""
    return quoted(re.sub(r"[^\x20-\x7e]+", _shifted, text.replace("&", "&-")))


def _shifted(run: re.Match[str]) -> str:
    base64 = b64encode(run[0].encode("utf-16-be", "replace")).decode().rstrip("=")
    return f"&{base64.replace('/', ',')}-"


def words_of(lines: Iterable[object]) -> str:
    """What a server said, on one line. The library hands on bytes as they came."""
    said = [line if isinstance(line, bytes) else str(line).encode() for line in lines if line is not None]
    return " ".join(b" ".join(said).decode("utf-8", "replace").split())[:200]
