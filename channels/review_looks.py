"""Looking at stored reviews again, one by one: what the stores have in common. A review may be stored as two posts, its
own and one more since its author changed it after an answer; with the review both are gone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from channels.reviews import Review, mention_of
from domain.errors import ChannelError, Refused, Undecodable
from domain.mention import Mention
from domain.ports import Held
from net.decode import text_at

BATCH = 10
"""Calls at once."""

Find = Callable[[str], Awaitable[Review | None]]
"""One review by its id; None only where the store itself says that it is not there. Raises the errors of a read."""


async def look_again(
    held: Sequence[Held], find: Find, lists: Callable[[], Awaitable[object]]
) -> dict[str, Mention | None]:
    """As `channels.manifest.Verify`. `lists` reads the list that they came from: only while the store still shows us
    that, a review that it does not find is gone, and not our right to see it."""
    found: dict[str, Mention | None] = {}
    missing: list[str] = []
    asked: dict[str, list[str]] = {}
    for each in held:
        asked.setdefault(text_at(each.native, "review"), []).append(each.external_id)
    asked.pop("", None)
    for review_id, names in asked.items():
        with suppress(Undecodable, Refused):
            review = await find(review_id)
            mention = None if review is None else mention_of(review)
            if mention is None:
                missing += names
            elif mention.external_id in names:
                found[mention.external_id] = mention
    return found | dict.fromkeys(missing if missing and await _answers(lists) else ())


async def _answers(lists: Callable[[], Awaitable[object]]) -> bool:
    try:
        await lists()
    except ChannelError:
        return False
    return True
