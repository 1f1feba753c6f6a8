"""Looks at posts and comments again, one by one, on the instance where they were heard."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from channels.lemmy.convert import address, is_withdrawn, said_in, to_mention
from channels.lemmy.source import NO_INSTANCE, client_of
from channels.manifest import Listening
from domain.errors import Refused, SignInFailed, Undecodable
from domain.mention import Mention
from domain.ports import Held
from net.decode import bool_at, int_at, text_at

BATCH = 10
"""Calls at once, out of 180 a minute."""


async def verify(listening: Listening, held: Sequence[Held]) -> dict[str, Mention | None]:
    """As `channels.manifest.Verify`. Numbers are valid on one instance only: what was heard on another cannot be told.
    The instance is asked first what it is, so one that is no Lemmy any more makes nothing gone."""
    client = client_of(listening)
    if not client.server:
        raise Refused(NO_INSTANCE)
    site = await client.site(listening.account)
    if site.private and not client.token:
        # An account elsewhere may well work there: this says nothing about its sign-in.
        raise (SignInFailed if listening.account is None else Refused)(
            f"{client.server} shows its posts only to members: add an account there"
        )
    found: dict[str, Mention | None] = {}
    for each in held:
        number, kind = int_at(each.native, "id"), "comment" if bool_at(each.native, "is_comment") else "post"
        if number is None or text_at(each.native, "server") != client.server:
            continue
        with suppress(Undecodable, Refused):
            view = await client.find(site.api, kind, number, signed=site.private)
            if view is None:
                found[each.external_id] = None
            elif address(said_in(view)) == each.external_id:
                withdrawn = is_withdrawn(view)
                found[each.external_id] = None if withdrawn else to_mention(view, site, addressed=each.addressed)
    return found
