"""YouTube's Data API through the door: reads by key or as our account, and the one request that publishes."""

from __future__ import annotations

from dataclasses import dataclass, field

from channels.youtube.problems import CLOSED, LOST, STALE_TOKEN, insert_problem, read_problem, trouble_of
from channels.youtube.session import access_token, forget
from domain.account import Account
from domain.clock import Clock, SystemClock
from domain.errors import Gone, Refused, SignInFailed, Undecodable, Unreachable
from net.decode import list_at, text_at, value_at
from net.door import Answer, Door

API = "https://www.googleapis.com/youtube/v3"
PAGE = 100

Params = dict[str, str | int]


@dataclass(frozen=True, slots=True)
class Listing:
    """One page. `token` leads to the next one. `trouble` tells, in YouTube's word, why there is nothing though the
    source goes on: a closed video, a page token that has died, an id that is lost."""

    items: list[object]
    token: str = ""
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Client:
    """Reads with the API key, or as our account where YouTube asks for that or where there is no key."""

    account: Account | None
    door: Door
    clock: Clock = field(default_factory=SystemClock)

    @property
    def may_write(self) -> bool:
        """Whether there is a sign-in, and not only a key."""
        return bool(self._secret("secret_refresh_token"))

    @property
    def has_key(self) -> bool:
        """Whether there is a key to read with."""
        return bool(self._secret("secret_api_key"))

    def _secret(self, name: str) -> str:
        return self.account.secrets.get(name, "") if self.account else ""

    @property
    def _api(self) -> str:
        own = self.account.base_url.rstrip("/") if self.account else ""
        return f"{own}/youtube/v3" if own else API

    async def threads(self, params: Params, token: str = "", *, signed: bool = False) -> Listing:
        """A page of comment threads with some of their replies, newest first."""
        wanted: Params = {"part": "snippet,replies", "textFormat": "plainText", "order": "time", "maxResults": PAGE}
        return await self._list("commentThreads", wanted | params | _paged(token), signed=signed)

    async def threads_by_id(self, ids: tuple[str, ...], *, signed: bool = False) -> Listing:
        """These threads, without those that are no longer there. Neither order nor size can be given."""
        wanted: Params = {"part": "snippet,replies", "textFormat": "plainText", "id": ",".join(ids)}
        return await self._list("commentThreads", wanted, signed=signed)

    async def replies(self, thread_id: str, token: str = "", *, signed: bool = False) -> Listing:
        """A page of the replies under a thread's top comment. Their order is not documented."""
        wanted: Params = {"part": "snippet", "textFormat": "plainText", "parentId": thread_id, "maxResults": PAGE}
        return await self._list("comments", wanted | _paged(token), signed=signed)

    async def comments_by_id(self, ids: tuple[str, ...], *, signed: bool = False) -> Listing:
        """These comments, without those that are no longer there."""
        wanted: Params = {"part": "snippet", "textFormat": "plainText", "id": ",".join(ids)}
        return await self._list("comments", wanted, signed=signed)

    async def videos_by_id(self, ids: tuple[str, ...]) -> Listing:
        """These videos, by id alone, without those that are gone or private."""
        return await self._list("videos", {"part": "id", "id": ",".join(ids)})

    async def search(self, words: str) -> Listing:
        """The newest videos that YouTube finds for these words."""
        wanted: Params = {"part": "snippet", "type": "video", "order": "date", "maxResults": 50, "q": words}
        return await self._list("search", wanted)

    async def channel(self, params: Params, *, signed: bool = False) -> object | None:
        """The channel that fits, or None."""
        items = (await self._list("channels", {"part": "snippet", **params}, signed=signed)).items
        return items[0] if items else None

    async def insert(self, body: bytes) -> Answer:
        """The one request that publishes. Raises when it certainly was not applied, OutcomeUnknown otherwise."""
        token, is_new = await self._ready()
        assert self.account is not None
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        url = f"{self._api}/comments?part=snippet"
        answer = await self.door.send_once("POST", url, headers=headers, body=body, purpose="publish")
        error = insert_problem(answer, self.clock.now())
        if isinstance(error, SignInFailed) and answer.status == 401:
            forget(self.account, self.door, token)
            if not is_new:
                raise Unreachable("our access had ended; nothing was posted, the next try gets a new one")
        if error is not None:
            raise error
        return answer

    async def _ready(self) -> tuple[str, bool]:
        """An access token, with only the errors that say "certainly not posted"."""
        try:
            return await self._access()
        except (Undecodable, Gone, Refused) as error:
            raise Unreachable(f"the sign-in went wrong: {error}") from error

    async def _access(self) -> tuple[str, bool]:
        if self.account is None or not self.may_write:
            raise SignInFailed("this YouTube account has only an API key: give it a refresh token to sign in")
        return await access_token(self.account, self.door, self.clock)

    async def _list(self, resource: str, params: Params, *, signed: bool = False) -> Listing:
        answer = await self._read(resource, params, signed or not self.has_key)
        if trouble := trouble_of(answer, _bearable(params)):
            return Listing([], trouble=trouble)
        if (error := read_problem(answer, self.clock.now())) is not None:
            raise error
        found = answer.json()
        if not text_at(found, "kind").startswith("youtube#"):
            raise Undecodable("the answer is no list of YouTube's")
        if not isinstance(value_at(found, "items"), list | None):  # where there are none it may be left out
            raise Undecodable("the answer holds no list of items")
        return Listing(list_at(found, "items"), text_at(found, "nextPageToken"))

    async def _read(self, resource: str, params: Params, signed: bool) -> Answer:
        """A read, once again when the access token turns out to be dead."""
        if self.account is None:
            raise SignInFailed("YouTube gives nothing without an account: add one with an API key")
        if not signed:
            return await self._ask(resource, {**params, "key": self._secret("secret_api_key")}, {})
        token, is_new = await self._access()
        answer = await self._ask(resource, params, {"Authorization": f"Bearer {token}"})
        if answer.status != 401:
            return answer
        forget(self.account, self.door, token)
        if is_new:
            return answer
        token, _ = await self._access()
        return await self._ask(resource, params, {"Authorization": f"Bearer {token}"})

    async def _ask(self, resource: str, params: Params, headers: dict[str, str]) -> Answer:
        return await self.door.request(
            "GET", f"{self._api}/{resource}", headers=headers, params=params, purpose=f"youtube {resource}"
        )


def _paged(token: str) -> Params:
    return {"pageToken": token} if token else {}


def _bearable(params: Params) -> tuple[str, ...]:
    """Troubles of one video or one comment, which stop nothing else."""
    by_id = "id" in params or "parentId" in params
    return (STALE_TOKEN, *(CLOSED if "videoId" in params else ()), *(LOST if by_id else ()))
