"""Looks at posts again, one by one, on the server where they were heard."""

from __future__ import annotations

from collections.abc import Sequence

from channels.manifest import Listening
from channels.mastodon.client import Client
from channels.mastodon.convert import to_mention
from channels.mastodon.source import client_of
from domain.errors import Gone, Refused, Undecodable
from domain.mention import Mention
from domain.ports import Held
from net.decode import text_at


async def verify(listening: Listening, held: Sequence[Held]) -> dict[str, Mention | None]:
    """As `channels.manifest.Verify`. Ids are valid on one server only: what was heard on another cannot be told."""
    client = client_of(listening)
    if not client.server:
        raise Refused("no server: give base_url (for example https://mastodon.social) or an account")
    here = [each for each in held if text_at(each.native, "id") and text_at(each.native, "server") == client.server]
    found: dict[str, Mention | None] = {}
    bare = []
    for each in here:
        try:
            status = await client.status(text_at(each.native, "id"))
            post = None if status is None else _read(status, each, client, listening)
        except Undecodable:
            continue
        except Gone:
            bare.append(each.external_id)
            continue
        if post is None or post.external_id == each.external_id:
            found[each.external_id] = post
    return found | (dict.fromkeys(bare) if bare and await client.answers() else {})


def _read(status: object, held: Held, client: Client, listening: Listening) -> Mention:
    return to_mention(status, server=client.server, account=listening.account, addressed=held.addressed)
