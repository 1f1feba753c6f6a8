"""Reviews are looked at again; what grew too old to be shown is not taken for removed."""

from __future__ import annotations

import json
from datetime import timedelta

import msgspec
import pytest

from channels.googleplay.source import GooglePlaySettings
from channels.googleplay.verify import verify
from channels.manifest import Listening
from domain.errors import Gone, RateLimited
from domain.ports import Held
from tests.channels.googleplay.conftest import Rig
from tests.channels.network import Fault
from tests.emulators.googleplay import PACKAGE, review_id


def listening(rig: Rig) -> Listening:
    settings = msgspec.convert({"package": PACKAGE}, GooglePlaySettings)
    return Listening(settings, rig.account, (), (), rig.door, rig.clock)


async def stored(rig: Rig) -> list[Held]:
    heard, _ = await rig.heard()
    native = [json.loads(json.dumps(m.native)) for m in heard]
    return [Held(m.external_id, m.thread_id, m.url, m.addressed, n) for m, n in zip(heard, native, strict=True)]


async def test_a_young_review_that_is_missing_is_gone_and_an_old_one_only_if_others_show(rig: Rig):
    for number in (1, 2, 3):
        rig.play.review(f"It crashes {number}", number)
    posts = await stored(rig)
    del rig.play.reviews[review_id(2)]
    found = await verify(listening(rig), posts)
    assert {name for name, post in found.items() if post is None} == {review_id(2)}
    rig.clock.move(8 * 86_400)
    rig.play.shows_old = False
    assert await verify(listening(rig), posts) == {}
    rig.play.shows_old = True
    assert (await verify(listening(rig), posts))[review_id(2)] is None


async def test_an_edit_is_told_with_its_stars(rig: Rig):
    rig.play.review("It crashes", 1, stars=1)
    posts = await stored(rig)
    rig.play.review("It works now", 1, stars=5, at=rig.clock.now() - timedelta(minutes=1))
    (edited,) = (await verify(listening(rig), posts)).values()
    assert edited is not None
    assert edited.full_text == "★★★★★\nIt works now"


async def test_an_app_that_is_no_longer_ours_takes_no_review_with_it(rig: Rig):
    rig.play.review("It crashes", 1)
    posts = await stored(rig)
    missing = b'{"error": {"code": 404, "message": "Package not found", "status": "NOT_FOUND"}}'
    rig.network.fault = Fault(status=404, body=missing, path="/androidpublisher")
    assert await verify(listening(rig), posts) == {}
    rig.network.fault = Fault(status=404, body=b"<h1>parked</h1>", content_type="text/html", path="/androidpublisher")
    with pytest.raises(Gone):
        await verify(listening(rig), posts)
    said = b'{"error": {"code": 403, "status": "RESOURCE_EXHAUSTED", "message": "Quota exceeded"}}'
    rig.network.fault = Fault(status=403, body=said, path="/androidpublisher")
    with pytest.raises(RateLimited):
        await verify(listening(rig), posts)
