"""Lemmy's HTTP API through the door: which version an instance speaks, its lists, sign-in."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from channels.lemmy.convert import Api, Site, address, handle_of, server_of
from channels.lemmy.lists import Params
from channels.lemmy.refusals import LOGIN_REASONS, NOT_THERE, error_name, publish_refusal, read_problem
from domain.account import Account
from domain.clock import Clock, SystemClock
from domain.errors import BadInput, Gone, Refused, SignInFailed, Undecodable, Unreachable
from net.decode import bool_at, dict_at, list_at, text_at, value_at
from net.door import Answer, Door, publish_problem, raise_for

_MEMBERS = {"v3": "/api/v3/site", "v4": "/api/v4/account"}
_LOGIN = {"v3": "/api/v3/user/login", "v4": "/api/v4/account/auth/login"}


@dataclass(frozen=True, slots=True)
class Client:
    """One instance, asked as anybody or, with a token, as our account."""

    base_url: str
    door: Door
    token: str = ""
    clock: Clock = field(default_factory=SystemClock)

    @property
    def server(self) -> str:
        """The instance as `native` and accounts name it."""
        return server_of(self.base_url)

    def _headers(self, signed: bool) -> dict[str, str]:
        own = {"Authorization": f"Bearer {self.token}"} if signed and self.token else {}
        return {"Accept": "application/json"} | own

    def _url(self, path: str) -> str:
        return f"{self.base_url.rstrip('/')}{path}"

    async def get(self, path: str, params: Params | None = None, *, signed: bool, purpose: str) -> object:
        """One GET, decoded. Raises the errors of a read."""
        return self._checked(await self._ask(path, params, signed, purpose)).json()

    async def _ask(self, path: str, params: Params | None, signed: bool, purpose: str) -> Answer:
        headers = self._headers(signed)
        return await self.door.request("GET", self._url(path), headers=headers, params=params, purpose=purpose)

    def _checked(self, answer: Answer) -> Answer:
        now = self.clock.now()
        if (error := read_problem(answer, self.server, now)) is not None:
            raise error
        return raise_for(answer, now)

    async def site(self, account: Account | None = None) -> Site:
        """What the instance is: asked at the beginning of each poll, because an upgrade changes what its paths mean."""
        try:
            found = await self.get("/api/v3/site", signed=False, purpose="version")
        except Gone:
            found = await self.get("/api/v4/site", signed=False, purpose="version")
        codes = {
            text_at(language, "id"): text_at(language, "code")
            for language in list_at(found, "all_languages")
            if text_at(language, "code") not in ("", "und")
        }
        private = bool_at(found, "site_view", "local_site", "private_instance")
        return Site(self.base_url, account, _api_of(text_at(found, "version")), private, codes)

    async def look_up(self, api: Api, kind: str, number: int, *, signed: bool) -> object | None:
        """A comment or post by its number; None when it is gone."""
        try:
            found = await self.get(f"/api/{api}/{kind}", [("id", str(number))], signed=signed, purpose=kind)
        except Gone:
            return None
        return value_at(found, f"{kind}_view")

    async def find(self, api: Api, kind: str, number: int, *, signed: bool) -> object | None:
        """A comment or post by its number; None only where the instance itself says that it is not there. Raises
        Undecodable for an answer without one."""
        answer = await self._ask(f"/api/{api}/{kind}", [("id", str(number))], signed, "look again")
        if answer.status in (400, 404) and error_name(answer) in NOT_THERE:
            return None
        if not (view := dict_at(self._checked(answer).json(), f"{kind}_view")):
            raise Undecodable(f"the answer holds no {kind}")
        return view

    async def create(self, api: Api, body: bytes, *, first_attempt: bool) -> Answer:
        """The one request that publishes. Raises when it certainly was not applied, OutcomeUnknown otherwise."""
        headers = self._headers(True) | {"Content-Type": "application/json"}
        url = self._url(f"/api/{api}/comment")
        answer = await self.door.send_once("POST", url, headers=headers, body=body, purpose="publish")
        now = self.clock.now()
        error = publish_problem(answer.status, answer.headers, answer.body, now, first_attempt=first_attempt)
        if error is not None:
            raise publish_refusal(error, answer, self.server, now)
        return answer

    async def own_person(self, api: Api) -> object:
        """Whose token this is."""
        found = await self.get(_MEMBERS[api], signed=True, purpose="sign in")
        return value_at(found, "my_user", "local_user_view", "person") or value_at(found, "local_user_view", "person")

    async def login(self, api: Api, name: str, password: str, code: str) -> str:
        """A token for a name and password. Raises SignInFailed, Unreachable."""
        wanted = {"username_or_email": name, "password": password} | ({"totp_2fa_token": code} if code else {})
        answer = await self.door.request("POST", self._url(_LOGIN[api]), json=wanted, purpose="sign in")
        if (said := LOGIN_REASONS.get(error_name(answer))) is not None:
            raise SignInFailed(f"{self.server}: {said}")
        try:
            token = text_at(raise_for(answer, self.clock.now()).json(), "jwt")
        except (Gone, Refused, Undecodable) as error:
            raise Unreachable(f"{self.server} does not sign us in ({error})") from error
        if not token:
            raise SignInFailed(f"{self.server}: the account is not approved, or its e-mail address is not confirmed")
        return token


def _api_of(version: str) -> Api:
    """Lemmy before 1.0 speaks version 3; a 1.0 server answers those paths only for old apps."""
    major = version.partition(".")[0]
    if not major.isdecimal():
        raise Undecodable("the instance does not say which version of Lemmy it runs")
    return "v3" if major == "0" else "v4"


def client_for(account: Account, door: Door, clock: Clock | None = None) -> Client:
    """The client of our account's instance, signed in."""
    return Client(account.base_url, door, account.secrets.get("secret_token", ""), clock or SystemClock())


async def try_account(account: Account, door: Door) -> Account:
    """Sign in; the account completed, with a token in place of the password, which is not kept.

    An account that has its token already is tried with that. Raises BadInput, SignInFailed, Unreachable.
    """
    if not account.base_url.startswith(("https://", "http://")):
        raise BadInput("the instance's address must start with https://, for example https://lemmy.world")
    name, password = account.handle.strip().lstrip("@"), account.secrets.get("secret_password", "")
    client = client_for(account, door)
    if not client.token and not (name and password):
        raise BadInput("username and password are both needed; the password is not kept")
    try:
        api = (await client.site()).api
    except (Gone, Refused, Undecodable) as error:
        raise Unreachable(f"{client.server} does not answer like a Lemmy instance ({error})") from error
    if password:
        token = await client.login(api, _short(name, client.server), *_with_code(password))
        client = replace(client, token=token)
    person = await client.own_person(api)
    handle, own_id = handle_of(person), address(person)
    if not handle:
        raise SignInFailed(f"{client.server} does not accept our sign-in (any more): add the account anew")
    return replace(account, handle=handle, external_id=own_id, secrets={"secret_token": client.token})


def _short(name: str, server: str) -> str:
    """user@host of this instance is signed in as user; an e-mail address stays."""
    return name[: -len(server) - 1] if name.casefold().endswith(f"@{server}") else name


def _with_code(typed: str) -> tuple[str, str]:
    """Password and code: "secret 123456"."""
    password, _, code = typed.rpartition(" ")
    return (password, code) if password and re.fullmatch(r"[0-9]{6}", code) else (typed, "")
