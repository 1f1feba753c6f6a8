"""A server that speaks Mastodon's API, with its own books. Faults come from `tests.channels.network.Network`.

Written from Mastodon's documentation, not from our client. What servers do differently is a switch: `honours_key`
(snac2 does not), `min_id_gives_newest` (snac2's notifications), `empty_after_deleted` (snac2 with an id it lacks).
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

from domain.clock import Clock, SetClock

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
FIRST_ID = 115_000_000_000_000_000
Item = dict[str, Any]


def as_html(text: str) -> str:
    """Plain text as Mastodon renders it: escaped, mentions and links as anchors, lines as breaks."""
    escaped = html.escape(text, quote=False)
    linked = re.sub(r"https?://(\S+)", r'<a href="\g<0>"><span class="invisible">https://</span>\1</a>', escaped)
    named = re.sub(
        r"(?<!\w)@(\w+)(@[\w.:-]+)?", r'<span class="h-card"><a href="#">@<span>\1</span></a></span>', linked
    )
    return "<p>" + named.replace("\n", "<br />") + "</p>"


@dataclass
class MastodonServer:
    """`posts` are statuses by id. `received` lists every POST of a status as (Idempotency-Key, body).

    What our account posts stands in lists of its posts `lag_s` later. A key is good for `key_life_s`.
    """

    base: str = ""
    token: str = "token-of-brand"
    own_id: str = "9001"
    honours_key: bool = True
    min_id_gives_newest: bool = False
    empty_after_deleted: bool = False
    closed_to_public: bool = False
    plain_404: bool = False
    """Says 404 with a web page, as snac2 does."""
    read_lag: int = 0
    """How many reads of our own posts still lack the newest one."""
    clock: Clock = field(default_factory=lambda: SetClock(NOON + timedelta(hours=1)))
    lag_s: float = 0.0
    key_life_s: float = 3600.0
    posts: dict[str, Item] = field(default_factory=dict)
    notes: dict[str, Item] = field(default_factory=dict)
    received: list[tuple[str, Item]] = field(default_factory=list)
    keys: dict[str, tuple[datetime, Item]] = field(default_factory=dict)

    def account(self, name: str, *, bot: bool = False, note: str = "") -> Item:
        """A person or, as "brand", our own account."""
        return {
            "id": self.own_id if name == "brand" else f"7{sum(map(ord, name))}",
            "username": name.partition("@")[0],
            "acct": name,
            "display_name": name.title(),
            "url": f"https://social.example/@{name}",
            "uri": f"https://social.example/users/{name}",
            "followers_count": 12,
            "bot": bot,
            "note": f"<p>{note}</p>",
        }

    def post(self, text: str, author: str = "mara", *, number: int | None = None, **more: Any) -> Item:
        """Add one status; ids rise with `number` (by default the next one), one minute apart."""
        number = len(self.posts) + 1 if number is None else number
        person = {key: more.pop(key) for key in ("bot", "note") if key in more}
        status = {
            "id": str(FIRST_ID + number),
            "uri": f"https://social.example/users/{author}/statuses/{number}",
            "url": f"https://social.example/@{author}/{number}",
            "created_at": (NOON + timedelta(minutes=number)).isoformat().replace("+00:00", ".000Z"),
            "edited_at": None,
            "in_reply_to_id": None,
            "in_reply_to_account_id": None,
            "visibility": "public",
            "spoiler_text": "",
            "language": "en",
            "content": as_html(text),
            "account": self.account(author, **person),
            "mentions": [],
            "reblog": None,
            "reblogs_count": 0,
        } | more
        self.posts[str(FIRST_ID + number)] = status
        return status

    def notify(self, status: Item, kind: str = "mention", *, number: int | None = None, at: str = "") -> Item:
        """Tell our account of a status; `at` is when it is told, by default when it was posted."""
        key = str(len(self.notes) + 1 if number is None else number)
        note = {"id": key, "type": kind, "created_at": at or status["created_at"], "account": status["account"]}
        self.notes[key] = note | {"status": status}
        return self.notes[key]

    def refresh(self) -> None:
        """Called before each answer; a test may replace it to change what is served."""

    def routes(self) -> list[web.RouteDef]:
        """All addresses the connector uses."""
        return [
            web.get("/api/v1/timelines/tag/{tag}", self._tag),
            web.get("/api/v1/notifications", self._notifications),
            web.get("/api/v2/search", self._search),
            web.get("/api/v1/accounts/verify_credentials", self._me),
            web.get("/api/v1/accounts/{id}/statuses", self._own),
            web.get("/api/v1/instance", self._instance),
            web.get("/api/v1/statuses/{id}", self._status),
            web.get("/api/v1/statuses/{id}/context", self._context),
            web.post("/api/v1/statuses", self._create),
        ]

    def _signed_in(self, request: web.Request) -> bool:
        return request.headers.get("Authorization") == f"Bearer {self.token}"

    def _page(self, request: web.Request, items: dict[str, Item], most: int, *, newest: bool = False) -> web.Response:
        """Newest first. `min_id`: what comes right after; `max_id`: what comes right before; `since_id`: the newest of
        what comes after."""
        limit = min(int(request.query.get("limit", "20")), most)
        after, before = request.query.get("min_id"), request.query.get("max_id")
        if after and self.empty_after_deleted and after not in items:
            return web.json_response([])
        ids = sorted((key for key in items), key=int)
        if after:
            ids = [key for key in ids if int(key) > int(after)]
        if since := request.query.get("since_id"):
            ids = [key for key in ids if int(key) > int(since)]
        if before:
            ids = [key for key in ids if int(key) < int(before)]
        chosen = ids[:limit] if after and not newest else ids[-limit:]
        return web.json_response([items[key] for key in reversed(chosen)])

    async def _tag(self, request: web.Request) -> web.Response:
        self.refresh()
        if self.closed_to_public and not self._signed_in(request):
            return web.json_response({"error": "This method requires an authenticated user"}, status=401)
        return self._page(request, {key: p for key, p in self.posts.items() if not p.get("_hidden")}, 40)

    async def _notifications(self, request: web.Request) -> web.Response:
        self.refresh()
        if not self._signed_in(request):
            return web.json_response({"error": "The access token is invalid"}, status=401)
        kinds = request.query.getall("types[]", [])
        chosen = {key: note for key, note in self.notes.items() if not kinds or note["type"] in kinds}
        return self._page(request, chosen, 80, newest=self.min_id_gives_newest)

    async def _search(self, request: web.Request) -> web.Response:
        self.refresh()
        if not self._signed_in(request):
            return web.json_response({"error": "This method requires an authenticated user"}, status=401)
        wanted, offset = request.query["q"].casefold(), int(request.query.get("offset", "0"))
        shown = {k: p for k, p in self.posts.items() if not p.get("_hidden")}
        # a status without an id stands for whatever cannot be read: it is served, so that somebody has to cope with it
        ids = sorted((k for k, p in shown.items() if not p["id"] or wanted in p["content"].casefold()), key=int)
        page = list(reversed(ids))[offset : offset + min(int(request.query.get("limit", "20")), 40)]
        return web.json_response({"accounts": [], "hashtags": [], "statuses": [self.posts[key] for key in page]})

    async def _me(self, request: web.Request) -> web.Response:
        if not self._signed_in(request):
            return web.json_response({"error": "The access token is invalid"}, status=401)
        return web.json_response(self.account("brand"))

    async def _own(self, request: web.Request) -> web.Response:
        mine = {key: p for key, p in self.posts.items() if p["account"]["id"] == request.match_info["id"]}
        mine = {key: p for key, p in mine.items() if p.get("_shows_at", 0.0) <= self.clock.now().timestamp()}
        if mine and self.read_lag > 0:
            self.read_lag -= 1
            mine.pop(max(mine, key=int))
        return self._page(request, mine, 40)

    async def _status(self, request: web.Request) -> web.Response:
        self.refresh()
        if self.closed_to_public and not self._signed_in(request):
            return web.json_response({"error": "This method requires an authenticated user"}, status=401)
        found = self.posts.get(request.match_info["id"])
        if found is None and self.plain_404:
            return web.Response(text="<h1>404 Not Found</h1>", status=404, content_type="text/html")
        return web.json_response(found or {"error": "Record not found"}, status=200 if found else 404)

    async def _instance(self, request: web.Request) -> web.Response:
        return web.json_response({"uri": "social.example", "version": "4.4.0"})

    async def _context(self, request: web.Request) -> web.Response:
        self.refresh()
        ancestors: list[Item] = []
        at = self.posts.get(request.match_info["id"])
        if at is None:
            return web.json_response({"error": "Record not found"}, status=404)
        while at and (at := self.posts.get(str(at["in_reply_to_id"]))):
            ancestors.insert(0, at)
        return web.json_response({"ancestors": ancestors, "descendants": []})

    async def _create(self, request: web.Request) -> web.Response:
        self.refresh()
        if not self._signed_in(request):
            return web.json_response({"error": "The access token is invalid"}, status=401)
        is_json, key = request.content_type == "application/json", request.headers.get("Idempotency-Key", "")
        body: Item = await request.json() if is_json else dict(await request.post())
        self.received.append((key, body))
        at, known = self.keys.get(key, (NOON, None))
        now = self.clock.now()
        if self.honours_key and known and now < at + timedelta(seconds=self.key_life_s):
            return web.json_response(known)
        parent = self.posts.get(str(body.get("in_reply_to_id")))
        if parent is None:
            return web.json_response({"error": "Record not found"}, status=404)
        number = max((int(each) for each in self.posts), default=FIRST_ID) - FIRST_ID + 1000
        status = self.post(
            body["status"], "brand", number=number, in_reply_to_id=parent["id"], visibility=body["visibility"],
            in_reply_to_account_id=parent["account"]["id"], language=body.get("language"), _hidden=True,
            created_at=now.isoformat().replace("+00:00", "Z"), _shows_at=now.timestamp() + self.lag_s,
        )  # fmt: skip
        self.keys[key] = now, status
        return web.json_response(status)
