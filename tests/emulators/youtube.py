"""A server that speaks the parts of YouTube's Data API that the channel uses, with its own books.

Written from the reference at developers.google.com/youtube/v3/docs, not from our client; `violations` lists requests
that the reference forbids, `exchanges` every call for a check against Google's discovery document. What is not
documented is a switch: the order of replies, what a look-up of a lost id gives, whether a pinned comment comes first.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

from tests.emulators.late import Late

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
OWN = "UCnordanordanordanordano"
KEY, SECRET, REFRESH = "key-of-brand", "client-secret", "refresh-of-brand"
SECRETS = {
    "secret_api_key": KEY, "secret_client_id": "client-id", "secret_client_secret": SECRET,
    "secret_refresh_token": REFRESH,
}  # fmt: skip
Item = dict[str, Any]
Handler = Callable[[web.Request], Awaitable[web.Response]]

COMMON = {"part", "key", "alt"}
PARAMS = {
    "commentThreads": COMMON | {
        "allThreadsRelatedToChannelId", "videoId", "id", "maxResults", "moderationStatus", "order", "pageToken",
        "searchTerms", "textFormat",
    },
    "comments": COMMON | {"parentId", "id", "maxResults", "pageToken", "textFormat"},
    "search": COMMON | {"q", "type", "order", "maxResults", "pageToken", "publishedAfter", "publishedBefore"},
    "videos": COMMON | {"id"},
    "channels": COMMON | {"mine", "id", "forHandle", "maxResults", "pageToken"},
}  # fmt: skip
FILTERS = {
    "commentThreads": ("allThreadsRelatedToChannelId", "videoId", "id"),
    "comments": ("parentId", "id"),
    "videos": ("id",),
    "channels": ("mine", "id", "forHandle"),
}
NOT_WITH_ID = ("maxResults", "moderationStatus", "order", "pageToken", "searchTerms")
MOST = {"commentThreads": 100, "comments": 100, "search": 50, "channels": 50, "videos": 50}


def stamp(moment: datetime) -> str:
    """As YouTube writes times."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def refused(status: int, reason: str, message: str = "", domain: str = "youtube.common") -> web.Response:
    """An error in Google's form."""
    said = message or reason
    body = {"code": status, "message": said, "errors": [{"message": said, "domain": domain, "reason": reason}]}
    return web.json_response({"error": body}, status=status)


def _written(comment: Item) -> str:
    at = comment["at"]
    return at if isinstance(at, str) else stamp(at)


@dataclass
class YouTubeServer(Late):
    """`comments` by id, top comments and replies alike; `received` lists the body of every comments.insert."""

    daily_units: int = 10_000
    daily_searches: int = 100
    units: int = 0
    searches: int = 0
    page_size: int = 100
    oldest_reply_first: bool = False
    lost_is_404: bool = False
    ignores_reply_tokens: bool = False
    pinned: str = ""
    read_lag: int = 0
    """How many readings of replies still lack our newest one."""
    signed_out: bool = False
    videos: dict[str, Item] = field(default_factory=dict)
    comments: dict[str, Item] = field(default_factory=dict)
    received: list[Item] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    exchanges: list[tuple[str, str, list[tuple[str, str]], Any, int, Any]] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    sign_ins: int = 0
    dead_page_tokens: bool = False
    answers: defaultdict[str, list[Item]] = field(default_factory=lambda: defaultdict(list))
    """The replies of each conversation, as they stand when a call comes in."""

    # --- what people do ---

    def video(self, video_id: str, title: str = "A video", channel: str = "UCsomebodyelse", **more: Any) -> Item:
        """Upload one. `comments` is "on", "off" or, for a video that is gone, "gone"."""
        self.videos[video_id] = {
            "id": video_id,
            "title": title,
            "channel": channel,
            "comments": "on",
            "at": NOON,
        } | more
        return self.videos[video_id]

    def comment(
        self,
        text: str,
        author: str = "mara",
        *,
        video: str = "norda-video",
        under: str = "",
        minute: int | None = None,
        **more: Any,
    ) -> Item:
        """Write one, a minute after the one before; `under` is the top comment it replies to."""
        number = len(self.comments) + 1
        minute = number if minute is None else minute
        found = f"{under}.reply{number:04d}" if under else f"Ugtop{number:04d}"
        at = NOON + timedelta(minutes=minute)
        if video and video not in self.videos:
            self.video(video, channel=OWN)
        comment: Item = {
            "id": found, "video": video, "under": under, "author": author, "text": text, "at": at, "edited": at,
            "status": "published",
        } | more  # fmt: skip
        self.comments[comment["id"] or f"broken{number}"] = comment
        return comment

    def edit(self, comment: Item, text: str) -> None:
        """Its author changes the words."""
        comment.update(text=text, edited=comment["at"] + timedelta(hours=1))

    def remove(self, comment: Item) -> None:
        """Its author takes it back; with a top comment its replies go."""
        self.comments = {
            key: each for key, each in self.comments.items() if comment["id"] not in (each["id"], each["under"])
        }

    def expire(self) -> None:
        """All access tokens given so far end now."""
        self.tokens.clear()

    def own_texts(self) -> list[str]:
        """What stands there under our name."""
        return [each["text"] for each in self.comments.values() if each["author"] == "norda"]

    def refresh(self) -> None:
        """Called before each answer; a test may replace it to change what is served."""

    # --- the API ---

    def routes(self) -> list[web.RouteDef]:
        """All addresses the connector uses."""
        lists: dict[str, Handler] = {
            "commentThreads": self._threads, "comments": self._comments, "search": self._search,
            "channels": self._channels, "videos": self._videos,
        }  # fmt: skip
        return [
            web.post("/token", self._token),
            web.post("/youtube/v3/comments", self._noted("insert", "comments", self._insert)),
            *(web.get(f"/youtube/v3/{name}", self._noted("list", name, call)) for name, call in lists.items()),
        ]

    def _noted(self, method: str, resource: str, handler: Handler) -> Handler:
        async def note(request: web.Request) -> web.Response:
            self.refresh()
            self.answers.clear()
            for comment in self.comments.values():
                self.answers[comment["under"]].append(comment)
            raw = await request.read()
            answer = await self._guarded(method, resource, handler, request)
            given = json.loads(raw) if raw else None
            body = json.loads(answer.body) if isinstance(answer.body, bytes) else None
            self.exchanges.append((resource, method, list(request.query.items()), given, answer.status, body))
            return answer

        return note

    async def _guarded(self, method: str, resource: str, handler: Handler, request: web.Request) -> web.Response:
        if method == "list":
            self._check(resource, request)
        return self._stopped(request) or self._over_quota(method, resource) or await handler(request)

    def _check(self, resource: str, request: web.Request) -> None:
        """What the reference forbids."""
        asked = request.query
        unknown = set(asked) - PARAMS[resource]
        filters = [name for name in FILTERS.get(resource, ()) if name in asked]
        wrong = [f"{resource}: unknown {name}" for name in unknown]
        if resource in FILTERS and len(filters) != 1:
            wrong.append(f"{resource}: exactly one filter, not {filters}")
        if "id" in asked and resource.startswith("comment"):
            wrong += [f"{resource}: {name} with id" for name in NOT_WITH_ID if name in asked]
        if not 1 <= int(asked.get("maxResults", "1")) <= MOST[resource]:
            wrong.append(f"{resource}: maxResults {asked['maxResults']}")
        if "moderationStatus" in asked and not self._is_signed_in(request):
            wrong.append("moderationStatus without a sign-in")
        if "part" not in asked:
            wrong.append(f"{resource}: no part")
        self.violations += wrong

    def _is_signed_in(self, request: web.Request) -> bool:
        return request.headers.get("Authorization", "").removeprefix("Bearer ") in self.tokens

    def _stopped(self, request: web.Request) -> web.Response | None:
        if "Authorization" in request.headers:
            return None if self._is_signed_in(request) else refused(401, "authError", "Invalid Credentials", "global")
        if request.query.get("key") == KEY and request.method == "GET":
            return None
        if request.method != "GET":
            return refused(401, "required", "Login Required", "global")
        answer = refused(400, "badRequest", "API key not valid. Please pass a valid API key.", "global")
        body = json.loads(answer.text or "")
        body["error"] |= {"status": "INVALID_ARGUMENT", "details": [{"reason": "API_KEY_INVALID"}]}
        return web.json_response(body, status=400)

    def _over_quota(self, method: str, resource: str) -> web.Response | None:
        if resource == "search":
            self.searches += 1
            over = self.searches > self.daily_searches
        else:
            self.units += 50 if method == "insert" else 1
            over = self.units > self.daily_units
        said = "The request cannot be completed because you have exceeded your quota."
        return refused(403, "quotaExceeded", said, "youtube.quota") if over else None

    async def _token(self, request: web.Request) -> web.Response:
        form = await request.post()
        if form.get("client_secret") != SECRET:
            return web.json_response({"error": "invalid_client"}, status=401)
        if form.get("refresh_token") != REFRESH or self.signed_out or form.get("grant_type") != "refresh_token":
            said = {"error": "invalid_grant", "error_description": "Token has been expired or revoked."}
            return web.json_response(said, status=400)
        self.sign_ins += 1
        token = f"access-{self.sign_ins}"
        self.tokens.add(token)
        return web.json_response({"access_token": token, "expires_in": 3599, "token_type": "Bearer", "scope": "x"})

    def _channel_of(self, author: str) -> str:
        return OWN if author == "norda" else f"UC{author}"

    def _comment(self, comment: Item, request: web.Request, *, in_thread: bool) -> Item:
        """A comment resource. The words as typed are for their author, the status for the channel's owner; comments
        that were asked for by themselves do not name their video."""
        snippet = {
            "channelId": self.videos.get(comment["video"], {}).get("channel", OWN),
            "textDisplay": comment["text"], "authorDisplayName": f"@{comment['author']}",
            "authorProfileImageUrl": "https://example.org/face.jpg",
            "authorChannelUrl": f"http://www.youtube.com/@{comment['author']}",
            "authorChannelId": {"value": self._channel_of(comment["author"])},
            "canRate": True, "viewerRating": "none", "likeCount": 0,
            "publishedAt": _written(comment),
            "updatedAt": stamp(comment["edited"]),
        }  # fmt: skip
        if in_thread and comment["video"]:
            snippet["videoId"] = comment["video"]
        if comment["under"]:
            snippet["parentId"] = comment["under"]
        if self._is_signed_in(request):
            if comment["author"] == "norda":
                snippet["textOriginal"] = comment["text"]
            if "id" not in request.query:
                snippet["moderationStatus"] = comment["status"]
        if not comment.get("dated", True):
            del snippet["publishedAt"]
        return {"kind": "youtube#comment", "etag": "e", "id": comment["id"], "snippet": snippet}

    def _replies_of(self, top: Item, status: str = "published") -> list[Item]:
        found = [each for each in self.answers.get(top["id"], ()) if each["status"] == status]
        return sorted(found, key=lambda each: each["at"], reverse=not self.oldest_reply_first)

    def _thread(self, top: Item, request: web.Request) -> Item:
        replies = self._replies_of(top)
        thread: Item = {
            "kind": "youtube#commentThread", "etag": "e", "id": top["id"],
            "snippet": {
                "channelId": self.videos.get(top["video"], {}).get("channel", OWN),
                "topLevelComment": self._comment(top, request, in_thread=True),
                "canReply": self._is_signed_in(request) and top.get("can_reply", True),
                "totalReplyCount": len(replies), "isPublic": top["status"] == "published",
            },
        }  # fmt: skip
        if top["video"]:
            thread["snippet"]["videoId"] = top["video"]
        if replies:
            shown = [self._comment(each, request, in_thread=True) for each in replies[:5]]
            thread["replies"] = {"comments": shown}
        return thread

    async def _threads(self, request: web.Request) -> web.Response:
        asked = request.query
        tops = [each for each in self.comments.values() if not each["under"]]
        if "id" in asked:
            return self._by_id(asked["id"].split(","), tops, lambda top: self._thread(top, request), "commentThread")
        if "videoId" in asked:
            if stop := self._closed(asked["videoId"]):
                return stop
            tops = [top for top in tops if top["video"] == asked["videoId"]]
        status = asked.get("moderationStatus", "published")
        tops = [
            top for top in tops if top["status"] == status or (status != "published" and self._replies_of(top, status))
        ]
        tops.sort(key=lambda top: (top["id"] == self.pinned, _written(top)), reverse=True)
        return self._page(request, tops, lambda top: self._thread(top, request), "commentThread")

    def _closed(self, video_id: str) -> web.Response | None:
        video = self.videos.get(video_id, {"comments": "gone"})
        if video["comments"] == "off":
            return refused(403, "commentsDisabled", "The video has disabled comments.", "youtube.commentThread")
        if video["comments"] == "gone":
            return refused(404, "videoNotFound", "The video cannot be found.", "youtube.commentThread")
        return None

    async def _comments(self, request: web.Request) -> web.Response:
        asked = request.query
        if "id" in asked:
            found = list(self.comments.values())
            return self._by_id(
                asked["id"].split(","), found, lambda each: self._comment(each, request, in_thread=False), "comment"
            )
        top = self.comments.get(asked["parentId"])
        if top is None:
            return refused(404, "commentNotFound", "One or more of the comments cannot be found.", "youtube.comment")
        replies = [each for each in self._replies_of(top) if self.shows(each["id"])]
        mine = [each for each in replies if each["author"] == "norda"]
        if mine and self.read_lag > 0:
            self.read_lag -= 1
            replies.remove(max(mine, key=lambda each: each["at"]))
        return self._page(request, replies, lambda each: self._comment(each, request, in_thread=False), "comment")

    def _by_id(self, ids: list[str], items: list[Item], shape: Callable[[Item], Item], kind: str) -> web.Response:
        found = [item for item in items if item["id"] in ids]
        if self.lost_is_404 and len(found) < len(ids):
            return refused(404, f"{kind}NotFound", "One or more of them cannot be found.", f"youtube.{kind}")
        listed = [shape(item) for item in found]
        return web.json_response({"kind": f"youtube#{kind}ListResponse", "etag": "e", "items": listed})

    def _page(self, request: web.Request, items: list[Item], shape: Callable[[Item], Item], kind: str) -> web.Response:
        size, token = (
            min(int(request.query.get("maxResults", "20")), self.page_size),
            request.query.get("pageToken", ""),
        )
        if token and (self.dead_page_tokens or not token.startswith("page-")):
            return refused(400, "invalidPageToken", "The request specifies an invalid page token.", "youtube.parameter")
        start = 0 if self.ignores_reply_tokens and kind == "comment" else int(token.removeprefix("page-") or "0")
        page = {
            "kind": f"youtube#{kind}ListResponse", "etag": "e",
            "pageInfo": {"totalResults": len(items), "resultsPerPage": size},
            "items": [shape(item) for item in items[start : start + size]],
        }  # fmt: skip
        if start + size < len(items):
            page["nextPageToken"] = f"page-{start + size}"
        return web.json_response(page)

    async def _search(self, request: web.Request) -> web.Response:
        words = request.query["q"].strip('"').casefold()
        found = [video for video in self.videos.values() if words in video["title"].casefold()]
        found.sort(key=lambda video: video["at"], reverse=True)
        return self._page(request, found, self._result, "search")

    def _result(self, video: Item) -> Item:
        title = video["title"].replace("&", "&amp;").replace("'", "&#39;").replace("<", "&lt;").replace(">", "&gt;")
        snippet = {
            "publishedAt": stamp(video["at"]), "channelId": video["channel"], "title": title, "description": "About it",
            "thumbnails": {}, "channelTitle": "Somebody", "liveBroadcastContent": "none",
        }  # fmt: skip
        return {
            "kind": "youtube#searchResult", "etag": "e", "id": {"kind": "youtube#video", "videoId": video["id"]},
            "snippet": snippet,
        }  # fmt: skip

    async def _videos(self, request: web.Request) -> web.Response:
        ids = request.query["id"].split(",")
        found = [name for name in ids if self.videos.get(name, {"comments": "gone"})["comments"] != "gone"]
        listed = [{"kind": "youtube#video", "etag": "e", "id": name} for name in found]
        page = {"totalResults": len(listed), "resultsPerPage": len(listed)}
        answer: Item = {"kind": "youtube#videoListResponse", "etag": "e", "pageInfo": page, "items": listed}
        return web.json_response(answer)

    async def _channels(self, request: web.Request) -> web.Response:
        asked = request.query
        fits = (
            asked.get("mine") == "true" or asked.get("id") == OWN or asked.get("forHandle", "").lstrip("@") == "norda"
        )
        own = {"kind": "youtube#channel", "etag": "e", "id": OWN, "snippet": {"title": "Norda", "customUrl": "@norda"}}
        answer: Item = {"kind": "youtube#channelListResponse", "etag": "e", "pageInfo": {"totalResults": int(fits)}}
        return web.json_response(answer | ({"items": [own]} if fits else {}))  # seen: no `items` where there are none

    async def _insert(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.received.append(body)
        if request.query.get("part") != "snippet":
            self.violations.append("insert: part must be snippet")
        snippet = body["snippet"]
        if not snippet.get("textOriginal"):
            return refused(400, "commentTextRequired", domain="youtube.comment")
        if len(snippet["textOriginal"]) > 10_000:
            return refused(400, "commentTextTooLong", domain="youtube.comment")
        top = self.comments.get(snippet.get("parentId", ""))
        if top is None or top["under"]:
            return refused(404, "parentCommentNotFound", "The parent comment cannot be found.", "youtube.comment")
        if not top.get("can_reply", True):
            return refused(400, "operationNotSupported", domain="youtube.comment")
        minute = 60 + len(self.received)
        at = max(self.clock.now(), NOON + timedelta(minutes=minute))
        mine = self.comment(snippet["textOriginal"], "norda", video=top["video"], under=top["id"], at=at, edited=at)
        self.took(mine["id"])
        return web.json_response(self._comment(mine, request, in_thread=False))
