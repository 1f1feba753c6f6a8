"""Searches and notifications answer a misbehaving forum as the list of its posts does."""

from __future__ import annotations

import pytest

from channels.discourse import MANIFEST
from tests.channels.conformance import HTTP_CHECKS, Check
from tests.channels.subjects.discourse import DiscourseSubject
from tests.channels.test_conformance import Rigging, rigging

__all__ = ["rigging"]


@pytest.mark.parametrize("kind", ["search", "mentions"])
@pytest.mark.parametrize("check", HTTP_CHECKS)
async def test_kind(kind: str, check: Check, rigging: Rigging):
    async with rigging(DiscourseSubject(MANIFEST, kind=kind)) as rig:
        await check(rig)
