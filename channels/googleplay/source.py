"""Hears the reviews of one app, as far back as Google shows them: a week."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Annotated

import msgspec

from channels.googleplay.client import Play
from channels.googleplay.convert import to_review
from channels.manifest import Listening, SourceSettings
from channels.newest_first import ReviewList
from domain.errors import SignInFailed
from domain.ports import Cursor, Page
from net.decode import bool_at, int_at, text_at

REACH_S = 7 * 86_400.0
"""Google's list holds what was written or changed within the last week, and nothing older."""
GAP = "more than a week since the last look: Google Play shows no reviews that are older than that"


class GooglePlaySettings(SourceSettings, frozen=True, kw_only=True):
    """`package` is the app's name in its address (`id=`), for example com.norda.app."""

    package: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)+$", max_length=200)]


class GooglePlaySource:
    """Keeps nothing between calls. Beside the walk, a cursor holds when the list was last read to its end."""

    def __init__(self, listening: Listening) -> None:
        self._settings: GooglePlaySettings = listening.settings
        self._listening = listening

    async def fetch(self, cursor: Cursor | None) -> Page:
        """One page. Raises SignInFailed without an account."""
        account, now = self._listening.account, self._listening.clock.now()
        if account is None:
            raise SignInFailed("reading reviews from Google Play needs an account: add a service account")
        client, package = Play(account, self._listening.door, self._listening.clock), self._settings.package
        page = await ReviewList(
            where=f"Google Play, {package}",
            ask=partial(client.reviews, package),
            convert=partial(to_review, package=package),
            since=now - timedelta(seconds=REACH_S),
            own_id=account.external_id,
        ).fetch(cursor)
        read_at, begins = int_at(cursor, "read_at"), not text_at(cursor, "token") and not bool_at(cursor, "again")
        missed = begins and read_at is not None and now.timestamp() - read_at > REACH_S
        moved = {"read_at": read_at if page.more else int(now.timestamp())}
        return replace(page, cursor=(page.cursor or {}) | moved, gap=GAP if missed else None)
