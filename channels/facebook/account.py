"""An account is tried before it is saved: its token must be that of a Page, of an app whose secret we hold."""

from __future__ import annotations

from dataclasses import replace

from channels.graph import Graph
from channels.graph_push import check_verify_token
from domain.account import Account
from domain.errors import Gone, Refused, SignInFailed, Undecodable
from net.decode import text_at
from net.door import Door


async def try_account(account: Account, door: Door) -> Account:
    """Ask whose token this is; the account completed with the Page's name and id. Raises SignInFailed, Unreachable."""
    check_verify_token(account)
    try:
        found = await Graph(account, door).get("me", "id,name,username,category", purpose="sign in")
    except (Refused, Gone, Undecodable) as error:
        raise SignInFailed(f"Meta does not take this as a Page's token of this app: {error}") from error
    own_id, name = text_at(found, "id"), text_at(found, "username") or text_at(found, "name")
    if not own_id or not name or not text_at(found, "category"):
        raise SignInFailed("this is not the token of a Page: take the one that me/accounts tells for it")
    return replace(account, handle=name, external_id=own_id)
