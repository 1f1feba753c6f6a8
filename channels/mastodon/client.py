"""Mastodon's HTTP API through the door: addresses, sign-in, and what its answers mean."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from urllib.parse import quote

from channels.mastodon.convert import full_handle, server_of
from channels.mastodon.status import read_page
from domain.account import Account
from domain.clock import Clock, SystemClock
from domain.errors import BadInput, ChannelError, Gone, Refused, SignInFailed, Undecodable, Unreachable
from net.decode import bool_at, list_at, text_at, value_at
from net.door import Answer, Door, publish_problem, raise_for, says_gone

Params = list[tuple[str, str]]
TIMELINE_PAGE = 40
NOTIFICATION_PAGE = 80


@dataclass(frozen=True, slots=True)
class Client:
    """One server, asked with or without our account's token."""

    base_url: str
    door: Door
    token: str = ""
    clock: Clock = field(default_factory=SystemClock)

    @property
    def server(self) -> str:
        """Host and port, as `native` and accounts name it."""
        return server_of(self.base_url)

    def _headers(self, **more: str) -> dict[str, str]:
        signed = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return {"Accept": "application/json"} | signed | more

    async def get(self, path: str, params: Params | None = None, *, purpose: str = "") -> object:
        """One GET, decoded. Raises the errors of a read."""
        return (await self._read(path, params, purpose)).json()

    async def _read(self, path: str, params: Params | None, purpose: str) -> Answer:
        return self._checked(await self._ask(path, params, purpose))

    async def _ask(self, path: str, params: Params | None, purpose: str) -> Answer:
        url = f"{self.base_url.rstrip('/')}{path}"
        return await self.door.request("GET", url, headers=self._headers(), params=params, purpose=purpose)

    def _checked(self, answer: Answer) -> Answer:
        if answer.status == 401 and self.token:
            raise SignInFailed(f"{self.server} does not accept our token any more: add the account anew")
        return raise_for(answer, self.clock.now())

    async def items(self, path: str, params: Params, *, purpose: str = "") -> list[object]:
        """One GET whose answer is a list."""
        return self._list(await self.get(path, params, purpose=purpose))

    async def statuses(self, path: str, params: Params, *, purpose: str = "") -> list[object]:
        """One GET whose answer is a list of statuses: `Status`, or plain JSON where a page holds odd ones."""
        return self._list(read_page((await self._read(path, params, purpose)).body))

    @staticmethod
    def _list(found: object) -> list[object]:
        if not isinstance(found, list):
            raise Undecodable("the server answered something else than a list")
        return found

    async def tag(self, tag: str, more_tags: tuple[str, ...], params: Params) -> list[object]:
        """A page of a hashtag's timeline, newest first."""
        extra = [("any[]", name) for name in more_tags[:4]]
        try:
            return await self.statuses(
                f"/api/v1/timelines/tag/{tag}", [*params, ("limit", str(TIMELINE_PAGE)), *extra], purpose="hashtag"
            )
        except (SignInFailed, Refused) as error:
            if self.token:
                raise
            # Since Mastodon 4.5 admins can close timelines to the public (configuration.timelines_access).
            raise SignInFailed(
                f"{self.server} shows hashtags only to its members ({error}): add an account there"
            ) from None

    async def notifications(self, params: Params) -> list[object]:
        """A page of our mentions, newest first. Filtered ones are included: strangers are who we listen for."""
        wanted = [("types[]", "mention"), ("limit", str(NOTIFICATION_PAGE)), ("include_filtered", "true")]
        return await self.items("/api/v1/notifications", [*params, *wanted], purpose="mentions")

    async def search(self, query: str, offset: int) -> list[object]:
        """A page of posts that hold the words; only posts of authors who opted in, and only with an account."""
        params = [("q", query), ("type", "statuses"), ("limit", str(TIMELINE_PAGE)), ("offset", str(offset))]
        found = await self.get("/api/v2/search", params, purpose="search")
        if not isinstance(value_at(found, "statuses"), list):
            raise Undecodable("the search answer holds no list of statuses")
        return list_at(found, "statuses")

    async def status(self, status_id: str) -> object | None:
        """A post by its id on this server; None when the server says that there is none that we may see.

        Gone when the 404 is not in its API's words: see `answers`.
        """
        answer = await self._ask(f"/api/v1/statuses/{quote(status_id, safe='')}", None, "look again")
        return None if says_gone(answer) else self._checked(answer).json()

    async def answers(self) -> bool:
        """Whether the server speaks its API now. snac2 says 404 with a web page, as a proxy would before a server that
        is down: only this tells them apart."""
        try:
            return bool(text_at(await self.get("/api/v1/instance", purpose="look again"), "version"))
        except ChannelError:
            return False

    async def ancestors(self, status_id: str) -> list[object]:
        """What a status answers, from the root of its conversation downwards."""
        return list_at(await self.get(f"/api/v1/statuses/{status_id}/context", purpose="context"), "ancestors")

    async def own_statuses(self, account_id: str, params: Params) -> list[object]:
        """A page of what our account posted, newest first."""
        wanted = [("limit", str(TIMELINE_PAGE)), ("exclude_reblogs", "true")]
        return await self.items(f"/api/v1/accounts/{account_id}/statuses", [*params, *wanted], purpose="read back")

    async def post_status(self, body: bytes, key: str) -> Answer:
        """The one request that publishes. Raises when it certainly was not applied, OutcomeUnknown otherwise."""
        headers = self._headers(**{"Content-Type": "application/json", "Idempotency-Key": key})
        url = f"{self.base_url.rstrip('/')}/api/v1/statuses"
        answer = await self.door.send_once("POST", url, headers=headers, body=body, purpose="publish")
        error = publish_problem(answer.status, answer.headers, answer.body, self.clock.now())
        if answer.status == 401:
            # snac2 answers a bad token with 401 and an empty body. A 401 is given before anything is done.
            raise SignInFailed("the server no longer accepts our token")
        if error is not None:
            raise error
        return answer


def client_for(account: Account, door: Door, clock: Clock | None = None) -> Client:
    """The client of our account's server, signed in."""
    return Client(account.base_url, door, account.secrets.get("secret_token", ""), clock or SystemClock())


async def try_account(account: Account, door: Door) -> Account:
    """Sign in with the token; the account completed with handle and id. Raises SignInFailed, Unreachable."""
    if not account.base_url.startswith(("https://", "http://")):
        raise BadInput("the server's address must start with https://, for example https://mastodon.social")
    client = client_for(account, door)
    url = f"{account.base_url.rstrip('/')}/api/v1/accounts/verify_credentials"
    answer = await door.request("GET", url, headers=client._headers(), purpose="sign in")
    if answer.status in (401, 403, 422):
        # snac2 says 422 where Mastodon says 401.
        raise SignInFailed(f"{client.server} does not accept this token (HTTP {answer.status}): make a new one there")
    try:
        person = raise_for(answer, client.clock.now()).json()
    except (Gone, Refused, Undecodable) as error:
        raise Unreachable(f"{client.server} does not answer like a Mastodon server ({error})") from error
    handle, own_id = text_at(person, "acct"), text_at(person, "id")
    if not handle or not own_id:
        raise SignInFailed(f"{client.server} did not say whose token this is")
    automated = bool_at(person, "bot") if isinstance(value_at(person, "bot"), bool) else None
    return replace(account, handle=full_handle(handle, client.server), external_id=own_id, labelled=automated)
