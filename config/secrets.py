"""The key file of an installation and the vault it opens.

The key lives in the data folder, outside the database and its backups. Each stored secret is AES-256-GCM with its
own context (which row, which column) as associated data, so that a value copied to another row does not open.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.errors import BadInput

_NAME = "secret.key"
_NONCE_BYTES = 12


class Vault:
    """Seals and opens secrets, and derives the keys that sign things."""

    def __init__(self, key: bytes) -> None:
        """`key` is 32 random bytes."""
        self._key = key
        self._cipher = AESGCM(self.derive("vault"))

    def __repr__(self) -> str:
        return "Vault(…)"

    def derive(self, purpose: str) -> bytes:
        """32 bytes for one purpose, from the installation's key."""
        return hashlib.blake2b(purpose.encode(), key=self._key, digest_size=32).digest()

    def seal(self, text: str, context: str) -> str:
        """The encrypted text; opens only with the same context."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._cipher.encrypt(nonce, text.encode(), context.encode())
        return base64.urlsafe_b64encode(nonce + sealed).decode()

    def open(self, sealed: str, context: str) -> str:
        """The text again. BadInput when the key is another one, or the value was moved or changed."""
        try:
            raw = base64.urlsafe_b64decode(sealed)
            return self._cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], context.encode()).decode()
        except (InvalidTag, ValueError):
            raise BadInput(
                f"a stored secret ({context}) does not open: {_NAME} in the data folder is not the one that sealed it; "
                "put the right key file back, or enter the secret again"
            ) from None


def open_vault(data_dir: Path) -> Vault:
    """The vault of this data folder; the key file is made (readable by its owner only) when there is none."""
    path = data_dir / _NAME
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _make(path)
        return Vault(_read(path))
    except OSError as error:
        raise BadInput(f"{path}: {error.strerror}; choose a --data-dir that this user may write to") from None


def _make(path: Path) -> None:
    """Write a new key whole or not at all; whoever is first wins. A half-written key would be no key for ever."""
    draft = path.with_name(f"{_NAME}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(base64.urlsafe_b64encode(secrets.token_bytes(32)))
        file.flush()
        os.fsync(file.fileno())
    with contextlib.suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()


def _read(path: Path) -> bytes:
    try:
        key = base64.urlsafe_b64decode(path.read_bytes())
    except ValueError:
        key = b""
    if len(key) != 32:
        raise BadInput(f"{path}: not a key of Earshot; put the right file back (a new one cannot open old secrets)")
    return key
