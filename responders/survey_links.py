"""The address under which an author answers: only we can have made it, and it says nothing of them.

Consonants alone: no digit that a check of replies could take for a fact or a number, and no word by chance.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from typing import Final, Protocol
from urllib.parse import urlsplit

LETTERS: Final = "bcdfghjkmnpqrstvwxyz"
ID_LENGTH: Final = 15
MAC_LENGTH: Final = 30
_MAC_BYTES: Final = 16
PATH: Final = "/asked/"
FEEDBACK_PATH: Final = "/tell/"


class Asked(Protocol):
    """What a link is bound to."""

    id: int
    brand_id: int
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyLinks:
    """`address` is the public base address of this installation, `secret` what links are signed with (each brand
    has its own key made of it); `kind` is asked by itself on private channels, none when empty."""

    address: str
    secret: bytes = field(repr=False)
    kind: str = ""

    @property
    def host(self) -> str:
        """The host that a reply may name for this."""
        return urlsplit(self.address).hostname or ""

    def url(self, asked: Asked) -> str:
        """The whole address of this survey."""
        return f"{self.address.rstrip('/')}{PATH}{self.token(asked)}"

    def page(self, key: str) -> str:
        """The whole address of the feedback page with this short name."""
        return f"{self.address.rstrip('/')}{FEEDBACK_PATH}{key}"

    def token(self, asked: Asked) -> str:
        """Its last part: 45 letters."""
        return _letters(asked.id, ID_LENGTH) + self._mac(asked)

    def signed(self, asked: Asked, token: str) -> bool:
        """Whether this token was made here for this survey, in constant time."""
        return hmac.compare_digest(self.token(asked).encode(), token.encode("utf-8", "replace"))

    def _mac(self, asked: Asked) -> str:
        key = hmac.new(self.secret, f"surveys of brand {asked.brand_id}".encode(), hashlib.sha256).digest()
        made = hmac.new(key, f"{asked.id} {asked.kind}".encode(), hashlib.sha256).digest()
        return _letters(int.from_bytes(made[:_MAC_BYTES]), MAC_LENGTH)


def named(token: str) -> int:
    """The survey that a token names, signed or not; 0 for what is no token of ours."""
    if len(token) != ID_LENGTH + MAC_LENGTH or not set(token) <= set(LETTERS):
        return 0
    number = 0
    for letter in token[:ID_LENGTH]:
        number = number * len(LETTERS) + LETTERS.index(letter)
    return number if number.bit_length() <= 63 else 0


def _letters(number: int, length: int) -> str:
    found = ""
    for _ in range(length):
        number, at = divmod(number, len(LETTERS))
        found = LETTERS[at] + found
    return found
