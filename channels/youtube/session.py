"""Google sign-in: a refresh token gives access tokens of an hour. They live in memory only, one for each account.

Source: developers.google.com/identity/protocols/oauth2/web-server#offline. The refresh token does not change.
"""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

from domain.account import Account
from domain.clock import Clock
from domain.errors import SignInFailed, Undecodable
from net.decode import int_at, text_at
from net.door import Answer, Door, raise_for

TOKEN_URL = "https://oauth2.googleapis.com/token"
_MARGIN = timedelta(minutes=5)
"""A token is not used so shortly before its end that it could end on the way."""


@dataclass(slots=True)
class Access:
    """The access token in use. Empty: none yet, or found dead."""

    token: str = field(default="", repr=False)
    until: datetime | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)


_ACCESS: WeakKeyDictionary[Door, dict[str, Access]] = WeakKeyDictionary()


def access_of(account: Account, door: Door) -> Access:
    """Shared by all clients of this account; lives as long as the door. A new refresh token starts anew."""
    seed = "|".join([account.base_url, *(f"{name}={value}" for name, value in sorted(account.secrets.items()))])
    return _ACCESS.setdefault(door, {}).setdefault(hashlib.sha256(seed.encode()).hexdigest(), Access())


async def access_token(account: Account, door: Door, clock: Clock) -> tuple[str, bool]:
    """A living access token, and whether it was got just now. Only one caller at a time asks for one.

    Raises SignInFailed when Google no longer accepts the refresh token, else the errors of a read.
    """
    access = access_of(account, door)
    async with access.lock:
        if access.token and access.until is not None and clock.now() < access.until:
            return access.token, False
        answer = await _ask(account, door)
        if answer.status in (400, 401) and (name := _error_name(answer)):
            raise SignInFailed(f"Google does not accept this sign-in any more ({name}): connect the account anew")
        found = raise_for(answer, clock.now()).json()
        token, seconds = text_at(found, "access_token"), int_at(found, "expires_in") or 0
        if not token:
            raise Undecodable("the sign-in answer holds no access token")
        access.token, access.until = token, clock.now() + timedelta(seconds=min(max(seconds, 0), 86_400)) - _MARGIN
        return token, True


def forget(account: Account, door: Door, token: str) -> None:
    """This token was refused: the next caller gets another one."""
    access = access_of(account, door)
    if access.token == token:
        access.token = ""


async def _ask(account: Account, door: Door) -> Answer:
    url = f"{account.base_url.rstrip('/')}/token" if account.base_url else TOKEN_URL
    form = {
        "grant_type": "refresh_token",
        "client_id": account.secrets.get("secret_client_id", ""),
        "client_secret": account.secrets.get("secret_client_secret", ""),
        "refresh_token": account.secrets.get("secret_refresh_token", ""),
    }
    return await door.request("POST", url, form=form, purpose="sign in")


def _error_name(answer: Answer) -> str:
    try:
        return text_at(answer.json(), "error")
    except Undecodable:
        return ""
