"""Reddit in the conformance suite: the comments of one subreddit, answered by POST."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web

from channels.manifest import Situation
from channels.reddit import MANIFEST
from domain.account import Account
from domain.clock import Clock
from domain.reply import Parent
from tests.channels.network import Network, Post
from tests.channels.proofs import DAY_S, Hearing, Posted, Publishing
from tests.channels.subject import Subject
from tests.emulators.reddit import RedditServer, comment_name, thread_name

PARENT = 90_000


def _serve(server: RedditServer, post: Post) -> None:
    thing = server.say(post.text, post.author, number=post.id)
    thing["created_utc"] = thing["created"] = post.posted_at.timestamp()
    if not post.dated:
        del thing["created_utc"], thing["created"]
    if post.broken:
        thing.update(name=None, body=None)
    if post.withdrawn:
        server.delete(comment_name(post.id))


class _Books(RedditServer):
    """Serves what the network holds now, and keeps our own replies beside it."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network
        self.served: dict[int, Post] = {}
        self.say("norda parent", number=PARENT, _hidden=True)

    def refresh(self) -> None:
        held = {post.id: post for post in self.network.posts}
        for number in self.served.keys() - held.keys():
            del self.things[comment_name(number)]
        for number, post in held.items():
            before = self.served.get(number)
            if before is None:
                _serve(self, post)
            elif before is not post:
                self._change(post)
        self.served = held

    def _change(self, post: Post) -> None:
        if post.withdrawn:
            self.delete(comment_name(post.id))
        else:
            self.edit(comment_name(post.id), post.text)


@dataclass
class RedditSubject(Subject):
    """A comment keeps its words as they were typed."""

    publish_path: str = "/api/comment"

    def settings(self, network: Network, folder: Path) -> dict[str, Any]:
        return {"kind": "comments", "subreddits": ["norda"], "answer_in": ["norda"]}

    def routes(self, network: Network, folder: Path) -> list[web.RouteDef]:
        network.state["server"] = server = _Books(network)
        return server.routes()

    def native_id(self, post_id: int) -> str:
        return comment_name(post_id)

    def account(self, network: Network) -> Account:
        return account_on(network.state["server"], network.base)

    def parent(self, network: Network) -> Parent:
        return self.post_to_answer(PARENT)

    def post_to_answer(self, number: int) -> Parent:
        """The comment with this number as our publisher answers it."""
        native = {"subreddit": "norda", "may_answer": True, "locked": False, "archived": False}
        return Parent(comment_name(number), thread_name(0), "", "t2_mara", "mara", native)

    def published_texts(self, network: Network) -> list[str]:
        server: RedditServer = network.state["server"]
        return [thing["body"] for thing in server.replies()]


def account_on(server: RedditServer, base: str) -> Account:
    """Our account on the emulated server."""
    secrets = {
        "secret_client_id": server.client[0],
        "secret_client_secret": server.client[1],
        "secret_refresh_token": server.refresh_token,
    }
    return Account(1, "reddit", server.own, f"t2_{server.own}", base, secrets)


SITUATIONS = {
    "the thread is archived": Situation(True, True, {"may_answer": True, "archived": True}),
    "the post is locked": Situation(True, True, {"may_answer": True, "locked": True}),
    "no account": Situation(False, True, {"may_answer": True}),
    "the subreddit is not listed in answer_in": Situation(True, True, {"subreddit": "norda", "may_answer": False}),
    "otherwise": Situation(True, False, {"may_answer": True}),
}
SUBJECT = RedditSubject(MANIFEST, shows_withdrawals=True, situations=SITUATIONS)


# --- proofs ----------------------------------------------------------------------------------------------------


def _ask(network: Network, number: int) -> Parent:
    network.posts = [*network.posts[-20:], Post(number, "norda, my seat is wet")]
    network.state["server"].refresh()
    return SUBJECT.post_to_answer(number)


def _books(network: Network) -> list[Posted]:
    return [Posted(thing["name"], thing["parent_id"]) for thing in network.state["server"].replies()]


def _prepare(network: Network, clock: Clock) -> None:
    server: RedditServer = network.state["server"]
    server.clock, server.remaining = clock, 1e9


PUBLISHING = (
    Publishing(
        name="Reddit, read back",
        kind="read back",
        subject=SUBJECT,
        ask=_ask,
        books=_books,
        prepare=_prepare,
    ),
)

HEARING = (
    Hearing(
        name="Reddit, comments",
        subject=SUBJECT,
        in_place=True,
        overlap_posts=100,
        sweep_s=DAY_S,
        sweep_posts=1000,
        sweep_every_s=3600.0,
        removal_posts=100,
        prepare=_prepare,
    ),
)
