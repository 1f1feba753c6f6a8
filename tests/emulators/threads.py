"""Threads' API with books of its own, after the documented examples (posts, replies, mentions, keyword search,
troubleshooting).

A parameter or field that the documentation does not know is refused, so that ours are real ones. Publishing one
container twice makes two posts: whether Threads would refuse it is not documented, so the worst is assumed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from tests.emulators.late import Late

OWN_ID, OWN_NAME, TOKEN = "17841400000000001", "norda.rail", "THAA-a-token-of-the-tests"
FIRST_ID = 18_000_000_000_000_000
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)

MEDIA_FIELDS = frozenset(
    ["id", "media_product_type", "media_type", "media_url", "permalink", "owner", "username", "text", "timestamp",
     "shortcode", "is_quote_post", "has_replies", "is_reply", "is_reply_owned_by_me", "root_post", "replied_to",
     "reply_audience", "topic_tag", "thumbnail_url", "children", "alt_text", "link_attachment_url", "hide_status",
     "quoted_post", "reposted_post", "gif_url", "poll_attachment"]
)  # fmt: skip
FIELDS = {
    "me": frozenset(["id", "username", "name", "threads_profile_picture_url", "threads_biography"]),
    "container": frozenset(["id", "status", "error_message"]),
    "media": MEDIA_FIELDS,
}
PAGING = frozenset(["fields", "limit", "since", "until", "before", "after"])
PARAMS = {
    "me": frozenset(["fields"]),
    "mentions": PAGING,
    "replies": PAGING,
    "keyword_search": PAGING | {"q", "search_type", "search_mode", "media_type", "author_username"},
    "one": frozenset(["fields"]),
    "debug_token": frozenset(["input_token"]),
    "threads": frozenset(["media_type", "text", "reply_to_id", "reply_control"]),
    "threads_publish": frozenset(["creation_id"]),
}


def stamp(moment: datetime) -> str:
    """A moment as Threads writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S+0000")


def error(status: int, code: int, message: str, subcode: int = 0, **more: Any) -> web.Response:
    """An error as the Graph family writes it."""
    said = {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "AbCdEf", **more}
    return web.json_response({"error": said | ({"error_subcode": subcode} if subcode else {})}, status=status)


@dataclass
class ThreadsServer(Late):
    """`posts` are other people's, newest last; `replies` are ours and public. `approved`: whether the app may search
    what others wrote. A new container is in `first_status`; how far one is shows at once. `tokens` are those that are
    let in: a renewal adds one, and takes the former ones away if it `burns_old` (undocumented: both are played)."""

    posts: list[dict[str, Any]] = field(default_factory=list)
    replies: list[dict[str, Any]] = field(default_factory=list)
    containers: dict[str, dict[str, Any]] = field(default_factory=dict)
    approved: bool = True
    shows_by_id: bool = True
    """Whether posts of others can be read by their id: not documented."""
    first_status: str = "FINISHED"
    token_ends_at: int = 0
    tokens: list[str] = field(default_factory=lambda: [TOKEN])
    burns_old: bool = False
    now: datetime = NOON + timedelta(hours=1)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    _serial: int = 500

    def routes(self) -> list[web.RouteDef]:
        """Everything we ask for, and nothing else."""
        return [
            web.get("/refresh_access_token", self._refresh_token),
            web.get("/v1.0/me", self._me),
            web.get("/v1.0/debug_token", self._debug_token),
            web.get("/v1.0/keyword_search", self._search),
            web.get("/v1.0/{name}/mentions", self._mentions),
            web.get("/v1.0/{name}/replies", self._replies),
            web.post("/v1.0/{name}/threads", self._make),
            web.post("/v1.0/{name}/threads_publish", self._publish),
            web.get("/v1.0/{name}", self._one),
        ]

    def refresh(self) -> None:
        """Called before each answer; subclasses bring the books up to date."""

    def post(self, number: int, text: str, author: str, at: datetime = NOON, **more: Any) -> dict[str, Any]:
        """Somebody posts."""
        name = str(FIRST_ID + number)
        made = {
            "id": name, "text": text, "username": author, "timestamp": stamp(at), "media_type": "TEXT_POST",
            "permalink": f"https://www.threads.net/@{author}/post/{name}", "is_reply": False, "is_quote_post": False,
        }  # fmt: skip
        self.posts.append(made | more)
        return self.posts[-1]

    def _next(self) -> str:
        self._serial += 1
        return str(FIRST_ID + self._serial)

    def _refused(self, request: web.Request, kind: str, given: Iterable[tuple[str, str]], fields: str = "") -> Any:
        self.refresh()
        params = dict(given)
        token = params.pop("access_token", request.headers.get("Authorization", "").removeprefix("Bearer "))
        self.asked.append((kind, params))
        if token not in self.tokens:
            return error(401, 190, "Invalid OAuth access token.")
        unknown = set(params) - PARAMS[kind]
        wanted = set(filter(None, params.get("fields", "").split(",")))
        unknown |= wanted - FIELDS[fields] if fields else wanted
        return error(400, 100, f"Tried accessing nonexisting field ({', '.join(sorted(unknown))})") if unknown else None

    async def _me(self, request: web.Request) -> web.Response:
        refused = self._refused(request, "me", request.query.items(), "me")
        return refused or web.json_response({"id": OWN_ID, "username": OWN_NAME})

    async def _debug_token(self, request: web.Request) -> web.Response:
        if refused := self._refused(request, "debug_token", request.query.items()):
            return refused  # type: ignore[no-any-return]
        if not self.token_ends_at:
            return error(400, 10, "Application does not have permission for this action")
        return web.json_response({"data": {"type": "USER", "is_valid": True, "expires_at": self.token_ends_at}})

    async def _refresh_token(self, request: web.Request) -> web.Response:
        """Documented with both parameters in the address."""
        given = dict(request.query)
        self.asked.append(("refresh", {"grant_type": given.get("grant_type", "")}))
        if set(given) != {"grant_type", "access_token"} or given["grant_type"] != "th_refresh_token":
            return error(400, 100, "The parameter grant_type is required")
        if given["access_token"] not in self.tokens:
            return error(400, 190, "Error validating access token: Session has expired", 463)
        made = f"{TOKEN}-{len(self.asked)}"
        self.tokens = [made] if self.burns_old else [*self.tokens, made]
        return web.json_response({"access_token": made, "token_type": "bearer", "expires_in": 5_183_944})

    async def _search(self, request: web.Request) -> web.Response:
        if refused := self._refused(request, "keyword_search", request.query.items(), "media"):
            return refused  # type: ignore[no-any-return]
        words, until = request.query["q"].casefold(), int(request.query.get("until", 1 << 40))
        shown = [each for each in self.posts if self.approved or each.get("username") == OWN_NAME]
        found = [each for each in shown if each.get("text") is None or words in each["text"].casefold()]
        found = [each for each in found if _epoch(each) <= until]
        return self._listed(request, found, cursors=False)

    async def _mentions(self, request: web.Request) -> web.Response:
        refused = self._refused(request, "mentions", request.query.items(), "media")
        return refused or self._listed(request, [each for each in self.posts if "_hidden" not in each])

    async def _replies(self, request: web.Request) -> web.Response:
        refused = self._refused(request, "replies", request.query.items(), "media")
        return refused or self._listed(request, [each for each in self.replies if self.shows(each["id"])])

    def _listed(self, request: web.Request, found: list[dict[str, Any]], *, cursors: bool = True) -> web.Response:
        newest_first = found[::-1]
        at, size = int(request.query.get("after") or 0), int(request.query.get("limit", 25))
        page = newest_first[at : at + size]
        wanted = request.query.get("fields", "id").split(",")
        data = [{name: each[name] for name in wanted if name in each} for each in page]
        paging = {"paging": {"cursors": {"before": str(at), "after": str(at + len(page))}}} if page and cursors else {}
        return web.json_response({"data": data} | paging)

    async def _make(self, request: web.Request) -> web.Response:
        form = await _given(request)
        if refused := self._refused(request, "threads", form.items()):
            return refused  # type: ignore[no-any-return]
        if form.get("media_type") != "TEXT" or not form.get("text"):
            return error(400, 100, "The parameter media_type is required")
        if form["reply_to_id"] not in [each["id"] for each in self.posts]:
            return error(400, 24, "The requested resource does not exist", 4279009)
        name = self._next()
        self.containers[name] = {"status": self.first_status} | form
        return web.json_response({"id": name})

    async def _publish(self, request: web.Request) -> web.Response:
        form = await _given(request)
        if refused := self._refused(request, "threads_publish", form.items()):
            return refused  # type: ignore[no-any-return]
        container = self.containers.get(form["creation_id"])
        if container is None or container["status"] in ("IN_PROGRESS", "EXPIRED"):
            return error(
                400, 24, "The requested resource does not exist", 4279009, is_transient=False,
                error_user_title="Media Not Found", error_user_msg="The media with this id cannot be found.",
            )  # fmt: skip
        name = self._next()
        parent = {"id": container["reply_to_id"]}
        self.replies.append(
            {
                "id": name, "text": container["text"], "username": OWN_NAME, "timestamp": stamp(self.now),
                "permalink": f"https://www.threads.net/@{OWN_NAME}/post/{name}", "is_reply": True,
                "replied_to": parent, "root_post": parent,
            }
        )  # fmt: skip
        self.took(name)
        container["status"] = "PUBLISHED"
        return web.json_response({"id": name})

    async def _one(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        kind = "container" if name in self.containers else "media"
        if refused := self._refused(request, "one", request.query.items(), kind):
            return refused  # type: ignore[no-any-return]
        posts = self.posts if self.shows_by_id and self.approved else []
        found = self.containers.get(name) or next((e for e in [*posts, *self.replies] if e["id"] == name), None)
        if found is None:
            return error(400, 100, "Unsupported get request. Object does not exist", 33)
        wanted = request.query.get("fields", "id").split(",")
        return web.json_response({key: found[key] for key in wanted if key in found} | {"id": name})


async def _given(request: web.Request) -> dict[str, str]:
    """Parameters of a POST, which may stand in the body or in the address."""
    return dict(request.query) | dict(parse_qsl((await request.read()).decode(), keep_blank_values=True))


def _epoch(post: dict[str, Any]) -> float:
    try:
        moment = datetime.fromisoformat(post["timestamp"])
    except (KeyError, ValueError):
        return 0.0
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
