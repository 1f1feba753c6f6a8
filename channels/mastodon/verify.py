"""Looks at posts again, one by one, on the server where they were heard."""

from __future__ import annotations

from collections.abc import Sequence

from channels.manifest import Listening
from channels.mastodon.convert import to_mention
from channels.mastodon.source import client_of
from domain.errors import Refused, Undecodable
from domain.mention import Mention
from domain.ports import Held
from net.decode import text_at


async def verify(listening: Listening, held: Sequence[Held]) -> dict[str, Mention | None]:
    """As `channels.manifest.Verify`. Ids are valid on one server only: what was heard on another cannot be told."""
    client = client_of(listening)
    if not client.server:
        raise Refused("no server: give base_url (for example https://mastodon.social) or an account")
    found: dict[str, Mention | None] = {}
    for each in held:
        own_id = text_at(each.native, "id")
        if not own_id or text_at(each.native, "server") != client.server:
            continue
        status = await client.status(own_id)
        if status is None:
            found[each.external_id] = None
            continue
        try:
            post = to_mention(status, server=client.server, account=listening.account, addressed=each.addressed)
        except Undecodable:
            continue
        if post.external_id == each.external_id:
            found[each.external_id] = post
    return found
