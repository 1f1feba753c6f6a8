"""An account is tried before it is saved: the token of the Page to which our Instagram account is connected."""

from __future__ import annotations

from dataclasses import replace

from channels.graph import Graph
from channels.graph_push import check_verify_token
from domain.account import Account
from domain.errors import Gone, Refused, SignInFailed, Undecodable
from net.decode import text_at
from net.door import Door

FIELDS = "id,instagram_business_account{id,username}"


async def try_account(account: Account, door: Door) -> Account:
    """Ask which Instagram account the Page has; our account completed with its name and id.

    Raises SignInFailed, Unreachable.
    """
    check_verify_token(account)
    try:
        found = await Graph(account, door).get("me", FIELDS, purpose="sign in")
    except (Refused, Gone, Undecodable) as error:
        raise SignInFailed(f"Meta does not take this as a Page's token of this app: {error}") from error
    own_id, name = (text_at(found, "instagram_business_account", part) for part in ("id", "username"))
    if not own_id or not name:
        raise SignInFailed("this Page has no Instagram professional account connected to it")
    return replace(account, handle=f"@{name}", external_id=own_id)
