"""Questions, answers and comments are looked at again by number, within the quota and with its rests."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from channels.manifest import Listening
from channels.stackexchange.source import StackExchangeSettings
from channels.stackexchange.verify import most, verify
from domain.errors import RateLimited, Refused
from domain.ports import Held
from tests.channels.network import Fault
from tests.channels.stackexchange.rig import HOUR_LATER, Rig
from tests.emulators.stackexchange import FIRST, Site


def listening(rig: Rig, **settings: Any) -> Listening:
    chosen = StackExchangeSettings(**({"api_url": f"{rig.network.base}/2.3", "site": "trains"} | settings))
    return Listening(chosen, None, ("norda",), (), rig.door, rig.clock)


async def stored(rig: Rig, **how: Any) -> list[Held]:
    heard, _ = await rig.heard(**how)
    return [Held(m.external_id, m.thread_id, m.url, m.addressed, m.native) for m in heard.values()]


async def test_questions_with_their_titles_and_answers_are_told_in_two_requests(rig: Rig):
    question = rig.site.question("Is norda late?", "every norda", number=1)
    rig.site.question("norda & the sea", "which norda", number=2)
    rig.site.answer("norda always is", number=3, question=1)
    rig.site.answer("norda never is", number=4, question=1)
    posts = await stored(rig)
    assert len(posts) == 4
    question["title"] = "Is norda early?"
    del rig.site.posts[FIRST + 3]
    asked = len(rig.calls())
    found = await verify(listening(rig), posts)
    assert [path.partition("/7")[0] for path in rig.calls()[asked:]] == ["/questions", "/answers"]
    assert {name: post and post.full_text.strip() for name, post in found.items()} == {
        f"trains/p/{FIRST + 1}": "Is norda early?\nevery norda",
        f"trains/p/{FIRST + 2}": "norda & the sea\nwhich norda",
        f"trains/p/{FIRST + 3}": None, f"trains/p/{FIRST + 4}": "norda never is",
    }  # fmt: skip


async def test_comments_are_told_and_what_is_of_another_site_is_not(rig: Rig):
    for number in (2, 3):
        rig.site.comment(f"norda {number}", number=number, post=1)
    posts = await stored(rig, kind="comments")
    rig.site.comments[FIRST + 3]["_body"] = "norda, edited"
    found = await verify(listening(rig, kind="comments"), posts)
    assert {post.text for post in found.values() if post} == {"norda 2", "norda, edited"}
    assert await verify(listening(rig, site="boats"), posts) == {}


async def test_told_to_rest_nothing_is_taken_for_gone_until_it_was_rested(rig: Rig):
    rig.site.answer("norda", number=1, question=0)
    posts = await stored(rig)
    rig.site.posts.clear()
    rig.site.backoff["/answers/{ids}"] = 10
    with pytest.raises(RateLimited) as limited:
        await verify(listening(rig), posts)
    assert limited.value.retry_at == HOUR_LATER + timedelta(seconds=12)
    rig.at(HOUR_LATER + timedelta(seconds=12))
    assert await verify(listening(rig), posts) == {posts[0].external_id: None}
    assert rig.site.impatient == []


async def test_a_site_that_closed_and_an_odd_list_take_no_post_with_them(rig: Rig):
    rig.site.answer("norda", number=1, question=0)
    posts = await stored(rig)
    refusal = Site.refuse(400, "bad_parameter", "No site found for name `trains`")
    rig.network.fault = Fault(status=400, body=(refusal.text or "").encode())
    with pytest.raises(Refused):
        await verify(listening(rig), posts)
    for body in ({"items": [{"answer_id": "x"}]}, {"items": [{"answer_id": 5}]}, {"items": [], "has_more": True}):
        rig.network.fault = Fault(body=json.dumps(body).encode())
        assert await verify(listening(rig), posts) == {}


def test_a_tenth_of_the_quota_is_for_looks():
    assert most(StackExchangeSettings()) == 4_900
    assert most(StackExchangeSettings(key="the-key")) == 175_000
