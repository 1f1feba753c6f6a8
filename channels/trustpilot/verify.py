"""Looks at reviews again, one by one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from channels.manifest import Listening
from channels.review_looks import look_again
from channels.trustpilot.client import Trustpilot
from domain.errors import SignInFailed
from domain.mention import Mention
from domain.ports import Held

WITHIN_S = 30 * 86_400.0
MOST = 1_000
"""Each twice in this time are 24,000 calls a year of the 200,000 that the smallest module allows."""


async def verify(listening: Listening, held: Sequence[Held]) -> dict[str, Mention | None]:
    """As `channels.manifest.Verify`."""
    if listening.account is None:
        raise SignInFailed("reading reviews from Trustpilot needs an account: add its API key and secret")
    client = Trustpilot(listening.account, listening.door, listening.clock)
    unit = listening.settings.business_unit or listening.account.external_id
    return await look_again(held, client.find, partial(client.reviews, unit, "", size=1))
