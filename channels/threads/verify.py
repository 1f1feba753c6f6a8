"""Looks at posts again, one by one.

Meta does not tell a post that is gone from one that is not for us, and nobody tells an app that it lost a permission.
So a missing post is believed to be gone only while we can read, by its id, what strangers have just posted.
"""

from __future__ import annotations

from collections.abc import Sequence

from channels.manifest import Listening
from channels.threads.client import Client
from channels.threads.convert import is_by, post_id, to_mention
from channels.threads.source import EVERYBODYS_WORD
from domain.errors import Gone, Refused, SignInFailed, Undecodable
from domain.mention import Mention
from domain.ports import Held

BATCH = 10
"""Calls at once."""
UNSURE = (
    "Threads does not find a post that was heard, and does not let this app read posts of strangers by search and by "
    "id: so it cannot be told what was removed. Have the app approved for threads_keyword_search in Meta's App Review"
)


async def verify(listening: Listening, held: Sequence[Held]) -> dict[str, Mention | None]:
    """As `channels.manifest.Verify`. Raises Refused where something is missing and we cannot read strangers."""
    account = listening.account
    if account is None:
        raise SignInFailed("Threads needs an account: add one with a token of an app of yours")
    client, found = Client(account, listening.door, listening.clock), dict[str, Mention | None]()
    refused: Refused | None = None
    for each in (one for one in held if post_id(one.native) == one.external_id):
        try:
            item = await client.find(each.external_id)
            if item is None:
                found[each.external_id] = None
            elif post_id(item) == each.external_id:
                found[each.external_id] = to_mention(item, handle=account.handle, addressed=each.addressed)
        except Undecodable:
            continue
        except Refused as error:
            refused = error
    if refused is not None and not found:
        raise refused
    if None in found.values() and not await _reads_strangers(client, account.handle):
        raise Refused("unsure", UNSURE)
    return found


async def _reads_strangers(client: Client, handle: str) -> bool:
    """Whether a search for what somebody always says finds others, and one of these posts can be read by its id."""
    words = [("q", EVERYBODYS_WORD), ("search_type", "TOP"), ("fields", "id,username")]
    try:
        items, _ = await client.listed("keyword_search", words, purpose="whether others are shown")
        stranger = next((name for item in items if not is_by(item, handle) and (name := post_id(item))), "")
        return bool(stranger) and await client.find(stranger) is not None
    except (Refused, Gone, Undecodable):
        return False
