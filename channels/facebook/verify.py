"""Looks at posts and comments on our Page again, one by one."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from channels.facebook.convert import COMMENT_FIELDS, POST_FIELDS, comment_to_mention, post_to_mention
from channels.graph import Graph
from channels.manifest import Listening
from domain.errors import SignInFailed, Undecodable
from domain.mention import Mention
from domain.ports import Held
from net.decode import text_at

BATCH = 10
"""Calls at once: asked for several ids, Meta fails for all when one is gone."""


async def verify(listening: Listening, held: Sequence[Held]) -> dict[str, Mention | None]:
    """As `channels.manifest.Verify`. On other profiles and Pages Meta does not tell what is gone from what is not for
    us, so nothing can be told there."""
    if listening.account is None:
        raise SignInFailed("a Facebook Page is read by its own account: add one")
    graph = Graph(listening.account, listening.door, listening.clock)
    found: dict[str, Mention | None] = {}
    for each in held:
        post, page_id = text_at(each.native, "post"), listening.account.external_id
        if each.native.get("on_our_page") is not True or not post:
            continue
        is_post = each.external_id == post
        with suppress(Undecodable):
            item = await graph.find(each.external_id, POST_FIELDS if is_post else COMMENT_FIELDS, purpose="look again")
            if item is None:
                found[each.external_id] = None
                continue
            mention = post_to_mention(item, page_id) if is_post else comment_to_mention(item, post, page_id)
            if mention is not None and mention.external_id == each.external_id:
                found[each.external_id] = mention
    return found
