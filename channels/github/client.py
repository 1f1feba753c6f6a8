"""GitHub's two APIs through the door: REST for repositories and comments, GraphQL for searches and discussions."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import datetime

from channels.github.convert import PUBLIC, server_of
from channels.github.problems import comment_problem, graph_problem, mutation_problem, read_problem
from domain.account import Account
from domain.clock import Clock, SystemClock
from domain.errors import BadInput, Gone, OutcomeUnknown, Refused, SignInFailed, Undecodable, Unreachable
from net.decode import parse_time, text_at
from net.door import Answer, Door

VERSION = "2022-11-28"
PAGE = 100
_NEXT = re.compile(r'[?&]page=(\d+)[^>]*>;\s*rel="next"')

Params = dict[str, str | int]


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a list; `token` leads to the next one."""

    items: list[object]
    token: str = ""


@dataclass(frozen=True, slots=True)
class Client:
    """One GitHub: github.com, or an Enterprise server at `base_url`."""

    base_url: str
    door: Door
    token: str = ""
    clock: Clock = field(default_factory=SystemClock)

    @property
    def server(self) -> str:
        """Host and port of the API; ids are valid there only."""
        return server_of(self.base_url)

    @property
    def rest(self) -> str:
        """Where REST begins."""
        base = self.base_url.rstrip("/") or PUBLIC
        return base if self.server.startswith("api.") else f"{base}/api/v3"

    @property
    def graph(self) -> str:
        """Where GraphQL is."""
        base = self.base_url.rstrip("/") or PUBLIC
        return f"{base}/graphql" if self.server.startswith("api.") else f"{base}/api/graphql"

    def _headers(self) -> dict[str, str]:
        signed = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": VERSION} | signed

    async def get(self, path: str, params: Params | None = None, *, purpose: str = "") -> Answer:
        """One GET. Raises the errors of a read."""
        return self._good(await self._get(path, params, purpose))

    async def page(self, path: str, params: Params, token: str, *, purpose: str) -> Listing:
        """A page of a list; tokens are page numbers."""
        return _listing(self._good(await self._get(path, params | _paged(token), purpose)))

    async def comments(self, repo: str, number: int, since: str, token: str) -> Listing:
        """Comments of one issue or pull request that changed since, by id. A deleted issue (410) has none."""
        path = f"/repos/{repo}/issues/{number}/comments"
        answer = await self._get(path, {"since": since, **_paged(token)}, "github comments")
        return Listing([]) if answer.status == 410 else _listing(self._good(answer))

    async def _get(self, path: str, params: Params | None, purpose: str) -> Answer:
        """Repositories that were renamed redirect."""
        return await self.door.request(
            "GET", f"{self.rest}{path}", headers=self._headers(), params=params, redirects=2, purpose=purpose
        )

    def _good(self, answer: Answer) -> Answer:
        if (error := read_problem(answer, self.clock.now())) is not None:
            raise error
        return answer

    async def ask(self, query: str, variables: dict[str, object], *, purpose: str) -> object:
        """A GraphQL query; its whole answer, for single parts may have errors. Raises the errors of a read."""
        if not self.token:
            raise SignInFailed(f"{purpose} on GitHub needs an account: add one with a token")
        asked = {"query": query, "variables": variables}
        headers = self._headers()
        answer = self._good(await self.door.request("POST", self.graph, headers=headers, json=asked, purpose=purpose))
        body = answer.json()
        if (error := graph_problem(answer, body, self.clock.now())) is not None:
            raise error
        return body

    async def comment(self, repo: str, number: int, body: bytes) -> object:
        """The one request that publishes a comment on an issue or pull request."""
        return await self._send(f"{self.rest}/repos/{repo}/issues/{number}/comments", body)

    async def mutate(self, body: bytes) -> object:
        """The one request that publishes a comment on a discussion."""
        return await self._send(self.graph, body)

    async def _send(self, url: str, body: bytes) -> object:
        """Raises when it certainly was not applied, OutcomeUnknown otherwise."""
        headers = self._headers() | {"Content-Type": "application/json"}
        answer = await self.door.send_once("POST", url, headers=headers, body=body, purpose="publish")
        now = self.clock.now()
        if (error := comment_problem(answer, now)) is not None:
            raise error
        try:
            found = answer.json()
        except Undecodable as error:
            raise OutcomeUnknown(f"GitHub took the reply but its answer cannot be read ({error})") from None
        if (problem := mutation_problem(answer, found, now)) is not None:
            raise problem
        return found


def _paged(token: str) -> Params:
    return {"per_page": PAGE, "page": token} if token else {"per_page": PAGE}


def _listing(answer: Answer) -> Listing:
    found = answer.json()
    if not isinstance(found, list):
        raise Undecodable("GitHub answered something else than a list")
    following = _NEXT.search(answer.headers.get("link", ""))
    return Listing(found, following.group(1) if following else "")


def client_for(account: Account, door: Door, clock: Clock | None = None) -> Client:
    """The client of our account's server, signed in."""
    return Client(account.base_url, door, account.secrets.get("secret_token", ""), clock or SystemClock())


async def try_account(account: Account, door: Door) -> Account:
    """Sign in with the token; the account completed with handle, id and the token's end. SignInFailed, Unreachable."""
    if account.base_url and not account.base_url.startswith(("https://", "http://")):
        raise BadInput("the server's address must start with https://; leave it empty for github.com")
    if server_of(account.base_url) in ("github.com", "www.github.com"):
        account = replace(account, base_url="")
    client = client_for(account, door)
    if not client.token:
        raise SignInFailed("give a token: GitHub, Settings, Developer settings, Personal access tokens")
    try:
        answer = await client.get("/user", purpose="sign in")
        person = answer.json()
    except (Gone, Refused, Undecodable) as error:
        raise Unreachable(f"{client.server} does not answer like GitHub ({error})") from error
    login, own_id = text_at(person, "login"), text_at(person, "id")
    if not login or not own_id:
        raise SignInFailed(f"{client.server} did not say whose token this is")
    return replace(account, handle=login, external_id=own_id, good_until=_end_of_token(answer))


def _end_of_token(answer: Answer) -> datetime | None:
    """The end that was chosen for the token ("2026-12-30 05:54:07 UTC"); None when it has none."""
    return parse_time(answer.headers.get("github-authentication-token-expiration", "").removesuffix(" UTC"))
