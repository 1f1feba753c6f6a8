"""asyncpraw as we use it: it signs in and forms requests. It waits for nothing and repeats nothing."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import aiohttp
import asyncpraw
from asyncprawcore import Authorizer, RequestException, Session, TrustedAuthenticator
from asyncprawcore.rate_limit import RateLimiter
from asyncprawcore.sessions import FiniteRetryStrategy

from channels.reddit.transport import DoorSession
from domain.account import Account
from domain.clock import Clock
from domain.errors import ChannelError, RateLimited
from net.answer import retry_at
from net.door import Door

OAUTH_URL = "https://oauth.reddit.com"
REDDIT_URL = "https://www.reddit.com"
USER_AGENT = "python:earshot:0.1 ({whose})"
"""Reddit asks for platform, app, version and a name to turn to. asyncpraw adds its own name behind."""

# At level debug it writes out what is posted and searched for.
logging.getLogger("asyncprawcore").setLevel(logging.WARNING)


class NoRetry(FiniteRetryStrategy):
    """asyncprawcore repeats every method on 5xx, so one reply was posted three times."""

    def should_retry_on_failure(self) -> bool:
        """Never."""
        return False


class Limits(RateLimiter):
    """Says when to come back, where asyncprawcore would sleep inside our call (up to ten minutes)."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(window_size=600)
        self._clock = clock
        self._until: datetime | None = None

    async def delay(self) -> None:
        """Called before each request. Raises RateLimited while the requests of this window are used up."""
        if self._until is not None and self._clock.now() < self._until:
            raise RateLimited(self._until, "all requests of this period are used up")

    def update(self, *, response_headers: Mapping[str, str]) -> None:
        """Called after each good answer. Answers from a cache carry no such headers."""
        try:
            used_up = float(response_headers.get("x-ratelimit-remaining", "1")) < 1
        except ValueError:
            return
        self._until = retry_at(response_headers, self._clock.now()) if used_up else None


class App(TrustedAuthenticator):
    """Our approved app. aiohttp's BasicAuth, which asyncprawcore makes here, is deprecated."""

    def _auth(self) -> str:  # type: ignore[override]
        return aiohttp.encode_basic_auth(self.client_id, self.client_secret)


class SignIn(Authorizer):
    """Asks for one access token at a time. It is valid for an hour and kept in memory only."""

    def __init__(self, app: App, refresh_token: str) -> None:
        super().__init__(authenticator=app, refresh_token=refresh_token)
        self._turn = asyncio.Lock()

    async def refresh(self) -> None:
        """Get a token unless there is a valid one. Raises SignInFailed and what else a read raises."""
        async with self._turn:
            if not self.is_valid():
                await super().refresh()

    def forget(self, token: str | None = None) -> None:
        """Drop the token: any, or exactly this one."""
        if token in (None, self.access_token):
            self.access_token = None


class Core(Session):
    """asyncprawcore's session with our sign-in, limits and no repeats."""

    def __init__(self, sign_in: SignIn, clock: Clock) -> None:
        super().__init__(authorizer=sign_in)
        self._rate_limiter = Limits(clock)
        self._retry_strategy_class = NoRetry


@dataclass(frozen=True, slots=True)
class Opened:
    """asyncpraw for one account, and its sign-in. Both raise the errors of our contract."""

    reddit: asyncpraw.Reddit
    sign_in: SignIn

    async def token(self) -> str | None:
        """A valid access token. Only one caller at a time asks for a new one."""
        try:
            await self.sign_in.refresh()
        except RequestException as error:
            raise _named(error) from error
        return self.sign_in.access_token

    async def ask(self, method: str, path: str, **request: Any) -> object:
        """One request with the token in hand."""
        try:
            answer: object = await self.reddit.request(method=method, path=path, **request)
            return answer
        except RequestException as error:
            raise _named(error) from error


def _named(error: RequestException) -> Exception:
    """The error of ours that asyncprawcore wrapped."""
    inner = error.original_exception
    return inner if isinstance(inner, ChannelError) else error


def open_reddit(account: Account, door: Door, clock: Clock) -> Opened:
    """asyncpraw for one account. An account's `base_url` stands in for both of Reddit's addresses.

    Settings left out would be looked up in the environment and in a praw.ini of the working directory: a user name and
    password found there would take the place of our refresh token.
    """
    client_id, secret = account.secrets["secret_client_id"], account.secrets["secret_client_secret"]
    refresh_token = account.secrets["secret_refresh_token"]
    reddit = asyncpraw.Reddit(
        "DEFAULT",
        client_id=client_id,
        client_secret=secret,
        refresh_token=refresh_token,
        username=None,
        password=None,
        redirect_uri=None,
        user_agent=USER_AGENT.format(whose=f"by /u/{account.handle}" if account.handle else "self-hosted"),
        oauth_url=account.base_url.rstrip("/") or OAUTH_URL,
        reddit_url=account.base_url.rstrip("/") or REDDIT_URL,
        check_for_updates=False,
        ratelimit_seconds=0,
        requestor_kwargs={"session": DoorSession(door, clock)},
    )
    sign_in = SignIn(App(client_id=client_id, client_secret=secret, requestor=reddit.requestor), refresh_token)
    reddit._core = Core(sign_in, clock)  # type: ignore[assignment]
    return Opened(reddit, sign_in)
