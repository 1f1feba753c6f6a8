"""One IMAP session, blocking: `imap` runs it in a thread and under a time limit.

The standard library speaks the protocol; here are its connection (ours, already checked), what we ask, and bounds on
what a server may send.
"""

from __future__ import annotations

import contextlib
import imaplib
import re
import socket
import ssl
from dataclasses import dataclass, field
from typing import Any

from channels.email.protocol import quoted, refusal, words_of
from channels.email.servers import Server
from domain.errors import Gone, SignInFailed, Unreachable

MOST_OF_A_MAIL = 256 * 1024
"""Bytes read of one mail: its words stand first, what is attached comes after."""
_MOST_OF_A_SESSION = 32 * 1024 * 1024
_A_LINE = 256  # what the library spends on keeping one, however short
_OPERATION_S = 20.0

_UID = re.compile(rb"\bUID (\d+)")
_DATE = re.compile(rb'INTERNALDATE "([^"]{1,40})"')
_FOLDER = re.compile(rb'\((?P<marks>[^)]*)\) (?:"(?:[^"\\]|\\.)*"|NIL) (?P<name>.+)', re.DOTALL)
_SENT_NAMES = re.compile(rb'"?(?:INBOX[./])?Sent(?: Items| Messages| Mail)?"?', re.IGNORECASE)


@dataclass(slots=True)
class Line:
    """The connection of one session. Another thread may cut it: whoever waits on it then wakes up."""

    sock: socket.socket = field(repr=False)

    def secured(self, host: str) -> socket.socket:
        """The same connection encrypted. Known to `cut` before the handshake, which a server can draw out."""
        context = ssl.create_default_context()
        self.sock = secure = context.wrap_socket(self.sock, server_hostname=host, do_handshake_on_connect=False)
        secure.do_handshake()
        return secure

    def cut(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            self.sock.shutdown(socket.SHUT_RDWR)


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail as the server keeps it. `raw` may be cut off; `dated` is when the server took it, as it says so."""

    uid: int
    raw: bytes
    dated: str


class Mailbox(imaplib.IMAP4):
    """An encrypted session. Methods raise named errors, the library's own, or OSError: see `imap.meaning`."""

    def __init__(self, line: Line, server: Server) -> None:
        self._line = line
        self._secured = not server.starttls
        self._taken = 0
        line.sock.settimeout(_OPERATION_S)
        super().__init__(server.host, server.port)

    def _create_socket(self, timeout: float | None = None) -> socket.socket:
        """The library's hook: it would open a connection of its own here."""
        return self._line.secured(self.host) if self._secured else self._line.sock

    def _begin_tls(self) -> None:
        kind, answer = self._simple_command("STARTTLS")
        if kind != "OK":
            raise SignInFailed(f"{self.host} offers no encryption ({words_of(answer)})")
        self._secured = True
        # What came in the clear is forgotten with the old stream, whatever stands in it.
        self.open(self.host, self.port)
        self._get_capabilities()

    def read(self, size: int) -> bytes:
        self._count(size)
        return super().read(size)

    def readline(self) -> bytes:
        line = super().readline()
        self._count(len(line) + _A_LINE)
        return line

    def _count(self, size: int) -> None:
        self._taken += size
        if self._taken > _MOST_OF_A_SESSION:
            raise self.abort("the server sends without end")

    def sign_in(self, user: str, password: str) -> None:
        """Raises SignInFailed. Nothing is said of the password before the connection is encrypted."""
        if not self._secured:
            self._begin_tls()
        try:
            if "AUTH=PLAIN" in self.capabilities:
                self.authenticate("PLAIN", lambda _: f"\0{user}\0{password}".encode())
            else:
                self.login(quoted(user), password)
        except UnicodeError:
            raise SignInFailed(f"{self.host} takes no passwords with such letters") from None
        except self.abort:
            raise
        except self.error as error:
            raise refusal(self.host, words_of(error.args), SignInFailed) from None

    def look_into(self, folder: str) -> int:
        """Open a folder for reading only; its UIDVALIDITY."""
        kind, answer = self.select(folder, readonly=True)
        if kind != "OK":
            raise refusal(self.host, words_of(answer), Gone)
        found = self.response("UIDVALIDITY")[1]
        return int(found[0]) if found and found[0] and found[0].isdigit() else 0

    def find(self, *criteria: str) -> list[int]:
        """UIDs of mails in the open folder, rising."""
        found = b" ".join(each for each in self._ask("SEARCH", *criteria) if isinstance(each, bytes))
        return sorted({int(each) for each in found.split() if each.isdigit()})

    def take(self, uid: int, part: str = f"BODY.PEEK[]<0.{MOST_OF_A_MAIL}>") -> Letter | None:
        """One mail, unread as before; None when it is no longer there."""
        answer = self._ask("FETCH", str(uid), f"(UID INTERNALDATE {part})")
        for each, after in zip(answer, [*answer[1:], b""], strict=True):
            # (what stands before the literal, the literal); what stands behind it follows as bytes
            if isinstance(each, tuple):
                facts = each[0] + (after if isinstance(after, bytes) else b"")
                found, dated = _UID.search(facts), _DATE.search(facts)
                if found and int(found[1]) == uid:
                    return Letter(uid, each[1], str(dated[1], "ascii", "replace") if dated else "")
        return None

    def sent_folder(self) -> str:
        """The folder of sent mails, as the server writes its name: marked so (RFC 6154), or called so. Raises Gone."""
        kind, found = self.list()
        folders = [match for each in found if isinstance(each, bytes) and (match := _FOLDER.match(each))]
        marked = [each["name"] for each in folders if rb"\sent" in each["marks"].lower().split()]
        called = [each["name"] for each in folders if _SENT_NAMES.fullmatch(each["name"])]
        if kind != "OK" or not (marked or called):
            raise Gone(f"{self.host} names no folder of sent mails")
        return str((marked or called)[0], "ascii", "replace")

    def keep(self, folder: str, raw: bytes) -> None:
        """Put a copy of a mail into a folder, as read."""
        kind, answer = self.append(folder, r"(\Seen)", None, raw)
        if kind != "OK":
            raise refusal(self.host, words_of(answer), Unreachable)

    def _ask(self, command: str, *words: str) -> list[Any]:
        kind, answer = self.uid(command, *words)
        if kind != "OK":
            raise refusal(self.host, words_of(answer), Unreachable)
        return answer

    def leave(self) -> None:
        """Sign out as far as the server still answers."""
        with contextlib.suppress(self.error, OSError):
            self.logout()
        with contextlib.suppress(OSError):
            self.shutdown()
