"""How a push is signed: `Earshot-Signature: t=<seconds>,v1=<signature>`. Pure.

The signature is HMAC-SHA256 over the moment, a dot and the raw body. So neither can be changed, and what was caught on
the way is of use for five minutes only. Several `v1` may stand there while the secret is being changed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from domain.errors import SignInFailed
from net.signature import is_signed, signature

HEADER = "earshot-signature"
TOLERANCE_S = 300
_HEADER = re.compile(r"t=([0-9]{1,12})((?:,v1=[0-9a-f]{64}){1,4})", re.ASCII)


def sign(secret: str, body: bytes, at: datetime) -> str:
    """The header of a push that leaves now."""
    return f"t={int(at.timestamp())},v1={signature(secret, _signed(int(at.timestamp()), body))}"


def check(secret: str, headers: Mapping[str, str], body: bytes, now: datetime) -> None:
    """Raises SignInFailed for what is not signed with this secret, or was so long ago."""
    found = _HEADER.fullmatch(headers.get(HEADER, "").replace(" ", ""))
    if found is None:
        raise SignInFailed(f"no {HEADER} header of the form t=…,v1=…")
    at, signatures = int(found[1]), found[2].removeprefix(",v1=").split(",v1=")
    if not any(is_signed(secret, _signed(at, body), given) for given in signatures):
        raise SignInFailed("the signature does not fit")
    if abs(now.timestamp() - at) > TOLERANCE_S:
        raise SignInFailed("signed more than five minutes ago, or the clocks differ")


def _signed(at: int, body: bytes) -> bytes:
    return f"{at}.".encode() + body
