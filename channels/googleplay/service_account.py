"""Signing in at Google as a service account: its key signs an assertion, which is changed for a token (RFC 7523)."""

from __future__ import annotations

from dataclasses import dataclass, field

from domain.clock import Clock
from domain.errors import SignInFailed, Undecodable
from net.decode import decode_json, int_at, text_at
from net.door import Answer, Door, raise_for
from net.jwt import signed
from net.tokens import Bearer

TOKENS = "https://oauth2.googleapis.com/token"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
ASSERTION_S = 1800
"""Google takes assertions that live an hour at most, and none from the future: our clock may be a minute ahead."""
SKEW_S = 60


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    """The service account of a key file (`key`, JSON as Google gives it), for one `scope`."""

    key: str = field(repr=False)
    scope: str
    door: Door
    clock: Clock

    @property
    def bearer(self) -> Bearer:
        """Signs requests with its tokens."""
        return Bearer(self.door, self.clock, self._sign_in, (self.scope, self.key))

    @property
    def email(self) -> str:
        """Its name. Raises SignInFailed."""
        return text_at(self._read(), "client_email")

    async def _sign_in(self) -> tuple[str, float]:
        key = self._read()
        address, now = text_at(key, "token_uri") or TOKENS, int(self.clock.now().timestamp())
        # Google: the audience is always this, wherever the request goes
        claims: dict[str, object] = {"iss": text_at(key, "client_email"), "scope": self.scope, "aud": TOKENS}
        claims |= {"iat": now - SKEW_S, "exp": now + ASSERTION_S}
        assertion = signed(claims, text_at(key, "private_key"), key_id=text_at(key, "private_key_id"))
        form = {"grant_type": GRANT, "assertion": assertion}
        answer = await self.door.request("POST", address, form=form, purpose="sign in")
        if answer.status in (400, 401, 403):
            said = reason(answer) or f"HTTP {answer.status}"
            raise SignInFailed(f"Google does not accept the service account's key ({said})")
        found = raise_for(answer, self.clock.now()).json()
        token, seconds = text_at(found, "access_token"), int_at(found, "expires_in")
        if not token or seconds is None:
            raise Undecodable("the sign-in at Google gave no token")
        return token, seconds

    def _read(self) -> object:
        try:
            key = decode_json(self.key.encode("utf-8", "replace"))
        except Undecodable:
            key = None
        if not text_at(key, "client_email") or not text_at(key, "private_key"):
            raise SignInFailed("this is no key of a service account: paste the whole JSON file that Google gave you")
        return key


def reason(answer: Answer) -> str:
    """Google's own short reason; sign-in and API write it differently. Empty when it cannot be read."""
    try:
        found = answer.json()
    except Undecodable:
        return ""
    for path in (("error", "message"), ("error_description",), ("error",)):
        if said := text_at(found, *path):
            return " ".join(said.split())[:200]
    return ""
