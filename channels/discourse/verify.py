"""Looks at posts of a forum again, one by one; of a topic's first post also at its title."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from channels.discourse.client import Client
from channels.discourse.convert import Site, is_for_everybody, is_withdrawn, to_mention
from channels.discourse.source import NO_FORUM, forum_of
from channels.manifest import Listening
from domain.errors import Gone, Refused, Undecodable
from domain.mention import Mention
from domain.ports import Held
from net.decode import int_at, text_at

BATCH = 10
"""Calls at once: a key of an ordinary account may ask 20 times a minute."""


async def verify(listening: Listening, held: Sequence[Held]) -> dict[str, Mention | None]:
    """As `channels.manifest.Verify`. Of what the forum shows only to others now (a closed category) nothing is told."""
    client, site = forum_of(listening)
    if not client.server:
        raise Refused(NO_FORUM)
    found: dict[str, Mention | None] = {}
    for each in held:
        post_id = int_at(each.native, "id")
        if post_id is None or text_at(each.native, "server") != client.server:
            continue
        with suppress(Undecodable):
            try:
                post = await client.find(post_id)
            except Refused as error:
                if error.reason != "forbidden":
                    raise
                continue
            if post is None or (int_at(post, "id") == post_id and is_withdrawn(post)):
                found[each.external_id] = None
            elif is_for_everybody(post) and (read := await _read(client, site, post, each)) is not None:
                found |= {each.external_id: read} if read.external_id == each.external_id else {}
    return found


async def _read(client: Client, site: Site, post: object, held: Held) -> Mention | None:
    """The post with what only a list says of it; None when its topic's title cannot be had."""
    own = replace(site, least=int_at(held.native, "least") or 0, most=int_at(held.native, "most") or 0)
    title = ""
    if int_at(post, "post_number") == 1:
        try:
            title = await client.title(int_at(post, "topic_id") or 0)
        except (Gone, Refused):
            return None
    return to_mention(post, own, title=title, addressed=held.addressed)
