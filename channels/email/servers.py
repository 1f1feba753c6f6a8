"""What an account's fields say: our address, the server to read from and the one to send by. Pure.

Both servers stand in `base_url`, because an approval is bound to it: another server needs another approval. Every
connection is encrypted before the password is sent; there is no way to write an unencrypted one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from email.utils import formataddr, parseaddr
from typing import Literal
from urllib.parse import unquote, urlsplit

from channels.email.address import usable
from domain.account import Account
from domain.errors import SignInFailed

PORTS = frozenset({143, 993, 465, 587})
"""Where public mail servers let their own users in. Port 25 is between servers."""

_IMPLICIT = {"imaps": 993, "smtps": 465}
_STARTTLS = {"imap": 143, "smtp": 587}
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[?[0-9a-fA-F:]+\]?")
_EXAMPLE = "imaps://imap.example.org smtps://smtp.example.org"
Copies = Literal["", "server", "append"]


@dataclass(frozen=True, slots=True)
class Server:
    """One mail server. `starttls` False: encrypted from the first byte."""

    scheme: str
    host: str
    port: int
    user: str

    @property
    def starttls(self) -> bool:
        return self.scheme in _STARTTLS


@dataclass(frozen=True, slots=True)
class Login:
    """One mailbox of ours. `copies` says how a sent mail comes into its Sent folder: the "server" files what it sends,
    we "append" it, or not known."""

    name: str
    address: str
    reading: Server
    sending: Server
    copies: Copies
    password: str = field(repr=False)

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]

    @property
    def handle(self) -> str:
        """As people read it: with the name, where there is one."""
        return formataddr((self.name, self.address)) if self.name else self.address


def login_of(account: Account) -> Login:
    """The mailbox of an account. Raises SignInFailed, saying what is missing and how it is written."""
    name, written = parseaddr(account.handle)
    address = usable(written)
    if not address or not _is_clean(name):
        raise SignInFailed("address: write one mail address, for example help@example.org or Norda <help@example.org>")
    password = account.secrets.get("secret_password", "")
    if not password or not _is_clean(password):
        raise SignInFailed("password: it is missing, or holds a line break")
    words = account.base_url.split()
    copies = words.pop() if words and words[-1].startswith("sent=") else "sent="
    if len(words) != 2 or copies not in ("sent=", "sent=server", "sent=append"):
        raise SignInFailed(f"servers: write the one to read from and the one to send by, for example {_EXAMPLE}")
    reading, sending = _server(words[0], ("imaps", "imap"), address), _server(words[1], ("smtps", "smtp"), address)
    how: Copies = "server" if copies == "sent=server" else "append" if copies == "sent=append" else ""
    return Login(name, address, reading, sending, how, password)


def written(login: Login) -> str:
    """The servers as they are stored, in one spelling: the same mailbox connected again is recognised."""
    words = [_written(server, login.address) for server in (login.reading, login.sending)]
    return " ".join([*words, f"sent={login.copies}"] if login.copies else words)


def _written(server: Server, address: str) -> str:
    user = "" if server.user == address else f"{server.user.replace('%', '%25').replace('@', '%40')}@"
    host = f"[{server.host}]" if ":" in server.host else server.host
    return f"{server.scheme}://{user}{host}:{server.port}"


def _server(word: str, schemes: tuple[str, ...], address: str) -> Server:
    try:
        url = urlsplit(word)
        host, port = url.hostname or "", url.port or (_IMPLICIT | _STARTTLS).get(url.scheme, 0)
    except ValueError:
        raise SignInFailed(f"servers: {word[:80]!r} is not an address, for example {_EXAMPLE}") from None
    user = unquote(url.username or "") or address
    if url.scheme not in schemes or not _HOST.fullmatch(host) or url.password or url.path.strip("/"):
        raise SignInFailed(f"servers: {word[:80]!r} must begin with {schemes[0]}:// or {schemes[1]}:// and name a host")
    if not _is_clean(user):
        raise SignInFailed("servers: a user name holds a line break")
    return Server(url.scheme, host, port, user)


def _is_clean(text: str) -> bool:
    return not any(ord(char) < 32 or ord(char) == 127 for char in text)
