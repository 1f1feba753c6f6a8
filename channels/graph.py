"""Meta's Graph API through the door, for Facebook Pages and Instagram: signed reads, lists by page, one sending."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from channels.graph_errors import read_problem, sending_problem, trouble_of, usage
from domain.account import Account
from domain.clock import Clock, SystemClock
from domain.errors import Refused, SignInFailed, Undecodable
from net.decode import list_at, text_at, value_at
from net.door import Answer, Door
from net.signature import signature

API = "https://graph.facebook.com"
VERSION = "v26.0"
"""Each version ends about two years after it came; a newer one is tried by changing this line."""
NEAR_LIMIT = 90
"""Percent of a limit from which on a source takes one call a poll, so that replies still get through."""

_PART = re.compile(r"\w+", re.ASCII)

Params = Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a list. `after` leads to the next one, empty at the end. `is_near_limit`: little is left to ask."""

    items: list[object]
    after: str = ""
    is_near_limit: bool = False


@dataclass(frozen=True, slots=True)
class Graph:
    """The API as one account: its token, and the proof that we also hold the app's secret."""

    account: Account
    door: Door
    clock: Clock = field(default_factory=SystemClock)

    async def get(self, path: str, fields: str, *, purpose: str) -> object:
        """One object. Raises the errors of a read."""
        return (await self._get(path, {"fields": fields}, purpose)).json()

    async def find(self, path: str, fields: str, *, purpose: str) -> object | None:
        """One object; None only where Meta itself says that it is no longer there. Raises the errors of a read."""
        answer = await self._ask(path, {"fields": fields}, purpose)
        trouble = trouble_of(answer)
        return None if trouble is not None and trouble.is_gone else self._good(answer).json()

    async def page(
        self, path: str, fields: str, limit: int, after: str = "", more: Params | None = None, *, purpose: str
    ) -> Listing:
        """A page of a list. Raises the errors of a read. Some lists name no next page; a full one may have one."""
        asked = {"fields": fields, "limit": limit, **(more or {}), **({"after": after} if after else {})}
        answer = await self._get(path, asked, purpose)
        found = answer.json()
        if not isinstance(value_at(found, "data"), list):
            raise Undecodable("the answer holds no list")
        items = list_at(found, "data")
        has_more = text_at(found, "paging", "next") or len(items) >= limit
        following = text_at(found, "paging", "cursors", "after") if has_more else ""
        return Listing(items, following, usage(answer.headers) >= NEAR_LIMIT)

    async def send(self, path: str, body: bytes, *, first: bool) -> object:
        """The one request that publishes. Raises when it certainly was not applied, OutcomeUnknown otherwise."""
        headers = self._headers() | {"Content-Type": "application/x-www-form-urlencoded"}
        answer = await self.door.send_once(
            "POST", self._url(path), headers=headers, params=self._proof(), body=body, purpose="publish"
        )
        if (error := sending_problem(answer, self.clock.now(), first=first)) is not None:
            raise error
        return answer.json()

    async def _get(self, path: str, params: Params, purpose: str) -> Answer:
        return self._good(await self._ask(path, params, purpose))

    def _good(self, answer: Answer) -> Answer:
        if (error := read_problem(answer, self.clock.now())) is not None:
            raise error
        return answer

    async def _ask(self, path: str, params: Params, purpose: str) -> Answer:
        asked = {**params, **self._proof()}
        return await self.door.request("GET", self._url(path), headers=self._headers(), params=asked, purpose=purpose)

    def _url(self, path: str) -> str:
        if not all(_PART.fullmatch(part) for part in path.split("/")):
            raise Refused("invalid", "this is no id of Meta's")  # it would lead to another place of the API
        return f"{self.account.base_url.rstrip('/') or API}/{VERSION}/{path}"

    @property
    def _token(self) -> str:
        if not (found := self.account.secrets.get("secret_token", "")):
            raise SignInFailed("no token: connect the account anew")
        return found

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}", "Accept": "application/json"}

    def _proof(self) -> dict[str, str]:
        """Shows that the token was not stolen; Meta refuses a wrong one, so it also tries the app secret."""
        secret = self.account.secrets.get("secret_app", "")
        return {"appsecret_proof": signature(secret, self._token.encode())} if secret else {}
