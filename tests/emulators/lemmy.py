"""A Lemmy instance with its own books, as 0.19 (API v3) or as 1.0 (API v4 and a trimmed v3 beside it).

Written from the types of Lemmy's own JavaScript client and from its source; there is no published schema to hold it
against. Faults come from `tests.channels.network.Network`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from aiohttp import web

from tests.emulators.late import Late

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
FIRST = 5_000
TOKEN = "header.payload.signature"
PASSWORD = "correct horse"
OWN = "norda"
CODE = "123456"
LANGUAGES = [{"id": 0, "code": "und", "name": "Undetermined"}, {"id": 37, "code": "en", "name": "English"},
             {"id": 181, "code": "hr", "name": "Hrvatski"}]  # fmt: skip
Item = dict[str, Any]
Handler = Callable[[web.Request], Awaitable[web.Response]]


def stamp(moment: datetime) -> str:
    """As Lemmy writes times."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def refused(name: str, status: int = 400, message: str = "") -> web.Response:
    """An error as Lemmy writes it."""
    return web.json_response({"error": name} | ({"message": message} if message else {}), status=status)


@dataclass
class Instance(Late):
    """`comments` and `posts` by number, in the words of version 4; they are served in the version that is asked for."""

    version: str = "0.19.12"
    host: str = "town.example"
    posts: dict[int, Item] = field(default_factory=dict)
    comments: dict[int, Item] = field(default_factory=dict)
    notes: list[tuple[int, str, int]] = field(default_factory=list)
    """Our notifications: number, "mention" or "reply", and the comment's number."""
    received: list[Item] = field(default_factory=list)
    now: datetime = NOON + timedelta(hours=1)
    private: bool = False
    authenticator: bool = False
    read_lag: int = 0
    """How many looks at our comments still lack the newest one."""
    dead_tokens: int = 0
    """How many page tokens are refused."""
    looks_up: bool = True
    """Whether single posts and comments can be asked for now."""

    @property
    def api(self) -> Literal["v3", "v4"]:
        """The version of the API this instance speaks."""
        return "v3" if self.version.startswith("0.") else "v4"

    def person(self, name: str, **more: Any) -> Item:
        """Somebody, here or as name@host elsewhere."""
        short, _, host = name.partition("@")
        where = f"https://{host or self.host}/u/{short}"
        return {"id": 10 + sum(map(ord, name)), "name": short, "display_name": short.title(), "ap_id": where,
                "local": not host, "bot_account": False, "deleted": False} | more  # fmt: skip

    def post(self, name: str, body: str = "", author: str = "mara", *, number: int = 1, **more: Any) -> Item:
        """Add a post; numbers and dates rise together unless `published_at` says otherwise."""
        row = {
            "id": FIRST + number, "name": name, "body": body, "creator": self.person(author), "removed": False,
            "deleted": False, "locked": False, "published_at": stamp(NOON + timedelta(minutes=number)),
            "ap_id": f"https://{self.host}/post/{FIRST + number}", "language_id": 37, "community_id": 3,
        } | more  # fmt: skip
        self.posts[FIRST + number] = row
        return row

    def comment(self, text: str, author: str = "mara", *, number: int, post: int = 1, **more: Any) -> Item:
        """Add a comment on a post, answering comment `answers` where that is given."""
        answers = more.pop("answers", None)
        above = self.comments[FIRST + answers]["path"] if answers else "0"
        row = {
            "id": FIRST + number, "content": text, "creator": self.person(author), "post_id": FIRST + post,
            "removed": False, "deleted": False, "published_at": stamp(NOON + timedelta(minutes=number)),
            "ap_id": f"https://{self.host}/comment/{FIRST + number}", "path": f"{above}.{FIRST + number}",
            "language_id": 37,
        } | more  # fmt: skip
        self.comments[FIRST + number] = row
        return row

    def notify(self, comment: Item, kind: str = "mention") -> None:
        """Tell our account of a comment."""
        self.notes.append((700 + len(self.notes), kind, comment["id"]))

    def refresh(self) -> None:
        """Called before each answer; a test may replace it to change what is served."""

    def routes(self) -> list[web.RouteDef]:
        """All addresses the connector uses, of both versions; those the instance does not have answer 404."""
        gets: dict[str, Handler] = {
            "/api/v3/site": self._site,
            "/api/v4/site": self._site,
            "/api/v4/account": self._me,
            "/api/v3/user": self._own,
            "/api/v4/person/content": self._own,
            "/api/v3/user/mention": self._notes,
            "/api/v3/user/replies": self._notes,
            "/api/v4/account/notification/list": self._notes,
            "/nodeinfo/2.0.json": self._nodeinfo,
        }
        for api in ("v3", "v4"):
            gets |= {
                f"/api/{api}/comment/list": self._comments,
                f"/api/{api}/post/list": self._posts,
                f"/api/{api}/search": self._search,
                f"/api/{api}/comment": self._one,
                f"/api/{api}/post": self._one,
            }
        posts: dict[str, Handler] = {
            "/api/v3/comment": self._create,
            "/api/v4/comment": self._create,
            "/api/v3/user/login": self._login,
            "/api/v4/account/auth/login": self._login,
        }
        return [
            *(web.get(path, self._guarded(handler)) for path, handler in gets.items()),
            *(web.post(path, self._guarded(handler)) for path, handler in posts.items()),
        ]

    def _guarded(self, handler: Handler) -> Handler:
        async def guard(request: web.Request) -> web.Response:
            self.refresh()
            if request.path.startswith("/api/v4") and self.api == "v3":
                return web.Response(status=404, text="")
            signed = "Authorization" in request.headers
            if signed and request.headers["Authorization"] != f"Bearer {TOKEN}":
                return refused("incorrect_login", 401)
            if self.private and not signed and not request.path.endswith(("/site", "/login")):
                return refused("instance_is_private")
            return await handler(request)

        return guard

    def _signed(self, request: web.Request) -> bool:
        return request.headers.get("Authorization") == f"Bearer {TOKEN}"

    def shown(self, row: Item, api: str) -> Item:
        """A row in the words of a version; a person in it stays out."""
        row = {name: part for name, part in row.items() if name != "creator" and not name.startswith("_")}
        if api == "v4":
            return row
        old = {"published_at": "published", "updated_at": "updated"}
        return {old.get(name, name): part for name, part in row.items()}

    def _person(self, row: Item, api: str) -> Item:
        person: Item = dict(row["creator"])
        if api == "v3":
            person["actor_id"] = person.pop("ap_id")
        return person

    def view(self, row: Item, api: str) -> Item:
        """A post or comment as a view."""
        is_comment = "content" in row
        post = self.posts[row["post_id"]] if is_comment else row
        parts = {"post": self.shown(post, api), "creator": self._person(row, api), "community": {"id": 3}}
        return parts | ({"comment": self.shown(row, api)} if is_comment else {})

    def _page(self, request: web.Request, rows: list[Item], name: str, held: str = "items") -> web.Response:
        """Newest first by date, not by number: what federated late stands further down. `held`: its name in v4."""
        api = request.path.split("/")[2]
        rows = sorted(rows, key=lambda row: (str(row.get("published_at")), row.get("id") or 0), reverse=True)
        if api == "v3" and self.api == "v4":  # the shim for old apps sorts and pages as it likes
            return web.json_response({name: [self.view(row, api) for row in reversed(rows[:10])]})
        limit = int(request.query.get("limit", "10"))
        start = self._start(request, api, limit)
        if start is None:
            return refused("couldnt_parse_pagination_token")
        views = [self.view(row, api) for row in rows[start : start + limit]]
        then = start + limit if start + limit < len(rows) else None
        return web.json_response(self._listed(name if api == "v3" else held, views, then, api))

    def _start(self, request: web.Request, api: str, limit: int) -> int | None:
        token = request.query.get("page" if api == "v3" else "page_cursor", "")
        if token and self.dead_tokens > 0:
            self.dead_tokens -= 1
            return None
        if not token:
            return 0
        return (int(token) - 1) * limit if api == "v3" else int(token.removeprefix("P"))

    @staticmethod
    def _listed(held: str, views: list[Item], then: int | None, api: str) -> Item:
        if api == "v3":
            return {held: views}
        if held != "items":  # where kinds may mix, each item says what it is
            views = [{"type_": "comment" if "comment" in view else "post"} | view for view in views]
        return {held: views} | ({"next_page": f"P{then}"} if then is not None else {})

    async def _site(self, request: web.Request) -> web.Response:
        local = {"private_instance": self.private, "application_question": None}
        body: Item = {"version": self.version, "site_view": {"local_site": local}, "all_languages": LANGUAGES}
        if self._signed(request) and request.path.startswith("/api/v3"):
            body["my_user"] = {"local_user_view": {"person": self._person({"creator": self.person(OWN)}, "v3")}}
        return web.json_response(body)

    async def _me(self, request: web.Request) -> web.Response:
        if not self._signed(request):
            return refused("incorrect_login", 401)
        return web.json_response({"local_user_view": {"person": self.person(OWN)}})

    async def _nodeinfo(self, request: web.Request) -> web.Response:
        return web.json_response({"software": {"name": "lemmy", "version": self.version}})

    async def _comments(self, request: web.Request) -> web.Response:
        return self._page(request, [row for row in self.comments.values() if "_hidden" not in row], "comments")

    async def _posts(self, request: web.Request) -> web.Response:
        return self._page(request, [row for row in self.posts.values() if "_hidden" not in row], "posts")

    async def _search(self, request: web.Request) -> web.Response:
        words = request.query["q"].casefold()
        if request.query["type_"] == "Comments":
            found = [row for row in self.comments.values() if words in str(row["content"]).casefold()]
            return self._page(request, found, "comments", held="search")
        found = [row for row in self.posts.values() if words in f"{row['name']} {row['body']}".casefold()]
        return self._page(request, found, "posts", held="search")

    async def _one(self, request: web.Request) -> web.Response:
        _, _, api, kind = request.path.split("/")
        rows = self.comments if kind == "comment" else self.posts
        if not self.looks_up:
            return web.json_response({"error": "unknown"}, status=500)
        row = rows.get(int(request.query["id"]))
        if row is None:
            return refused("not_found", 404)
        return web.json_response({f"{kind}_view": self.view(row, api)})

    async def _own(self, request: web.Request) -> web.Response:
        theirs = [row for row in self.comments.values() if row["creator"]["name"] == request.query["username"]]
        mine = [row for row in theirs if self.shows(row["id"])]
        if mine and self.read_lag > 0:
            self.read_lag -= 1
            mine.remove(max(mine, key=lambda row: int(row["id"])))
        return self._page(request, mine, "comments", held="content")

    async def _notes(self, request: web.Request) -> web.Response:
        if not self._signed(request):
            return refused("not_logged_in")
        if request.path.startswith("/api/v4"):
            return self._notes_v4(request)
        kind, name = ("mention", "mentions") if request.path.endswith("mention") else ("reply", "replies")
        own = "person_mention" if kind == "mention" else "comment_reply"
        chosen = [note for note in reversed(self.notes) if note[1] == kind]
        limit, page = int(request.query["limit"]), int(request.query.get("page", "1"))
        shown = chosen[(page - 1) * limit : page * limit]
        views = [{own: {"id": key}} | self.view(self.comments[number], "v3") for key, _, number in shown]
        return web.json_response({name: views})

    def _notes_v4(self, request: web.Request) -> web.Response:
        limit, start = int(request.query["limit"]), int(request.query.get("page_cursor", "P0")[1:])
        chosen = list(reversed(self.notes))
        views = [
            {"notification": {"id": key, "kind": kind, "read": False},
             "data": {"type_": "comment"} | self.view(self.comments[number], "v4")}
            for key, kind, number in chosen[start : start + limit]
        ]  # fmt: skip
        then = start + limit if start + limit < len(chosen) else None
        return web.json_response(self._listed("items", views, then, "v4"))

    async def _login(self, request: web.Request) -> web.Response:
        body = await request.json()
        if (body["username_or_email"], body["password"]) != (OWN, PASSWORD):
            return refused("incorrect_login", 401)
        if self.authenticator and body.get("totp_2fa_token") != CODE:
            return refused("incorrect_totp_token" if body.get("totp_2fa_token") else "missing_totp_token")
        return web.json_response({"jwt": TOKEN, "registration_created": False, "verify_email_sent": False})

    async def _create(self, request: web.Request) -> web.Response:
        if not self._signed(request):
            return refused("not_logged_in")
        body, api = await request.json(), request.path.split("/")[2]
        self.received.append(body)
        post, above = self.posts.get(body["post_id"]), body.get("parent_id")
        if post is None or (above is not None and above not in self.comments):
            return refused("not_found", 404)
        if post["locked"]:
            return refused("locked")
        if len(body["content"].encode("utf-16-le")) // 2 > 10_000 or not body["content"].strip():
            return refused("invalid_body_field")
        number = max([FIRST, *self.comments, *self.posts]) - FIRST + 1000
        path = f"{self.comments[above]['path'] if above else '0'}.{FIRST + number}"
        row = self.comment(
            body["content"], OWN, number=number, post=body["post_id"] - FIRST, path=path, published_at=stamp(self.now)
        )
        self.took(row["id"])
        return web.json_response({"comment_view": self.view(row, api), "recipient_ids": []})
