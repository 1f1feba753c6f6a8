"""asyncpraw as it comes, against the emulated Reddit: an independent witness for the emulator and for our requests.

It also shows what we do not let it do: it posts one reply three times.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import asyncpraw
import pytest
from asyncpraw.exceptions import RedditAPIException
from asyncprawcore.exceptions import ServerError
from asyncprawcore.sessions import FiniteRetryStrategy

from domain.errors import OutcomeUnknown, RateLimited
from tests.channels.network import Fault
from tests.channels.reddit.conftest import TEXT, Rig
from tests.emulators.reddit import comment_name, thread_name

# aiohttp deprecates how asyncprawcore signs in.
pytestmark = [
    pytest.mark.filterwarnings(f"ignore:{words}:DeprecationWarning")
    for words in ("BasicAuth is deprecated", "The 'auth' parameter is deprecated")
]


@pytest.fixture
async def witness(rig: Rig) -> AsyncIterator[asyncpraw.Reddit]:
    server = rig.server
    async with asyncpraw.Reddit(
        client_id=server.client[0],
        client_secret=server.client[1],
        refresh_token=server.refresh_token,
        user_agent="python:witness:1 (by /u/witness)",
        oauth_url=rig.network.base,
        reddit_url=rig.network.base,
        check_for_updates=False,
        ratelimit_seconds=0,
    ) as reddit:
        yield reddit


async def names(listing: Any) -> set[str]:
    return {thing.fullname async for thing in listing}


async def test_witness_reads_what_we_hear(rig: Rig, witness: asyncpraw.Reddit):
    for number in range(1, 251):
        rig.server.say(f"norda {number}", number=number)
    for number in range(1, 131):
        rig.server.submit(f"norda {number}", number=number)
    subreddit = await witness.subreddit("norda")
    for how, listing in (
        ({"kind": "comments"}, subreddit.comments(limit=None)),
        ({"kind": "posts"}, subreddit.new(limit=None)),
        ({"kind": "search"}, subreddit.search("norda", sort="new", limit=None)),
    ):
        heard, _ = await rig.heard(**how)  # type: ignore[arg-type]
        assert {mention.external_id for mention in heard} == await names(listing), how


async def test_witness_reads_our_inbox_and_single_things(rig: Rig, witness: asyncpraw.Reddit):
    ours = rig.server.say("sorry", rig.server.own, number=1)
    for number, box in enumerate(("mentions", "comments", "selfreply"), 2):
        rig.server.notify(rig.server.say(f"hello {number}", number=number, parent=ours["name"]), box)
    assert await names(witness.inbox.mentions()) == {comment_name(2)}
    assert await names(witness.inbox.comment_replies()) == {comment_name(3)}
    assert await names(witness.inbox.submission_replies()) == {comment_name(4)}
    assert await names(witness.info(fullnames=[comment_name(3), thread_name(0), "t1_zzz"])) == {
        comment_name(3), thread_name(0),
    }  # fmt: skip
    me = await witness.user.me()
    assert me is not None
    assert await names(me.comments.new()) == {comment_name(1)}
    submission = await witness.submission(thread_name(0)[3:])
    assert {f"t1_{each}" for each in submission.comments.list()} == {comment_name(number) for number in range(1, 5)}


async def test_witness_posts_the_same_form(rig: Rig, witness: asyncpraw.Reddit):
    rig.server.say("norda", number=1)
    (mention,), _ = await rig.heard()
    await rig.publisher().publish(rig.approve(mention))
    comment = await witness.comment(comment_name(1)[3:], fetch=False)
    theirs = await comment.reply(TEXT)
    assert theirs is not None
    ours, other = rig.server.received
    assert ours == other
    assert theirs.body == TEXT


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library repeats without its pauses."""
    real = asyncio.sleep
    monkeypatch.setattr(FiniteRetryStrategy, "_sleep_seconds", lambda self: None)
    monkeypatch.setattr("asyncpraw.reddit.asyncio.sleep", lambda seconds: real(0))


@pytest.mark.usefixtures("at_once")
async def test_library_alone_posts_three_times_where_we_post_once(rig: Rig, witness: asyncpraw.Reddit):
    rig.server.say("norda", number=1)
    (mention,), _ = await rig.heard()
    rig.network.fault = Fault(status=500, body=b"{}", applied=True, methods=("POST",), path="/api/comment")
    comment = await witness.comment(comment_name(1)[3:], fetch=False)
    with pytest.raises(ServerError):
        await comment.reply(TEXT)
    assert (rig.posts(), len(rig.server.replies())) == (3, 3)
    with pytest.raises(OutcomeUnknown):
        await rig.publisher().publish(rig.approve(mention))
    assert (rig.posts(), len(rig.server.replies())) == (4, 4)


@pytest.mark.usefixtures("at_once")
async def test_library_alone_repeats_after_a_break_of_milliseconds(rig: Rig, witness: asyncpraw.Reddit):
    rig.server.say("norda", number=1)
    (mention,), _ = await rig.heard()
    rig.server.refuse = ["RATELIMIT", "Take a break for 500 milliseconds before trying again.", "ratelimit"]
    comment = await witness.comment(comment_name(1)[3:], fetch=False)
    with pytest.raises(RedditAPIException):
        await comment.reply(TEXT)
    assert rig.posts() == 3, "also with ratelimit_seconds=0"
    with pytest.raises(RateLimited):
        await rig.publisher().publish(rig.approve(mention))
    assert rig.posts() == 4
