"""Trustpilot's private reviews with its own books, and its token endpoint.

Written from Trustpilot's documentation (Business Units API, Service Reviews API, authentication), not from our client;
`tests/peers/test_trustpilot.py` drives Trustpilot's own client through it. It has no description for machines, and the
answer to a posted reply is not documented: `answers_with` says which of the likely ones is given. A request that the
documentation does not allow is refused and noted in `violations`.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from aiohttp import web

from tests.emulators.late import Late

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
UNIT, DOMAIN = "46d6a890ffa235a75b00021d", "norda.example"
USER = "5e3de1b45fb06f0001790b51"
API_KEY, API_SECRET = "key-of-norda", "secret-of-norda"
REPLY_FIELDS = {"authorBusinessUserId", "message", "submittedAt"}
LIST_PARAMETERS = {
    "orderBy", "perPage", "page", "stars", "language", "responded", "reported", "startDateTime", "endDateTime",
    "username", "referenceId", "referralEmail", "tagGroup", "tagValue",
}  # fmt: skip
Item = dict[str, Any]


def secrets() -> dict[str, str]:
    """What an account needs to sign in and to answer here."""
    return {"secret_api_key": API_KEY, "secret_api_secret": API_SECRET, "secret_business_user_id": USER}


def stamp(moment: datetime) -> str:
    """A moment as Trustpilot writes it."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def review_id(number: int) -> str:
    """An id as Trustpilot makes them."""
    return f"64f0{number:020x}"


@dataclass
class TrustpilotServer(Late):
    """`reviews` and `replies` by id. `now` lets tokens end; without it none does.

    `read_lag`: how many looks at a review still lack its newest reply. `forbidden`: the key lacks the private API.
    """

    reviews: dict[str, Item] = field(default_factory=dict)
    replies: dict[str, Item] = field(default_factory=dict)
    received: list[Item] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    tokens: dict[str, datetime] = field(default_factory=dict)
    now: Callable[[], datetime] | None = None
    token_s: int = 359_999
    page_size: int | None = None
    read_lag: int = 0
    answers_with: Literal["nothing", "object"] = "nothing"
    forbidden: bool = False

    def review(self, text: str, number: int | None = None, **facts: Any) -> Item:
        """Add one, or change the one with this number; facts are fields as Trustpilot names them."""
        number = len(self.reviews) + 1 if number is None else number
        own_id = review_id(number)
        plain: Item = {
            "id": own_id, "stars": 2, "title": "", "language": "en", "updatedAt": None, "status": "active",
            "createdAt": stamp(NOON + timedelta(minutes=number)), "isVerified": True, "source": "Organic",
            "consumer": {"id": f"c{number:023x}", "displayName": "Mara Testfield", "links": []},
            "businessUnit": {"id": UNIT, "identifyingName": DOMAIN, "displayName": "Norda Rail", "links": []},
            "referralEmail": "mara@shop.example", "referenceId": "order-4711", "numberOfLikes": 0, "links": [],
        }  # fmt: skip
        self.reviews[own_id] = plain | self.reviews.get(own_id, {}) | {"text": text} | facts
        return self.reviews[own_id]

    def reply(self, number: int, text: str, at: datetime = NOON + timedelta(hours=2)) -> None:
        """A colleague answers in Trustpilot Business."""
        self._reply(review_id(number), text, "another-user", stamp(at))
        self.shows_now(review_id(number))

    def _reply(self, own_id: str, text: str, user: str, at: str) -> None:
        said = {"text": text, "authorBusinessUserId": user, "authorBusinessUserName": "Ben", "createdAt": at}
        self.replies[own_id] = said | {"updatedAt": None}

    def refresh(self) -> None:
        """Called before each answer; a test may replace it to change what is served."""

    def routes(self) -> list[web.RouteDef]:
        """All addresses the connector uses."""
        return [
            web.post("/v1/oauth/oauth-business-users-for-applications/accesstoken", self._token),
            web.get("/v1/business-units/find", self._find),
            web.get("/v1/private/business-units/{unit}/reviews", self._list),
            web.get("/v1/private/reviews/{id}", self._one),
            web.post("/v1/private/reviews/{id}/reply", self._create),
        ]

    async def _token(self, request: web.Request) -> web.Response:
        form = dict(await request.post())
        pair = base64.b64encode(f"{API_KEY}:{API_SECRET}".encode()).decode()
        if form.get("grant_type") not in ("client_credentials", "password"):
            self.violations.append(f"a token request that is not documented: {sorted(form)}")
            return _error(400, "Unsupported grant type")
        if request.headers.get("Authorization") != f"Basic {pair}":
            return _error(401, "Unknown API key or secret")
        token = f"tp-{len(self.tokens)}"
        self.tokens[token] = self._moment() + timedelta(seconds=self.token_s)
        return web.json_response({"access_token": token, "expires_in": str(self.token_s)})

    def _moment(self) -> datetime:
        return self.now() if self.now else NOON

    def _refusal(self, request: web.Request, allowed: set[str]) -> web.Response | None:
        head, _, token = request.headers.get("Authorization", "").partition(" ")
        if head != "Bearer" or token not in self.tokens or self.tokens[token] <= self._moment():
            return _error(401, "Unauthorized")
        if self.forbidden:
            return _error(403, "The business unit does not have access to this module")
        if unknown := set(request.query) - allowed:
            self.violations.append(f"parameters that are not documented: {sorted(unknown)}")
            return _error(400, "Unknown parameter")
        return None

    async def _find(self, request: web.Request) -> web.Response:
        if request.headers.get("apikey") != API_KEY:
            return _error(401, "Unknown API key")
        if request.query.get("name") != DOMAIN:
            return _error(404, "Business unit not found")
        return web.json_response({"id": UNIT, "displayName": "Norda Rail", "name": {"identifying": DOMAIN}})

    async def _list(self, request: web.Request) -> web.Response:
        self.refresh()
        if refusal := self._refusal(request, LIST_PARAMETERS):
            return refusal
        if request.match_info["unit"] != UNIT:
            return _error(404, "Business unit not found")
        size, page = int(request.query.get("perPage", "20")), int(request.query.get("page", "1"))
        if not 1 <= size <= 100 or page < 1 or request.query.get("orderBy", "createdat.desc") != "createdat.desc":
            self.violations.append(f"values that are not documented: {dict(request.query)}")
            return _error(400, "Invalid parameter")
        size = min(self.page_size or 100, size)
        newest = sorted((key for key in self.reviews if self._shows(key)), key=self._at, reverse=True)
        shown = newest[(page - 1) * size : page * size]
        return web.json_response({"reviews": [self._resource(key) for key in shown], "links": []})

    def _shows(self, key: str) -> bool:
        return True

    def _at(self, key: str) -> tuple[str, str]:
        return str(self.reviews[key]["createdAt"] or ""), key

    def _resource(self, key: str, *, with_reply: bool = True) -> Item:
        return self.reviews[key] | {"companyReply": self.replies.get(key) if with_reply else None}

    async def _one(self, request: web.Request) -> web.Response:
        self.refresh()
        if refusal := self._refusal(request, set()):
            return refusal
        key = request.match_info["id"]
        if key not in self.reviews:
            return _error(404, "Review not found")
        lags = key in self.replies and (self.read_lag > 0 or not self.shows(key))
        self.read_lag = max(0, self.read_lag - int(lags))
        return web.json_response(self._resource(key, with_reply=not lags))

    async def _create(self, request: web.Request) -> web.Response:
        self.refresh()
        if refusal := self._refusal(request, set()):
            return refusal
        body, key = await request.json(), request.match_info["id"]
        self.received.append(body)
        if not {"authorBusinessUserId", "message"} <= set(body) <= REPLY_FIELDS:
            self.violations.append(f"a request body that is not documented: {body}")
            return _error(400, "Invalid body")
        if key not in self.reviews:
            return _error(404, "Review not found")
        self._reply(
            key, body["message"], body["authorBusinessUserId"], body.get("submittedAt") or stamp(self._moment())
        )
        self.took(key)
        if self.answers_with == "nothing":
            return web.Response(status=201)
        return web.json_response({"reply": {"message": body["message"]}}, status=201)


def _error(status: int, message: str) -> web.Response:
    said = {"message": message, "errorCode": status * 10, "details": message, "correlationId": "c-1"}
    return web.json_response(said, status=status)
