"""The shared promises hold for comments as well, and a tag answers a misbehaving network as a search does."""

from __future__ import annotations

import pytest

from channels.stackexchange import MANIFEST
from tests.channels.conformance import HTTP_CHECKS, SOURCE_CHECKS, Check
from tests.channels.subjects.stackexchange import StackExchangeSubject
from tests.channels.test_conformance import Rigging, rigging

__all__ = ["rigging"]


@pytest.mark.parametrize("check", [*SOURCE_CHECKS, *HTTP_CHECKS])
async def test_comments(check: Check, rigging: Rigging):
    async with rigging(StackExchangeSubject(MANIFEST, shows_withdrawals=True, kind="comments")) as rig:
        await check(rig)


@pytest.mark.parametrize("check", HTTP_CHECKS)
async def test_tag(check: Check, rigging: Rigging):
    async with rigging(StackExchangeSubject(MANIFEST, kind="tag")) as rig:
        await check(rig)
