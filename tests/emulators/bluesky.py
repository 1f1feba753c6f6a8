"""An account server with app view and stream, as Bluesky's lexicons describe them, with its own books.

Faults of the HTTP answers come from `tests.channels.network.Network`. Written from the lexicons and from what the
development network answered, not from our client; `exchanges` holds every call for a check against the lexicons.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import WSMsgType, web

from domain.clock import Clock, SetClock

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
OWN_DID = "did:plc:brandbrandbrandbrandbran"
PASSWORD = "abcd-efgh-ijkl-mnop"
POST = "app.bsky.feed.post"
Item = dict[str, Any]
Handler = Callable[[web.Request], Awaitable[web.Response]]


def did_for(name: str) -> str:
    """A stable DID for a made-up person."""
    return "did:plc:" + base64.b32encode(hashlib.sha256(name.encode()).digest()).decode().lower()[:24]


def cid_for(record: Item) -> str:
    """Equal for equal records, like the real content id."""
    digest = hashlib.sha256(json.dumps(record, sort_keys=True).encode()).digest()
    return "bafyrei" + base64.b32encode(digest).decode().lower().rstrip("=")


def rkey_for(number: int) -> str:
    """A record key in the form that the network asks for."""
    return "3lzzzzzzz" + f"{number:04d}".translate(str.maketrans("0123456789", "234567abcd"))


def stamp(moment: datetime) -> str:
    """As the network writes times."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def refused(name: str, message: str = "", status: int = 400) -> web.Response:
    """An XRPC error."""
    return web.json_response({"error": name, "message": message or name}, status=status)


@dataclass
class BlueskyServer:
    """`views` are what the app view shows of others' posts, newest last; `records` are our own by rkey.

    A record can be read `lag_s` after it was put: no server of one's own account lags, but a proof wants the worst.
    """

    base: str = ""
    views: list[Item] = field(default_factory=list)
    notes: list[Item] = field(default_factory=list)
    records: dict[str, Item] = field(default_factory=dict)
    received: list[Item] = field(default_factory=list)
    exchanges: list[tuple[str, list[tuple[str, str]], Any, int, Any]] = field(default_factory=list)
    sign_ins: int = 0
    renewals: int = 0
    access: str = ""
    refresh_works: bool = True
    accounts_seen: int = 0
    frames: list[Item] = field(default_factory=list)
    floor: int = 0
    connections: list[dict[str, Any]] = field(default_factory=list)
    hold_open: bool = False
    clock: Clock = field(default_factory=lambda: SetClock(NOON + timedelta(hours=1)))
    lag_s: float = 0.0
    shows_at: dict[str, datetime] = field(default_factory=dict)

    def refresh(self) -> None:
        """Called before each read; a test may replace it to change what is served."""

    def record(self, text: str, **more: Any) -> Item:
        """A post record."""
        return {"$type": POST, "text": text, "createdAt": stamp(NOON), "langs": ["en"]} | more

    def view(self, number: int, text: str, author: str = "mara", **more: Any) -> Item:
        """Add a post of somebody else; posts are one minute apart."""
        did, record = did_for(author), self.record(text, **more)
        view = {
            "uri": f"at://{did}/{POST}/{rkey_for(number)}",
            "cid": cid_for(record),
            "author": {"did": did, "handle": f"{author}.example", "displayName": author.title()},
            "record": record,
            "indexedAt": stamp(NOON + timedelta(minutes=number)),
            "replyCount": 0, "repostCount": 0, "likeCount": 0, "quoteCount": 0,
        }  # fmt: skip
        self.views.append(view)
        return view

    def notify(self, view: Item, reason: str = "mention") -> Item:
        """Tell our account of a post."""
        note = {key: view[key] for key in ("uri", "cid", "author", "record", "indexedAt")}
        self.notes.append(note | {"reason": reason, "isRead": False})
        return self.notes[-1]

    def expire(self) -> None:
        """All access tokens given so far end now."""
        self.access = "ended"

    def routes(self) -> list[web.RouteDef]:
        """All addresses the connector uses."""
        gets = {
            "com.atproto.repo.getRecord": self._get_record,
            "app.bsky.notification.listNotifications": self._notifications,
            "app.bsky.feed.searchPosts": self._search,
            "app.bsky.feed.getPosts": self._posts,
            "app.bsky.actor.getProfiles": self._profiles,
        }
        posts = {
            "com.atproto.server.createSession": self._create_session,
            "com.atproto.server.refreshSession": self._refresh_session,
            "com.atproto.repo.putRecord": self._put_record,
        }
        return [
            *(web.get(f"/xrpc/{name}", self._noted(name, handler)) for name, handler in gets.items()),
            *(web.post(f"/xrpc/{name}", self._noted(name, handler)) for name, handler in posts.items()),
            web.get("/xrpc/network.bsky.jetstream.subscribeEvents", self._stream),
            web.get("/subscribe", self._stream),
        ]

    def _noted(self, name: str, handler: Handler) -> Handler:
        async def note(request: web.Request) -> web.Response:
            self.refresh()
            raw = await request.read()
            answer = await handler(request)
            body = json.loads(answer.body) if isinstance(answer.body, bytes) else None
            given = json.loads(raw) if raw else None
            self.exchanges.append((name, list(request.query.items()), given, answer.status, body))
            return answer

        return note

    def _tokens(self) -> Item:
        self.access = f"access-{self.sign_ins}-{self.renewals}"
        return {"accessJwt": self.access, "refreshJwt": "refresh", "handle": "norda.example", "did": OWN_DID,
                "active": True}  # fmt: skip

    async def _create_session(self, request: web.Request) -> web.Response:
        body = await request.json()
        if body.get("password") != PASSWORD:
            return refused("AuthenticationRequired", "Invalid identifier or password", 401)
        self.sign_ins += 1
        return web.json_response(self._tokens())

    async def _refresh_session(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != "Bearer refresh" or not self.refresh_works:
            return refused("ExpiredToken", "Token has been revoked")
        self.renewals += 1
        return web.json_response(self._tokens())

    def _stopped(self, request: web.Request) -> web.Response | None:
        given = request.headers.get("Authorization", "")
        if not given:
            return refused("AuthMissing", "Authentication Required", 401)
        if given == f"Bearer {self.access}":
            return None
        known = given.startswith("Bearer access-")
        return refused("ExpiredToken", "Token has expired") if known else refused("InvalidToken")

    async def _put_record(self, request: web.Request) -> web.Response:
        if stop := self._stopped(request):
            return stop
        body = await request.json()
        self.received.append(body)
        uri, cid = f"at://{OWN_DID}/{POST}/{body['rkey']}", cid_for(body["record"])
        standing = self.records.get(body["rkey"])
        if standing == body["record"]:
            return web.json_response({"uri": uri, "cid": cid, "validationStatus": "valid"})
        if standing is not None and "swapRecord" in body:
            return refused("InvalidSwap", f"Record was at {cid_for(standing)}")
        self.records[body["rkey"]] = body["record"]
        self.shows_at[body["rkey"]] = self.clock.now() + timedelta(seconds=self.lag_s)
        commit = {"cid": cid_for(body), "rev": "3lzzzzzzzaaaa"}
        return web.json_response({"uri": uri, "cid": cid, "commit": commit, "validationStatus": "valid"})

    async def _get_record(self, request: web.Request) -> web.Response:
        if stop := self._stopped(request):
            return stop
        record = self.records.get(request.query["rkey"])
        uri = f"at://{request.query['repo']}/{POST}/{request.query['rkey']}"
        hidden = self.shows_at.get(request.query["rkey"], NOON) > self.clock.now()
        if record is None or hidden or request.query["repo"] != OWN_DID:
            return refused("RecordNotFound", f"Could not locate record: {uri}")
        return web.json_response({"uri": uri, "cid": cid_for(record), "value": record})

    def _page(self, request: web.Request, items: list[Item], name: str) -> web.Response:
        start, limit = int(request.query.get("cursor", "0")), int(request.query.get("limit", "50"))
        page = list(reversed(items))[start : start + limit]
        more = {"cursor": str(start + limit)} if start + limit < len(items) else {}
        return web.json_response({name: page} | more)

    async def _notifications(self, request: web.Request) -> web.Response:
        reasons = request.query.getall("reasons", [])
        chosen = [note for note in self.notes if not reasons or note["reason"] in reasons]
        return self._stopped(request) or self._page(request, chosen, "notifications")

    async def _search(self, request: web.Request) -> web.Response:
        words = request.query["q"].strip('"').casefold()
        found = [view for view in self.views if not view["uri"] or words in view["record"]["text"].casefold()]
        return self._stopped(request) or self._page(request, found, "posts")

    async def _posts(self, request: web.Request) -> web.Response:
        """As anybody sees them: what is gone is left out."""
        wanted = request.query.getall("uris", [])
        if not 0 < len(wanted) <= 25:
            return refused("InvalidRequest", "uris: 1 to 25")
        return web.json_response({"posts": [view for view in self.views if view["uri"] in wanted]})

    async def _profiles(self, request: web.Request) -> web.Response:
        people = {view["author"]["did"]: view["author"] for view in self.views if "author" in view}
        found = [people[did] | {"followersCount": 7} for did in request.query.getall("actors") if did in people]
        return web.json_response({"profiles": found})

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        """v2 by number (inclusive), or by time above 1e15; v1 by time. The frames themselves are the test's."""
        cursor = int(request.query.get("cursor", "0"))
        if request.path != "/subscribe" and 0 < cursor < self.floor:
            return refused("CursorTooOld", f"cursor is below the floor {self.floor}")
        socket = web.WebSocketResponse(protocols=("xrpc.v1.json",))
        await socket.prepare(request)
        self.connections.append(
            {"cursor": cursor, "protocol": socket.ws_protocol, "query": list(request.query.items())}
        )
        for frame in self.frames:
            place = _place(frame, by_time=cursor >= 10**15)
            if not cursor or place is None or place >= cursor:
                await socket.send_str(frame["raw"] if "raw" in frame else json.dumps(frame))
        while self.hold_open and not socket.closed:
            message = await asyncio.wait_for(socket.receive(), 5)
            if message.type in (WSMsgType.CLOSE, WSMsgType.CLOSED, WSMsgType.CLOSING):
                break
        await socket.close()
        return socket


def _place(frame: Item, *, by_time: bool) -> int | None:
    if "time_us" in frame:
        return int(frame["time_us"])
    payload = frame.get("payload", {})
    if by_time and "time" in payload:
        return round(datetime.fromisoformat(payload["time"]).timestamp() * 1_000_000)
    return int(payload["seq"]) if "seq" in payload else None


def event(seq: int, did: str, **facts: Any) -> Item:
    """A v2 frame. `facts` as in the lexicon; `kind` is commit, account, identity or info."""
    kind = facts.pop("kind", "commit")
    payload = {"$type": f"network.bsky.jetstream.subscribeEvents#{kind}", "seq": seq, "did": did}
    payload["time"] = (NOON + timedelta(seconds=seq)).isoformat(timespec="microseconds").replace("+00:00", "Z")
    return {"$type": "message", "payload": payload | facts}


def posted(seq: int, did: str, record: Item, *, rkey: str = "", operation: str = "create") -> Item:
    """A v2 frame of a new, edited or deleted post."""
    facts: Item = {"rev": "3lzzzzzzzaaaa", "operation": operation, "collection": POST, "rkey": rkey or f"3lpost{seq}"}
    if operation != "delete":
        facts |= {"record": record, "cid": cid_for(record)}
    return event(seq, did, **facts)
