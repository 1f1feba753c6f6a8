"""A small browser for tests: speaks ASGI to the app itself, keeps cookies, sends what browsers send with forms."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode

from starlette.types import Message, Scope

from storage import sessions
from tests.web.seed import Desk
from web.access import cookie_name

_VOID = {"meta", "link", "input", "br", "img", "path", "rect", "hr"}


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    set_cookies: list[str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def location(self) -> str:
        return self.headers.get("location", "")


@dataclass
class Browser:
    """One browser: `get`, `post` a form, `send` anything."""

    desk: Desk
    cookies: dict[str, str] = field(default_factory=dict)
    host: str = "desk.test"
    address: str = "203.0.113.7"

    @classmethod
    async def signed_in(cls, desk: Desk, role: str) -> Browser:
        """A browser that holds a session of the person with this role."""
        async with desk.db.write() as session:
            token = await sessions.open_session(session, desk.users[role], desk.clock.now())
        return cls(desk, {cookie_name(desk.parts): token})

    async def get(self, path: str, **headers: str) -> Answer:
        return await self.send("GET", path, headers={"accept": "text/html", **headers})

    async def get_json(self, path: str) -> Answer:
        return await self.send("GET", path, headers={"accept": "application/json"})

    async def post(self, path: str, **values: Any) -> Answer:
        """A form sent from one of our own pages."""
        body = urlencode({name: value for name, value in values.items() if value is not None}).encode()
        headers = {
            "accept": "text/html",
            "content-type": "application/x-www-form-urlencoded",
            "origin": f"http://{self.host}",
            "sec-fetch-site": "same-origin",
        }
        return await self.send("POST", path, body, headers)

    async def post_json(self, path: str, value: Any) -> Answer:
        headers = {
            "accept": "application/json",
            "content-type": "application/json",
            "origin": f"http://{self.host}",
        }
        return await self.send("POST", path, json.dumps(value).encode(), headers)

    async def follow(self, answer: Answer) -> Answer:
        """Go where a redirect leads."""
        assert answer.status == 303, (answer.status, answer.text[:500])
        return await self.get(answer.location)

    async def send(self, method: str, target: str, body: bytes = b"", headers: dict[str, str] | None = None) -> Answer:
        path, _, query = target.partition("?")
        sent = {"host": self.host, **(headers or {})}
        if body:
            sent["content-length"] = str(len(body))
        if self.cookies:
            sent["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        scope: Scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(name.encode(), value.encode("latin-1")) for name, value in sent.items()],
            "client": (self.address, 40000),
            "server": ("desk.test", 80),
        }
        messages: list[Message] = []
        todo = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> Message:
            if not todo:
                await asyncio.Event().wait()  # the browser stays and waits for the answer
            return todo.pop(0)

        async def keep(message: Message) -> None:
            messages.append(message)

        await self.desk.app(scope, receive, keep)
        return self._answer(messages)

    def _answer(self, messages: list[Message]) -> Answer:
        start = messages[0]
        headers = [(name.decode().lower(), value.decode("latin-1")) for name, value in start["headers"]]
        cookies = [value for name, value in headers if name == "set-cookie"]
        for cookie in cookies:
            name, _, value = cookie.split(";")[0].partition("=")
            if "max-age=0" in cookie.lower() or value in ("", '""'):
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value.strip('"')
        body = b"".join(message.get("body", b"") for message in messages[1:])
        return Answer(start["status"], dict(headers), cookies, body)


class Outline(HTMLParser):
    """The elements of a page with their attribute names: what must not change, whatever a post says."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[str] = []
        self.text: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(f"{tag}[{','.join(sorted(name for name, _ in attrs))}]")
        self.links += [value or "" for name, value in attrs if name in ("href", "src", "action", "formaction")]

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID:
            self.elements.append(f"/{tag}")

    def handle_comment(self, data: str) -> None:
        self.elements.append("comment")

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def outline(html: str) -> Outline:
    """The outline of a page."""
    found = Outline()
    found.feed(html)
    found.close()
    return found
