"""Tokens that the holder of the public key accepts, from keys as people paste them."""

import base64
import json

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from domain.errors import SignInFailed
from net.jwt import signed

EC = ec.generate_private_key(ec.SECP256R1())
RSA = rsa.generate_private_key(65537, 2048)


def pem(key, form=PrivateFormat.PKCS8) -> str:
    return str(key.private_bytes(Encoding.PEM, form, NoEncryption()), "ascii")


def parts(token: str) -> list[bytes]:
    return [base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in token.split(".")]


def check(token: str, key) -> None:
    """As a network does, with the public half."""
    said, signature = token.rpartition(".")[0].encode(), parts(token)[2]
    if isinstance(key, rsa.RSAPrivateKey):
        key.public_key().verify(signature, said, padding.PKCS1v15(), hashes.SHA256())
        return
    assert len(signature) == 64
    pair = encode_dss_signature(int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))
    key.public_key().verify(pair, said, ec.ECDSA(hashes.SHA256()))


@pytest.mark.parametrize(("key", "algorithm"), [(EC, "ES256"), (RSA, "RS256")])
def test_the_public_key_accepts_what_the_private_key_signed(key, algorithm):
    for _ in range(20):  # now and then one of the two numbers of ES256 is short
        token = signed({"iss": "norda", "exp": 1}, pem(key), key_id="K1")
        check(token, key)
    assert json.loads(parts(token)[0]) == {"alg": algorithm, "typ": "JWT", "kid": "K1"}
    assert json.loads(parts(token)[1]) == {"iss": "norda", "exp": 1}
    with pytest.raises(InvalidSignature):
        check(token[:-8] + "AAAAAAAA", key)


@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
@pytest.mark.parametrize("key", [EC, RSA])
def test_a_key_pasted_into_one_line_is_read(key, form):
    for pasted in (pem(key, form).replace("\n", ""), pem(key, form).replace("\n", " "), "\n " + pem(key, form)):
        check(signed({}, pasted), key)


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "hello",
        pem(EC)[:-30],
        pem(EC).replace("M", "%"),
        "-----BEGIN PRIVATE KEY-----AAAA-----END PRIVATE KEY-----",
        pem(ec.generate_private_key(ec.SECP384R1())),
        pem(ed25519.Ed25519PrivateKey.generate()),
    ],
)
def test_what_is_no_such_key_is_told_without_showing_it(wrong):
    with pytest.raises(SignInFailed, match="private key") as told:
        signed({}, wrong)
    assert wrong[30:60] not in str(told.value) or not wrong[30:60]
