"""Looks at reviews again, one by one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from channels.googleplay.client import Play
from channels.googleplay.source import REACH_S
from channels.manifest import Listening
from channels.review_looks import look_again
from domain.errors import SignInFailed
from domain.mention import Mention
from domain.ports import Held
from net.decode import time_at

WITHIN_S = 3 * 86_400.0
"""Twice while Google certainly shows a review: it promises a week."""
MOST = 3_600
"""Each twice in this time is half of the 200 calls an hour that Google allows for an app."""


async def verify(listening: Listening, held: Sequence[Held]) -> dict[str, Mention | None]:
    """As `channels.manifest.Verify`. Whether Google shows a single review that is older than a week is not known: so an
    old one is gone only where another old one still shows."""
    if listening.account is None:
        raise SignInFailed("reading reviews from Google Play needs an account: add a service account")
    client, package = Play(listening.account, listening.door, listening.clock), listening.settings.package
    lists = partial(client.reviews, package, "", size=1)
    found = await look_again(held, partial(client.find, package), lists)
    edge = listening.clock.now() - timedelta(seconds=REACH_S)
    old = {each.external_id for each in held if (at := time_at(each.native, "changed")) is None or at < edge}
    if any(found.get(name) for name in old):
        return found
    return {name: post for name, post in found.items() if post is not None or name not in old}
