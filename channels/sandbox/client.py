"""HTTP of the sandbox network: one method per address."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from domain.clock import Clock, SystemClock
from domain.errors import OutcomeUnknown
from net.decode import list_at
from net.door import Answer, Door, publish_problem, raise_for, says_gone

PAGE = 100


class SandboxClient:
    """Talks to the network at `base_url` through the door."""

    def __init__(self, base_url: str, door: Door, token: str = "", clock: Clock | None = None) -> None:
        self._base = base_url.rstrip("/")
        self._door = door
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._clock = clock or SystemClock()

    async def _ask(self, path: str, **params: int) -> Answer:
        return await self._door.request(
            "GET", f"{self._base}{path}", headers=self._headers, params=params, purpose="sandbox"
        )

    async def _get(self, path: str, **params: int) -> object:
        return raise_for(await self._ask(path, **params), self._clock.now()).json()

    async def post(self, post_id: str) -> object | None:
        """One post; None when the network says that there is none."""
        answer = await self._ask(f"/api/posts/{quote(post_id, safe='')}")
        return None if says_gone(answer) else raise_for(answer, self._clock.now()).json()

    async def changes(self, after: int) -> object:
        """Posts written, edited or withdrawn after that change number."""
        return await self._get("/api/posts", after=after, limit=PAGE)

    async def replies(self, parent_id: str) -> list[object]:
        """Answers to one post."""
        return list_at(await self._get(f"/api/posts/{quote(parent_id, safe='')}/replies"), "posts")

    async def me(self) -> object:
        """Whose token this is."""
        return await self._get("/api/me")

    async def reply(self, body: bytes, key: str, *, first_attempt: bool) -> Any:
        """The one request that publishes; the JSON of the new post."""
        headers = {**self._headers, "Content-Type": "application/json", "Idempotency-Key": key}
        answer: Answer = await self._door.send_once(
            "POST", f"{self._base}/api/replies", headers=headers, body=body, purpose="sandbox"
        )
        error = publish_problem(
            answer.status, answer.headers, answer.body, self._clock.now(), first_attempt=first_attempt
        )
        if error is not None:
            raise error
        value = answer.json()
        if not isinstance(value, dict):
            raise OutcomeUnknown("the answer names no post")
        return value
