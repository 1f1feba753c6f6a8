"""The reviews of the Google Play Developer API with its own books, and Google's token endpoint for service accounts.

Written from Google's documentation (reviews.list, get and reply; OAuth 2.0 for server to server applications), not from
our client; `tests/peers/test_google_play.py` drives Google's own client through it and holds it against Google's
description of the API. A request that the documentation does not allow is refused and noted in `violations`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.emulators.late import Late
from tests.emulators.signed import claims_of, pem_of

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
PACKAGE = "com.norda.app"
EMAIL = "desk@norda-0042.iam.gserviceaccount.com"
KEY, KEY_ID = rsa.generate_private_key(65537, 2048), "0123456789abcdef"
SCOPE = "https://www.googleapis.com/auth/androidpublisher"
AUDIENCE = "https://oauth2.googleapis.com/token"
REACH = timedelta(days=7)
Item = dict[str, Any]


def key_file(base: str) -> str:
    """The key of the service account as Google gives it out, for a token endpoint on this server."""
    return json.dumps({
        "type": "service_account", "project_id": "norda-0042", "private_key_id": KEY_ID, "private_key": pem_of(KEY),
        "client_email": EMAIL, "client_id": "1", "token_uri": f"{base}/token",
    })  # fmt: skip


def timestamp(moment: datetime) -> Item:
    """A moment as Google writes it."""
    return {"seconds": str(int(moment.timestamp())), "nanos": moment.microsecond * 1000}


def review_id(number: int) -> str:
    """An id as Google makes them."""
    return f"gp:AOqpTO{number:04d}-norda_x"


@dataclass
class GooglePlay(Late):
    """`reviews` by id: plain facts of our own (words, stars, moment). `replies` by the id of their review.

    `now` bounds the list to a week and lets tokens end; without it nothing does. `read_lag`: how many looks at a review
    still lack its newest reply. `revoked`: the service account was disabled. `forbidden`: it lacks the permission.
    """

    reviews: dict[str, Item] = field(default_factory=dict)
    replies: dict[str, Item] = field(default_factory=dict)
    received: list[Item] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    tokens: dict[str, datetime] = field(default_factory=dict)
    now: Callable[[], datetime] | None = None
    token_s: int = 3600
    page_size: int | None = None
    read_lag: int = 0
    revoked: bool = False
    forbidden: bool = False
    dead_page_tokens: bool = False
    shows_old: bool = True
    """Whether a single review that is older than a week can be read: not documented."""

    def review(self, text: str, number: int | None = None, at: datetime | None = None, **facts: Any) -> Item:
        """Add one, or change the one with this number. `at` is when it was written last."""
        number = len(self.reviews) + 1 if number is None else number
        plain: Item = {"stars": 2, "author": "Mara Testfield", "at": NOON + timedelta(minutes=number)}
        changed = self.reviews.get(review_id(number), {}) | {"text": text} | ({"at": at} if at else {}) | facts
        self.reviews[review_id(number)] = plain | changed
        return self.reviews[review_id(number)]

    def reply(self, number: int, text: str, at: datetime = NOON + timedelta(hours=2)) -> None:
        """A colleague answers in the Play Console."""
        self.replies[review_id(number)] = {"text": text, "lastModified": timestamp(at)}
        self.shows_now(review_id(number))

    def refresh(self) -> None:
        """Called before each answer; a test may replace it to change what is served."""

    def routes(self) -> list[web.RouteDef]:
        """All addresses the connector uses."""
        reviews = "/androidpublisher/v3/applications/{package}/reviews"
        return [
            web.post("/token", self._token),
            web.get(reviews, self._list),
            web.get(reviews + "/{review}", self._get),
            web.post(reviews + "/{review}:reply", self._reply),
        ]

    # --- tokens ---

    async def _token(self, request: web.Request) -> web.Response:
        form = await request.post()
        known = claims_of(str(form.get("assertion", "")), KEY)
        if form.get("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer" or set(form) != {
            "grant_type",
            "assertion",
        }:
            self.violations.append(f"a token request that is not documented: {sorted(form)}")
            return web.json_response({"error": "unsupported_grant_type"}, status=400)
        if self.revoked or known is None or not self._is_right(*known):
            said = {"error": "invalid_grant", "error_description": "Invalid JWT Signature."}
            return web.json_response(said, status=400)
        token = f"ya29.{len(self.tokens)}"
        self.tokens[token] = self._moment() + timedelta(seconds=self.token_s)
        return web.json_response({"access_token": token, "expires_in": self.token_s - 1, "token_type": "Bearer"})

    def _is_right(self, head: Item, claims: Item) -> bool:
        right = head == {"alg": "RS256", "typ": "JWT", "kid": KEY_ID}
        right = right and set(claims) == {"iss", "scope", "aud", "iat", "exp"}
        right = right and (claims["iss"], claims["scope"], claims["aud"]) == (EMAIL, SCOPE, AUDIENCE)
        right = right and 0 < claims["exp"] - claims["iat"] <= 3600
        if self.now is not None:
            right = right and claims["iat"] <= self.now().timestamp() < claims["exp"]
        return bool(right)

    def _moment(self) -> datetime:
        return self.now() if self.now else datetime.max.replace(tzinfo=UTC) - timedelta(days=2)

    # --- reviews ---

    def _refusal(self, request: web.Request, allowed: set[str]) -> web.Response | None:
        head, _, token = request.headers.get("Authorization", "").partition(" ")
        if head != "Bearer" or token not in self.tokens or self.tokens[token] <= self._moment():
            return _error(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.")
        if self.forbidden:
            return _error(403, "PERMISSION_DENIED", "The caller does not have permission")
        if request.match_info["package"] != PACKAGE:
            return _error(404, "NOT_FOUND", f"Package not found: {request.match_info['package']}.")
        if unknown := set(request.query) - allowed:
            self.violations.append(f"parameters that are not documented: {sorted(unknown)}")
            return _error(400, "INVALID_ARGUMENT", "Invalid JSON payload received. Unknown name")
        return None

    async def _list(self, request: web.Request) -> web.Response:
        self.refresh()
        if refusal := self._refusal(request, {"maxResults", "startIndex", "token", "translationLanguage", "alt"}):
            return refusal
        start = request.query.get("token", "start-0")
        if not re.fullmatch(r"start-\d+", start) or (start != "start-0" and self.dead_page_tokens):
            return _error(400, "INVALID_ARGUMENT", "Invalid page token")
        first = int(start.removeprefix("start-"))
        size = min(self.page_size or 100, int(request.query.get("maxResults", "10")))
        newest = sorted((key for key in self.reviews if self._shows(key)), key=self._at, reverse=True)
        shown = newest[first : first + size]
        answer: Item = {"pageInfo": {"totalResults": len(newest), "resultPerPage": len(shown), "startIndex": first}}
        if shown:
            answer["reviews"] = [self._resource(key) for key in shown]
        if first + size < len(newest):
            answer["tokenPagination"] = {"nextPageToken": f"start-{first + size}"}
        return web.json_response(answer)

    def _shows(self, key: str) -> bool:
        return self.now is None or self.reviews[key]["at"] > self.now() - REACH

    def _at(self, key: str) -> tuple[float, str]:
        moment = self.reviews[key]["at"]
        return (moment.timestamp() if moment else 0.0, key)

    def _resource(self, key: str, *, with_reply: bool = True) -> Item:
        review = self.reviews[key]
        said: Item = {
            "text": f"\t{review['text']}", "starRating": review["stars"], "reviewerLanguage": "en",
            "device": "klte", "androidOsVersion": 33, "appVersionCode": 42, "appVersionName": "3.1",
            "thumbsUpCount": 1, "thumbsDownCount": 0, "deviceMetadata": {"productName": "klte", "ramMb": 2048},
        }  # fmt: skip
        if review["at"] is not None:
            said["lastModified"] = timestamp(review["at"])
        comments = [{"userComment": said}]
        if with_reply and key in self.replies:
            comments.append({"developerComment": self.replies[key]})
        if review.get("broken"):
            return {"authorName": review["author"], "comments": [{"userComment": said | {"text": None}}]}
        return {"reviewId": key, "authorName": review["author"], "comments": comments}

    async def _get(self, request: web.Request) -> web.Response:
        self.refresh()
        if refusal := self._refusal(request, {"translationLanguage", "alt"}):
            return refusal
        key = request.match_info["review"]
        if key not in self.reviews or not (self.shows_old or self._shows(key)):
            return _error(404, "NOT_FOUND", "Review not found.")
        lags = key in self.replies and (self.read_lag > 0 or not self.shows(key))
        self.read_lag = max(0, self.read_lag - int(lags))
        return web.json_response(self._resource(key, with_reply=not lags))

    async def _reply(self, request: web.Request) -> web.Response:
        self.refresh()
        if refusal := self._refusal(request, {"alt"}):
            return refusal
        body, key = await request.json(), request.match_info["review"]
        self.received.append(body)
        if list(body) != ["replyText"] or not isinstance(body["replyText"], str):
            self.violations.append(f"a request body that is not documented: {body}")
            return _error(400, "INVALID_ARGUMENT", "Invalid JSON payload received.")
        if key not in self.reviews:
            return _error(404, "NOT_FOUND", "Review not found.")
        text = re.sub(r"<[^>]*>", "", body["replyText"])
        if len(text) > 350:
            return _error(400, "INVALID_ARGUMENT", "The reply text is too long.")
        edited = timestamp(self.now() if self.now else NOON + timedelta(hours=3))
        self.replies[key] = {"text": text, "lastModified": edited}
        self.took(key)
        return web.json_response({"result": {"replyText": text, "lastEdited": edited}})


def _error(status: int, name: str, message: str) -> web.Response:
    return web.json_response({"error": {"code": status, "message": message, "status": name}}, status=status)
