"""Names for the authors of stream events, which carry only a DID."""

from __future__ import annotations

import msgspec

from domain.clock import Clock
from domain.errors import ChannelError
from domain.mention import Mention
from net.decode import int_at, list_at, text_at, value_at
from net.door import Door, raise_for

MOST = 25
"""Profiles per call (lexicon app.bsky.actor.getProfiles)."""


async def named(mentions: list[Mention], url: str, door: Door, clock: Clock) -> list[Mention]:
    """The mentions with handle, name and followers where the network tells. Names are a courtesy: no error here."""
    found: dict[str, object] = {}
    dids = list(dict.fromkeys(mention.author_id for mention in mentions)) if url else []
    for start in range(0, len(dids), MOST):
        try:
            found |= await _profiles(dids[start : start + MOST], url, door, clock)
        except ChannelError:
            break
    return [_with_name(mention, found.get(mention.author_id)) for mention in mentions]


async def _profiles(dids: list[str], url: str, door: Door, clock: Clock) -> dict[str, object]:
    params = [("actors", did) for did in dids]
    address = f"{url.rstrip('/')}/xrpc/app.bsky.actor.getProfiles"
    answer = await door.request("GET", address, params=params, timeout_s=5, purpose="profiles")
    answer_json = raise_for(answer, clock.now()).json()
    return {text_at(person, "did"): person for person in list_at(answer_json, "profiles")}


def _with_name(mention: Mention, person: object) -> Mention:
    if person is None:
        return mention
    followers = int_at(person, "followersCount")
    return msgspec.structs.replace(
        mention,
        author_handle=text_at(person, "handle"),
        author_name=text_at(person, "displayName"),
        author_followers=followers if followers is not None and 0 <= followers < 1 << 31 else None,
        author_is_bot="bot" in [value_at(label, "val") for label in list_at(person, "labels")],
    )
