"""Discourse's HTTP API through the door: addresses and sign-in."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from urllib.parse import quote

from channels.discourse.convert import author_id, server_of
from channels.discourse.refusals import publish_refusal, read_problem
from domain.account import Account
from domain.clock import Clock, SystemClock
from domain.errors import BadInput, Gone, RateLimited, Refused, SignInFailed, Undecodable, Unreachable
from net.answer import says_gone
from net.decode import int_at, list_at, text_at, value_at
from net.door import Answer, Door, publish_problem, raise_for

Params = list[tuple[str, str]]
NOTIFICATION_PAGE = 60
ACTION_PAGE = 30
_REPLIES = "5"
"""What a person did is listed by kind; 5 is "replied"."""


@dataclass(frozen=True, slots=True)
class Client:
    """One forum, asked as anybody or, with a key, as our account."""

    base_url: str
    door: Door
    username: str = ""
    key: str = ""
    clock: Clock = field(default_factory=SystemClock)

    @property
    def server(self) -> str:
        """The forum as `native`, accounts and ids name it."""
        return server_of(self.base_url)

    def _headers(self) -> dict[str, str]:
        signed = {"Api-Key": self.key, "Api-Username": self.username} if self.key else {}
        return {"Accept": "application/json"} | signed

    def _url(self, path: str) -> str:
        return f"{self.base_url.rstrip('/')}{path}"

    async def get(self, path: str, params: Params | None = None, *, purpose: str) -> object:
        """One GET, decoded. Raises the errors of a read."""
        return self._checked(await self._ask(path, params, purpose)).json()

    async def _ask(self, path: str, params: Params | None, purpose: str) -> Answer:
        return await self.door.request("GET", self._url(path), headers=self._headers(), params=params, purpose=purpose)

    def _checked(self, answer: Answer) -> Answer:
        now = self.clock.now()
        if (error := read_problem(answer, self.server, bool(self.key), now)) is not None:
            raise error
        return raise_for(answer, now)

    async def latest(self, before: int) -> list[object]:
        """The newest public posts of the forum, newest first; with `before`, those with lower ids."""
        params = [("before", str(before))] if before else None
        return _list(await self.get("/posts.json", params, purpose="posts"), "latest_posts")

    async def post(self, post_id: int) -> object | None:
        """One post; None when it is gone, or not for our eyes."""
        try:
            return await self.get(f"/posts/{post_id}.json", purpose="post")
        except Gone:
            return None
        except Refused as error:
            if error.reason != "forbidden":
                raise
            return None

    async def find(self, post_id: int) -> object | None:
        """One post; None only where the forum itself says that it is not there. Raises Gone for the 404 of a proxy."""
        answer = await self._ask(f"/posts/{post_id}.json", None, "look again")
        missing = says_gone(answer) and text_at(answer.json(), "error_type") == "not_found"
        return None if missing else self._checked(answer).json()

    async def title(self, topic_id: int) -> str:
        """The title of a topic. Raises the errors of a read, Undecodable without one."""
        if not (title := text_at(await self.get(f"/t/{topic_id}.json", purpose="look again"), "title")):
            raise Undecodable("a topic without a title")
        return title

    async def search(self, term: str, page: int) -> object:
        """A page of the search, newest first. Quoted, so that only these words are found and not their stems."""
        words = " ".join(term.replace('"', " ").split())
        found = await self.get(
            "/search.json", [("q", f'"{words}" order:latest'), ("page", str(page))], purpose="search"
        )
        if text_at(found, "grouped_search_result", "error"):
            # Under load Discourse answers 200 with an apology in place of hits.
            raise RateLimited(None, f"{self.server} does not search at the moment")
        _list(found, "posts")
        return found

    async def notifications(self, page: int) -> list[object]:
        """A page of what our account was told, newest first. Asking marks nothing as read."""
        params = [("offset", str((page - 1) * NOTIFICATION_PAGE)), ("limit", str(NOTIFICATION_PAGE))]
        return _list(await self.get("/notifications.json", params, purpose="mentions"), "notifications")

    async def limits(self) -> tuple[int, int]:
        """The fewest and the most characters of a reply on this forum; 0 where it does not tell."""
        try:
            found = await self.get("/site/settings.json", purpose="limits")
        except (Gone, Refused, Undecodable):
            return 0, 0
        return int_at(found, "min_post_length") or 0, int_at(found, "max_post_length") or 0

    async def own_replies(self, page: int) -> list[object]:
        """A page of the replies that our account posted, newest first; deleted ones are left out."""
        offset = str((page - 1) * ACTION_PAGE)
        params = [("offset", offset), ("username", self.username), ("filter", _REPLIES)]
        return _list(await self.get("/user_actions.json", params, purpose="read back"), "user_actions")

    async def own_waiting(self) -> list[object]:
        """Posts of our account that wait for the forum's moderators."""
        path = f"/posts/{quote(self.username, safe='')}/pending.json"
        return _list(await self.get(path, purpose="read back"), "pending_posts")

    async def create(self, body: bytes, *, first_attempt: bool) -> Answer:
        """The one request that publishes. Raises when it certainly was not applied, OutcomeUnknown otherwise."""
        headers = self._headers() | {"Content-Type": "application/json"}
        answer = await self.door.send_once(
            "POST", self._url("/posts.json"), headers=headers, body=body, purpose="publish"
        )
        now = self.clock.now()
        error = publish_problem(answer.status, answer.headers, answer.body, now, first_attempt=first_attempt)
        if error is not None:
            raise publish_refusal(error, answer, self.server, now)
        return answer


def _list(found: object, name: str) -> list[object]:
    if not isinstance(value_at(found, name), list):
        raise Undecodable(f"the answer holds no list of {name}")
    return list_at(found, name)


def client_for(account: Account, door: Door, clock: Clock | None = None) -> Client:
    """The client of our account's forum, signed in."""
    return Client(
        account.base_url, door, account.handle, account.secrets.get("secret_api_key", ""), clock or SystemClock()
    )


async def try_account(account: Account, door: Door) -> Account:
    """Ask for our own profile with the key; the account completed. Raises BadInput, SignInFailed, Unreachable.

    Discourse refuses every request that carries a wrong key, also for what anybody may see.
    """
    if not account.base_url.startswith(("https://", "http://")):
        raise BadInput("the forum's address must start with https://, for example https://forum.example.org")
    handle = account.handle.strip().lstrip("@")
    if not handle or not account.secrets.get("secret_api_key"):
        raise BadInput("username and API key are both needed: the key is made by the forum's admins")
    client = client_for(replace(account, handle=handle), door)
    try:
        found = await client.get(f"/u/{quote(handle, safe='')}.json", purpose="sign in")
    except Gone:
        raise SignInFailed(f"{client.server} knows nobody called {handle}") from None
    except Refused as error:
        raise SignInFailed(f"{client.server} does not accept this key for {handle} ({error})") from None
    except Undecodable as error:
        raise Unreachable(f"{client.server} does not answer like a Discourse forum ({error})") from error
    name, user_id = text_at(found, "user", "username"), int_at(found, "user", "id")
    if user_id is None or name.casefold() != handle.casefold():
        raise SignInFailed(f"{client.server} did not say whose key this is")
    return replace(account, handle=name, external_id=author_id(client.server, user_id))
