"""What asyncpraw takes for its HTTP session: every request of the library leaves through the door.

The library sees good answers only. Whatever else Reddit says is raised here as the error of our contract, before
the library could take it for a reason to wait or to repeat: its own sessions repeat POSTs as well.
"""

from __future__ import annotations

import weakref
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from domain.clock import Clock
from domain.errors import ChannelError, Gone, Refused, SignInFailed, Undecodable
from net.answer import Answer, problem, publish_problem
from net.decode import text_at, value_at
from net.door import Door

MAX_BYTES = 8 * 1024 * 1024
"""A hundred submissions may have 40,000 characters each, sent twice (as written and as HTML)."""
_CLOSED = ("private", "banned", "quarantined", "gated", "restricted")
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Response:
    """The part of aiohttp's response that asyncprawcore reads. It is a good one: which 2xx it was does not matter."""

    status = 200

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self.headers = answer.headers

    async def json(self) -> object:
        """The body through the boundary decoder. Raises Undecodable."""
        return self._answer.json()


class DoorSession:
    """Stands in for aiohttp.ClientSession: `headers`, `closed`, `close` and `request` are what asyncprawcore uses."""

    closed = False

    def __init__(self, door: Door, clock: Clock) -> None:
        self._door: Door = weakref.proxy(door)  # what is kept per door must not keep the door
        self._clock = clock
        self.headers: dict[str, str] = {}

    async def close(self) -> None:
        """The door is not ours to close."""

    @asynccontextmanager
    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        params: Mapping[str, str] | None = None,
        data: Any = None,
        auth: str | None = None,
        **_: Any,
    ) -> AsyncIterator[Response]:
        """One request. A GET reads, a POST with the app's credentials asks for a token, any other POST publishes."""
        if method == "GET":
            yield Response(await self._read(url, headers, params))
        elif auth is not None:
            yield Response(await self._token(url, {**headers, "Authorization": auth}, dict(data)))
        else:
            yield Response(await self._publish(url, headers, params, data))

    async def _read(self, url: str, headers: Mapping[str, str], params: Mapping[str, str] | None) -> Answer:
        answer = await self._door.request(
            "GET", url, headers=headers, params=params, max_bytes=MAX_BYTES, purpose="reddit"
        )
        if "/subreddits/search" in answer.headers.get("location", ""):
            # Where Reddit leads when there is no such subreddit.
            raise Refused("there is no such subreddit: check how its name is written")
        if error := problem(answer.status, answer.headers, answer.body, self._clock.now()):
            raise _explained(error, answer)
        return answer

    async def _token(self, url: str, headers: Mapping[str, str], form: dict[str, str]) -> Answer:
        answer = await self._door.request("POST", url, headers=headers, form=form, purpose="sign in")
        error = problem(answer.status, answer.headers, answer.body, self._clock.now())
        if isinstance(error, Refused | SignInFailed):
            raise SignInFailed(f"Reddit does not accept this client id, secret or refresh token ({error})")
        if error is not None:
            raise error
        check_token(answer.json())
        return answer

    async def _publish(self, url: str, headers: Mapping[str, str], params: Any, body: bytes) -> Answer:
        answer = await self._door.send_once(
            "POST", url, headers={**headers, **_FORM}, params=params, body=body, purpose="publish"
        )
        if error := publish_problem(answer.status, answer.headers, answer.body, self._clock.now()):
            raise error
        return answer


def _explained(error: ChannelError, answer: Answer) -> ChannelError:
    """A closed subreddit says how in `reason`, with 403 or 404."""
    if not isinstance(error, Refused | Gone):
        return error
    try:
        reason = text_at(answer.json(), "reason")
    except Undecodable:
        return error
    if reason not in _CLOSED:
        return error
    words = f"the subreddit is {reason} (HTTP {answer.status})"
    return Gone(words) if isinstance(error, Gone) else Refused(error.reason, words)


def check_token(payload: object) -> None:
    """Whether asyncprawcore can use this token answer; it looks up the fields unchecked.

    Raises SignInFailed for an error (Reddit sends it with 200), Undecodable for anything odd.
    """
    if error := text_at(payload, "error"):
        raise SignInFailed(f"Reddit does not accept this client id, secret or refresh token ({error[:80]})")
    token, lifetime = value_at(payload, "access_token"), value_at(payload, "expires_in")
    others = value_at(payload, "scope"), value_at(payload, "refresh_token") or ""
    if not isinstance(token, str) or not token.isascii() or not token.isprintable() or not token:
        raise Undecodable("the answer to our sign-in holds no usable token")
    if type(lifetime) is not int or not all(isinstance(other, str) for other in others):
        raise Undecodable("the answer to our sign-in does not say how long and for what its token is good")
