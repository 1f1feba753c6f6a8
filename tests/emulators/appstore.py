"""Apple's App Store with its own books: the public feed of reviews, and App Store Connect for the team.

Written from Apple's documentation (customerReviews, customerReviewResponses, generating tokens) and, for the feed,
which has none, from what others have seen of it; not from our client. A request that the documentation does not allow
gets an error as Apple writes them and is noted in `violations`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec

from tests.emulators.late import Late
from tests.emulators.signed import claims_of, pem_of

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
APP = "1500000042"
ISSUER, KEY_ID = "0f1e2d3c-0000-4000-8000-00000000beef", "NORDA12345"
KEY = ec.generate_private_key(ec.SECP256R1())
FEED_PAGE = 50
LONGEST_TOKEN_S = 20 * 60
Item = dict[str, Any]


def stamp(moment: datetime) -> str:
    """A moment as Apple writes it."""
    return moment.astimezone(timezone(timedelta(hours=-7))).isoformat(timespec="seconds")


def secrets() -> dict[str, str]:
    """What an account needs to sign in here."""
    return {"secret_issuer_id": ISSUER, "secret_key_id": KEY_ID, "secret_private_key": pem_of(KEY)}


def document_id(number: int) -> str:
    """The id of a review in App Store Connect. The feed knows the same review by another one."""
    return f"{number:08x}-0000-1111-2222-{number:012x}"


def feed_id(number: int) -> str:
    """The id of a review in the feed."""
    return str(11_000_000_000 + number)


@dataclass
class AppStore(Late):
    """`reviews` by number, oldest first: plain facts of our own. `responses` by the id of their review.

    `shows_at_once`: an answer is public as soon as it is posted, which on the real store takes up to a day.
    `read_lag`: how many looks at a review still lack its newest answer. `broken_countries` answer 502,
    `empty_countries` a feed without entries. With `now` a token must be of this moment; without it, only not too long.
    """

    reviews: dict[int, Item] = field(default_factory=dict)
    responses: dict[str, Item] = field(default_factory=dict)
    received: list[Item] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    shows_at_once: bool = False
    read_lag: int = 0
    page_size: int | None = None
    dead_tokens: bool = False
    broken_countries: set[str] = field(default_factory=set)
    empty_countries: set[str] = field(default_factory=set)
    now: Callable[[], datetime] | None = None
    asked: list[str] = field(default_factory=list)

    def review(self, text: str, number: int | None = None, **facts: Any) -> Item:
        """Add one, or change the one with this number."""
        number = len(self.reviews) + 1 if number is None else number
        plain: Item = {"rating": 2, "title": "", "nickname": "mara_testfield", "country": "us", "version": "3.1"}
        plain |= {"at": stamp(NOON + timedelta(minutes=number))}
        self.reviews[number] = plain | self.reviews.get(number, {}) | {"text": text} | facts
        return self.reviews[number]

    def answer(self, number: int, text: str, at: datetime = NOON + timedelta(hours=2)) -> None:
        """A colleague answers in App Store Connect."""
        self._respond(document_id(number), text, at, "PUBLISHED")
        self.shows_now(document_id(number))

    def _respond(self, review: str, text: str, at: datetime, state: str) -> Item:
        attributes = {"responseBody": text, "lastModifiedDate": stamp(at), "state": state}
        response = {"type": "customerReviewResponses", "id": f"r-{review}", "attributes": attributes}
        self.responses[review] = response | {"relationships": {"review": {"data": _pointer("customerReviews", review)}}}
        return self.responses[review]

    def refresh(self) -> None:
        """Called before each answer; a test may replace it to change what is served."""

    def routes(self) -> list[web.RouteDef]:
        """All addresses the connector uses."""
        return [
            web.get("/{country}/rss/customerreviews/id={app}/sortBy=mostRecent/page={page}/json", self._feed),
            web.get("/v1/apps", self._apps),
            web.get("/v1/apps/{app}/customerReviews", self._list),
            web.get("/v1/customerReviews/{id}", self._one),
            web.post("/v1/customerReviewResponses", self._create),
        ]

    # --- the public feed ---

    async def _feed(self, request: web.Request) -> web.Response:
        self.refresh()
        country, page = request.match_info["country"], int(request.match_info["page"])
        self.asked.append(f"{country}/{page}")
        if country in self.broken_countries:
            return web.Response(status=502, text="<html>Bad Gateway</html>", content_type="text/html")
        if page > 10:
            self.violations.append("a page beyond the tenth was asked for")
            return web.Response(status=400, text="CustomerReviews RSS page depth is limited to 10")
        newest = sorted((n for n, r in self.reviews.items() if r["country"] == country), key=self._at, reverse=True)
        shown = newest[(page - 1) * FEED_PAGE : page * FEED_PAGE]
        feed: Item = {"author": {"name": {"label": "iTunes Store"}}, "id": {"label": str(request.url)}}
        entries = [self._entry(number) for number in shown]
        if entries and country not in self.empty_countries:
            feed["entry"] = entries[0] if len(entries) == 1 else entries
        return web.json_response({"feed": feed}, content_type="text/javascript")

    def _at(self, number: int) -> tuple[str, int]:
        return str(self.reviews[number].get("at") or ""), number

    def _entry(self, number: int) -> Item:
        review = self.reviews[number]
        entry: Item = {
            "author": {
                "uri": {"label": f"https://itunes.apple.com/{review['country']}/reviews/id{7000 + number}"},
                "name": {"label": review["nickname"]},
                "label": "",
            },
            "im:version": {"label": review["version"]},
            "im:rating": {"label": str(review["rating"])},
            "id": {"label": None if review.get("broken") else feed_id(number)},
            "title": {"label": review["title"]},
            "content": {"label": review["text"], "attributes": {"type": "text"}},
            "link": {"attributes": {"rel": "related", "href": f"https://itunes.apple.com/us/review?id={APP}"}},
            "im:voteSum": {"label": "0"},
            "im:voteCount": {"label": "0"},
        }
        return entry | ({"updated": {"label": review["at"]}} if review.get("at") else {})

    # --- App Store Connect ---

    def _refusal(self, request: web.Request, allowed: set[str]) -> web.Response | None:
        head, _, token = request.headers.get("Authorization", "").partition(" ")
        known = claims_of(token, KEY) if head == "Bearer" else None
        if known is None or not self._is_right(*known):
            return _error(401, "NOT_AUTHORIZED", "Provide a properly configured and signed bearer token")
        if unknown := set(request.query) - allowed:
            self.violations.append(f"parameters that are not documented: {sorted(unknown)}")
            return _error(400, "PARAMETER_ERROR.ILLEGAL", f"The parameter {sorted(unknown)[0]} can not be used")
        return None

    def _is_right(self, head: Item, claims: Item) -> bool:
        right = head == {"alg": "ES256", "kid": KEY_ID, "typ": "JWT"} and claims["iss"] == ISSUER
        right = right and claims["aud"] == "appstoreconnect-v1"
        right = right and 0 < claims["exp"] - claims["iat"] <= LONGEST_TOKEN_S
        if self.now is not None:
            right = right and claims["iat"] <= self.now().timestamp() < claims["exp"]
        return right

    async def _apps(self, request: web.Request) -> web.Response:
        refusal = self._refusal(request, {"fields[apps]", "limit"})
        data = [{"type": "apps", "id": APP, "attributes": {"name": "Norda Rail"}, "links": {}}]
        return refusal or web.json_response({"data": data, "links": {}, "meta": {}})

    async def _list(self, request: web.Request) -> web.Response:
        self.refresh()
        if refusal := self._refusal(request, {"sort", "include", "limit", "cursor"}):
            return refusal
        if request.match_info["app"] != APP:
            return _error(404, "NOT_FOUND", "There is no resource of type 'apps' with this id")
        start = int(request.query.get("cursor", "0"))
        if start and self.dead_tokens:
            return _error(400, "PARAMETER_ERROR.INVALID", "'cursor' is not a valid cursor for this request")
        size = min(self.page_size or 200, int(request.query.get("limit", "50")))
        newest = sorted(self.reviews, key=self._at, reverse=True)
        shown = newest[start : start + size]
        links = {"self": str(request.url)}
        if start + size < len(newest):
            links["next"] = str(request.url.update_query(cursor=str(start + size)))
        document: Item = {"data": [self._resource(number) for number in shown], "links": links}
        ids = [document_id(number) for number in shown]
        if request.query.get("include") == "response":
            document["included"] = [self.responses[each] for each in ids if each in self.responses]
        return web.json_response(document | {"meta": {"paging": {"total": len(newest), "limit": size}}})

    def _resource(self, number: int) -> Item:
        review, own_id = self.reviews[number], document_id(number)
        attributes = {
            "rating": review["rating"], "title": review["title"] or None, "body": review["text"],
            "reviewerNickname": review["nickname"], "createdDate": review.get("at"), "territory": "USA",
        }  # fmt: skip
        answer = self.responses.get(own_id)
        data = _pointer("customerReviewResponses", answer["id"]) if answer else None
        resource: Item = {"type": "customerReviews", "id": own_id, "attributes": attributes}
        if review.get("broken"):
            resource["id"] = None
        return resource | {"relationships": {"response": {"data": data}}}

    async def _one(self, request: web.Request) -> web.Response:
        self.refresh()
        if refusal := self._refusal(request, {"include"}):
            return refusal
        own_id = request.match_info["id"]
        number = next((n for n in self.reviews if document_id(n) == own_id), None)
        if number is None:
            return _error(404, "NOT_FOUND", "There is no resource of type 'customerReviews' with this id")
        document: Item = {"data": self._resource(number), "links": {"self": str(request.url)}}
        if own_id in self.responses and (self.read_lag > 0 or not self.shows(own_id)):
            self.read_lag = max(0, self.read_lag - 1)
            document["data"]["relationships"]["response"]["data"] = None
        elif own_id in self.responses and request.query.get("include") == "response":
            document["included"] = [self.responses[own_id]]
        return web.json_response(document)

    async def _create(self, request: web.Request) -> web.Response:
        self.refresh()
        if refusal := self._refusal(request, set()):
            return refusal
        body = await request.json()
        self.received.append(body)
        try:
            ((_, data),) = body.items()
            text = data["attributes"]["responseBody"]
            review = data["relationships"]["review"]["data"]["id"]
            wanted = {"data": {
                "type": "customerReviewResponses", "attributes": {"responseBody": text},
                "relationships": {"review": {"data": _pointer("customerReviews", review)}},
            }}  # fmt: skip
            documented = body == wanted
        except (KeyError, TypeError, ValueError):
            documented = False
        if not documented:
            self.violations.append(f"a request body that is not documented: {body}")
            return _error(422, "ENTITY_UNPROCESSABLE", "The request entity is not a valid request document object")
        if review not in map(document_id, self.reviews):
            return _error(404, "NOT_FOUND", "There is no resource of type 'customerReviews' with this id")
        if len(text) > 5970:
            return _error(409, "ENTITY_ERROR.ATTRIBUTE.INVALID.TOO_LONG", "The response is too long")
        state = "PUBLISHED" if self.shows_at_once else "PENDING_PUBLISH"
        response = self._respond(review, text, self.now() if self.now else NOON + timedelta(hours=3), state)
        self.took(review)
        return web.json_response({"data": response, "links": {"self": str(request.url)}}, status=201)


def _pointer(kind: str, own_id: str) -> Item:
    return {"type": kind, "id": own_id}


def _error(status: int, code: str, detail: str) -> web.Response:
    error = {"id": "e-1", "status": str(status), "code": code, "title": code.title(), "detail": detail}
    return web.json_response({"errors": [error]}, status=status)
