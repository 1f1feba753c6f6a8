"""What all of Meta's Graph API has alike: tokens and proofs, fields that must exist, pages, errors, usage, pushes.

Written from the reference at developers.facebook.com/docs/graph-api, not from our client; `violations` lists requests
that the reference forbids, `exchanges` every call for a check against Meta's own client library. Addresses begin with
the version. `facebook` and `instagram` fill it with their nodes.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from domain.clock import Clock, SetClock
from tests.emulators.late import Late

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
VERSION = "v26.0"
TOKEN, APP_SECRET, VERIFY = "EAAG-page-token", "0123456789abcdef0123456789abcdef", "words that we chose"
SECRETS = {"secret_token": TOKEN, "secret_app": APP_SECRET, "secret_verify": VERIFY}
Item = dict[str, Any]
Fields = dict[str, Any]
_FIELD = re.compile(r"([a-z_]+)((?:\.[a-z_]+\([^()]*\))*)")


class Failed(Exception):
    """An answer that is an error, in Meta's form."""

    def __init__(self, code: int, message: str = "", *, status: int = 400, subcode: int = 0, passing: bool = False):
        super().__init__(message)
        error: Item = {"message": message or f"(#{code}) an error", "type": "OAuthException", "code": code}
        error |= {"error_subcode": subcode} if subcode else {}
        error |= {"is_transient": True} if passing else {}
        self.status, self.body = status, {"error": error | {"fbtrace_id": "AbCdEfGhIjK"}}


def stamp(moment: datetime) -> str:
    """As Meta writes times."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")


def parse_fields(text: str) -> Fields:
    """`a,b{c},d.e(f){g}` as names with their own fields and arguments."""
    found, rest = _fields(text)
    if rest:
        raise Failed(2500, f"(#2500) Syntax error in {text}")
    return found


def _fields(text: str) -> tuple[Fields, str]:
    """The fields at the head of a text, and what follows them."""
    found: Fields = {}
    while (match := _FIELD.match(text)) is not None:
        inner: Fields = {}
        text = text[match.end() :]
        if text.startswith("{"):
            inner, text = _fields(text[1:])
            if not text.startswith("}"):
                break
            text = text[1:]
        arguments = dict(re.findall(r"\.([a-z_]+)\(([^()]*)\)", match[2]))
        found[match[1]] = {"fields": inner, "arguments": arguments}
        if not text.startswith(","):
            break
        text = text[1:]
    return found, text


def sign(body: bytes, secret: str = APP_SECRET) -> dict[str, str]:
    """The header by which Meta proves a push."""
    return {"x-hub-signature-256": "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}


@dataclass
class GraphServer(Late):
    """`troubles` are the errors of the next calls, in order; `used` is told in the headers (percent). What we write is
    the newest there, and not older than the clock says."""

    clock: Clock = field(default_factory=lambda: SetClock(NOON), kw_only=True)
    own_id: str = "1010101010"
    page_size: int = 100
    needs_proof: bool = True
    signed_out: bool = False
    used: int = 0
    regain_minutes: int = 0
    troubles: deque[Failed] = field(default_factory=deque)
    violations: list[str] = field(default_factory=list)
    exchanges: list[tuple[str, str, Item]] = field(default_factory=list)
    base: str = ""

    # --- filled by the networks ---

    def node(self, name: str, fields: Fields) -> Item:
        """GET /{id}."""
        raise NotImplementedError

    def edge(self, name: str, edge: str, asked: Item, fields: Fields) -> list[Item]:
        """GET /{id}/{edge}, whole, in its order."""
        raise NotImplementedError

    def create(self, name: str, edge: str, form: Item) -> Item:
        """POST /{id}/{edge}."""
        raise NotImplementedError

    def refresh(self) -> None:
        """Called before each answer; a test may replace it to change what is served."""

    # --- the API ---

    def routes(self) -> list[web.RouteDef]:
        """All addresses, of any version: one that is not ours is a violation."""
        return [
            web.get("/{version:v[0-9.]+}/{path:.+}", self._get),
            web.post("/{version:v[0-9.]+}/{path:.+}", self._post),
        ]

    async def _get(self, request: web.Request) -> web.Response:
        return self._answer(request, dict(request.query), self._read)

    async def _post(self, request: web.Request) -> web.Response:
        return self._answer(request, {**request.query, **await request.post()}, self._write)

    def _answer(self, request: web.Request, asked: Item, act: Any) -> web.Response:
        self.base = f"{request.scheme}://{request.host}"
        try:
            self._admit(request, asked)
            body = act(request.match_info["path"].strip("/").split("/"), asked)
        except Failed as error:
            return web.json_response(error.body, status=error.status, headers=self._usage())
        self.exchanges.append((request.method, request.match_info["path"], asked))
        return web.json_response(body, headers=self._usage())

    def _admit(self, request: web.Request, asked: Item) -> None:
        self.refresh()
        if request.match_info["version"] != VERSION:
            self.violations.append(f"version {request.match_info['version']}")
        token = asked.pop("access_token", "") or request.headers.get("Authorization", "").removeprefix("Bearer ")
        proof = asked.pop("appsecret_proof", "")
        if token != TOKEN or self.signed_out:
            raise Failed(190, "Error validating access token: the session has been invalidated", subcode=460)
        wanted = hmac.new(APP_SECRET.encode(), TOKEN.encode(), hashlib.sha256).hexdigest()
        if (proof or self.needs_proof) and proof != wanted:
            raise Failed(100, "Invalid appsecret_proof provided in the API argument")
        if self.troubles:
            raise self.troubles.popleft()

    def _usage(self) -> dict[str, str]:
        if not self.used and not self.regain_minutes:
            return {}
        use = {"type": "pages", "call_count": self.used, "total_cputime": 1, "total_time": 2}
        use["estimated_time_to_regain_access"] = self.regain_minutes
        return {
            "x-app-usage": json.dumps({"call_count": self.used // 2, "total_time": 1, "total_cputime": 1}),
            "x-business-use-case-usage": json.dumps({self.own_id: [use]}),
        }

    def _read(self, path: list[str], asked: Item) -> Item:
        fields = parse_fields(asked.get("fields", "id"))
        if len(path) == 1:
            return self.node(path[0], fields)
        return self._paged(path, self.edge(path[0], path[1], asked, fields), asked)

    def _write(self, path: list[str], form: Item) -> Item:
        if len(path) != 2:
            raise Failed(100, "Unsupported post request", subcode=33)
        return self.create(path[0], path[1], form)

    def _paged(self, path: list[str], items: list[Item], asked: Item) -> Item:
        """Cursors are opaque: here, how many items come before."""
        limit = int(asked.get("limit", 25))
        if not 1 <= limit <= 100:
            self.violations.append(f"limit {limit}")
        size = min(limit, self.page_size)
        start = int(base64.b64decode(asked["after"])) if "after" in asked else 0
        page = items[start : start + size]
        body: Item = {"data": page}
        if page:
            cursor = base64.b64encode(str(start + size).encode()).decode()
            body["paging"] = {"cursors": {"before": base64.b64encode(str(start).encode()).decode(), "after": cursor}}
            if start + size < len(items):
                body["paging"]["next"] = f"{self.base}/{VERSION}/{'/'.join(path)}?after={cursor}&access_token={TOKEN}"
        return body

    def pick(self, item: Item, fields: Fields, known: set[str], kind: str) -> Item:
        """Only the fields that were asked for; what is empty is left out. A field that the node lacks is an error."""
        for name in fields:
            if name not in known:
                raise Failed(100, f"(#100) Tried accessing nonexisting field ({name}) on node type ({kind})")
        picked = {name: item[name] for name in ("id", *fields) if item.get(name) is not None}
        return {name: self._inner(value, fields.get(name, {})) for name, value in picked.items()}

    @staticmethod
    def _inner(value: Any, asked: Fields) -> Any:
        """An object inside is cut to the fields that were asked for; a list inside was cut before."""
        inner = asked.get("fields")
        if not inner or not isinstance(value, dict) or "data" in value:
            return value
        return {name: value[name] for name in inner if name in value}
