"""The Google Play Developer API through the door, signed in as a service account (RFC 7523)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from urllib.parse import quote

from channels.googleplay.convert import answer_of, to_review
from channels.googleplay.service_account import ServiceAccount, reason
from channels.reviews import Review
from channels.upsert import Standing
from domain.account import Account
from domain.clock import Clock, SystemClock
from domain.errors import Gone, OutcomeUnknown, RateLimited, Refused, SignInFailed, Undecodable, Unreachable
from domain.reply import ApprovedReply, Parent
from net.answer import says_gone
from net.decode import list_at, text_at, time_at, value_at
from net.door import Answer, Door, publish_problem, raise_for

API = "https://androidpublisher.googleapis.com"
SCOPE = "https://www.googleapis.com/auth/androidpublisher"
PAGE = 100
_LIMITS = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "dailyLimitExceeded"})

Params = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Play:
    """One service account. Its token is kept in memory and shared by all who use the account."""

    account: Account
    door: Door
    clock: Clock = field(default_factory=SystemClock)

    @property
    def signed_in(self) -> ServiceAccount:
        """The service account of this account's key file."""
        return ServiceAccount(self.account.secrets.get("secret_service_account", ""), SCOPE, self.door, self.clock)

    async def _get(self, path: str, params: Params, purpose: str) -> object:
        return self._good(await self.signed_in.bearer.get(self._url(path), params, purpose=purpose)).json()

    def _good(self, answer: Answer) -> Answer:
        if answer.status == 403 and _is_limit(answer):
            raise RateLimited(None, f"HTTP 403: {reason(answer)}")
        return raise_for(answer, self.clock.now())

    def _url(self, path: str) -> str:
        return f"{(self.account.base_url or API).rstrip('/')}/androidpublisher/v3/applications/{path}"

    async def reviews(self, package: str, token: str, size: int = PAGE) -> tuple[list[object], str]:
        """A page of an app's reviews of the last week, the one that was changed last first; the token of the next."""
        params = [("maxResults", str(size)), *([("token", token)] if token else [])]
        found = await self._get(f"{quote(package, safe='')}/reviews", params, "reviews")
        if not isinstance(found, dict) or "error" in found or not isinstance(found.get("reviews"), list | None):
            raise Undecodable("the answer holds no list of reviews")  # an empty list is left out
        return list_at(found, "reviews"), text_at(found, "tokenPagination", "nextPageToken")

    async def find(self, package: str, review_id: str) -> Review | None:
        """One review; None only where Google itself says that it is not there."""
        url = self._url(f"{quote(package, safe='')}/reviews/{quote(review_id, safe='')}")
        answer = await self.signed_in.bearer.get(url, [], purpose="look again")
        if says_gone(answer) and text_at(answer.json(), "error", "status") == "NOT_FOUND":
            return None
        return to_review(self._good(answer).json(), package)

    async def standing(self, parent: Parent) -> Standing | None:
        """What is answered to a review now."""
        await self.signed_in.bearer.ready()  # so that "gone" below is said of the review and of nothing else
        found = await self._get(_path(parent), [], "read back")
        if text_at(found, "reviewId") != parent.native.get("review"):
            raise Undecodable("the answer is about another review")
        return answer_of(found)

    async def put(self, reply: ApprovedReply) -> Standing:
        """The one request that publishes: it sets the answer, or takes the place of the one that stands.

        The token was good for the look right before; should Google refuse it now, that is no matter of its age.
        """
        headers = {"Authorization": f"Bearer {await self.signed_in.bearer.ready()}", "Content-Type": "application/json"}
        url = f"{self._url(_path(reply.parent))}:reply"
        answer = await self.door.send_once("POST", url, headers=headers, body=reply.body, purpose="publish")
        if answer.status == 403 and _is_limit(answer):
            raise RateLimited(None, f"HTTP 403: {reason(answer)}")
        if (error := publish_problem(answer.status, answer.headers, answer.body, self.clock.now())) is not None:
            raise error
        result = value_at(answer.json(), "result")
        text = value_at(result, "replyText")
        if not isinstance(text, str):
            raise OutcomeUnknown("the answer does not say what stands there now")
        return Standing(text, written_at=time_at(result, "lastEdited", "seconds"))


def _path(parent: Parent) -> str:
    package, review = (quote(str(parent.native.get(name) or ""), safe="") for name in ("package", "review"))
    return f"{package}/reviews/{review}"


def _is_limit(answer: Answer) -> bool:
    """Google tells of a used-up quota with 403 as well as with 429."""
    try:
        error = value_at(answer.json(), "error")
    except Undecodable:
        return False
    named = {text_at(each, "reason") for each in list_at(error, "errors")}
    return text_at(error, "status") == "RESOURCE_EXHAUSTED" or not named.isdisjoint(_LIMITS)


async def try_account(account: Account, door: Door) -> Account:
    """Sign in and read the reviews of the app in `handle`; the account completed with the service account's name.

    Raises SignInFailed, Unreachable.
    """
    client, package = Play(account, door), account.handle.strip()
    email = client.signed_in.email
    try:
        await client.reviews(package, "", size=1)
    except (Refused, Gone) as error:
        what = f"{email} may not read the reviews of {package or 'this app'}"
        raise SignInFailed(f'{what} ({error}): give it "Reply to reviews" in the Play Console') from error
    except Undecodable as error:
        raise Unreachable(f"Google Play does not answer as documented ({error})") from error
    return replace(account, handle=package, external_id=email)
