"""The shared promises hold on Lemmy 1.0 as well, whose API is another one."""

from __future__ import annotations

import pytest

from channels.lemmy import MANIFEST
from tests.channels.conformance import HTTP_CHECKS, SOURCE_CHECKS, VERIFY_CHECKS, Check
from tests.channels.publishing import PUBLISH_CHECKS
from tests.channels.subjects.lemmy import LemmySubject
from tests.channels.test_conformance import Rigging, rigging

__all__ = ["rigging"]


@pytest.mark.parametrize("check", [*SOURCE_CHECKS, *HTTP_CHECKS, *PUBLISH_CHECKS, *VERIFY_CHECKS])
async def test_version_4(check: Check, rigging: Rigging):
    subject = LemmySubject(
        MANIFEST, shows_withdrawals=True, version="1.0.0-beta.1", publish_path="/api/v4/comment",
    )  # fmt: skip
    async with rigging(subject) as rig:
        await check(rig)
