"""tweepy as its makers wrote it, only pointed at the emulator: it reads and posts what we read and post."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientSession
from tweepy import StreamRule
from tweepy.asynchronous import AsyncClient, AsyncPaginator, AsyncStreamingClient
from tweepy.errors import Forbidden, TooManyRequests

from channels.x.names import EXPANSIONS, FIELDS, USER_FIELDS
from channels.x.reading import versions
from channels.x.verify import verify
from domain.ports import Held
from tests.channels.x.rig import HOUR_LATER, TEXT, Rig, approve
from tests.channels.x.test_source import MINUTE, backlog
from tests.channels.x.test_stream import following
from tests.emulators.x import BEARER, KEYS

WANTED: dict[str, Any] = {
    "tweet_fields": list(FIELDS),
    "user_fields": list(USER_FIELDS),
    "expansions": list(EXPANSIONS),
}
QUERY = '("norda" OR #norda) -from:norda -is:retweet -is:nullcast'


class Redirected:
    """What tweepy takes for its session: the same requests, at another host."""

    def __init__(self, session: ClientSession, base: str) -> None:
        self._session, self._base = session, base
        self.headers: dict[str, str] = {}
        self.closed = False

    def request(self, method: str, url: object, **how: Any) -> Any:
        return self._session.request(method, str(url).replace("https://api.twitter.com", self._base), **how)

    async def close(self) -> None:
        self.closed = True


@pytest.fixture
async def witness(rig: Rig) -> AsyncIterator[AsyncClient]:
    async with ClientSession() as session:
        client = AsyncClient(
            BEARER, KEYS["consumer_key"], KEYS["consumer_secret"], KEYS["access_token"], KEYS["access_secret"]
        )
        client.session = Redirected(session, rig.network.base)
        yield client


async def test_it_finds_what_we_find(rig: Rig, witness: AsyncClient):
    parent = rig.server.say("about line 4", "ben", at=HOUR_LATER - 300 * MINUTE)
    backlog(rig.server, 230)
    rig.server.say("norda & <b>" + " it is late" * 40, at=HOUR_LATER - 200 * MINUTE, reply_to=parent.id)
    ours, _ = await rig.heard()
    pages = AsyncPaginator(witness.search_recent_tweets, QUERY, max_results=100, **WANTED)
    theirs = [tweet async for page in pages for tweet in page.data]
    assert {mention.external_id for mention in ours} == {versions(tweet.data)[0] for tweet in theirs}
    assert {mention.posted_at for mention in ours} == {tweet.created_at for tweet in theirs}
    names = {mention.external_id: mention.author_id for mention in ours}
    assert all(names[str(tweet.id)] == str(tweet.author_id) for tweet in theirs)
    assert len(ours) == 231


async def test_it_hears_the_same_mentions(rig: Rig, witness: AsyncClient):
    for number in range(150):
        rig.server.say(f"@norda {number}", at=HOUR_LATER - (200 - number) * MINUTE / 60)
    ours, _ = await rig.heard(kind="mentions")
    for user_auth in (False, True):
        pages = AsyncPaginator(witness.get_users_mentions, 9001, max_results=100, user_auth=user_auth)
        theirs = [(str(tweet.id), tweet.text) async for page in pages for tweet in page.data]
        assert sorted(theirs) == sorted((mention.external_id, mention.text) for mention in ours)


async def test_it_sees_by_id_what_our_second_look_sees(rig: Rig, witness: AsyncClient):
    said = [rig.server.say(f"norda {number}", at=HOUR_LATER - (9 - number) * MINUTE) for number in range(3)]
    posts = [Held(str(post.id), str(post.id), "", False, {}) for post in said]
    rig.server.posts.pop(said[1].id)
    ours = await verify(rig.listening(), posts)
    theirs = await witness.get_tweets([post.id for post in said])
    assert {str(tweet.id) for tweet in theirs.data} == {name for name, post in ours.items() if post}
    assert {error["resource_id"] for error in theirs.errors} == {name for name, post in ours.items() if post is None}


async def test_it_posts_what_we_post(rig: Rig, witness: AsyncClient):
    first = rig.server.say("@norda line 4?", at=HOUR_LATER - 3 * MINUTE)
    second = rig.server.say("@norda line 5?", at=HOUR_LATER - 2 * MINUTE)
    mentions = {mention.external_id: mention for mention in (await rig.heard(kind="mentions"))[0]}
    sent = await rig.publisher().publish(approve(rig, mentions[str(first.id)]))
    theirs = await witness.create_tweet(text=f"{TEXT} too", in_reply_to_tweet_id=second.id)
    ours, witnessed = rig.server.received
    assert ours.keys() == witnessed.keys()
    assert ours["reply"].keys() == witnessed["reply"].keys()
    assert [said.reply_to for said in rig.server.own()] == [first.id, second.id]
    timeline = await witness.get_users_tweets(9001, user_auth=True, max_results=100)
    assert {str(tweet.id) for tweet in timeline.data} == {sent.external_id, theirs.data["id"]}


async def test_it_is_refused_where_we_are(rig: Rig, witness: AsyncClient):
    unasked = rig.server.say("norda is late", at=HOUR_LATER - MINUTE)
    with pytest.raises(Forbidden, match="engaged by the author"):
        await witness.create_tweet(text=TEXT, in_reply_to_tweet_id=unasked.id)
    rig.server.limits = {"x-rate-limit-remaining": "0", "x-rate-limit-reset": "1795266000"}
    with pytest.raises(TooManyRequests):
        await witness.create_tweet(text=TEXT)
    assert (await witness.get_me()).data.username == "norda"


class Listening(AsyncStreamingClient):  # type: ignore[misc]
    """tweepy's stream, noting what it is told."""

    def __init__(self) -> None:
        super().__init__(BEARER, max_retries=0)
        self.heard: asyncio.Queue[str] = asyncio.Queue()

    async def on_tweet(self, tweet: Any) -> None:
        await self.heard.put(tweet.text)


async def test_its_stream_hears_what_ours_hears(rig: Rig):
    async with ClientSession() as session:
        theirs = Listening()
        theirs.session = Redirected(session, rig.network.base)
        await theirs.add_rules(StreamRule(QUERY, "witness"))
        task = theirs.filter(**WANTED)
        await _until(lambda: bool(rig.server.connections))
        rig.server.say("norda is late", at=HOUR_LATER)
        assert await asyncio.wait_for(theirs.heard.get(), 5) == "norda is late"
        theirs.disconnect()
        await task
        rig.server.heartbeat()
        await _until(lambda: not rig.server.connections)
    async with following(rig) as follower:
        await follower.caught_up()
        rig.server.say("norda is late again", at=HOUR_LATER)
        assert await follower.heard() == ["norda is late again"]


async def _until(done: Any) -> None:
    for _ in range(500):
        if done():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not come to that")
