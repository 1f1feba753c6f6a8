"""Reviews are looked at again as the business that heard them."""

from __future__ import annotations

import json

import pytest

from channels.manifest import Listening
from channels.trustpilot.source import TrustpilotSettings
from channels.trustpilot.verify import verify
from domain.errors import Gone
from domain.ports import Held
from tests.channels.network import Fault
from tests.channels.trustpilot.test_trustpilot import Rig, rig
from tests.emulators.trustpilot import review_id

__all__ = ["rig"]


async def test_a_removed_review_is_gone_and_a_lost_right_removes_none(rig: Rig):
    for number in (1, 2):
        rig.server.review(f"Cold coach {number}", number)
    pages, _ = await rig.poll()
    heard = [mention for page in pages for mention in page.mentions]
    native = [json.loads(json.dumps(m.native)) for m in heard]
    posts = [Held(m.external_id, m.thread_id, m.url, m.addressed, n) for m, n in zip(heard, native, strict=True)]
    listening = Listening(TrustpilotSettings(), rig.account, (), (), rig.door, rig.clock)
    del rig.server.reviews[review_id(2)]
    found = await verify(listening, posts)
    assert {name for name, post in found.items() if post is None} == {review_id(2)}
    rig.network.fault = Fault(status=404, body=b'{"message": "Business unit not found"}', path="/v1/private")
    assert await verify(listening, posts) == {}
    rig.network.fault = Fault(status=404, body=b"<h1>parked</h1>", content_type="text/html", path="/v1/private")
    with pytest.raises(Gone):
        await verify(listening, posts)
