"""Looks at posts again, 25 in one call, as anybody sees them (or, without a public view, as our account does)."""

from __future__ import annotations

from collections.abc import Sequence

from channels.bluesky.client import Client
from channels.bluesky.convert import view_to_mention
from channels.manifest import Listening
from domain.errors import SignInFailed, Undecodable
from domain.mention import Mention
from domain.ports import Held
from net.decode import list_at, text_at, value_at
from net.door import raise_for

MOST = 25
"""Posts per call (lexicon app.bsky.feed.getPosts)."""


async def verify(listening: Listening, held: Sequence[Held]) -> dict[str, Mention | None]:
    """As `channels.manifest.Verify`. The call leaves out posts that were removed and those of accounts that closed; an
    answer in which one entry cannot be read says nothing about those it leaves out."""
    answer = await _posts(listening, [each.external_id for each in held[:MOST]])
    if not isinstance(value_at(answer, "posts"), list):
        raise Undecodable("the answer holds no list of posts")
    views = {text_at(view, "uri"): view for view in list_at(answer, "posts")}
    found: dict[str, Mention | None] = {}
    for each in held[:MOST]:
        if each.external_id not in views:
            found |= {} if "" in views else {each.external_id: None}
            continue
        try:
            found[each.external_id] = _read(views[each.external_id], each, listening)
        except Undecodable:
            continue
    return found


def _read(view: object, held: Held, listening: Listening) -> Mention:
    own_did = listening.account.external_id if listening.account else ""
    return view_to_mention(view, own_did=own_did, addressed=held.addressed)


async def _posts(listening: Listening, uris: list[str]) -> object:
    method, params = "app.bsky.feed.getPosts", [("uris", uri) for uri in uris]
    if base := listening.settings.profiles_url:
        url = f"{base.rstrip('/')}/xrpc/{method}"
        answer = await listening.door.request("GET", url, params=params, purpose="look again")
        return raise_for(answer, listening.clock.now()).json()
    if listening.account is None:
        raise SignInFailed("looking at posts again needs profiles_url or an account")
    return await Client(listening.account, listening.door, listening.clock).get(method, params, purpose="look again")
