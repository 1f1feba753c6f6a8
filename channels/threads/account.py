"""An account is tried before it is saved, and its token, which lasts 60 days, is renewed.

Source: developers.facebook.com/docs/threads/get-started/long-lived-tokens: a token that is a day old and has not
expired is exchanged for one that is good for 60 days from then. That the former one stays good until its own end is not
documented.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from channels.threads.client import Client, id_in
from domain.account import Account, Renewed
from domain.errors import BadInput, ChannelError, SignInFailed, Undecodable
from net.decode import int_at, text_at, time_at
from net.door import Door

RENEW_AFTER_S = 25 * 3600.0
"""A token must be a day old; an hour more for clocks that differ."""
_SHORT_LIVED = timedelta(days=1)


async def try_account(account: Account, door: Door) -> Account:
    """Sign in with the token; the account completed with name, id and the token's end, where Threads tells it.

    Raises SignInFailed, Unreachable.
    """
    if not account.base_url.startswith(("https://", "http://")):
        raise BadInput("the address must start with https://, usually https://graph.threads.net")
    client = Client(account, door)
    found = await client.get("me", [("fields", "id,username")], purpose="sign in")
    name, handle = id_in(found), text_at(found, "username")
    if not handle:
        raise SignInFailed("Threads did not say whose token this is: it needs the permission threads_basic")
    return replace(account, handle=handle, external_id=name, good_until=await _end_of_token(client))


async def _end_of_token(client: Client) -> datetime | None:
    """None where Threads does not tell: only an app's testers may ask.

    A token of one hour would be dead before the first answer, and cannot be renewed.
    """
    token = client.account.secrets["secret_token"]
    try:
        found = await client.get("debug_token", [("input_token", token)], purpose="token")
    except ChannelError:
        return None
    if (int_at(found, "data", "expires_at") or 0) <= 0:
        return None
    ends_at = time_at(found, "data", "expires_at")
    if ends_at is not None and ends_at < client.clock.now() + _SHORT_LIVED:
        raise SignInFailed("this token ends within a day: exchange it for a long-lived one (60 days) and try again")
    return ends_at


async def renew(account: Account, door: Door) -> Renewed:
    """A token that is good for 60 days more. Raises as `channels.manifest.Renew` says."""
    found = (await Client(account, door).refresh()).json()
    token, seconds = text_at(found, "access_token"), int_at(found, "expires_in")
    if not token or not token.isprintable() or not token.isascii():
        raise Undecodable("the answer to the renewal holds no token")
    return Renewed({**account.secrets, "secret_token": token}, seconds if seconds and seconds > 0 else None)
