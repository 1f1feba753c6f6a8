"""Checks signed tokens (JWT) as a network does, with the public half of a key."""

from __future__ import annotations

import base64
import json
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def pem_of(key: PrivateKey) -> str:
    """The private half as a file that people download (PKCS 8)."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def claims_of(token: str, key: PrivateKey) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Head and claims of a token that this key signed; None for anything else."""
    try:
        head, claims, signature = (base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in token.split("."))
        _verify(key, signature, token.rpartition(".")[0].encode())
        return json.loads(head), json.loads(claims)
    except (ValueError, InvalidSignature):
        return None


def _verify(key: PrivateKey, signature: bytes, said: bytes) -> None:
    if isinstance(key, rsa.RSAPrivateKey):
        key.public_key().verify(signature, said, padding.PKCS1v15(), hashes.SHA256())
        return
    half = len(signature) // 2
    pair = (int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big"))
    key.public_key().verify(encode_dss_signature(*pair), said, ec.ECDSA(hashes.SHA256()))
