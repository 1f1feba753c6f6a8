"""A forum that speaks Discourse's API, with its own books. Faults come from `tests.channels.network.Network`.

Written from Discourse's OpenAPI file and, where that is silent (refusals, moderation, one result for equal requests
within two minutes), from its source. `exchanges` holds every call for a check against the file.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

from tests.emulators.late import Late

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
FIRST_ID = 70_000
KEY = "0123456789abcdef"
OWN = "norda_rail"
OWN_ID = 88
PAGE = 50
NUMBERS = ("topic_id", "reply_to_post_number")
Item = dict[str, Any]
Handler = Callable[[web.Request], Awaitable[web.Response]]


def stamp(moment: datetime) -> str:
    """As Discourse writes times."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def cooked(raw: str) -> str:
    """Plain text as the forum shows it."""
    return "".join(f"<p>{html.escape(part, quote=False)}</p>" for part in raw.split("\n\n"))


def refused(status: int, *errors: str, kind: str = "", **more: Any) -> web.Response:
    """An error as Discourse writes it."""
    body: Item = {"errors": list(errors)} | ({"error_type": kind} if kind else {}) | more
    return web.json_response(body, status=status)


@dataclass
class Forum(Late):
    """`posts` by id, also our own; `notes` are our notifications, newest last. Switches change the forum's ways."""

    posts: dict[int, Item] = field(default_factory=dict)
    titles: dict[int, str] = field(default_factory=dict)
    notes: list[Item] = field(default_factory=list)
    waiting: list[Item] = field(default_factory=list)
    received: list[Item] = field(default_factory=list)
    exchanges: list[tuple[str, str, list[tuple[str, str]], Any, int, Any]] = field(default_factory=list)
    now: datetime = NOON + timedelta(hours=1)
    members_only: bool = False
    moderated: bool = False
    unique: bool = True
    pages_back: bool = True
    overloaded: bool = False
    read_lag: int = 0
    """How many looks at our activity still lack its newest post."""
    settings: Item | None = field(default_factory=lambda: {"min_post_length": 20, "max_post_length": 32_000})
    results: dict[bytes, tuple[datetime, web.Response]] = field(default_factory=dict)

    def post(self, raw: str, author: str = "mara", *, number: int | None = None, topic: int = 7, **more: Any) -> Item:
        """Add a post; ids rise with `number` (by default the next one), one minute apart, in one topic."""
        number = len(self.posts) + 1 if number is None else number
        at = more.pop("at", NOON + timedelta(minutes=number))
        self.titles.setdefault(topic, "Regional trains")
        within = sum(1 for each in self.posts.values() if each["topic_id"] == topic) + 1
        user_id = OWN_ID if author == OWN else 100 + sum(map(ord, author))
        post: Item = {
            "id": FIRST_ID + number, "username": author, "name": author.title(), "display_username": author.title(),
            "user_id": user_id, "created_at": stamp(at), "updated_at": stamp(at), "cooked": cooked(raw), "raw": raw,
            "post_number": within, "topic_id": topic, "topic_slug": "regional-trains",
            "post_url": f"/t/regional-trains/{topic}/{within}", "yours": author == OWN,
        }  # fmt: skip
        rest = {name: part for name, part in _blank().items() if name not in post}
        self.posts[post["id"]] = post | rest | more
        return self.posts[post["id"]]

    def notify(self, post: Item, kind: int = 1, at: datetime | None = None) -> Item:
        """Tell our account of a post: 1 mentioned, 2 replied, 3 quoted, 5 liked. `at`: when, in place of the post's
        own moment."""
        data = {"original_post_id": post["id"], "topic_title": self.titles[post["topic_id"]],
                "original_username": post["username"]}  # fmt: skip
        note = {
            "id": 900 + len(self.notes), "user_id": OWN_ID, "notification_type": kind, "read": False,
            "created_at": stamp(at) if at else post.get("created_at", stamp(NOON)), "post_number": post["post_number"],
            "topic_id": post["topic_id"], "slug": "regional-trains", "data": data,
        }  # fmt: skip
        self.notes.append(note)
        return note

    def refresh(self) -> None:
        """Called before each answer; a test may replace it to change what is served."""

    def routes(self) -> list[web.RouteDef]:
        """All addresses the connector uses."""
        gets = {
            "/posts.json": self._latest,
            "/posts/{id}.json": self._post,
            "/t/{id}.json": self._topic,
            "/posts/{username}/pending.json": self._pending,
            "/search.json": self._search,
            "/notifications.json": self._notifications,
            "/user_actions.json": self._actions,
            "/u/{username}.json": self._user,
            "/site/settings.json": self._settings,
        }
        return [
            *(web.get(path, self._noted(handler)) for path, handler in gets.items()),
            web.post("/posts.json", self._noted(self._create)),
            web.post("/posts", self._noted(self._create)),  # with "Accept: application/json" it is the same
        ]

    def _noted(self, handler: Handler) -> Handler:
        async def note(request: web.Request) -> web.Response:
            self.refresh()
            raw = await request.read()
            answer = self._stopped(request) or await handler(request)
            given = (await _given(request)) if raw else None
            body = json.loads(answer.body) if isinstance(answer.body, bytes) else None
            call = (request.method, request.path, list(request.query.items()), given, answer.status, body)
            self.exchanges.append(call)
            return answer

        return note

    def signed_in(self, request: web.Request) -> bool:
        """With the right key and name."""
        return request.headers.get("Api-Key") == KEY and request.headers.get("Api-Username", "").lower() == OWN

    def _stopped(self, request: web.Request) -> web.Response | None:
        """A wrong key is refused everywhere, also where none is needed."""
        if "Api-Key" in request.headers and not self.signed_in(request):
            words = "You are not permitted to view the requested resource. The API username or key is invalid."
            return refused(403, words, kind="invalid_access")
        closed = self.members_only or request.method == "POST" or request.path == "/notifications.json"
        if closed and not self.signed_in(request):
            return refused(403, "You need to be logged in to do that.", kind="not_logged_in")
        return None

    def public(self) -> dict[int, Item]:
        """What everybody may see, newest first."""
        return {key: self.posts[key] for key in sorted(self.posts, reverse=True) if not self.posts[key]["deleted_at"]}

    async def _latest(self, request: web.Request) -> web.Response:
        before = int(request.query.get("before", "0")) if self.pages_back else 0
        below = [post for key, post in self.public().items() if not before or key < before]
        return web.json_response({"latest_posts": [self._listed(post) for post in below[:PAGE]]})

    def _listed(self, post: Item) -> Item:
        title = self.titles[post["topic_id"]]
        listed = {"topic_title": title, "topic_html_title": html.escape(title), "category_id": 4}
        return post | listed | {"excerpt": str(post["raw"])[:200], "truncated": False}

    async def _post(self, request: web.Request) -> web.Response:
        post = self.posts.get(int(request.match_info["id"]))
        if post is None or post["deleted_at"] is not None:
            return refused(404, "The requested URL or resource could not be found.", kind="not_found")
        return web.json_response(post | {"mentioned_users": []})

    async def _topic(self, request: web.Request) -> web.Response:
        """The connector wants the title; the posts beside it are left out, which the file allows."""
        number = int(request.match_info["id"])
        standing = [post for post in self.public().values() if post["topic_id"] == number]
        if not standing:
            return refused(404, "The requested URL or resource could not be found.", kind="not_found")
        return web.json_response({"id": number, "title": self.titles[number], "posts_count": len(standing)})

    async def _search(self, request: web.Request) -> web.Response:
        """One post per topic, its newest with the words, as the full-page search does."""
        found = re.match(r'"([^"]*)"', request.query["q"])
        words, page = (found[1].casefold() if found else ""), int(request.query.get("page", "1"))
        if len(words) < 3 or page > 10:
            return refused(400, "You supplied invalid parameters to the request", kind="invalid_parameters")
        newest: dict[int, Item] = {}
        for post in self.public().values():
            if words in str(post["raw"]).casefold():
                newest.setdefault(post["topic_id"], post)
        hits = [] if self.overloaded else list(newest.values())
        shown = [_hit(post) for post in hits[(page - 1) * PAGE : page * PAGE]]
        topics = [{"id": hit["topic_id"], "title": self.titles[hit["topic_id"]]} for hit in shown]
        more = True if len(hits) > page * PAGE else None
        result = _grouped(words) | {"more_full_page_results": more, "post_ids": [hit["id"] for hit in shown]}
        result["error"] = "The site is under extreme load" if self.overloaded else None
        blank: Item = {"users": [], "categories": [], "tags": [], "groups": []}
        return web.json_response(blank | {"posts": shown, "topics": topics, "grouped_search_result": result})

    async def _notifications(self, request: web.Request) -> web.Response:
        start, limit = int(request.query.get("offset", "0")), min(int(request.query.get("limit", "60")), 60)
        shown = list(reversed(self.notes))[start : start + limit]
        more = f"/notifications?limit={limit}&offset={start + limit}"
        body = {"total_rows_notifications": len(self.notes), "seen_notification_id": 0, "load_more_notifications": more}
        return web.json_response({"notifications": shown} | body)

    async def _actions(self, request: web.Request) -> web.Response:
        start = int(request.query["offset"])
        named = [post for post in self.public().values() if post["username"] == request.query["username"]]
        mine = [post for post in named if self.shows(post["id"])]
        if mine and self.read_lag > 0:
            self.read_lag -= 1
            mine = mine[1:]
        return web.json_response({"user_actions": [_action(post, self) for post in mine[start : start + 30]]})

    async def _pending(self, request: web.Request) -> web.Response:
        return web.json_response({"pending_posts": self.waiting})

    async def _user(self, request: web.Request) -> web.Response:
        name = request.match_info["username"]
        if name.lower() != OWN:
            return refused(404, "The requested URL or resource could not be found.", kind="not_found")
        user = {"id": OWN_ID, "username": OWN, "name": "Norda Rail", "trust_level": 2, "admin": False}
        return web.json_response({"user_badges": [], "user": user})

    async def _settings(self, request: web.Request) -> web.Response:
        if self.settings is None:
            return refused(404, "The requested URL or resource could not be found.", kind="not_found")
        return web.json_response({"title": "Train talk"} | self.settings)

    async def _create(self, request: web.Request) -> web.Response:
        """Equal requests within two minutes have one result: Discourse remembers it."""
        raw, body = await request.read(), await _given(request)
        self.received.append(body)
        made, result = self.results.get(raw, (NOON, None))
        if result is None or self.now - made > timedelta(seconds=120):
            result = self._created(body)
            self.results[raw] = self.now, result
        return web.Response(body=result.body, status=result.status, content_type="application/json", charset="utf-8")

    def _created(self, body: Item) -> web.Response:
        text, limits = body["raw"].strip(), self.settings or {}
        if len(text) < limits.get("min_post_length", 0):
            return refused(422, f"Body is too short (minimum is {limits['min_post_length']} characters)",
                           action="create_post")  # fmt: skip
        if body["topic_id"] not in self.titles:
            return refused(422, "The requested URL or resource could not be found.", action="create_post")
        if self.unique and any(post["yours"] and post["raw"] == text for post in self.posts.values()):
            return refused(422, "Body is too similar to what you recently posted", action="create_post")
        if self.moderated:
            return self._queued(body, text)
        number = max((key - FIRST_ID for key in self.posts), default=0) + 1000
        answered = body.get("reply_to_post_number")
        standing = [post for post in self.posts.values() if post["topic_id"] == body["topic_id"]]
        known = answered if answered in [post["post_number"] for post in standing] else None
        post = self.post(text, OWN, number=number, topic=body["topic_id"], at=self.now, reply_to_post_number=known)
        self.took(post["id"])
        return web.json_response({key: part for key, part in post.items() if key != "raw"} | {"draft_sequence": 1})

    def _queued(self, body: Item, text: str) -> web.Response:
        waiting = {"id": 40 + len(self.waiting), "raw_text": text, "topic_id": body["topic_id"], "username": OWN,
                   "created_at": stamp(self.now), "title": self.titles[body["topic_id"]]}  # fmt: skip
        self.waiting.append(waiting)
        answer = {"success": True, "action": "enqueued", "pending_count": len(self.waiting)}
        return web.json_response(answer | {"pending_post": {"id": waiting["id"], "raw": text}})


def _blank() -> Item:
    """The fields of a post that the connector does not read."""
    nothing = ["primary_group_name", "flair_name", "flair_url", "flair_bg_color", "flair_color", "flair_group_id",
               "user_title", "edit_reason", "deleted_at", "reviewable_id", "reply_to_post_number"]  # fmt: skip
    zero = ["reply_count", "quote_count", "incoming_link_count", "reads", "readers_count", "reviewable_score_count",
            "reviewable_score_pending_count"]  # fmt: skip
    false = ["can_edit", "can_delete", "can_recover", "can_see_hidden_post", "can_wiki", "bookmarked", "moderator",
             "admin", "staff", "hidden", "user_deleted", "wiki"]  # fmt: skip
    some = {"avatar_template": "/letter/{size}.png", "post_type": 1, "posts_count": 9, "score": 0.2, "version": 1,
            "trust_level": 1, "can_view_edit_history": True, "actions_summary": [], "badges_granted": []}  # fmt: skip
    return dict.fromkeys(nothing) | dict.fromkeys(zero, 0) | dict.fromkeys(false, False) | some


async def _given(request: web.Request) -> Item:
    """The body of a call, which may be JSON or a form."""
    if request.content_type == "application/json":
        body: Item = await request.json()
        return body
    return {name: int(str(part)) if name in NUMBERS else part for name, part in (await request.post()).items()}


def _hit(post: Item) -> Item:
    kept = ("id", "name", "username", "avatar_template", "created_at", "post_number", "topic_id")
    return {name: post[name] for name in kept} | {"like_count": 0, "blurb": str(post["raw"])[:40]}


def _grouped(words: str) -> Item:
    nothing = dict.fromkeys(["more_posts", "more_users", "more_categories"])
    ids: Item = {name: [] for name in ("user_ids", "category_ids", "tag_ids", "group_ids")}
    return nothing | ids | {"term": words, "search_log_id": 1, "can_create_topic": False}


def _action(post: Item, forum: Forum) -> Item:
    who = {"username": OWN, "name": "Norda Rail", "user_id": OWN_ID}
    acting = {f"acting_{name}": part for name, part in who.items()}
    target = {f"target_{name}": part for name, part in who.items()}
    same = ("created_at", "topic_id", "post_number")
    rest = {
        "excerpt": str(post["raw"])[:20], "action_type": 5, "avatar_template": "", "acting_avatar_template": "",
        "slug": "regional-trains", "post_id": post["id"], "title": forum.titles[post["topic_id"]], "deleted": False,
        "hidden": None, "post_type": None, "action_code": None, "category_id": 4, "closed": False, "archived": False,
    }  # fmt: skip
    return who | acting | target | {name: post[name] for name in same} | rest
