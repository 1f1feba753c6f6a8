"""App Store Connect through the door, signed in with a key of the team: one short-lived token per client."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import cast
from urllib.parse import quote, unquote

from channels.appstore.convert import answer_of, from_connect, standing_of, with_answers
from channels.reviews import Review
from channels.upsert import Standing
from domain.account import Account
from domain.clock import Clock, SystemClock
from domain.errors import ChannelError, Gone, OutcomeUnknown, Refused, SignInFailed, Undecodable, Unreachable
from domain.reply import ApprovedReply, Parent
from net.answer import says_gone
from net.decode import list_at, text_at, value_at
from net.door import Answer, Door, publish_problem, raise_for
from net.jwt import signed

API = "https://api.appstoreconnect.apple.com"
PAGE = 200
TOKEN_S = 600
"""Apple takes tokens that live 20 minutes at most; ours are made for one fetch or one sending."""
SKEW_S = 60
"""A token from the future is refused: our clock may be ahead of Apple's by so much."""

Params = list[tuple[str, str]]
_CURSOR = re.compile(r"[?&]cursor=([^&#]+)")


@dataclass(frozen=True)
class Connect:
    """One team's account. Kept no longer than one fetch or one sending."""

    account: Account
    door: Door
    clock: Clock = field(default_factory=SystemClock)

    @cached_property
    def _headers(self) -> dict[str, str]:
        secrets, now = self.account.secrets, int(self.clock.now().timestamp())
        claims = {
            "iss": secrets.get("secret_issuer_id", ""),
            "iat": now - SKEW_S,
            "exp": now + TOKEN_S,
            "aud": "appstoreconnect-v1",
        }
        token = signed(claims, secrets.get("secret_private_key", ""), key_id=secrets.get("secret_key_id", ""))
        return {"Authorization": f"Bearer {token}", "Accept": "application/json"}

    def _url(self, path: str) -> str:
        return (self.account.base_url or API).rstrip("/") + path

    async def get(self, path: str, params: Params, *, purpose: str) -> object:
        """One GET, decoded. Raises the errors of a read."""
        answer = await self.door.request("GET", self._url(path), headers=self._headers, params=params, purpose=purpose)
        return self._good(answer).json()

    def _good(self, answer: Answer) -> Answer:
        if answer.status == 401:
            raise SignInFailed(f"App Store Connect does not accept our key any more ({_said(answer)})")
        if answer.status in (400, 403) and (said := _said(answer)):
            raise Refused("forbidden" if answer.status == 403 else "invalid", said)
        return raise_for(answer, self.clock.now())

    async def reviews(self, app_id: str, token: str) -> tuple[list[object], str]:
        """A page of an app's reviews, newest first (see `with_answers`), and the token of the next one."""
        wanted = [("sort", "-createdDate"), ("include", "response"), ("limit", str(PAGE))]
        wanted += [("cursor", token)] if token else []
        found = await self.get(f"/v1/apps/{quote(app_id, safe='')}/customerReviews", wanted, purpose="reviews")
        if not isinstance(value_at(found, "data"), list):
            raise Undecodable("the answer holds no list of reviews")
        # only the token is taken from the address of the next page: our key goes nowhere else
        following = _CURSOR.search(text_at(found, "links", "next"))
        return with_answers(found), unquote(following[1]) if following else ""

    async def find(self, app_id: str, review_id: str) -> Review | None:
        """One review; None only where Apple itself says that it is not there."""
        url, wanted = self._url(f"/v1/customerReviews/{quote(review_id, safe='')}"), [("include", "response")]
        answer = await self.door.request("GET", url, headers=self._headers, params=wanted, purpose="look again")
        if answer.status == 404 and says_gone(answer) and _code(answer) == "NOT_FOUND":
            return None
        found = self._good(answer).json()
        if text_at(found, "data", "id") != review_id:
            raise Undecodable("the answer is about another review")
        return from_connect(with_answers(found)[0], app_id)

    async def standing(self, parent: Parent) -> Standing | None:
        """What is answered to a review now."""
        path = f"/v1/customerReviews/{quote(_review_id(parent), safe='')}"
        found = await self.get(path, [("include", "response")], purpose="read back")
        if text_at(found, "data", "id") != _review_id(parent):
            raise Undecodable("the answer is about another review")
        return answer_of(with_answers(found)[0])

    async def put(self, reply: ApprovedReply) -> Standing:
        """The one request that publishes: it makes the answer, or takes the place of the one that stands."""
        headers = self._headers | {"Content-Type": "application/json"}
        url = self._url("/v1/customerReviewResponses")
        answer = await self.door.send_once("POST", url, headers=headers, body=reply.body, purpose="publish")
        if (error := _problem(answer, self.clock)) is not None:
            raise error
        found = value_at(answer.json(), "data")
        if not text_at(found, "id"):
            raise OutcomeUnknown("the answer does not name our response")
        return standing_of(found)


def _problem(answer: Answer, clock: Clock) -> ChannelError | None:
    """What a publishing answer means. Apple says 409 where a field is not valid, with the reason in `errors`."""
    if answer.status in (404, 410, 409, 422) and (said := _said(answer)):
        return Refused(said)
    return publish_problem(answer.status, answer.headers, answer.body, clock.now())


def _said(answer: Answer) -> str:
    """Apple's own short reason, or an empty string."""
    try:
        errors = list_at(answer.json(), "errors")
    except Undecodable:
        return ""
    return " ".join((text_at(errors, 0, "detail") or text_at(errors, 0, "title")).split())[:200]


def _code(answer: Answer) -> str:
    """Apple's name of an error."""
    return text_at(list_at(answer.json(), "errors"), 0, "code")


def _review_id(parent: Parent) -> str:
    return cast(str, parent.native.get("review") or "")


async def try_account(account: Account, door: Door) -> Account:
    """Sign in with the key; the account completed with the names of its apps and the team's id. Raises SignInFailed."""
    client = Connect(account, door)
    try:
        found = await client.get("/v1/apps", [("fields[apps]", "name"), ("limit", "200")], purpose="sign in")
    except (Refused, Gone, Undecodable) as error:
        raise Unreachable(f"App Store Connect does not list the apps of this key ({error})") from error
    names = [text_at(app, "attributes", "name") for app in list_at(found, "data")]
    if not names:
        raise SignInFailed("this key works and sees no app: give it a role that reads and answers reviews")
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return replace(account, handle=f"{names[0]}{more}", external_id=account.secrets.get("secret_issuer_id", ""))
