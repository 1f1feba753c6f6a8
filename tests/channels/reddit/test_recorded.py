"""Recorded answers of the real Reddit (2020 to 2026) through our client, source and publisher."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import web

from channels.manifest import Listening
from channels.reddit.client import try_account
from channels.reddit.convert import is_withdrawn, to_mention
from channels.reddit.freeze import freeze
from channels.reddit.publisher import RedditPublisher
from channels.reddit.source import RedditSettings, RedditSource
from domain.account import Account
from domain.clock import SetClock
from domain.reply import ApprovedReply, Outgoing, Parent
from net.door import Door
from tests.channels.doors import test_door as open_door
from tests.channels.network import NOON, Network, serving
from tests.emulators.reddit import RedditServer

SECRETS = {f"secret_{name}": "recorded" for name in ("client_id", "client_secret", "refresh_token")}


def calls(shared: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for file in sorted((shared / "recorded" / "reddit").glob("*.json")):
        for call in json.loads(file.read_text(encoding="utf-8")):
            yield file.stem, call


def things(value: Any) -> Iterator[dict[str, Any]]:
    """Every comment and submission in an answer, at any depth."""
    if isinstance(value, list):
        for item in value:
            yield from things(item)
    elif isinstance(value, dict):
        if value.get("kind") in ("t1", "t3") and isinstance(value.get("data"), dict):
            yield value
        for part in value.values():
            yield from things(part)


def recorded_things(shared: Path) -> list[dict[str, Any]]:
    return [thing for _, call in calls(shared) for thing in things(call["response"]["body"])]


def test_every_recorded_post_is_read(shared: Path):
    found = recorded_things(shared)
    assert len(found) > 450
    gone = [thing for thing in found if is_withdrawn(thing)]
    assert Counter(thing["kind"] for thing in gone) == {"t1": 2, "t3": 4}
    for thing in found:
        if thing in gone:
            continue
        mention = to_mention(thing)
        assert mention.thread_id.startswith("t3_"), mention.external_id
        assert mention.url.startswith("https://www.reddit.com/r/"), mention.url
        assert "?" not in mention.url
        assert (mention.parent_id is None) == (thing["kind"] == "t3")


def test_emulator_serves_only_fields_that_reddit_serves_with_their_types(shared: Path):
    kinds: dict[tuple[str, str], set[str]] = {}
    for thing in recorded_things(shared):
        for name, value in thing["data"].items():
            kinds.setdefault((thing["kind"], name), set()).add(type(value).__name__)
    server = RedditServer()
    server.say("a", number=1)
    server.submit("b", "c", number=2)
    for thing in map(server._shown, server.things.values()):
        for name, value in thing["data"].items():
            assert type(value).__name__ in kinds[thing["kind"], name], name


def _form(body: Any) -> str:
    return json.dumps({name: str(value) for name, value in body.items()}, sort_keys=True) if body else ""


@asynccontextmanager
async def replayed(shared: Path) -> AsyncIterator[tuple[Network, Door]]:
    """A server that answers as recorded: the first recorded answer to each method, path and form."""
    answers: dict[tuple[str, str, str], dict[str, Any]] = {}
    for _, call in calls(shared):
        asked = call["request"]
        answers.setdefault((asked["method"], asked["path"].rstrip("/"), _form(asked["body"])), call)

    async def answer(request: web.Request) -> web.Response:
        if request.path == "/api/v1/access_token":
            token = {"access_token": "recorded", "token_type": "bearer", "expires_in": 3600, "scope": "*"}
            return web.json_response(token)
        call = answers.get((request.method, request.path.rstrip("/"), _form(await request.post())))
        if call is None:
            return web.Response(status=599)
        told = call["response"]
        headers = {name: value for name, value in told["headers"].items() if name.startswith("x-ratelimit")}
        return web.json_response(told["body"], status=told["status"], headers=headers)

    network = Network()
    async with serving(network, [web.route("*", "/{path:.*}", answer)]), open_door(SetClock(NOON)) as door:
        yield network, door


async def test_recorded_listings_are_heard(shared: Path):
    async with replayed(shared) as (network, door):
        account = Account(1, "reddit", "user_0001", "t2_u0001", network.base, SECRETS)
        heard = {}
        for kind in ("comments", "posts"):
            settings = RedditSettings(kind=kind, subreddits=("askreddit",))
            page = await RedditSource(Listening(settings, account, (), (), door, SetClock(NOON))).fetch(None)
            assert page.unreadable == ()
            assert page.seen == len(page.mentions) > 40
            heard[kind] = page.mentions
        assert {mention.native["subreddit"] for mentions in heard.values() for mention in mentions} == {"AskReddit"}


async def test_recorded_reply_is_sent_as_recorded_and_its_answer_understood(shared: Path):
    async with replayed(shared) as (network, door):
        account = Account(1, "reddit", "user_0001", "t2_u0001", network.base, SECRETS)
        native = {"subreddit": "test_subreddit", "may_answer": True}
        parent = Parent("t3_hmkbt8", "t3_hmkbt8", "", "t2_u0005", "user_0001", native)
        frozen = freeze(Outgoing("Test reply", None, parent, account, NOON, 7))
        reply = ApprovedReply(7, 8, "reddit", account, parent, "Test reply", frozen.body, frozen.key, NOON)
        sent = await RedditPublisher(account, door, SetClock(NOON)).publish(reply)
        assert sent.external_id == "t1_fx5oyxp"
        assert sent.url == "https://www.reddit.com/r/test_subreddit/comments/hmkbt8/asyncpraw_test/fx5oyxp/"


async def test_recorded_identity_completes_an_account(shared: Path):
    async with replayed(shared) as (network, door):
        tried = await try_account(Account(0, "reddit", "", "", network.base, SECRETS), door)
        assert tried.handle.startswith("user_")
        assert tried.external_id.startswith("t2_u")
