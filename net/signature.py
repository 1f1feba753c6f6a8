"""Whether a push was signed with a secret that we share with its sender."""

from __future__ import annotations

import hashlib
import hmac


def signature(secret: str, signed: bytes) -> str:
    """HMAC-SHA256 of these bytes, as hexadecimal digits."""
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def is_signed(secret: str, signed: bytes, given: str) -> bool:
    """Whether `given` is the signature of these raw bytes, in constant time. Never without a secret."""
    wanted = signature(secret, signed)
    return hmac.compare_digest(wanted.encode(), given.encode("utf-8", "replace")) and bool(secret)
