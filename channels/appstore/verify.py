"""Looks at reviews of App Store Connect again, one by one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from channels.appstore.connect import Connect
from channels.appstore.source import AppStoreSettings
from channels.manifest import Listening
from channels.review_looks import look_again
from domain.errors import SignInFailed
from domain.mention import Mention
from domain.ports import Held


def can(settings: AppStoreSettings, has_account: bool) -> bool:
    """The public feed shows the newest reviews only, and none by its id."""
    return settings.kind == "account"


async def verify(listening: Listening, held: Sequence[Held]) -> dict[str, Mention | None]:
    """As `channels.manifest.Verify`. Of reviews of the public feed nothing is told."""
    settings: AppStoreSettings = listening.settings
    if not can(settings, listening.account is not None):
        return {}
    if listening.account is None:
        raise SignInFailed("reading reviews from App Store Connect needs an account: add its key")
    client = Connect(listening.account, listening.door, listening.clock)
    lists = partial(client.reviews, settings.app_id, "")
    return await look_again(held, partial(client.find, settings.app_id), lists)
