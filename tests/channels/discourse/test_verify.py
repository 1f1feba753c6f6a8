"""Posts of a forum are looked at again: only the forum's own word makes one gone."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from channels.discourse.source import DiscourseSettings
from channels.discourse.verify import verify
from channels.manifest import Listening
from domain.errors import Gone, Refused, SignInFailed
from domain.mention import Mention
from domain.ports import Held
from tests.channels.discourse.rig import Rig
from tests.channels.network import Fault
from tests.emulators.discourse import refused


def listening(rig: Rig, *, account: bool = True) -> Listening:
    settings = DiscourseSettings(base_url=rig.network.base)
    return Listening(settings, rig.account if account else None, ("norda",), (), rig.door, rig.clock)


def held(mention: Mention) -> Held:
    native = json.loads(json.dumps(mention.native))
    return Held(mention.external_id, mention.thread_id, mention.url, mention.addressed, native)


async def stored(rig: Rig) -> list[Held]:
    heard, _ = await rig.heard()
    return [held(mention) for mention in sorted(heard, key=lambda mention: mention.posted_at)]


async def test_a_first_post_keeps_its_title_and_an_edit_of_it_is_seen(rig: Rig):
    rig.forum.post("norda is late")
    rig.forum.post("yes, norda is")
    posts = await stored(rig)
    rig.forum.titles[7] = "Regional trains of norda"
    first, second = (await verify(listening(rig), posts)).values()
    assert first is not None
    assert second is not None
    assert (first.title, first.text, second.title) == ("Regional trains of norda", "norda is late", "")
    asked = [path for _, path in rig.network.requests if path.startswith("/t/")]
    assert asked == ["/t/7.json"]
    rig.network.fault = Fault(status=404, body=b'{"error_type": "not_found"}', path="/t/7.json")
    assert set(await verify(listening(rig), posts)) == {posts[1].external_id}


async def test_hidden_deleted_and_stubs_are_gone_and_what_is_closed_to_us_is_not(rig: Rig):
    for number in range(5):
        rig.forum.post(f"norda {number}", number=number + 1)
    posts = await stored(rig)
    ids = sorted(rig.forum.posts)
    rig.forum.posts[ids[1]]["hidden"] = True
    rig.forum.posts[ids[2]]["user_deleted"] = True
    rig.forum.posts[ids[3]]["deleted_at"] = "2026-11-20T12:30:00.000Z"
    rig.network.fault = Fault(
        status=403, body=(refused(403, "no", kind="invalid_access").text or "").encode(), path=f"/posts/{ids[4]}.json"
    )  # fmt: skip
    found = await verify(listening(rig), posts)
    assert [found.get(each.external_id, "untold") is None for each in posts] == [False, True, True, True, False]
    assert posts[4].external_id not in found


async def test_a_forum_that_is_down_closed_or_not_ours_makes_no_post_gone(rig: Rig):
    rig.forum.post("norda one")
    posts = await stored(rig)
    elsewhere = replace(posts[0], native=posts[0].native | {"server": "far.example"})
    assert await verify(listening(rig), [elsewhere]) == {}
    for body in (b"<h1>parked</h1>", b"{}", b'{"errors": ["no such site"]}'):
        rig.network.fault = Fault(status=404, body=body, content_type="text/html")
        with pytest.raises(Gone):
            await verify(listening(rig), posts)
    rig.network.fault = None
    rig.forum.members_only = True
    with pytest.raises(SignInFailed):
        await verify(listening(rig, account=False), posts)
    with pytest.raises(Refused, match="no forum"):
        await verify(replace(listening(rig, account=False), settings=DiscourseSettings()), posts)
