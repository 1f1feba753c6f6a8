"""Threads' HTTP API through the door: addresses, sign-in, the two steps of publishing."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta

from channels.threads.problems import is_missing, publishing_problem, read_problem
from domain.account import Account
from domain.clock import Clock, SystemClock
from domain.errors import BadInput, ChannelError, SignInFailed, Undecodable
from net.decode import int_at, list_at, text_at, value_at
from net.door import Answer, Door

Params = list[tuple[str, str]]
PAGE = 50
POST_FIELDS = "id,text,timestamp,permalink,username,media_type,is_reply,is_quote_post,root_post,replied_to"
OWN_FIELDS = "id,text,timestamp,permalink,replied_to"
# A sending has 30 s: asking how far the container is, publishing, asking for the address.
_STATUS_S, _PUBLISH_S, _ADDRESS_S = 5.0, 18.0, 4.0
_SHORT_LIVED = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Client:
    """One account. The token goes in a header, where no log of addresses shows it."""

    account: Account
    door: Door
    clock: Clock = field(default_factory=SystemClock)

    def _url(self, path: str) -> str:
        return f"{self.account.base_url.rstrip('/')}/v1.0/{path}"

    def _headers(self, **more: str) -> dict[str, str]:
        token = self.account.secrets.get("secret_token", "")
        if not token or not token.isprintable() or not token.isascii():
            raise SignInFailed("the Threads token is missing or damaged: connect the account again")
        return {"Authorization": f"Bearer {token}", "Accept": "application/json"} | more

    async def get(self, path: str, params: Params, *, purpose: str, timeout_s: float = 20.0) -> object:
        """One GET, decoded. Raises the errors of a read."""
        answer = await self.door.request(
            "GET", self._url(path), headers=self._headers(), params=params, purpose=purpose, timeout_s=timeout_s
        )
        return self._good(answer)

    async def find(self, media_id: str) -> object | None:
        """A post by its id; None where Threads says in its own words that there is none, or none for us."""
        params = [("fields", POST_FIELDS)]
        answer = await self.door.request(
            "GET", self._url(media_id), headers=self._headers(), params=params, purpose="look again"
        )
        return None if is_missing(answer) else self._good(answer)

    async def listed(self, path: str, params: Params, *, purpose: str) -> tuple[list[object], str]:
        """One page of a list, newest first, and the cursor of the next one. An empty page ends a list."""
        found = await self.get(path, [*params, ("limit", str(PAGE))], purpose=purpose)
        if not isinstance(value_at(found, "data"), list):
            raise Undecodable("the answer holds no list")
        items = list_at(found, "data")
        return items, text_at(found, "paging", "cursors", "after") if items else ""

    async def make_container(self, body: bytes) -> str:
        """The first step: Threads holds the reply ready and shows it to nobody. Its id. Certain whatever it raises."""
        headers = self._headers(**{"Content-Type": "application/x-www-form-urlencoded"})
        url = self._url(f"{self.account.external_id}/threads")
        answer = await self.door.request("POST", url, headers=headers, body=body, purpose="prepare")
        return _id_in(self._good(answer))

    async def container(self, container_id: str) -> tuple[str, str]:
        """How far a container is (IN_PROGRESS, FINISHED, PUBLISHED, ERROR, EXPIRED), and what went wrong with it."""
        fields = [("fields", "status,error_message")]
        found = await self.get(container_id, fields, purpose="prepared", timeout_s=_STATUS_S)
        return text_at(found, "status"), text_at(found, "error_message")

    async def publish_container(self, container_id: str) -> Answer:
        """The second step, the one request that publishes. Raises as a publisher must."""
        url = self._url(f"{self.account.external_id}/threads_publish")
        answer = await self.door.send_once(
            "POST",
            url,
            headers=self._headers(),
            form={"creation_id": container_id},
            timeout_s=_PUBLISH_S,
            purpose="publish",
        )
        if (error := publishing_problem(answer, self.clock.now())) is not None:
            raise error
        return answer

    async def address_of(self, media_id: str) -> str:
        """The permalink of a post; an empty string when it cannot be had now: it is a courtesy."""
        try:
            found = await self.get(media_id, [("fields", "permalink")], purpose="address", timeout_s=_ADDRESS_S)
        except ChannelError:
            return ""
        return text_at(found, "permalink")

    def _good(self, answer: Answer) -> object:
        if (error := read_problem(answer, self.clock.now())) is not None:
            raise error
        return answer.json()


def _id_in(found: object) -> str:
    name = text_at(found, "id")
    if not name.isalnum():
        raise Undecodable("the answer names no id")
    return name


async def try_account(account: Account, door: Door) -> Account:
    """Sign in with the token; the account completed with name and id. Raises SignInFailed, Unreachable."""
    if not account.base_url.startswith(("https://", "http://")):
        raise BadInput("the address must start with https://, usually https://graph.threads.net")
    client = Client(account, door)
    found = await client.get("me", [("fields", "id,username")], purpose="sign in")
    name, handle = _id_in(found), text_at(found, "username")
    if not handle:
        raise SignInFailed("Threads did not say whose token this is: it needs the permission threads_basic")
    await _refuse_short_lived(client)
    return replace(account, handle=handle, external_id=name)


async def _refuse_short_lived(client: Client) -> None:
    """A token of one hour would be dead before the first answer. Only an app's testers may ask; others are believed."""
    token = client.account.secrets["secret_token"]
    try:
        found = await client.get("debug_token", [("input_token", token)], purpose="token")
    except ChannelError:
        return
    ends_at = int_at(found, "data", "expires_at") or 0
    if 0 < ends_at < (client.clock.now() + _SHORT_LIVED).timestamp():
        raise SignInFailed("this token ends within a day: exchange it for a long-lived one (60 days) and try again")
