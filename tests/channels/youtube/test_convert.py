"""What YouTube's items become."""

from __future__ import annotations

from typing import Any

import pytest

from channels.youtube.convert import Spot, Us, to_mention, video_id, video_to_mention
from channels.youtube.reading import read_threads
from domain.errors import Undecodable

US = Us("UCnorda", ("@norda",), True)
COMMENT: dict[str, Any] = {
    "id": "Ug1.r1",
    "snippet": {
        "channelId": "UCother", "textDisplay": "hey @Norda, a & b <3", "authorDisplayName": "@mara", "parentId": "Ug1",
        "authorChannelId": {"value": "UCmara"}, "publishedAt": "2026-11-20T12:00:00Z",
        "updatedAt": "2026-11-20T12:30:00Z",
    },
}  # fmt: skip


def test_a_reply_becomes_a_mention():
    mention = to_mention(COMMENT, Spot("dQw4w9WgXcQ", "Ug1"), US)
    assert (mention.external_id, mention.thread_id, mention.parent_id) == ("Ug1.r1", "Ug1", "Ug1")
    assert mention.text == "hey @Norda, a & b <3"
    assert (mention.author_id, mention.author_handle, mention.author_name) == ("UCmara", "@mara", "@mara")
    assert mention.url == "https://www.youtube.com/watch?v=dQw4w9WgXcQ&lc=Ug1.r1"
    assert mention.edited_at is not None
    assert mention.addressed
    assert mention.native["top"] == "Ug1"


@pytest.mark.parametrize(
    ("text", "ours", "expected"),
    [
        ("so is @norda.", False, True),
        ("@nordarail", False, False),
        ("x@norda.example", False, False),
        ("hi", True, True),
    ],
)
def test_who_speaks_to_us(text: str, ours: bool, expected: bool):
    comment = {**COMMENT, "snippet": COMMENT["snippet"] | {"textDisplay": text}}
    assert to_mention(comment, Spot("v", "Ug1", ours), US).addressed is expected


def test_a_comment_without_a_video_leads_to_its_channel():
    assert to_mention(COMMENT, Spot("", "Ug1"), US).url == "https://www.youtube.com/channel/UCother"


@pytest.mark.parametrize("change", [{"textDisplay": None}, {"publishedAt": "soon"}])
def test_an_unreadable_comment_says_so(change: dict[str, Any]):
    with pytest.raises(Undecodable):
        to_mention({**COMMENT, "snippet": COMMENT["snippet"] | change}, Spot("v", "Ug1"), US)


def test_a_title_is_plain_text():
    snippet = {
        "publishedAt": "2026-11-20T12:00:00Z",
        "title": "Norda &amp; I: it&#39;s &lt;over&gt;",
        "channelId": "UC1",
    }
    mention = video_to_mention({"id": {"videoId": "dQw4w9WgXcQ"}, "snippet": snippet})
    assert mention.title == "Norda & I: it's <over>"
    assert mention.native["kind"] == "video"
    with pytest.raises(Undecodable):
        video_to_mention({"id": {"channelId": "UC1"}, "snippet": snippet})


def test_what_only_the_owner_sees_is_no_mention():
    top = {**COMMENT, "id": "Ug1", "snippet": COMMENT["snippet"] | {"moderationStatus": "heldForReview"}}
    thread = {"id": "Ug1", "snippet": {"topLevelComment": top, "totalReplyCount": 0}}
    assert read_threads([thread], US, ours=True, signed=True).mentions == []
    hidden = {"id": "Ug1", "snippet": {"topLevelComment": {**COMMENT, "id": "Ug1"}, "isPublic": False}}
    read = read_threads([hidden], US, ours=True, signed=True)
    assert (read.mentions, read.heard, read.unreadable) == ([], [], [])


@pytest.mark.parametrize(
    "text",
    [
        "dQw4w9WgXcQ", " https://www.youtube.com/watch?v=dQw4w9WgXcQ&t=3 ", "https://youtu.be/dQw4w9WgXcQ",
        "https://www.youtube.com/shorts/dQw4w9WgXcQ", "https://m.youtube.com/watch?app=x&v=dQw4w9WgXcQ",
    ],
)  # fmt: skip
def test_videos_are_given_by_id_or_address(text: str):
    assert video_id(text) == "dQw4w9WgXcQ"


def test_what_is_no_video():
    assert video_id("https://www.youtube.com/@norda") == ""
    assert video_id("dQw4w9WgXcQ9") == ""
