"""Bluesky's XRPC through the door: sign-in with an app password, one shared session per account, errors by name."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from domain.account import Account
from domain.clock import Clock, SystemClock
from domain.errors import BadInput, Gone, SignInFailed, Undecodable, Unreachable
from net.decode import list_at, text_at, value_at
from net.door import Answer, Door, publish_problem, raise_for

Params = list[tuple[str, str]]
EXPIRED = ("ExpiredToken", "InvalidToken")
"""Seen as 400, not 401: the name in the body decides."""


@dataclass(slots=True)
class Session:
    """Tokens of one account. createSession is limited to 300 a day per account, so they are shared."""

    access: str = ""
    refresh: str = ""
    did: str = ""
    handle: str = ""
    service: str = ""
    stale: str = ""
    """The token that a sending found expired; the next sign-in renews it."""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)


_SESSIONS: WeakKeyDictionary[Door, dict[str, Session]] = WeakKeyDictionary()


def _session_of(account: Account, door: Door) -> Session:
    """The shared session of this account and password. It lives as long as the door; a new password starts anew."""
    seed = f"{account.base_url}|{account.id}|{account.handle}|{account.secrets.get('secret_app_password', '')}"
    key = hashlib.sha256(seed.encode()).hexdigest()
    return _SESSIONS.setdefault(door, {}).setdefault(key, Session())


def error_name(answer: Answer) -> str:
    """The error's name in an XRPC answer, or an empty string."""
    try:
        return text_at(answer.json(), "error") if not answer.ok else ""
    except Undecodable:
        return ""


def _service_in(did_doc: object) -> str:
    """The account's own server as its identity document names it."""
    for service in list_at(did_doc, "service"):
        address = text_at(service, "serviceEndpoint")
        if text_at(service, "id").endswith("#atproto_pds") and urlsplit(address).scheme in ("https", "http"):
            return address.rstrip("/")
    return ""


@dataclass(frozen=True, slots=True)
class Client:
    """One account on its server. Reads sign in, and once again when a token expired."""

    account: Account
    door: Door
    clock: Clock = field(default_factory=SystemClock)

    @property
    def session(self) -> Session:
        """The session shared by all clients of this account."""
        return _session_of(self.account, self.door)

    @property
    def _base(self) -> str:
        return self.account.base_url.rstrip("/")

    async def get(self, method: str, params: Params, *, purpose: str) -> object:
        """One query as our account, decoded. Raises the errors of a read."""
        return raise_for(await self._query(method, params, purpose), self.clock.now()).json()

    async def get_record(self, uri: str) -> object | None:
        """A record by its at:// address, from the server of our account; None when there is none."""
        repo, collection, rkey = uri.removeprefix("at://").split("/")
        params = [("repo", repo), ("collection", collection), ("rkey", rkey)]
        answer = await self._query("com.atproto.repo.getRecord", params, "read back")
        if error_name(answer) == "RecordNotFound":
            return None
        return raise_for(answer, self.clock.now()).json()

    async def put_record(self, body: bytes) -> Answer:
        """The one request that publishes. Answers 2xx and InvalidSwap; everything else raises as a publisher must."""
        session = await self._ready()
        used = session.access
        headers = {"Authorization": f"Bearer {used}", "Content-Type": "application/json"}
        url = f"{session.service}/xrpc/com.atproto.repo.putRecord"
        answer = await self.door.send_once("POST", url, headers=headers, body=body, purpose="publish")
        name = error_name(answer)
        if name in EXPIRED and answer.status in (400, 401):
            session.stale = used
            raise Unreachable("our session had expired; nothing was posted, the next try uses a new one")
        if answer.status == 400 and name == "InvalidSwap":
            return answer
        if (error := publish_problem(answer.status, answer.headers, answer.body, self.clock.now())) is not None:
            raise error
        return answer

    async def _query(self, method: str, params: Params, purpose: str) -> Answer:
        """A read, once again with new tokens when the used one had expired."""
        used = (await self.signed_in()).access
        answer = await self._ask(method, params, purpose, used)
        if error_name(answer) not in EXPIRED:
            return answer
        await self._renew(used)
        return await self._ask(method, params, purpose, self.session.access)

    async def _ask(self, method: str, params: Params, purpose: str, token: str) -> Answer:
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        url = f"{self.session.service}/xrpc/{method}"
        return await self.door.request("GET", url, headers=headers, params=params, purpose=purpose)

    async def _ready(self) -> Session:
        """Signed in, with only the errors that say "certainly not posted"."""
        try:
            return await self.signed_in()
        except (Undecodable, Gone) as error:
            raise Unreachable(f"the sign-in went wrong: {error}") from error

    async def signed_in(self) -> Session:
        """The session with tokens; signs in when there are none. Only one caller at a time does."""
        session = self.session
        async with session.lock:
            if not session.access:
                await self._sign_in(session)
        if session.access == session.stale:
            await self._renew(session.stale)
        return session

    async def _renew(self, used: str) -> None:
        """Get new tokens in place of `used`, unless another caller already did. Raises SignInFailed."""
        session = self.session
        async with session.lock:
            if session.access != used:
                return
            url = f"{session.service}/xrpc/com.atproto.server.refreshSession"
            headers = {"Authorization": f"Bearer {session.refresh}"}
            answer = await self.door.request("POST", url, headers=headers, purpose="renew sign-in")
            if answer.ok:
                self._keep(session, answer)
            else:
                await self._sign_in(session)

    async def _sign_in(self, session: Session) -> None:
        password = self.account.secrets.get("secret_app_password", "")
        if not password or not self._base:
            raise SignInFailed("the Bluesky account has no server or no app password")
        asked = {"identifier": self.account.handle.lstrip("@"), "password": password}
        url = f"{self._base}/xrpc/com.atproto.server.createSession"
        answer = await self.door.request("POST", url, json=asked, purpose="sign in")
        name = error_name(answer)
        if answer.status == 401 or name in ("AccountTakedown", "AuthFactorTokenRequired"):
            session.access = ""
            raise SignInFailed(f"Bluesky does not accept the app password of {self.account.handle} ({name})")
        raise_for(answer, self.clock.now())
        self._keep(session, answer)

    def _keep(self, session: Session, answer: Answer) -> None:
        found = answer.json()
        access, refresh, did = (text_at(found, name) for name in ("accessJwt", "refreshJwt", "did"))
        if not access or not refresh or not did.startswith("did:"):
            raise Undecodable("the sign-in answer holds no tokens")
        session.access, session.refresh, session.did = access, refresh, did
        session.handle = text_at(found, "handle")
        session.service = _service_in(value_at(found, "didDoc")) or session.service or self._base


async def try_account(account: Account, door: Door) -> Account:
    """Sign in with the app password; the account completed with handle and DID. Raises SignInFailed, Unreachable."""
    if not account.base_url.startswith(("https://", "http://")):
        raise BadInput("the server's address must start with https://, for example https://bsky.social")
    session = await Client(account, door).signed_in()
    return replace(account, handle=session.handle or account.handle, external_id=session.did)
