"""Trustpilot's API through the door, signed in with the key and the secret of an application (client credentials)."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field, replace
from urllib.parse import quote

from channels.reviews import Review
from channels.trustpilot.convert import answer_of, to_review
from channels.upsert import Standing, mark
from domain.account import Account
from domain.clock import Clock, SystemClock
from domain.errors import ChannelError, Gone, OutcomeUnknown, Refused, SignInFailed, Undecodable, Unreachable
from domain.reply import ApprovedReply, Parent
from net.answer import says_gone
from net.decode import int_at, text_at, value_at
from net.door import Answer, Door, publish_problem, raise_for
from net.tokens import Bearer

API = "https://api.trustpilot.com"
TOKENS = "/v1/oauth/oauth-business-users-for-applications/accesstoken"
PAGE = 100

Params = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Trustpilot:
    """One application. Its token is kept in memory and shared by all who use the account: minting them is limited."""

    account: Account
    door: Door
    clock: Clock = field(default_factory=SystemClock)

    def _url(self, path: str) -> str:
        return (self.account.base_url or API).rstrip("/") + path

    @property
    def _key(self) -> tuple[str, str]:
        """API key and secret."""
        return self.account.secrets.get("secret_api_key", ""), self.account.secrets.get("secret_api_secret", "")

    @property
    def _bearer(self) -> Bearer:
        return Bearer(self.door, self.clock, self._sign_in, self._key)

    async def _sign_in(self) -> tuple[str, float]:
        pair = base64.b64encode(":".join(self._key).encode()).decode()
        headers = {"Authorization": f"Basic {pair}", "Accept": "application/json"}
        form = {"grant_type": "client_credentials"}
        answer = await self.door.request("POST", self._url(TOKENS), headers=headers, form=form, purpose="sign in")
        if answer.status in (400, 401, 403):
            raise SignInFailed(f"Trustpilot does not accept this API key and secret (HTTP {answer.status})")
        found = raise_for(answer, self.clock.now()).json()
        token, seconds = text_at(found, "access_token"), int_at(found, "expires_in")
        if not token or seconds is None:
            raise Undecodable("the sign-in at Trustpilot gave no token")
        return token, seconds

    async def _get(self, path: str, params: Params, purpose: str) -> object:
        answer = await self._bearer.get(self._url(path), params, purpose=purpose)
        return raise_for(answer, self.clock.now()).json()

    async def reviews(self, unit: str, token: str, size: int = PAGE) -> tuple[list[object], str]:
        """A page of a business unit's reviews, newest first, and the number of the next. Behind the last is an empty
        one."""
        page = int(token) if token.isdecimal() else 1
        params = [("orderBy", "createdat.desc"), ("perPage", str(size)), ("page", str(page))]
        found = await self._get(f"/v1/private/business-units/{quote(unit, safe='')}/reviews", params, "reviews")
        reviews = value_at(found, "reviews")
        if not isinstance(reviews, list):
            raise Undecodable("the answer holds no list of reviews")
        return reviews, str(page + 1) if reviews else ""

    async def find(self, review_id: str) -> Review | None:
        """One review; None only where Trustpilot itself says that it is not there."""
        url = self._url(f"/v1/private/reviews/{quote(review_id, safe='')}")
        answer = await self._bearer.get(url, [], purpose="look again")
        if says_gone(answer) and isinstance(answer.json(), dict):
            return None
        return to_review(raise_for(answer, self.clock.now()).json())

    async def standing(self, parent: Parent) -> Standing | None:
        """What is answered to a review now."""
        await self._bearer.ready()  # so that "gone" below is said of the review and of nothing else
        found = await self._get(_path(parent), [], "read back")
        if text_at(found, "id") != parent.native.get("review"):
            raise Undecodable("the answer is about another review")
        return answer_of(found)

    async def put(self, reply: ApprovedReply) -> Standing:
        """The one request that publishes. What Trustpilot answers to it is not documented, so a success counts only
        when our words are seen under the review."""
        headers = {"Authorization": f"Bearer {await self._bearer.ready()}", "Content-Type": "application/json"}
        url = self._url(f"{_path(reply.parent)}/reply")
        answer = await self.door.send_once("POST", url, headers=headers, body=reply.body, purpose="publish")
        if not _is_taken(answer):
            error = publish_problem(answer.status, answer.headers, answer.body, self.clock.now())
            raise error or OutcomeUnknown(f"HTTP {answer.status} with an answer of another shape")
        try:
            standing = await self.standing(reply.parent)
        except ChannelError as error:
            raise OutcomeUnknown(f"Trustpilot took it, and it cannot be seen now ({error})") from error
        if standing is None or mark(standing.text) != mark(reply.text):
            raise OutcomeUnknown("Trustpilot took it, and it does not show yet")
        return standing

    async def unit_of(self, domain: str) -> str:
        """The id of the business unit with this domain. Raises Gone when there is none."""
        headers = {"apikey": self._key[0], "Accept": "application/json"}
        url, params = self._url("/v1/business-units/find"), [("name", domain)]
        answer = await self.door.request("GET", url, headers=headers, params=params, purpose="sign in")
        found = text_at(raise_for(answer, self.clock.now()).json(), "id")
        if not found:
            raise Undecodable("the answer names no business unit")
        return found


def _path(parent: Parent) -> str:
    return f"/v1/private/reviews/{quote(str(parent.native.get('review') or ''), safe='')}"


def _is_taken(answer: Answer) -> bool:
    """A success with an empty body or an object."""
    try:
        return answer.ok and (not answer.body.strip() or isinstance(answer.json(), dict))
    except Undecodable:
        return False


async def try_account(account: Account, door: Door) -> Account:
    """Sign in and read the reviews of the business unit whose domain is `handle`; the account completed with its id.

    Raises SignInFailed, Unreachable.
    """
    client, domain = Trustpilot(account, door), account.handle.strip().lower()
    try:
        unit = await client.unit_of(domain)
        await client.reviews(unit, "", size=1)
    except Gone as error:
        raise SignInFailed(f"Trustpilot knows no business with the domain {domain!r}") from error
    except Refused as error:
        raise SignInFailed(f"this key may not read the reviews of {domain} ({error})") from error
    except Undecodable as error:
        raise Unreachable(f"Trustpilot does not answer as documented ({error})") from error
    return replace(account, handle=domain, external_id=unit)
