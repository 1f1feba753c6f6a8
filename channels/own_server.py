"""Networks of many servers: which one a source asks, and whether our account is on it."""

from __future__ import annotations

from collections.abc import Callable

from channels.manifest import Listening
from domain.account import Account


def asked_server(listening: Listening, server_of: Callable[[str], str]) -> tuple[str, Account | None]:
    """The address that the source's settings name, else that of its account; and the account where it is on that same
    server (`server_of` names the server of an address). A token is never sent to a server that did not give it."""
    account = listening.account
    base = listening.settings.base_url or (account.base_url if account else "")
    return base, account if account and server_of(account.base_url) == server_of(base) else None
