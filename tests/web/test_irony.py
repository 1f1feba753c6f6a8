"""A post that may be praise or irony is told of beside its draft, and only there."""

import pytest

from responders.rules import posts
from tests.web.client import Browser
from tests.web.seed import Desk

NOTE = "may be praise or irony"


@pytest.mark.parametrize(("praise", "is_told"), [(0.3, True), (0.01, False)])
async def test_whoever_approves_is_told_where_irony_is_likely(
    desk: Desk, agent: Browser, monkeypatch: pytest.MonkeyPatch, praise: float, is_told: bool
):
    tones = {posts.COMPLAINT: 1 - praise, "praise": praise, "thanks": 0.0}
    monkeypatch.setattr(posts, "heard", lambda _text: posts.Hearing(tones, {}, {}))
    page = (await agent.get(f"/cases/{desk.cases['@ilze']}")).text
    assert (NOTE in page) is is_told


async def test_in_a_language_that_nobody_learned_nothing_is_told(
    desk: Desk, agent: Browser, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(
        posts, "heard", lambda _text: posts.Hearing({posts.COMPLAINT: 0.5, "praise": 0.5, "thanks": 0.0}, {}, {})
    )
    assert NOTE not in (await agent.get(f"/cases/{desk.cases['@dana']}")).text
