"""One site behind the Stack Exchange API, with its own books, written from the API's documentation.

Every answer is in the common wrapper, gzipped, and counts against a quota. `backoff` is asked for as a test says;
whoever calls that method again too early is noted in `impatient`.
"""

from __future__ import annotations

import gzip
import html
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
FIRST = 78_000_000
Item = dict[str, Any]
Handler = Callable[[web.Request], Awaitable[web.Response]]


def epoch(moment: datetime) -> int:
    """As the API writes times."""
    return int(moment.timestamp())


@dataclass
class Site:
    """`posts` are questions and answers by number, `comments` by theirs, both with the body as its author typed it."""

    name: str = "trains"
    posts: dict[int, Item] = field(default_factory=dict)
    comments: dict[int, Item] = field(default_factory=dict)
    key: str = "the-key"
    quota: int = 300
    most: int = 100
    now: datetime = NOON + timedelta(hours=1)
    backoff: dict[str, int] = field(default_factory=dict)
    """Seconds that a method asks for, by method; once."""
    rests: dict[str, datetime] = field(default_factory=dict)
    impatient: list[str] = field(default_factory=list)

    def owner(self, name: str) -> Item:
        """Somebody, or nobody for an account that was removed."""
        if not name:
            return {"user_type": "does_not_exist", "display_name": "user123"}
        return {"user_id": sum(map(ord, name)), "display_name": html.escape(name), "reputation": 120,
                "user_type": "registered", "link": f"https://{self.name}.example/users/1"}  # fmt: skip

    def question(self, title: str, body: str = "", author: str = "mara", *, number: int, **more: Any) -> Item:
        """Add a question; dates rise with numbers unless `at` says otherwise."""
        return self._post({"title": html.escape(title), "question_id": FIRST + number}, body, author, number, more)

    def answer(self, body: str, author: str = "ben", *, number: int, question: int, **more: Any) -> Item:
        """Add an answer; its question becomes active."""
        row = self._post({"answer_id": FIRST + number, "question_id": FIRST + question}, body, author, number, more)
        if above := self.posts.get(FIRST + question):
            above["last_activity_date"] = max(above["last_activity_date"], row["creation_date"])
        return row

    def _post(self, ids: Item, body: str, author: str, number: int, more: Item) -> Item:
        at = epoch(more.pop("at", NOON + timedelta(minutes=number)))
        row = ids | {
            "_body": body, "owner": self.owner(author), "creation_date": at, "last_activity_date": at, "score": 1,
            "tags": ["rail"],
        } | more  # fmt: skip
        self.posts[FIRST + number] = row
        return row

    def comment(self, body: str, author: str = "ada", *, number: int, post: int, **more: Any) -> Item:
        """Add a comment on a post."""
        at = epoch(more.pop("at", NOON + timedelta(minutes=number)))
        row = {"comment_id": FIRST + number, "post_id": FIRST + post, "_body": body, "owner": self.owner(author),
               "creation_date": at, "score": 0, "edited": False} | more  # fmt: skip
        self.comments[FIRST + number] = row
        return row

    def refresh(self) -> None:
        """Called before each answer; a test may replace it to change what is served."""

    def routes(self) -> list[web.RouteDef]:
        """All methods the connector uses; a slash at the end is allowed."""
        methods: dict[str, Handler] = {
            "/search/excerpts": self._excerpts,
            "/questions": self._questions,
            "/questions/{ids}": self._some_questions,
            "/answers/{ids}": self._some_answers,
            "/questions/{ids}/answers": self._answers,
            "/posts/{ids}": self._posts,
            "/comments": self._all_comments,
            "/comments/{ids}": self._some_comments,
            "/sites": self._sites,
        }
        return [
            web.get(f"/2.3{method}{slash}", self._metered(method, handler))
            for method, handler in methods.items()
            for slash in ("", "/")
        ]

    def _metered(self, method: str, handler: Handler) -> Handler:
        async def meter(request: web.Request) -> web.Response:
            self.refresh()
            if self.rests.get(method, self.now) > self.now:
                self.impatient.append(method)
            if self.quota <= 0:
                return self.refuse(502, "throttle_violation", "too many requests from this IP, more requests "
                                   "available in 3600 seconds")  # fmt: skip
            if request.query.get("key") not in (None, self.key):
                return self.refuse(400, "bad_parameter", "`key` doesn't match a known application")
            self.quota -= 1
            self._current = method
            return await handler(request)

        return meter

    @staticmethod
    def refuse(number: int, name: str, message: str) -> web.Response:
        """An error; the API sends nearly all of them with status 400."""
        return web.json_response({"error_id": number, "error_name": name, "error_message": message}, status=400)

    def _wrapped(self, request: web.Request, rows: list[Item], dated: str = "creation_date") -> web.Response:
        rows = sorted(rows, key=lambda row: row.get(dated) or 0, reverse=True)
        page, size = int(request.query.get("page", "1")), min(int(request.query.get("pagesize", "30")), self.most)
        if page > 25:
            return self.refuse(403, "access_denied", "page above 25 requires access token or app key")
        shown = rows[(page - 1) * size : page * size]
        with_body = request.query.get("filter") == "withbody"
        body = {
            "items": [self.shown(row, with_body) for row in shown],
            "has_more": len(rows) > page * size, "quota_max": 300, "quota_remaining": self.quota,
        }  # fmt: skip
        if rest := self.backoff.pop(self._current, 0):
            body["backoff"] = rest
            self.rests[self._current] = self.now + timedelta(seconds=rest)
        packed = gzip.compress(json.dumps(body).encode())
        return web.Response(body=packed, headers={"Content-Encoding": "gzip"}, content_type="application/json")

    @staticmethod
    def shown(row: Item, with_body: bool) -> Item:
        """A row as it is served; its body as HTML where the filter asks for it."""
        typed = row["_body"]
        whole = {"body": f"<p>{html.escape(typed, quote=False)}</p>"} if with_body and typed is not None else {}
        return {name: part for name, part in row.items() if not name.startswith("_")} | whole

    def _within(self, request: web.Request, rows: list[Item], dated: str = "creation_date") -> list[Item]:
        low = int(request.query.get("fromdate" if dated == "creation_date" else "min", "0"))
        high = int(request.query.get("todate" if dated == "creation_date" else "max", "9999999999"))
        return [row for row in rows if dated not in row or low <= row[dated] <= high]

    async def _excerpts(self, request: web.Request) -> web.Response:
        words = request.query["q"].strip('"').casefold()
        found = [row for row in self.posts.values() if words in f"{row.get('title', '')} {row['_body']}".casefold()]
        kept = ("answer_id", "question_id", "creation_date", "last_activity_date", "tags", "_hollow")
        shown = [
            {name: row[name] for name in kept if name in row}
            | {"title": self._title(row), "item_type": "answer" if "answer_id" in row else "question",
               "excerpt": str(row["_body"])[:20], "_body": None}
            for row in self._within(request, found)
        ]  # fmt: skip
        return self._wrapped(request, shown)

    def _title(self, row: Item) -> str:
        return str(self.posts.get(row["question_id"], {}).get("title", "")) if row["question_id"] else ""

    async def _questions(self, request: web.Request) -> web.Response:
        asked = [
            row for row in self.posts.values() if "answer_id" not in row and request.query["tagged"] in row["tags"]
        ]
        dated = "last_activity_date"
        return self._wrapped(request, self._within(request, asked, dated), dated)

    def _ids(self, request: web.Request) -> list[int]:
        return [int(number) for number in request.match_info["ids"].split(";")]

    async def _answers(self, request: web.Request) -> web.Response:
        ids = self._ids(request)
        found = [row for row in self.posts.values() if "answer_id" in row and row["question_id"] in ids]
        return self._wrapped(request, self._within(request, found, "last_activity_date"))

    async def _some_questions(self, request: web.Request) -> web.Response:
        return self._some(request, {key: row for key, row in self.posts.items() if "answer_id" not in row})

    async def _some_answers(self, request: web.Request) -> web.Response:
        return self._some(request, {key: row for key, row in self.posts.items() if "answer_id" in row})

    def _some(self, request: web.Request, rows: dict[int, Item]) -> web.Response:
        ids = self._ids(request)
        return self._wrapped(request, [row for key, row in rows.items() if key in ids])

    async def _posts(self, request: web.Request) -> web.Response:
        ids = self._ids(request)
        hidden = ("answer_id", "question_id", "title")  # /posts tells neither the question nor its title
        shown = [
            {name: part for name, part in row.items() if name not in hidden}
            | {"post_id": None if row.get("_nameless") else key,
               "post_type": "answer" if "answer_id" in row else "question"}
            for key, row in self.posts.items()
            if key in ids
        ]  # fmt: skip
        return self._wrapped(request, shown)

    async def _all_comments(self, request: web.Request) -> web.Response:
        return self._wrapped(request, self._within(request, list(self.comments.values())))

    async def _some_comments(self, request: web.Request) -> web.Response:
        ids = self._ids(request)
        return self._wrapped(request, [row for key, row in self.comments.items() if key in ids])

    async def _sites(self, request: web.Request) -> web.Response:
        row = {"api_site_parameter": self.name, "name": "Trains", "_body": None}
        return self._wrapped(request, [row])
