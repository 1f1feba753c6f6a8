"""Looks at posts again by their ids.

X bills each post that is there, once per UTC day, and nothing for one that is gone. So authors are not asked for, and
only an edited post, which is a new post with a new id, is read whole. X's batch compliance jobs are not on its price
list, but others report that X makes the job and then does not take the list of ids (404, September 2026).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress

import msgspec

from channels.manifest import Listening
from channels.x.convert import Own, is_outdated, to_mention
from channels.x.problems import empty_problem
from channels.x.reading import Included, versions
from channels.x.snowflake import number_at
from channels.x.source import XSource
from domain.errors import Refused, Undecodable
from domain.mention import Mention
from domain.ports import Held
from net.decode import list_at, text_at

BATCH = 20
"""X takes 100; a budget is passed by one batch at most."""
NO_BUDGET = (
    "no post is looked at again, so what X's users remove stays here: set `looks_share` and `daily_budget_usd` of this "
    "source so that their product pays for it (US$ 0.005 per stored post and day), or keep posts for fewer days"
)
_GONE = ("resource-not-found", "not-authorized-for-resource")
"""Ends of the kinds of error: removed, or of an author who is suspended or protected now."""


async def verify(listening: Listening, held: Sequence[Held]) -> dict[str, Mention | None]:
    """As `channels.manifest.Verify`. Gone is only what X names as gone, by its id."""
    client, own = XSource(listening).client(), Own.of(listening.account, listening.handles)
    if listening.settings.looks < 1:
        raise Refused("budget", NO_BUDGET)
    asked = {version: each for each in held if (version := _version(each))}
    if not asked:
        return {}
    there, gone = _sorted((await client.posts(list(asked), whole=False)).json(), asked)
    found: dict[str, Mention | None] = {asked[name].external_id: None for name in gone}
    found |= _same((post, asked[name]) for name, post in there.items() if not is_outdated(post))
    newer = {versions(post)[-1]: asked[name] for name, post in there.items() if is_outdated(post)}
    return found | (_edited((await client.posts(list(newer), whole=True)).json(), newer, own) if newer else {})


def _sorted(body: object, asked: Mapping[str, Held]) -> tuple[dict[str, object], list[str]]:
    """The posts that are there, and the ids of those that are gone. Raises when the answer tells nothing of any."""
    there = {name: post for post in list_at(body, "data") if (name := text_at(post, "id")) in asked}
    told = {text_at(error, "resource_id") or text_at(error, "value"): error for error in list_at(body, "errors")}
    missing = told.keys() & asked.keys() - there.keys()
    if not (there or missing):
        raise empty_problem(body)
    return there, [name for name in missing if text_at(told[name], "type").endswith(_GONE)]


def _same(posts: Iterable[tuple[object, Held]]) -> dict[str, Mention]:
    """Posts that stand in the version we hold: what we know of them beside their words stays. A bare repost reads as
    another post, which was not asked for."""
    found = {}
    for post, held in posts:
        with suppress(Undecodable):
            read = to_mention(post, Included({}, {}), Own.of(None, ()))
            if read.external_id == held.external_id and not read.is_repost:
                found[read.external_id] = msgspec.structs.replace(read, native=held.native, addressed=held.addressed)
    return found


def _edited(body: object, newer: Mapping[str, Held], own: Own) -> dict[str, Mention]:
    found: dict[str, Mention] = {}
    included = Included.of(body)
    for post in list_at(body, "data"):
        if (held := newer.get(text_at(post, "id"))) is None:
            continue
        with suppress(Undecodable):
            read = to_mention(post, included, own, addressed=held.addressed)
            found |= {read.external_id: read} if read.external_id == held.external_id else {}
    return found


def _version(held: Held) -> str:
    """The id of the version we hold; empty when it is none."""
    number = number_at(held.native, "id") or number_at({"id": held.external_id}, "id")
    return str(number) if number else ""
