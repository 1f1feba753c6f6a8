"""Reviews of App Store Connect are looked at again, by the shared promises; the public feed tells nothing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from channels.appstore import MANIFEST
from channels.appstore.source import AppStoreSettings
from channels.appstore.verify import can, verify
from channels.manifest import Listening
from domain.errors import Gone
from domain.ports import Held
from tests.channels.appstore.conftest import Rig
from tests.channels.conformance import VERIFY_CHECKS, Check
from tests.channels.network import Fault, Network
from tests.channels.subjects.appstore import PARENT, AppStoreSubject, _Books
from tests.channels.test_conformance import Rigging, rigging
from tests.emulators.appstore import APP, document_id

__all__ = ["rigging"]


class _Store(_Books):
    """Without the review that is answered: here a list would show it."""

    def refresh(self) -> None:
        super().refresh()
        self.reviews.pop(PARENT, None)


@dataclass
class _Account(AppStoreSubject):
    """The reviews of App Store Connect."""

    def settings(self, network: Network, folder: Path) -> dict[str, Any]:
        return {"app_id": APP, "kind": "account"}

    def routes(self, network: Network, folder: Path) -> list[web.RouteDef]:
        return _Store(network).routes()

    def native_id(self, post_id: int) -> str:
        return document_id(post_id)


@pytest.mark.parametrize("check", VERIFY_CHECKS)
async def test_with_an_account(check: Check, rigging: Rigging):
    async with rigging(_Account(MANIFEST)) as rig:
        await check(rig)


def listening(rig: Rig, kind: str = "account") -> Listening:
    settings = AppStoreSettings(app_id=APP, kind=kind, feed_url=rig.network.base)  # type: ignore[arg-type]
    return Listening(settings, rig.account, (), (), rig.door, rig.clock)


async def test_an_app_that_is_no_longer_ours_takes_no_review_with_it(rig: Rig):
    rig.store.review("It crashes", 1)
    heard, _ = await rig.heard(kind="account")
    posts = [Held(m.external_id, m.thread_id, m.url, m.addressed, m.native) for m in heard]
    missing = b'{"errors": [{"status": "404", "code": "NOT_FOUND", "detail": "There is no resource"}]}'
    rig.network.fault = Fault(status=404, body=missing, path="/v1/")
    assert await verify(listening(rig), posts) == {}
    for body in (b"{}", missing.replace(b"NOT_FOUND", b"PATH_ERROR")):
        rig.network.fault = Fault(status=404, body=body, path="/v1/customerReviews")
        with pytest.raises(Gone):
            await verify(listening(rig), posts)


async def test_the_public_feed_is_not_asked(rig: Rig):
    rig.store.review("It crashes", 1)
    heard, _ = await rig.heard()
    posts = [Held(m.external_id, m.thread_id, m.url, m.addressed, m.native) for m in heard]
    asked = len(rig.network.requests)
    assert await verify(listening(rig, "feed"), posts) == {}
    assert len(rig.network.requests) == asked
    assert [can(listening(rig, kind).settings, True) for kind in ("feed", "account")] == [False, True]
