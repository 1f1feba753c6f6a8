"""Looks at comments under our media again, one by one."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from channels.graph import Graph
from channels.instagram.convert import COMMENT_FIELDS, comment_to_mention
from channels.manifest import Listening
from domain.errors import SignInFailed, Undecodable
from domain.mention import Mention
from domain.ports import Held

BATCH = 10
"""Calls at once: asked for several ids, Meta fails for all when one is gone."""


async def verify(listening: Listening, held: Sequence[Held]) -> dict[str, Mention | None]:
    """As `channels.manifest.Verify`. What names us elsewhere can be read while it does; of the rest nothing is told."""
    if listening.account is None:
        raise SignInFailed("an Instagram account is read by itself: add it")
    graph = Graph(listening.account, listening.door, listening.clock)
    found: dict[str, Mention | None] = {}
    for each in (held_one for held_one in held if held_one.native.get("kind") == "comment"):
        with suppress(Undecodable):
            item = await graph.find(each.external_id, COMMENT_FIELDS, purpose="look again")
            mention = None if item is None else comment_to_mention(item)
            if item is None or (mention is not None and mention.external_id == each.external_id):
                found[each.external_id] = mention
    return found
