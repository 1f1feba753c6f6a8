"""Hears the service reviews of one business unit."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Annotated

import msgspec

from channels.manifest import Listening, SourceSettings
from channels.newest_first import ReviewList
from channels.trustpilot.client import Trustpilot
from channels.trustpilot.convert import to_review
from domain.errors import SignInFailed
from domain.ports import Cursor, Page

WINDOW_S = 7 * 86_400.0


class TrustpilotSettings(SourceSettings, frozen=True, kw_only=True):
    """`business_unit` is the id of the business to read, in place of the account's own."""

    business_unit: Annotated[str, msgspec.Meta(pattern="^[0-9A-Za-z]*$", max_length=64)] = ""


class TrustpilotSource:
    """Keeps nothing between calls."""

    def __init__(self, listening: Listening) -> None:
        self._settings: TrustpilotSettings = listening.settings
        self._listening = listening

    async def fetch(self, cursor: Cursor | None) -> Page:
        """One page. Raises SignInFailed without an account."""
        account = self._listening.account
        if account is None:
            raise SignInFailed("reading reviews from Trustpilot needs an account: add its API key and secret")
        client = Trustpilot(account, self._listening.door, self._listening.clock)
        unit = self._settings.business_unit or account.external_id
        return await ReviewList(
            where=f"Trustpilot, business unit {unit}",
            ask=partial(client.reviews, unit),
            convert=to_review,
            since=self._listening.clock.now() - timedelta(seconds=WINDOW_S),
            own_id=account.external_id,
        ).fetch(cursor)
