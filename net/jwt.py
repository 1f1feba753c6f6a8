"""Signed tokens (JWT, RFC 7519) for networks that know us by a private key. No I/O.

An elliptic key (P-256) signs with ES256, an RSA key with RS256: the two that networks ask for (RFC 7518).
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping

import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import load_der_private_key

from domain.errors import SignInFailed

_PEM = re.compile(r"-----BEGIN ((?:RSA |EC )?PRIVATE KEY)-----(.*?)-----END \1-----", re.DOTALL)
_ES256_BYTES = 32


def signed(claims: Mapping[str, object], private_key: str, *, key_id: str = "") -> str:
    """The token. `private_key` is PEM, also without its line breaks, which form fields lose. Raises SignInFailed."""
    key = _load(private_key)
    head = {"alg": "ES256" if isinstance(key, ec.EllipticCurvePrivateKey) else "RS256", "typ": "JWT"}
    head |= {"kid": key_id} if key_id else {}
    said = f"{_b64(msgspec.json.encode(head))}.{_b64(msgspec.json.encode(dict(claims)))}"
    return f"{said}.{_b64(_sign(key, said.encode()))}"


def _load(private_key: str) -> ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey:
    found = _PEM.search(private_key)
    if found is None:
        raise SignInFailed("the private key is not one: paste the whole file, from -----BEGIN to END-----")
    try:
        key = load_der_private_key(base64.b64decode("".join(found[2].split()), validate=True), None)
    except (ValueError, TypeError, binascii.Error, UnsupportedAlgorithm):
        raise SignInFailed("the private key cannot be read: paste the whole file, unchanged") from None
    if isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1):
        return key
    if isinstance(key, rsa.RSAPrivateKey):
        return key
    raise SignInFailed("the private key is of another kind than networks use: it must be P-256 or RSA")


def _sign(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, said: bytes) -> bytes:
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(said, padding.PKCS1v15(), hashes.SHA256())
    # RFC 7518, 3.4: the two numbers side by side, not the DER that cryptography gives
    pair = decode_dss_signature(key.sign(said, ec.ECDSA(hashes.SHA256())))
    return b"".join(number.to_bytes(_ES256_BYTES, "big") for number in pair)


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")
