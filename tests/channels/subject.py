"""What a channel gives to the conformance suite: one small object in `subjects/<channel>.py` called SUBJECT."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from aiohttp import web

from channels.manifest import Manifest, Situation
from domain.account import Account
from domain.reply import Parent
from tests.channels.network import Network, serving


@dataclass
class Subject:
    """Base of the subjects: override what differs. One instance serves all tests, so keep state in the Network.

    `over_http` False: the source reads files; the tests of HTTP answers leave it out.
    `looks_again` False: what this kind of source heard cannot be looked at again, another one's can.
    `shows_edits`, `shows_withdrawals`: whether a later poll of the same window tells of them; `push_edits`,
    `push_withdrawals`: whether a push does. `push_ages`: the signature of a push holds the moment it was made.
    """

    manifest: Manifest
    over_http: bool = True
    looks_again: bool = True
    shows_edits: bool = True
    shows_withdrawals: bool = False
    push_edits: bool = True
    push_withdrawals: bool = True
    push_ages: bool = False
    terms: tuple[str, ...] = ("norda",)
    handles: tuple[str, ...] = ("norda",)
    publish_path: str = "/"
    """Under which path the one publishing request goes (a sign-in before it is not counted)."""
    publishes_over_http: bool = True
    reply_text: str = ""
    """What the publisher tests answer, on networks that do not take the suite's own words (they hold markup)."""
    situations: dict[str, Situation] = field(default_factory=dict)
    """An example of each row of the manifest's `answers`, by the row's `situation`."""

    def settings(self, network: Network, folder: Path) -> dict[str, Any]:
        """Source settings that point to the local server (`network.base`) or to a file in `folder`."""
        return {}

    def routes(self, network: Network, folder: Path) -> list[web.RouteDef]:
        """Handlers that serve `network.posts` (newest last) in the native format and take replies."""
        return []

    def serving(self, network: Network, folder: Path) -> AbstractAsyncContextManager[object]:
        """The local network while a test runs. Channels that do not speak HTTP start their own servers here."""
        return serving(network, self.routes(network, folder))

    def prepare(self, network: Network, folder: Path) -> None:
        """Called before every fetch; channels without HTTP write their file here."""

    def pushed(self, network: Network) -> bytes:
        """The body of a push that tells of all posts; what was told before is an edit, what is gone a removal."""
        raise NotImplementedError

    def signed(self, body: bytes, now: datetime, secret: str | None = None) -> dict[str, str]:
        """The headers of a push with this body, by our secret or another one."""
        raise NotImplementedError

    def native_id(self, post_id: int) -> str:
        """The `external_id` that a mention of this post has."""
        return str(post_id)

    def account(self, network: Network) -> Account | None:
        """Our account on the local server; None for a source that needs none."""
        return None

    def parent(self, network: Network) -> Parent:
        """The post that the publisher tests answer. It exists on the network."""
        raise NotImplementedError

    def published_texts(self, network: Network) -> list[str]:
        """Texts of the replies that are public on the network now, from its own books."""
        return [str(reply["text"]) for reply in network.replies]
