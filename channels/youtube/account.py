"""An account is tried before it is saved: as our account, by its key, or both."""

from __future__ import annotations

from dataclasses import replace

from channels.youtube.client import Client
from domain.account import Account
from domain.errors import Gone, Refused, SignInFailed, Undecodable, Unreachable
from net.decode import text_at
from net.door import Door


async def try_account(account: Account, door: Door) -> Account:
    """Look up our channel as our account, or by its handle with the key; the account completed with handle and id.

    Raises SignInFailed, Unreachable.
    """
    client = Client(account, door)
    try:
        found = await _own_channel(client, account)
        channel_id = text_at(found, "id")
        if not channel_id:
            raise SignInFailed("there is no YouTube channel for this sign-in or handle")
        if client.may_write and client.has_key:
            await client.channel({"id": channel_id})  # the key has not been tried yet
    except (Gone, Refused, Undecodable) as error:
        raise Unreachable(f"YouTube does not answer as expected ({error})") from error
    return replace(account, handle=text_at(found, "snippet", "customUrl") or account.handle, external_id=channel_id)


async def _own_channel(client: Client, account: Account) -> object | None:
    if client.may_write:
        return await client.channel({"mine": "true"}, signed=True)
    if not client.has_key or not account.handle:
        raise SignInFailed("give an API key and our channel's handle (@norda), or a client with a refresh token")
    return await client.channel({"forHandle": account.handle})
