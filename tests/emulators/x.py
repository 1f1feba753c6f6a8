"""X's API version 2 with its own books: posts, edits, limits, credits, one stream, and the bill.

Written from X's OpenAPI (2.159 with the old names, 2.167 with the new) and its guide pages, not from our connector;
faults of the HTTP answers come from `tests.channels.network.Network`. `exchanges` holds every call for a check against
the specification. What no specification shows (the texts of some refusals) is not `verified` there.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, quote, unquote

from aiohttp import web

from tests.emulators.x_books import OWN_ID, XBooks
from tests.emulators.x_posts import Item, Said, finds, id_at, stamp

BEARER = "AAAA-app-token"
KEYS = {"consumer_key": "ck", "consumer_secret": "cs", "access_token": "9001-at", "access_secret": "as"}
HOSTS = ("https://api.twitter.com", "https://api.x.com")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Exchange:
    """One call: what was asked and answered. `verified` False: no specification shows such an answer."""

    method: str
    path: str
    query: str
    given: Any
    status: int
    content_type: str
    answer: Any
    verified: bool = True


@dataclass
class XServer(XBooks):
    """`received` are the bodies of all posting requests; `rules` and `connections` are those of the stream."""

    received: list[Item] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)
    tokens: dict[str, int] = field(default_factory=dict)
    dead_tokens: bool = False
    unpaid: str = ""
    """"credits" or "cap": X refuses every call."""
    partial_errors: list[Item] = field(default_factory=list)
    closed: set[str] = field(default_factory=set)
    """Authors whose posts are hidden: suspended, or protected by themselves."""
    limits: dict[str, str] = field(default_factory=dict)
    """Headers of a limit that is used up; with them posting answers 429."""
    read_lag: int = 0
    """How many reads of our own posts still lack the newest one."""
    rules: dict[str, Item] = field(default_factory=dict)
    connections: list[asyncio.Queue[bytes | None]] = field(default_factory=list)
    opened: int = 0

    def refresh(self) -> None:
        """Called before each answer; a test may replace it to change what is served."""

    # --- the addresses ---

    def routes(self) -> list[web.RouteDef]:
        """All addresses the connector uses."""
        return [
            web.get("/2/tweets/search/recent", self._noted(self._search)),
            web.get("/2/tweets", self._noted(self._by_ids)),
            web.get("/2/users/{id}/mentions", self._noted(self._mentions)),
            web.get("/2/users/{id}/tweets", self._noted(self._own_posts)),
            web.get("/2/users/me", self._noted(self._me)),
            web.get("/2/usage/tweets", self._noted(self._usage)),
            web.post("/2/tweets", self._noted(self._create)),
            web.get("/2/tweets/search/stream/rules", self._noted(self._list_rules)),
            web.post("/2/tweets/search/stream/rules", self._noted(self._change_rules)),
            web.get("/2/tweets/search/stream", self._stream),
        ]

    def _noted(self, handler: Handler) -> Handler:
        async def note(request: web.Request) -> web.StreamResponse:
            self.refresh()
            raw = await request.read()
            answer = self._stopped() or await handler(request)
            assert isinstance(answer, web.Response)
            body = json.loads(answer.body) if isinstance(answer.body, bytes) else None
            self._keep(request, json.loads(raw) if raw else None, answer.status, answer.content_type, body)
            return answer

        return note

    def _keep(self, request: web.Request, given: Any, status: int, content_type: str, body: Any) -> None:
        verified = status < 400 or not {str(body.get("title", "")).lower()} & UNVERIFIED_TITLES
        query = request.rel_url.raw_query_string
        self.exchanges.append(
            Exchange(request.method, request.path, query, given, status, content_type, body, verified)
        )

    def refused(self, status: int, title: str, detail: str, kind: str = "about:blank", **more: Any) -> web.Response:
        """An error as X words it."""
        host = "api.x.com" if self.spelling == "post" else "api.twitter.com"
        kind = kind if kind == "about:blank" else f"https://{host}/2/problems/{kind}"
        body = {"title": title, "detail": detail, "type": kind, "status": status} | more
        text = json.dumps(body)
        return web.Response(status=status, text=text, content_type="application/problem+json")

    def invalid(self, parameter: str, value: str, message: str) -> web.Response:
        """A 400 that names its parameter."""
        errors = [{"message": message, "parameters": {parameter: [value]}}]
        detail = "One or more parameters to your request was invalid."
        more = {"parameter": parameter} if self.spelling == "post" else {}
        return self.refused(400, "Invalid Request", detail, "invalid-request", errors=errors, **more)

    def _stopped(self) -> web.Response | None:
        if self.unpaid == "credits":
            why = "Your enrolled account [1] does not have any credits to fulfill this request."
            return self.refused(402, "CreditsDepleted", why, "credits")
        if self.unpaid == "cap":
            return self.refused(
                403, "SpendCapReached", "Your enrolled account [1] has reached its spend cap.", "credits"
            )
        return None

    # --- who asks ---

    def _as_app(self, request: web.Request) -> bool:
        return request.headers.get("Authorization") == f"Bearer {BEARER}"

    def _as_us(self, request: web.Request) -> bool:
        """Whether the request is signed by OAuth 1.0a with our keys (RFC 5849, HMAC-SHA1), for this host or X's own."""
        given = request.headers.get("Authorization", "")
        fields = {name: unquote(value) for name, value in re.findall(r'(\w+)="([^"]*)"', given)}
        signature = fields.pop("oauth_signature", "")
        if (
            fields.get("oauth_consumer_key") != KEYS["consumer_key"]
            or fields.get("oauth_token") != KEYS["access_token"]
        ):
            return False
        pairs = [*fields.items(), *parse_qsl(request.rel_url.raw_query_string, keep_blank_values=True)]
        joined = "&".join(f"{name}={value}" for name, value in sorted((_enc(n), _enc(v)) for n, v in pairs))
        key = f"{_enc(KEYS['consumer_secret'])}&{_enc(KEYS['access_secret'])}".encode()
        for host in (str(request.url.origin()), *HOSTS):
            base = "&".join([request.method, _enc(host + request.path), _enc(joined)])
            digest = base64.b64encode(hmac.new(key, base.encode(), hashlib.sha1).digest()).decode()
            if hmac.compare_digest(digest, signature):
                return True
        return False

    def _denied(self) -> web.Response:
        return self.refused(401, "Unauthorized", "Unauthorized")

    # --- reading ---

    async def _search(self, request: web.Request) -> web.Response:
        if not self._as_app(request):
            return self._denied()
        query = request.query.get("query", "")
        if not 1 <= len(query) <= 512:
            return self.invalid("query", query, f"Your query is {len(query)} characters long, the limit is 512")
        edge = int(request.query.get("since_id", "0"))
        newer = [s for s in self.posts.values() if s.id > edge]
        found = [s for s in newer if s.broken or finds(query, s, bool(s.repost))]
        now = self.now()
        seen = [s for s in found if (s.found_from or s.at) <= now and self._is_latest(s)]
        return self._page(request, seen, "next_token", least=10, reach=timedelta(days=7))

    def _is_latest(self, said: Said) -> bool:
        """Search serves the newest version of a post, once its edits are taken in."""
        return said.id == said.history[-1] or "serve_old" in said.changes

    async def _by_ids(self, request: web.Request) -> web.Response:
        """Posts in the version asked for. What is not there is told one by one beside them."""
        if not self._as_app(request):
            return self._denied()
        ids = request.query.get("ids", "").split(",")
        if len(ids) > 100 or not all(re.fullmatch(r"[0-9]{1,19}", each) for each in ids):
            return self.invalid("ids", ",".join(ids), "The `ids` query parameter value is not valid")
        known = [said for each in ids if (said := self.posts.get(int(each)))]
        seen = [said for said in known if said.author not in self.closed]
        body = self.whole(seen, request.query) if seen else {}
        shown = {str(said.id) for said in seen}
        if missing := [self._missing(each) for each in ids if each not in shown]:
            body["errors"] = missing
        return web.json_response(body)

    def _missing(self, number: str) -> Item:
        closed = int(number) in self.posts
        kind, title = ("not-authorized-for-resource", "Authorization Error") if closed else NOT_FOUND
        host, what = ("api.x.com", "post") if self.spelling == "post" else ("api.twitter.com", "tweet")
        told = {"resource_type": what, "resource_id": number, "parameter": "ids", "value": number, "title": title}
        section = {"section": "data"} if closed else {}
        return told | section | {"detail": f"{title}: [{number}].", "type": f"https://{host}/2/problems/{kind}"}

    async def _mentions(self, request: web.Request) -> web.Response:
        if not (self._as_app(request) or self._as_us(request)):
            return self._denied()
        if request.match_info["id"] != OWN_ID:
            return self.refused(404, "Not Found Error", "Could not find user", "resource-not-found")
        naming = [s for s in self.posts.values() if s.author != self.own_name and self._names_us(s)]
        newest = sorted(naming, key=lambda said: said.id)[-800:]
        return self._page(request, newest, "pagination_token", least=5, owned=self._as_us(request))

    def _names_us(self, said: Said) -> bool:
        return re.search(rf"(?<![\w@])@{self.own_name}(?!\w)", said.raw, re.IGNORECASE) is not None

    async def _own_posts(self, request: web.Request) -> web.Response:
        if not self._as_us(request):
            return self._denied()
        mine = [said for said in self.own() if self.shows(said.id)]
        if mine and self.read_lag > 0:
            self.read_lag -= 1
            mine.pop()
        return self._page(request, mine, "pagination_token", least=5, owned=True)

    def _page(
        self, request: web.Request, found: list[Said], token_name: str, *, least: int, reach: timedelta | None = None,
        owned: bool = False,
    ) -> web.Response:  # fmt: skip
        asked = request.query
        if (fields := "post.fields" if self.spelling == "post" else "tweet.fields") and (
            other := {"post.fields", "tweet.fields"} - {fields} & asked.keys()
        ):
            return self.invalid(min(other), "", f"The query parameter [{min(other)}] is not one of [{fields}]")
        size = int(asked.get("max_results", "10"))
        if not least <= size <= 100:
            return self.invalid("max_results", str(size), f"The `max_results` is not between {least} and 100")
        if (stop := self._out_of_reach(asked, reach)) is not None:
            return stop
        below = int(asked.get("until_id", str(1 << 63)))
        if token := asked.get(token_name):
            if self.dead_tokens or token not in self.tokens:
                return self.invalid(token_name, token, f"The `{token_name}` query parameter value [{token}] is invalid")
            below = self.tokens[token]
        chosen = sorted((s for s in found if self._wanted(s, asked, reach) and s.id < below), key=lambda s: -s.id)
        return self._answer(request, chosen[:size], more=len(chosen) > size, owned=owned)

    def _wanted(self, said: Said, asked: Any, reach: timedelta | None) -> bool:
        """Inside the window. Without an id or an end, search ends half a minute ago."""
        if "since_id" in asked and said.id <= int(asked["since_id"]):
            return False
        if "start_time" in asked and said.at < datetime.fromisoformat(asked["start_time"]):
            return False
        return "since_id" in asked or reach is None or said.at <= self.now() - timedelta(seconds=30)

    def _out_of_reach(self, asked: Any, reach: timedelta | None) -> web.Response | None:
        if {"since_id", "until_id"} & asked.keys() and {"start_time", "end_time"} & asked.keys():
            why = "Invalid use of 'since_id' or 'until_id' in conjunction with 'start_time' or 'end_time'."
            return self.invalid("since_id", asked.get("since_id", ""), why)
        edge = self.now() - reach if reach else datetime.min.replace(tzinfo=UTC)
        if "since_id" in asked and reach and int(asked["since_id"]) < id_at(edge):
            why = f"'since_id' must be a tweet id created after [{stamp(edge)}]."
            return self.invalid("since_id", asked["since_id"], why)
        if "start_time" in asked and datetime.fromisoformat(asked["start_time"]) < edge:
            return self.invalid("start_time", asked["start_time"], f"'start_time' must be on or after {stamp(edge)}.")
        return None

    def _answer(self, request: web.Request, chosen: list[Said], *, more: bool, owned: bool) -> web.Response:
        meta: Item = {"result_count": len(chosen)}
        body: Item = {}
        if chosen:
            body = self.whole(chosen, request.query, owned=owned)
            ids = [said.id for said in chosen if not said.broken] or [0]
            meta |= {"newest_id": str(max(ids)), "oldest_id": str(min(ids))}
        if more:
            token = f"b26v89c19zqg8o3f{len(self.tokens):08d}"
            self.tokens[token] = chosen[-1].id
            meta["next_token"] = token
        if self.partial_errors:
            body["errors"] = self.partial_errors
        return web.json_response(body | {"meta": meta})

    async def _me(self, request: web.Request) -> web.Response:
        if not self._as_us(request):
            return self._denied()
        return web.json_response({"data": {"id": OWN_ID, "name": "Norda", "username": self.own_name}})

    async def _usage(self, request: web.Request) -> web.Response:
        if not self._as_app(request):
            return self._denied()
        number = str if self.spelling == "post" else int
        return web.json_response({"data": {"project_id": "1", "project_usage": number(0)}})

    # --- posting ---

    async def _create(self, request: web.Request) -> web.Response:
        if not self._as_us(request):
            return self._denied()
        body = await request.json()
        self.received.append(body)
        if self.limits:
            answer = self.refused(429, "Too Many Requests", "Too Many Requests")
            answer.headers.update(self.limits)
            return answer
        parent = self.posts.get(int(body.get("reply", {}).get("in_reply_to_tweet_id", "0")))
        if "reply" in body and parent is None:
            why = "You attempted to reply to a Tweet that is deleted or not visible to you."
            return self.refused(403, "Forbidden", why)
        text, name = body["text"], parent.author if parent else ""
        if any(said.raw.removeprefix(f"@{said.changes.get('to', '')} ") == text for said in self.own()):
            why = "You are not allowed to create a Tweet with duplicate content."
            return self.refused(403, "Forbidden", why)
        if parent and not self._summons(parent):
            return self.refused(403, "Forbidden", NOT_SUMMONED)
        at = max([self.now(), *(each.at for each in self.posts.values())])
        said = self.say(f"@{name} {text}" if name else text, self.own_name, at=at, reply_to=parent.id if parent else 0)
        said.changes = {"to": name}
        self.took(said.id)
        headers = {"x-rate-limit-limit": "100", "x-rate-limit-remaining": "99", "x-rate-limit-reset": "1795266000"}
        data = {"id": str(said.id), "text": said.raw}
        return web.json_response({"data": data}, status=201, headers=headers)

    def _summons(self, said: Said) -> bool:
        quoted = self.posts.get(said.quote)
        return self._names_us(said) or (quoted is not None and quoted.author == self.own_name)

    # --- the stream ---

    async def _list_rules(self, request: web.Request) -> web.Response:
        if not self._as_app(request):
            return self._denied()
        data = {"data": list(self.rules.values())} if self.rules else {}
        return web.json_response(data | {"meta": {"sent": stamp(self.now()), "result_count": len(self.rules)}})

    async def _change_rules(self, request: web.Request) -> web.Response:
        if not self._as_app(request):
            return self._denied()
        body = await request.json()
        if "delete" in body:
            gone = [self.rules.pop(each, None) for each in body["delete"]["ids"]]
            summary: Item = {"deleted": len(gone), "not_deleted": 0}
            return web.json_response({"meta": {"sent": stamp(self.now()), "summary": summary}})
        made: list[Item] = []
        errors: list[Item] = []
        for rule in body["add"]:
            if len(rule["value"]) > 1024 or "INVALID" in rule["value"]:
                errors.append(self._rule_error("Invalid Rule", "invalid-rules", rule["value"]))
            elif rule["value"] in [each["value"] for each in self.rules.values()]:
                errors.append(self._rule_error("DuplicateRule", "duplicate-rules", rule["value"]))
            else:
                number = str(1_000 + len(self.rules) + len(made))
                made.append({"id": number, **rule})
        self.rules |= {rule["id"]: rule for rule in made}
        summary = {"created": len(made), "not_created": len(errors), "valid": len(made), "invalid": len(errors)}
        parts = ({"data": made} if made else {}) | ({"errors": errors} if errors else {})
        return web.json_response(parts | {"meta": {"sent": stamp(self.now()), "summary": summary}})

    @staticmethod
    def _rule_error(title: str, kind: str, value: str) -> Item:
        return {"title": title, "type": f"https://api.twitter.com/2/problems/{kind}", "value": value}

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        self.refresh()
        stop = self._stopped() or (None if self._as_app(request) else self._denied())
        if stop is None and self.connections:
            why = "This stream is currently at the maximum allowed connection limit."
            more = {"connection_issue": "TooManyConnections"}
            stop = self.refused(429, "ConnectionException", why, "streaming-connection", **more)
        if stop is not None:
            return stop
        response = web.StreamResponse(headers={"Content-Type": "application/json; charset=utf-8"})
        await response.prepare(request)
        waiting: asyncio.Queue[bytes | None] = asyncio.Queue()
        self.connections.append(waiting)
        self.opened += 1
        asked = request.query
        try:
            while (line := await waiting.get()) is not None:
                if line == BREAK:
                    assert request.transport is not None
                    request.transport.abort()
                    break
                line = json.dumps(self._line(int(line), asked, request)).encode() if line.isdigit() else line
                await response.write(line + b"\r\n")
        finally:
            self.connections.remove(waiting)
        return response

    def _line(self, number: int, asked: Any, request: web.Request) -> Item:
        said = self.posts[number]
        body = self.whole([said], asked)
        matching = [rule for rule in self.rules.values() if finds(rule["value"], said, bool(said.repost))]
        body["data"] = body["data"][0]
        body["matching_rules"] = [
            {"id": rule["id"]} | ({"tag": rule["tag"]} if "tag" in rule else {}) for rule in matching
        ]
        self._keep(request, None, 200, "application/json", body)
        return body

    def said(self, post: Said) -> None:
        """To the open stream, when a rule finds it."""
        if any(finds(rule["value"], post, bool(post.repost)) for rule in self.rules.values()):
            self.push(str(post.id).encode())

    def push(self, line: bytes | None) -> None:
        """A line to the open stream: bytes as they are, a post's id as digits, None for an orderly end."""
        for waiting in self.connections:
            waiting.put_nowait(line)

    def drop(self) -> None:
        """What is on its way on the open stream never arrives."""
        for waiting in self.connections:
            while not waiting.empty():
                waiting.get_nowait()

    def heartbeat(self) -> None:
        """The sign of life that X sends every 20 seconds."""
        self.push(b"")


BREAK = b"break"
NOT_FOUND = ("resource-not-found", "Not Found Error")
NOT_SUMMONED = (
    "Reply to this conversation is not allowed because you have not been mentioned or otherwise engaged by the author "
    "of the post you are replying to."
)
UNVERIFIED_TITLES = frozenset(
    {"creditsdepleted", "spendcapreached", "forbidden", "too many requests", "unauthorized", "connectionexception"}
)
"""Titles of refusals that no specification of X describes in full; others' logs and pages show them."""


def _enc(text: str) -> str:
    return quote(text, safe="-._~")
