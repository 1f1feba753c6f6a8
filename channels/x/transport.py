"""tweepy on our transport: tweepy knows the routes and parameters, the door sends.

tweepy has no setting for the address, decodes an error before it looks at its status, and its waiting for limits
repeats a post without end when the answer names no time. So its one public seam, `request`, is ours: it signs for the
address that is really asked, sends once, and gives the plain answer back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode

from aiohttp import ClientResponse

from channels.x.names import Spelling, spelled
from channels.x.problems import read_problem
from domain.account import Account
from domain.clock import Clock
from domain.errors import Refused, SignInFailed
from net.decode import decode_json
from net.door import Answer, Door

API = "https://api.x.com"
STREAM = "/2/tweets/search/stream"
KEYS = ("consumer_key", "consumer_secret", "access_token", "access_secret")
"""The four keys of OAuth 1.0a, as an account keeps them (each behind "secret_")."""

Params = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Transport:
    """Requests of one account: as the app (bearer token) or as the account itself (OAuth 1.0a)."""

    account: Account
    door: Door
    clock: Clock
    spelling: Spelling

    @property
    def base(self) -> str:
        """The address, without a slash at the end."""
        return (self.account.base_url or API).rstrip("/")

    def tweepy(self) -> Any:
        """tweepy's client, for reading."""
        return self._client(self.read)

    def tweepy_sending(self, body: bytes) -> Any:
        """tweepy's client for one post: whatever it makes of it, these bytes are sent or none."""
        return self._client(partial(self._send, body))

    def tweepy_rules(self) -> Any:
        """tweepy's client for the rules of the filtered stream."""
        from tweepy.asynchronous import AsyncStreamingClient

        client = AsyncStreamingClient("", return_type=ClientResponse, wait_on_rate_limit=False)
        client.request = self.read
        return client

    @staticmethod
    def _client(request: Any) -> Any:
        # Loaded when X is used: it costs a third of a second, and every command lists the channels.
        from tweepy.asynchronous import AsyncClient

        client = AsyncClient(return_type=ClientResponse, wait_on_rate_limit=False)
        client.request = request
        return client

    async def read(
        self, method: str, route: str, params: Params | None = None, json: object = None, user_auth: bool = False
    ) -> Answer:
        """A request that publishes nothing. Raises the errors of a read."""
        sent = {name: str(value) for name, value in (params or {}).items()}
        sent = sent if route.startswith(STREAM) else spelled(sent, self.spelling)
        headers = self._signed(method, route, sent) if user_auth else self.bearer()
        url = f"{self.base}{route}"
        answer = await self.door.request(method, url, headers=headers, params=sent, json=json, purpose=route)
        if (error := read_problem(answer, self.clock.now())) is not None:
            raise error
        return answer

    async def _send(
        self, body: bytes, method: str, route: str, params: object = None, json: object = None, user_auth: bool = True
    ) -> Answer:
        """The request that publishes. Any status is an answer."""
        if decode_json(body) != json:
            raise Refused("bytes", "what would be posted is not what was approved: nothing was sent")
        headers = {**self._signed(method, route, {}), "Content-Type": "application/json"}
        return await self.door.send_once(method, f"{self.base}{route}", headers=headers, body=body, purpose="publish")

    def bearer(self) -> dict[str, str]:
        """Signed by the app. Raises SignInFailed without its token."""
        if not (token := self.account.secrets.get("secret_bearer_token", "")):
            raise SignInFailed("the X account has no bearer token of its app: connect it again with all five keys")
        return {"Authorization": f"Bearer {token}"}

    def _signed(self, method: str, route: str, params: Params) -> dict[str, str]:
        """Signed by the account, for the address that is asked. Raises SignInFailed when a key is missing."""
        from oauthlib.oauth1 import Client as OAuth  # type: ignore[import-untyped]

        keys = [self.account.secrets.get(f"secret_{name}", "") for name in KEYS]
        if not all(keys):
            raise SignInFailed("the X account lacks one of its four user keys: connect it again with all five keys")
        query = urlencode(sorted(params.items()), quote_via=quote)
        _, headers, _ = OAuth(*keys).sign(f"{self.base}{route}{'?' if query else ''}{query}", method)
        return {"Authorization": headers["Authorization"]}
