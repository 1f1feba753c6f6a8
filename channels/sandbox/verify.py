"""Looks at posts of the sandbox network again, one by one."""

from __future__ import annotations

from collections.abc import Sequence

from channels.manifest import Listening
from channels.sandbox.client import SandboxClient
from channels.sandbox.convert import to_mention
from domain.errors import Undecodable
from domain.mention import Mention
from domain.ports import Held
from net.decode import bool_at, text_at


async def verify(listening: Listening, held: Sequence[Held]) -> dict[str, Mention | None]:
    """As `channels.manifest.Verify`."""
    client = SandboxClient(listening.settings.base_url, listening.door, clock=listening.clock)
    found: dict[str, Mention | None] = {}
    for each in held:
        raw = await client.post(each.external_id)
        if raw is None or (text_at(raw, "id") == each.external_id and bool_at(raw, "withdrawn")):
            found[each.external_id] = None
            continue
        try:
            post = to_mention(raw, listening.handles)
        except Undecodable:
            continue
        if post.external_id == each.external_id:
            found[each.external_id] = post
    return found
