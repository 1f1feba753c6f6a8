"""Hears the reviews of one app: from the public feed, or from App Store Connect with our account."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Annotated, Literal

import msgspec

from channels.appstore.connect import Connect
from channels.appstore.convert import from_connect
from channels.appstore.feed import FeedReader
from channels.manifest import Listening, SourceSettings
from channels.newest_first import ReviewList
from domain.errors import SignInFailed
from domain.ports import Cursor, Page

WINDOW_S = 7 * 86_400.0
FEED = "https://itunes.apple.com"
Country = Annotated[str, msgspec.Meta(pattern="^[a-z]{2}$")]


class AppStoreSettings(SourceSettings, frozen=True, kw_only=True):
    """`app_id` is the number in the app's address. `kind` "account" reads all countries with our account; "feed" reads
    those of `countries` (two letters) without one. `feed_url` stands for Apple's own address."""

    app_id: Annotated[str, msgspec.Meta(pattern="^[0-9]{1,20}$")]
    kind: Literal["feed", "account"] = "feed"
    countries: Annotated[tuple[Country, ...], msgspec.Meta(min_length=1, max_length=40)] = ("us",)
    feed_url: str = FEED


class AppStoreSource:
    """Keeps nothing between calls."""

    def __init__(self, listening: Listening) -> None:
        self._settings: AppStoreSettings = listening.settings
        self._listening = listening

    async def fetch(self, cursor: Cursor | None) -> Page:
        """One page. Raises SignInFailed when this kind needs an account and there is none."""
        settings, window = self._settings, timedelta(seconds=WINDOW_S)
        if settings.kind == "feed":
            countries = tuple(dict.fromkeys(settings.countries))
            door, clock = self._listening.door, self._listening.clock
            return await FeedReader(settings.feed_url, settings.app_id, countries, door, clock).fetch(cursor, window)
        account = self._listening.account
        if account is None:
            raise SignInFailed("reading reviews from App Store Connect needs an account: add its key")
        client = Connect(account, self._listening.door, self._listening.clock)
        return await ReviewList(
            where=f"App Store Connect, app {settings.app_id}",
            ask=partial(client.reviews, settings.app_id),
            convert=partial(from_connect, app_id=settings.app_id),
            since=self._listening.clock.now() - window,
            own_id=account.external_id,
        ).fetch(cursor)
