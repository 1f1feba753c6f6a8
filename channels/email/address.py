"""Mail addresses: which can be written to, and which say themselves that nobody reads there. Pure."""

from __future__ import annotations

import re

_LONGEST = 254
_PLAIN = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")
_NOBODY = re.compile(
    r"(?:no|do[-_.]?not)[-_.]?(?:reply|respond)(?![a-z])|(?:mailer-daemon|postmaster|bounces?)(?![a-z])", re.IGNORECASE
)


def usable(address: str) -> str:
    """The address as it goes on the wire (domains in their ASCII form), or an empty string if it cannot be used."""
    local, _, domain = address.strip().rpartition("@")
    if len(address) > _LONGEST:
        return ""
    if not domain.isascii():
        try:
            domain = domain.encode("idna").decode("ascii")
        except UnicodeError:
            return ""
    plain = f"{local}@{domain.lower()}"
    return plain if _PLAIN.fullmatch(plain) and ".." not in domain else ""


def nobody_reads(address: str) -> bool:
    """Whether the address says so: no-reply@, mailer-daemon@ and the like."""
    return _NOBODY.match(address) is not None
