"""Looks at comments and submissions again, 100 in one call (`/api/info`)."""

from __future__ import annotations

from collections.abc import Sequence

from channels.manifest import Listening
from channels.reddit.client import PAGE, Client
from channels.reddit.convert import full_name, is_full_name, is_withdrawn
from channels.reddit.source import RedditSource
from domain.errors import SignInFailed, Undecodable
from domain.mention import Mention
from domain.ports import Held


async def verify(listening: Listening, held: Sequence[Held]) -> dict[str, Mention | None]:
    """As `channels.manifest.Verify`. Reddit still names what was deleted or removed, without words or author; what it
    leaves out may be of a subreddit that closed to us, and says nothing."""
    if listening.account is None:
        raise SignInFailed("looking at posts again needs the account that heard them")
    asked = {each.external_id: each for each in held[:PAGE] if is_full_name(each.external_id)}
    things = (await Client(listening.account, listening.door, listening.clock).info(tuple(asked))).things
    found: dict[str, Mention | None] = {}
    for thing in things:
        try:
            name = full_name(thing)
            if name in asked:
                found[name] = None if is_withdrawn(thing) else _read(thing, asked[name], listening)
        except Undecodable:
            continue
    return found


def _read(thing: object, held: Held, listening: Listening) -> Mention:
    return RedditSource(listening).mention(thing, addressed=held.addressed)
