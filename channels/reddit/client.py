"""Reddit's API as our account: one asyncpraw per account and door, listings, and the one request that publishes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from domain.account import Account
from domain.clock import Clock, SystemClock
from domain.errors import BadInput, Gone, SignInFailed, Undecodable, Unreachable
from net.decode import bool_at, list_at, text_at, value_at
from net.door import Door

if TYPE_CHECKING:
    from channels.reddit.praw import Opened

PAGE = 100
NEEDED = ("secret_client_id", "secret_client_secret", "secret_refresh_token")
_CREDENTIAL = re.compile(r"[\w.~+/=-]{5,500}", re.ASCII)
_NAME = re.compile(r"[\w-]{1,30}", re.ASCII)

Params = dict[str, str | int]
_OPEN: WeakKeyDictionary[Door, dict[str, Opened]] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a listing: its things as sent, and the name to go on after (empty at the end)."""

    things: list[object]
    after: str


@dataclass(frozen=True, slots=True)
class Client:
    """One account. Reads sign in, and once again when the token expired early."""

    account: Account
    door: Door
    clock: Clock = field(default_factory=SystemClock)

    def _opened(self) -> Opened:
        """Shared by all clients of this account, so that there is one token and one count of requests.

        Lives as long as the door; other credentials start anew.
        """
        given = [self.account.secrets.get(name, "") for name in NEEDED]
        if not all(_CREDENTIAL.fullmatch(each) for each in given):
            raise SignInFailed("client id, secret or refresh token is missing or holds what Reddit never gives")
        seed = "|".join([self.account.base_url, self.account.handle, *given])
        key = hashlib.sha256(seed.encode()).hexdigest()
        opened = _OPEN.setdefault(self.door, {})
        if key not in opened:
            from channels.reddit.praw import open_reddit  # only who uses it pays for loading the library

            opened[key] = open_reddit(self.account, self.door, self.clock)
        return opened[key]

    async def get(self, path: str, params: Mapping[str, str | int] | None = None) -> object:
        """One GET, decoded. Raises the errors of a read."""
        opened = self._opened()
        used = await opened.token()
        try:
            return await opened.ask("GET", path, params=dict(params or {}))
        except SignInFailed:
            opened.sign_in.forget(used)
        await opened.token()
        return await opened.ask("GET", path, params=dict(params or {}))

    async def listing(self, path: str, params: Mapping[str, str | int], after: str = "") -> Listing:
        """One page of a listing, newest first."""
        paging: Params = {"limit": PAGE} | ({"after": after} if after else {})
        return read_listing(await self.get(path, {**paging, **params}))

    async def info(self, names: tuple[str, ...]) -> Listing:
        """Up to 100 comments and submissions by their full names, as they stand now."""
        return await self.listing("api/info", {"id": ",".join(names)})

    async def comment(self, body: bytes) -> object:
        """The one request that publishes, under a fresh token, so that a 401 means what it says.

        Raises when it certainly was not applied, OutcomeUnknown otherwise. Never by `Reddit.post`: that sends again
        after "take a break for 500 milliseconds", even with `ratelimit_seconds=0`.
        """
        opened = self._opened()
        opened.sign_in.forget()
        try:
            await opened.token()
        except (Undecodable, Gone) as error:
            raise Unreachable(f"the sign-in went wrong: {error}") from error
        return await opened.ask("POST", "api/comment", data=body)


def read_listing(found: object) -> Listing:
    """A listing as Reddit sends it. Raises Undecodable."""
    if not isinstance(value_at(found, "data", "children"), list):
        raise Undecodable("the answer holds no listing")
    return Listing(list_at(found, "data", "children"), text_at(found, "data", "after"))


async def try_account(account: Account, door: Door) -> Account:
    """Sign in; the account completed with name and id. Raises SignInFailed, also when it is somebody else's token."""
    wanted = account.handle.strip().removeprefix("/").removeprefix("u/")
    if wanted and not _NAME.fullmatch(wanted):
        raise BadInput("the name on Reddit has letters, digits, - and _ only, for example norda_help")
    person = await Client(replace(account, handle=wanted), door).get("api/v1/me")
    name, own_id = text_at(person, "name"), text_at(person, "id")
    if not _NAME.fullmatch(name) or not own_id:
        raise SignInFailed("Reddit did not say whose token this is")
    if wanted and wanted.casefold() != name.casefold():
        raise SignInFailed(f"this refresh token belongs to u/{name}, not to u/{wanted}")
    if bool_at(person, "is_suspended"):
        raise SignInFailed(f"Reddit has suspended u/{name}")
    return replace(account, handle=name, external_id=f"t2_{own_id}")
