"""Stored comments and videos are looked at again, within their part of the daily quota."""

from __future__ import annotations

import json
from typing import Any

import pytest

from channels.manifest import Listening
from channels.youtube.settings import YouTubeSettings
from channels.youtube.verify import most, verify
from domain.errors import RateLimited, SignInFailed, Undecodable
from domain.mention import Mention
from domain.ports import Held
from tests.channels.network import Fault
from tests.channels.youtube.conftest import Rig
from tests.emulators.youtube import refused


def listening(rig: Rig, **settings: Any) -> Listening:
    return Listening(YouTubeSettings(**settings), rig.account, ("norda",), ("@norda",), rig.door, rig.clock)


async def stored(rig: Rig, **how: Any) -> list[Held]:
    heard, _ = await rig.heard(**how)
    return [held(mention) for mention in heard.values()]


def held(mention: Mention) -> Held:
    native = json.loads(json.dumps(mention.native))
    return Held(mention.external_id, mention.thread_id, mention.url, mention.addressed, native)


@pytest.mark.parametrize("lost_is_404", [False, True])
async def test_fifty_cost_one_unit_and_a_lost_one_is_found_either_way(rig: Rig, lost_is_404: bool):
    comments = [rig.server.comment(f"norda {number}") for number in range(40)]
    reply = rig.server.comment("yes, norda", under=comments[3]["id"])
    posts = await stored(rig)
    before = rig.server.units
    assert {name for name, post in (await verify(listening(rig), posts)).items() if post} == {
        each.external_id for each in posts
    }
    assert rig.server.units == before + 1
    rig.server.lost_is_404 = lost_is_404
    rig.server.remove(comments[7])
    rig.server.edit(reply, "no, norda")
    found = await verify(listening(rig), posts)
    assert [name for name, post in found.items() if post is None] == [comments[7]["id"]]
    assert len(found) == 41
    edited = found[reply["id"]]
    assert edited is not None
    assert (edited.text, edited.parent_id) == ("no, norda", comments[3]["id"])
    assert rig.server.units <= before + 3 + (12 if lost_is_404 else 0)


@pytest.mark.parametrize("comments", ["off", "gone"])
async def test_a_video_that_shows_no_comments_any_more_takes_none_with_it(rig: Rig, comments: str):
    kept, removed = rig.server.comment("norda one"), rig.server.comment("norda two")
    posts = await stored(rig)
    rig.server.remove(removed)
    rig.server.videos["norda-video"]["comments"] = comments
    assert set(await verify(listening(rig), posts)) == {kept["id"]}
    rig.server.remove(kept)
    assert await verify(listening(rig), posts) == {}
    rig.server.videos["norda-video"]["comments"] = "on"
    assert await verify(listening(rig), posts) == {kept["id"]: None, removed["id"]: None}


async def test_a_video_is_told_only_when_it_is_gone(rig: Rig):
    rig.server.video("aaaaaaaaaaa", "About norda")
    rig.server.video("bbbbbbbbbbb", "More of norda")
    posts = await stored(rig, kind="videos")
    assert await verify(listening(rig, kind="videos"), posts) == {}
    rig.server.videos["bbbbbbbbbbb"]["comments"] = "gone"
    assert await verify(listening(rig, kind="videos"), posts) == {"bbbbbbbbbbb": None}


async def test_what_is_not_for_us_and_what_cannot_be_read_stays(rig: Rig):
    rig.server.comment("norda one")
    rig.server.comment("norda two")
    posts = await stored(rig)
    rig.network.fault = Fault(
        status=403, body=(refused(403, "forbidden").text or "").encode(), path="/youtube/v3/comments"
    )
    assert await verify(listening(rig), posts) == {}
    for items in ([{"id": 5}], [{"id": "somebody-else"}]):
        body = {"kind": "youtube#commentListResponse", "items": items}
        rig.network.fault = Fault(body=json.dumps(body).encode(), path="/youtube/v3/comments")
        assert await verify(listening(rig), posts) == {}
    odd: list[dict[str, Any]] = [{"kind": "youtube#commentListResponse", "items": "none"}, {"items": []}]
    for wrong in odd:
        rig.network.fault = Fault(body=json.dumps(wrong).encode(), path="/youtube/v3/comments")
        with pytest.raises(Undecodable):
            await verify(listening(rig), posts)


async def test_a_dead_key_and_a_spent_quota_are_what_they_are(rig: Rig):
    rig.server.comment("norda")
    posts = await stored(rig)
    rig.server.daily_units = rig.server.units
    with pytest.raises(RateLimited, match="used up for today"):
        await verify(listening(rig), posts)
    rig.secrets["secret_api_key"] = "another"
    with pytest.raises(SignInFailed):
        await verify(listening(rig), posts)


def test_a_twentieth_of_the_quota_is_for_looks():
    settings = YouTubeSettings()
    assert (settings.reading_units, settings.looks_units, most(settings)) == (3_800, 200, 35_000)
    assert (YouTubeSettings(daily_units=3).reading_units, most(YouTubeSettings(daily_units=3))) == (3, 175)
