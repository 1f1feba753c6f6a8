"""Looks at items again by the item API, which needs no key."""

from __future__ import annotations

from collections.abc import Sequence

from channels.hackernews.client import HackerNewsClient
from channels.hackernews.convert import from_item, is_withdrawn
from channels.manifest import Listening
from domain.errors import Undecodable
from domain.mention import Mention
from domain.ports import Held
from net.decode import text_at


async def verify(listening: Listening, held: Sequence[Held]) -> dict[str, Mention | None]:
    """As `channels.manifest.Verify`. Gone is what its author deleted and what the site took off ("dead"); an item that
    is null for a moment says nothing."""
    settings = listening.settings
    client = HackerNewsClient(settings.search_url, settings.items_url, listening.door, listening.clock)
    threads = {int(each.external_id): each.thread_id for each in held if each.external_id.isdecimal()}
    found: dict[str, Mention | None] = {}
    for item_id, raw in await client.items(threads):
        if text_at(raw, "id") == str(item_id) and is_withdrawn(raw):
            found[str(item_id)] = None
            continue
        try:
            post = from_item(raw, threads[item_id])
        except Undecodable:
            continue
        if post.external_id == str(item_id):
            found[post.external_id] = post
    return found
