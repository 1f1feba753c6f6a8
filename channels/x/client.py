"""The calls to X's API version 2 that this channel makes."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from channels.x.names import EXPANSIONS, FIELDS, USER_FIELDS, Spelling
from channels.x.problems import post_problem
from channels.x.transport import API, STREAM, Params, Transport
from domain.account import Account
from domain.clock import Clock, SystemClock
from domain.errors import BadInput, Refused, SignInFailed, Undecodable, Unreachable
from net.decode import decode_json, text_at
from net.door import Answer, Door, Lines

STREAM_IDLE_S = 45.0
"""X sends a sign of life every 20 seconds."""

_WANTED: dict[str, Any] = {
    "tweet_fields": list(FIELDS),
    "user_fields": list(USER_FIELDS),
    "expansions": list(EXPANSIONS),
}

_OWN: dict[str, Any] = {"tweet_fields": list(FIELDS), "expansions": ["referenced_tweets.id"]}
"""Enough to know what our posts answer, in either spelling. Users would cost and say nothing new."""


@dataclass(frozen=True, slots=True)
class Client:
    """One account and its app. Reads are signed by the app; posts, and what is our own, by the account's keys."""

    account: Account
    door: Door
    clock: Clock = field(default_factory=SystemClock)
    spelling: Spelling = "tweet"

    @property
    def _transport(self) -> Transport:
        return Transport(self.account, self.door, self.clock, self.spelling)

    async def search(self, query: str, size: int, place: Params) -> Answer:
        """A page of recent search, newest first. `place`: since_id, until_id, start_time, token."""
        return await _page(self._transport.tweepy().search_recent_tweets, query, size, "next_token", place)

    async def mentions(self, size: int, place: Params, *, owned: bool) -> Answer:
        """A page of the posts that name us, newest first. `owned` asks as the account itself."""
        ask = partial(self._transport.tweepy().get_users_mentions, user_auth=owned)
        return await _page(ask, self.account.external_id, size, "pagination_token", place)

    async def posts(self, ids: Sequence[str], *, whole: bool) -> Answer:
        """Posts by their ids, at most 100. `whole`: with their authors and what they answer, which costs more."""
        wanted = _WANTED if whole else {"tweet_fields": list(FIELDS)}
        answer: Answer = await self._transport.tweepy().get_tweets(list(ids), **wanted)
        return answer

    async def own_posts(self, size: int, place: Params) -> Answer:
        """A page of what our account posted, newest first, asked as the account itself, in whichever spelling X takes:
        an account has no setting for it."""
        try:
            return await self._own_posts(size, place)
        except Refused as error:
            if "fields" not in f"{error.reason} {error.detail}":
                raise
        other: Spelling = "post" if self.spelling == "tweet" else "tweet"
        return await replace(self, spelling=other)._own_posts(size, place)

    async def _own_posts(self, size: int, place: Params) -> Answer:
        ask = partial(self._transport.tweepy().get_users_tweets, user_auth=True)
        return await _page(ask, self.account.external_id, size, "pagination_token", place, _OWN)

    async def me(self) -> object:
        """The account that the keys belong to."""
        return (await self._transport.tweepy().get_me()).json()

    async def usage(self) -> object:
        """How much the app has read. Costs nothing, and needs the app's token."""
        return (await self._transport.read("GET", "/2/usage/tweets")).json()

    async def rules(self) -> object:
        """The rules of the filtered stream. They belong to the app, so to all who use its token."""
        return (await self._transport.tweepy_rules().get_rules()).json()

    async def add_rules(self, values: list[str], tag: str) -> object:
        """New rules. X answers 2xx also when it did not take some of them."""
        from tweepy import StreamRule

        return (await self._transport.tweepy_rules().add_rules([StreamRule(value, tag) for value in values])).json()

    async def delete_rules(self, ids: list[str]) -> None:
        """Take rules away."""
        await self._transport.tweepy_rules().delete_rules(ids)

    def stream(self) -> AbstractAsyncContextManager[Lines]:
        """The filtered stream; any status is an answer. Not tweepy's: that one connects again at once and for ever,
        and 50 times in 15 minutes are allowed."""
        params = {name.replace("_", "."): ",".join(values) for name, values in _WANTED.items()}
        transport = self._transport
        url = f"{transport.base}{STREAM}"
        return self.door.lines(url, headers=transport.bearer(), params=params, idle_s=STREAM_IDLE_S)

    async def post(self, body: bytes, *, first_attempt: bool) -> Answer:
        """The one request that publishes: exactly these bytes. Raises as a publisher must."""
        fields = decode_json(body)
        answer: Answer = await self._transport.tweepy_sending(body).create_tweet(
            text=text_at(fields, "text"), in_reply_to_tweet_id=text_at(fields, "reply", "in_reply_to_tweet_id")
        )
        if (error := post_problem(answer, self.clock.now(), first_attempt=first_attempt)) is not None:
            raise error
        return answer


async def _page(
    ask: Any, of: str, size: int, token_name: str, place: Params, wanted: dict[str, Any] = _WANTED
) -> Answer:
    named = {token_name if name == "token" else name: value for name, value in place.items()}
    answer: Answer = await ask(of, max_results=size, **named, **wanted)
    return answer


async def try_account(account: Account, door: Door) -> Account:
    """Sign in with all keys; the account completed with handle and id. Raises SignInFailed, Unreachable, BadInput."""
    if account.base_url and not account.base_url.startswith(("https://", "http://")):
        raise BadInput(f"the address must start with https://; leave it empty for {API}")
    client = Client(account, door)
    try:
        person = await client.me()
        await client.usage()
    except Undecodable as error:
        raise Unreachable(f"{account.base_url or API} does not answer like X ({error})") from error
    handle, own_id = text_at(person, "data", "username"), text_at(person, "data", "id")
    if not handle or not own_id:
        raise SignInFailed("X did not say whose keys these are")
    return replace(account, handle=handle, external_id=own_id)
