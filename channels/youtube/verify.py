"""Looks at comments and videos again, 50 in one call, which costs one unit."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

import msgspec

from channels.manifest import Listening
from channels.youtube.client import Client, Listing
from channels.youtube.convert import Spot, Us, is_public, to_mention
from channels.youtube.look_up import LOT
from channels.youtube.problems import LOST
from channels.youtube.settings import YouTubeSettings
from domain.errors import Refused, Undecodable
from domain.mention import Mention
from domain.ports import Held
from net.decode import text_at

DAYS = 7
_TWICE = 2
"""A round begins every half of that time."""
Ask = Callable[[tuple[str, ...]], Awaitable[Listing]]


def most(settings: YouTubeSettings) -> int:
    """How many posts may be looked at in seven days."""
    return settings.looks_units * LOT * DAYS // _TWICE


async def verify(listening: Listening, held: Sequence[Held]) -> dict[str, Mention | None]:
    """As `channels.manifest.Verify`. A search shows only the beginning of what is said of a video, so of videos nothing
    is told but that they are gone, and of comments below a video that shows none any more nothing."""
    client = Client(listening.account, listening.door, listening.clock)
    asked = {each.external_id: each for each in held[:LOT] if each.external_id and "," not in each.external_id}
    videos = tuple(name for name, each in asked.items() if text_at(each.native, "kind") == "video")
    comments = tuple(name for name in asked if name not in videos)
    _, found = await _there(client.videos_by_id, videos)
    items, missing = await _there(client.comments_by_id, comments)
    found |= await _below_open_videos(client, [asked[name] for name in missing])
    return found | _read(items, asked, listening)


async def _below_open_videos(client: Client, missing: Sequence[Held]) -> dict[str, Mention | None]:
    """What of this is gone. A video that is gone, private, or has its comments turned off hides them all."""
    videos = {text_at(each.native, "video") for each in missing}
    is_open = {video: not (await client.threads({"videoId": video})).trouble for video in videos if video}
    return {each.external_id: None for each in missing if is_open.get(text_at(each.native, "video"), True)}


async def _there(ask: Ask, ids: tuple[str, ...]) -> tuple[list[object], dict[str, Mention | None]]:
    """What of these is there, and what is gone. Where YouTube says of several only that one of them is lost, or not for
    us, they are halved; of one that is not for us nothing is told."""
    if not ids:
        return [], {}
    try:
        listing = await ask(ids)
    except Refused:
        listing = Listing([], trouble="refused")
    if listing.trouble and len(ids) > 1:
        half = len(ids) // 2
        (items, gone), (more, lost) = await _there(ask, ids[:half]), await _there(ask, ids[half:])
        return items + more, gone | lost
    if listing.trouble and listing.trouble not in LOST:
        return [], {}
    names = {text_at(item, "id") for item in listing.items}
    is_odd = not names <= set(ids)  # then what is missing may be what cannot be read
    return listing.items, {} if is_odd else dict.fromkeys(name for name in ids if name not in names)


def _read(items: list[object], asked: dict[str, Held], listening: Listening) -> dict[str, Mention | None]:
    own = listening.account.external_id if listening.account else ""
    us, found = Us(own, listening.handles, may_write=False), dict[str, Mention | None]()
    for item in items:
        each = asked.get(text_at(item, "id"))
        if each is None or not is_public(item):
            continue
        with suppress(Undecodable):
            spot = Spot(text_at(each.native, "video"), each.thread_id)
            mention = to_mention(item, spot, us, addressed=each.addressed)
            found[each.external_id] = msgspec.structs.replace(mention, native=each.native)
    return found
