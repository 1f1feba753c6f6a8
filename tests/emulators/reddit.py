"""A server that plays Reddit's API, with its own books. Faults come from `tests.channels.network.Network`.

Written from asyncpraw's source, from recorded answers and from Reddit's published server source, not from our client.
What is not known of the live service is a switch: `before_gives_newest` (which slice `before` gives), `after_forgets`
(whether a deleted item is no place to go on after). `listed` is how far back a listing reaches.
"""

from __future__ import annotations

import base64
import html
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

from domain.clock import Clock, SetClock

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
FIRST_ID = 36**6
INBOX_FIELDS = ("name", "id", "author", "subreddit", "body", "parent_id", "created_utc")
Item = dict[str, Any]


def base36(number: int) -> str:
    """Reddit's ids: whole numbers in base 36."""
    return (base36(number // 36) if number >= 36 else "") + DIGITS[number % 36]


def comment_name(number: int) -> str:
    """Full name of the comment with this number."""
    return f"t1_{base36(FIRST_ID + number)}"


def thread_name(number: int) -> str:
    """Full name of the submission with this number."""
    return f"t3_{base36(FIRST_ID + number)}"


@dataclass
class RedditServer:
    """`things` are comments and submissions by full name; `received` lists the form of every POST of a comment.

    `refuse` is the error that the next comments get in a 200; `history_lag` is how many reads of a history still lack
    its newest comment; `stale` holds names that listings go on serving while newer ones exist. Our own comments show,
    in our history and below their parent, `lag_s` after they were taken.
    """

    own: str = "norda_help"
    client: tuple[str, str] = ("app-of-norda", "secret-of-app")
    refresh_token: str = "refresh-of-norda"
    clock: Clock = field(default_factory=lambda: SetClock(NOON + timedelta(hours=1)))
    lag_s: float = 0.0
    before_gives_newest: bool = False
    after_forgets: bool = False
    listed: int = 1000
    lifetime_s: int = 3600
    remaining: float = 599.0
    suspended: bool = False
    refuse: list[str] | None = None
    quarantined: bool = False
    history_lag: int = 0
    stale: list[str] | None = None
    closed: dict[str, int] = field(default_factory=dict)
    """Subreddits that answer 302 (there is none), 403 (private) or 404 (banned)."""
    things: dict[str, Item] = field(default_factory=dict)
    boxes: dict[str, list[str]] = field(default_factory=dict)
    messages: list[Item] = field(default_factory=list)
    received: list[dict[str, str]] = field(default_factory=list)
    agents: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    expired: set[str] = field(default_factory=set)

    # --- what people do ---

    def submit(self, title: str, text: str = "", author: str = "mara", *, number: int = 0, **more: Any) -> Item:
        """A submission; `number` orders names and moments (one minute apart)."""
        name, subreddit = thread_name(number), more.pop("subreddit", "norda")
        thing = self._thing(name, author, subreddit, number) | {
            "title": title, "selftext": text, "is_self": True, "url": f"https://www.reddit.com/comments/{name[3:]}/",
            "removed_by_category": None, "num_crossposts": 0, "permalink": f"/r/{subreddit}/comments/{name[3:]}/x/",
        }  # fmt: skip
        self.things[name] = thing | more
        return self.things[name]

    def say(
        self, text: str, author: str = "mara", *, number: int, thread: int = 0, parent: str = "", **more: Any
    ) -> Item:
        """A comment in a thread, below `parent` or at its top."""
        if thread_name(thread) not in self.things:
            self.submit("a thread", number=thread)
        name, top = comment_name(number), self.things[thread_name(thread)]
        thing = self._thing(name, author, top["subreddit"], number) | {
            "body": text, "link_id": top["name"], "parent_id": parent or top["name"], "replies": "",
            "link_title": top["title"], "permalink": f"{top['permalink']}{name[3:]}/",
        }  # fmt: skip
        self.things[name] = thing | more
        return self.things[name]

    def _thing(self, name: str, author: str, subreddit: str, number: int) -> Item:
        posted = (NOON + timedelta(minutes=number)).timestamp()
        return {
            "name": name, "id": name[3:], "author": author, "author_fullname": f"t2_{author}", "subreddit": subreddit,
            "created_utc": posted, "created": posted, "edited": False, "score": 1, "locked": False, "archived": False,
        }  # fmt: skip

    def notify(self, thing: Item, box: str) -> None:
        """Put a comment into a box of our inbox: mentions, comments or selfreply."""
        self.boxes.setdefault(box, []).append(thing["name"])

    def edit(self, name: str, text: str) -> None:
        """The author changes the words."""
        self.things[name].update({self._words(name): text, "edited": self.clock.now().timestamp()})

    def delete(self, name: str) -> None:
        """The author removes it: it leaves the listings, its name stays."""
        self.things[name].update({"author": "[deleted]", self._words(name): "[deleted]", "_hidden": True})
        self.things[name].pop("author_fullname", None)

    def remove(self, name: str) -> None:
        """Moderators remove it. A submission keeps its author."""
        self.things[name].update({self._words(name): "[removed]", "_hidden": True})
        if name.startswith("t3_"):
            self.things[name]["removed_by_category"] = "moderator"
        else:
            self.things[name].update(author="[deleted]")

    def hold(self, name: str, *, held: bool = True) -> None:
        """Moderators keep it back, or release it, with its old name and moment."""
        self.things[name]["_hidden"] = held

    @staticmethod
    def _words(name: str) -> str:
        return "selftext" if name.startswith("t3_") else "body"

    def replies(self) -> list[Item]:
        """Comments of our account, the oldest first."""
        return [thing for name, thing in self.things.items() if thing["author"] == self.own and name[:2] == "t1"]

    def refresh(self) -> None:
        """Called before each answer; a test may replace it to change what is served."""

    # --- the API ---

    def routes(self) -> list[web.RouteDef]:
        """All addresses, with and without a slash at the end."""
        gets = {
            "/api/v1/me": self._me,
            "/r/{subreddits}/{kind:comments|new}": self._subreddits,
            "/r/{subreddits}/search": self._search,
            "/message/{box}": self._inbox,
            "/user/{name}/comments": self._history,
            "/comments/{thread}": self._thread,
            "/comments/{thread}/_/{comment}": self._thread,
            "/api/info": self._info,
        }
        posts = {"/api/v1/access_token": self._access_token, "/api/comment": self._comment}
        return [
            *(web.get(path + "{end:/?}", handler) for path, handler in gets.items()),
            *(web.post(path + "{end:/?}", handler) for path, handler in posts.items()),
        ]

    async def _access_token(self, request: web.Request) -> web.Response:
        form, given = await request.post(), request.headers.get("Authorization", "")
        if given != "Basic " + base64.b64encode(":".join(self.client).encode()).decode():
            return web.json_response({"message": "Unauthorized", "error": 401}, status=401)
        if form.get("grant_type") != "refresh_token" or form.get("refresh_token") != self.refresh_token:
            return web.json_response({"message": "Bad Request", "error": 400}, status=400)
        self.tokens.append(f"access-{len(self.tokens) + 1}")
        return web.json_response(
            {"access_token": self.tokens[-1], "token_type": "bearer", "expires_in": self.lifetime_s, "scope": "read"}
        )

    def _refused(self, request: web.Request) -> web.Response | None:
        """401 without a valid token. Otherwise the request counts."""
        self.refresh()
        self.agents.append(request.headers.get("User-Agent", ""))
        token = request.headers.get("Authorization", "").removeprefix("bearer ")
        if token in self.tokens and token not in self.expired:
            self.remaining -= 1
            return None
        told = {"WWW-Authenticate": 'Bearer realm="reddit", error="invalid_token"'}
        return web.json_response({"message": "Unauthorized", "error": 401}, status=401, headers=told)

    def _answer(self, request: web.Request, value: Any) -> web.Response:
        used = {"x-ratelimit-used": "1", "x-ratelimit-remaining": str(self.remaining), "x-ratelimit-reset": "300"}
        return web.json_response(value if request.query.get("raw_json") == "1" else _encoded(value), headers=used)

    def _shown(self, thing: Item) -> Item:
        plain = {key: value for key, value in thing.items() if not key.startswith("_")}
        return {"kind": (thing["name"] or "t1")[:2], "data": plain}

    def _page(self, request: web.Request, names: list[str]) -> web.Response:
        """`names` newest first. `after` and `before` name the item beside the slice."""
        shown = [name for name in names if not self.things[name].get("_hidden")][: self.listed]
        limit = min(int(request.query.get("limit", "25")), 100)
        after, before = request.query.get("after"), request.query.get("before")
        left = shown
        if before:
            newer = shown[: shown.index(before)] if before in shown else []
            left = newer[:limit] if self.before_gives_newest else newer[-limit:]
        elif after:
            left = self._behind(shown, names, after)
        page = left[:limit]
        more = page[-1] if len(left) > limit else None
        return self._answer(request, _listing([self._shown(self.things[name]) for name in page], more))

    def _behind(self, shown: list[str], names: list[str], after: str) -> list[str]:
        if after not in names or (self.after_forgets and after not in shown):
            return []
        behind = set(names[names.index(after) + 1 :])
        return [name for name in shown if name in behind]

    def _newest_first(self, kind: str) -> list[str]:
        if self.stale is not None:
            return [name for name in self.stale if name.startswith(kind)]
        named = [name for name in self.things if name.startswith(kind)]
        return sorted(named, key=lambda name: int(name[3:], 36), reverse=True)

    async def _subreddits(self, request: web.Request) -> web.Response:
        if (no := self._refused(request) or self._closed(request)) is not None:
            return no
        wanted = request.match_info["subreddits"].casefold().split("+")
        kind = "t3" if request.match_info["kind"] == "new" else "t1"
        names = [n for n in self._newest_first(kind) if str(self.things[n]["subreddit"]).casefold() in wanted]
        return self._page(request, names)

    def _closed(self, request: web.Request) -> web.Response | None:
        asked = request.match_info["subreddits"]
        status = self.closed.get(asked, 200)
        if status == 302:
            return web.Response(status=302, headers={"Location": f"/subreddits/search?q={asked}"})
        if status == 200:
            return None
        reason, words = ("private", "Forbidden") if status == 403 else ("banned", "Not Found")
        return web.json_response({"reason": reason, "message": words, "error": status}, status=status)

    async def _search(self, request: web.Request) -> web.Response:
        if (no := self._refused(request) or self._closed(request)) is not None:
            return no
        words, wanted = request.query["q"].strip('"').casefold(), request.match_info["subreddits"].split("+")
        if wanted != ["all"] and request.query.get("restrict_sr") not in ("true", "on"):
            wanted = ["all"]
        names = [
            name
            for name in self._newest_first("t3")
            if words in f"{self.things[name]['title']} {self.things[name]['selftext']}".casefold()
            and (wanted == ["all"] or self.things[name]["subreddit"] in wanted)
        ]
        return self._page(request, names)

    async def _inbox(self, request: web.Request) -> web.Response:
        """Items lack most of what a comment has elsewhere: they name their thread in `context` only."""
        if (no := self._refused(request)) is not None:
            return no
        kinds = {"mentions": "username_mention", "comments": "comment_reply", "selfreply": "post_reply"}
        box = request.match_info["box"]
        if box not in kinds:
            return self._answer(request, _listing([{"kind": "t4", "data": each} for each in self.messages], None))
        found = []
        for name in reversed(self.boxes.get(box, [])):
            thing = self.things[name]
            kept = {key: thing[key] for key in INBOX_FIELDS}
            context = f"{thing['permalink']}?context=3"
            more = {"context": context, "type": kinds[box], "was_comment": True, "new": True, "dest": self.own}
            found.append({"kind": "t1", "data": kept | more})
        return self._answer(request, _listing(found[: int(request.query.get("limit", "25"))], None))

    async def _history(self, request: web.Request) -> web.Response:
        if (no := self._refused(request)) is not None:
            return no
        names = [n for n in self._newest_first("t1") if self.things[n]["author"] == request.match_info["name"]]
        names = [n for n in names if not self._lags(n)]
        if names and self.history_lag > 0:
            self.history_lag -= 1
            names = names[1:]
        return self._page(request, names)

    async def _thread(self, request: web.Request) -> web.Response:
        if (no := self._refused(request)) is not None:
            return no
        thread, comment = f"t3_{request.match_info['thread']}", request.match_info.get("comment")
        if thread not in self.things:
            return web.json_response({"message": "Not Found", "error": 404}, status=404)
        top = [self._with_replies(f"t1_{comment}")] if comment else self._replies_of(thread)
        return self._answer(request, [_listing([self._shown(self.things[thread])], None), _listing(top, None)])

    def _replies_of(self, parent: str) -> list[Item]:
        names = [name for name in self._newest_first("t1") if self.things[name]["parent_id"] == parent]
        return [self._with_replies(name) for name in names if not self._lags(name)]

    def _lags(self, name: str) -> bool:
        return bool(self.things[name].get("_shows_at", 0.0) > self.clock.now().timestamp())

    def _with_replies(self, name: str) -> Item:
        below, shown = self._replies_of(name), self._shown(self.things[name])
        shown["data"]["replies"] = _listing(below, None) if below else ""
        return shown

    async def _info(self, request: web.Request) -> web.Response:
        """Names that stand for nothing are left out."""
        if (no := self._refused(request)) is not None:
            return no
        names = request.query["id"].split(",")
        assert len(names) <= 100, "Reddit takes at most 100 names"
        found = [self._shown(self.things[name]) for name in names if name in self.things]
        return self._answer(request, _listing(found, None))

    async def _me(self, request: web.Request) -> web.Response:
        if (no := self._refused(request)) is not None:
            return no
        return self._answer(request, {"name": self.own, "id": self.own, "is_suspended": self.suspended})

    async def _comment(self, request: web.Request) -> web.Response:
        """Checks as Reddit's form does, then stores. The same comment is taken as often as it comes."""
        if (no := self._refused(request)) is not None:
            return no
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.received.append(form)
        parent = self.things.get(form.get("thing_id", ""))
        if parent is not None and self.closed.get(parent["subreddit"]) == 403:
            return web.json_response({"message": "Forbidden", "error": 403}, status=403)
        error = self.refuse or _objection(parent, self._top(parent), form.get("text", ""))
        if error is not None:
            return self._answer(request, {"json": {"errors": [error]}})
        assert parent is not None
        stored = self._store(parent, form["text"])
        things = [] if self.quarantined else [self._shown(stored)]
        return self._answer(request, {"json": {"errors": [], "data": {"things": things}}})

    def _top(self, parent: Item | None) -> Item | None:
        return self.things.get(parent.get("link_id") or parent["name"]) if parent else None

    def _store(self, parent: Item, text: str) -> Item:
        top = self._top(parent)
        assert top is not None
        number = max(int(name[3:], 36) for name in self.things) - FIRST_ID + 1
        thread = int(top["name"][3:], 36) - FIRST_ID
        now = self.clock.now().timestamp()
        posted = {"created_utc": now, "author_fullname": f"t2_{self.own}", "_shows_at": now + self.lag_s}
        return self.say(text, self.own, number=number, thread=thread, parent=parent["name"], **posted)


def _objection(parent: Item | None, top: Item | None, text: str) -> list[str] | None:
    if not text.strip():
        return ["NO_TEXT", "we need something here", "text"]
    if len(text) > 10_000:
        return ["TOO_LONG", "this is too long (max: 10000)", "text"]
    if parent is None or top is None:
        return ["NO_THING_ID", "id not specified", "parent"]
    if parent["author"] == "[deleted]":
        return ["DELETED_COMMENT", "that comment has been deleted", "parent"]
    if top["archived"]:
        return ["TOO_OLD", "that's a piece of history now; it's too late to reply to it", "parent"]
    return ["THREAD_LOCKED", "Comments are locked.", "parent"] if top["locked"] or parent["locked"] else None


def _listing(children: list[Item], after: str | None) -> Item:
    facts = {"children": children, "after": after, "before": None, "dist": len(children), "modhash": None}
    return {"kind": "Listing", "data": facts}


def _encoded(value: Any) -> Any:
    """Without `raw_json=1` Reddit sends `& < >` as entities."""
    if isinstance(value, dict):
        return {key: _encoded(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_encoded(inner) for inner in value]
    return html.escape(value, quote=False) if isinstance(value, str) else value
