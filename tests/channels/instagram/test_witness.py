"""Meta's own client library reads and writes on the emulator, and knows every field and parameter that we ask for."""

from __future__ import annotations

import pytest

from channels.instagram.account import try_account
from tests.channels.instagram.rig import Rig
from tests.channels.meta import ask_meta, unknown_to_meta
from tests.emulators.graph import APP_SECRET, TOKEN
from tests.emulators.instagram import USER_ID, USERNAME

pytestmark = pytest.mark.peer


async def test_metas_library_reads_and_writes_through_the_emulator(rig: Rig):
    rig.server.page_size = 2
    photos = [rig.server.post(f"Photo {number}") for number in range(3)]
    comments = [rig.server.comment(photos[0], f"norda {number}") for number in range(3)]
    rig.server.post("Cold coffee", "eva_test", names="tags")
    caption = rig.server.post(f"@{USERNAME} was late", "ana_test", names="caption")
    seen = await ask_meta("drive_instagram", rig.network.base, TOKEN, APP_SECRET, USER_ID, caption["id"])
    assert (seen["counts"], seen["tags"]) == ([0, 0, 3], [["Cold coffee", "eva_test"]])
    assert seen["comments"] == [[f"norda {number}", "mara_test"] for number in (2, 1, 0)]
    assert (seen["answers"], seen["connected"]["id"]) == (["Thank you"], USER_ID)
    assert sorted(rig.server.own_texts()) == ["Thank you", "Thanks"]
    assert rig.server.comments[seen["mine"]]["parent_id"] == comments[0]["id"]
    assert await unknown_to_meta("instagram", rig.server.exchanges) == []


async def test_all_calls_of_our_own_are_known_to_metas_library(rig: Rig):
    photo = rig.server.post("Ours")
    question = rig.server.comment(photo, "norda?")
    rig.server.comment(photo, "yes", "tom_test", under=question)
    rig.server.post("Cold coffee", "eva_test", names="tags")
    theirs = rig.server.post("A day out", "eva_test")
    elsewhere = rig.server.comment(theirs, f"@{USERNAME} was late", "tom_test")
    caption = rig.server.post(f"Thanks @{USERNAME}", "ana_test", names="caption")
    await try_account(rig.account, rig.door)
    await rig.heard()
    said = {mention.external_id: mention for mention in await rig.pushed(question, elsewhere, caption)}
    for item in (question, elsewhere, caption):
        reply = rig.approve(said[item["id"]])
        await rig.publisher().publish(reply)
        if item is not elsewhere:
            assert await rig.publisher().find_published(reply) is not None
    asked = {(method, path.partition("/")[2]) for method, path, _ in rig.server.exchanges}
    assert asked == {
        ("GET", "media"), ("GET", "tags"), ("GET", "comments"), ("GET", "replies"), ("GET", ""), ("POST", "replies"),
        ("POST", "mentions"),
    }  # fmt: skip
    assert await unknown_to_meta("instagram", rig.server.exchanges) == []


async def test_the_checker_itself_finds_faults():
    for call in (
        ("GET", "1/media", {"fields": "comment_count"}),
        ("GET", "1/comments", {"fields": "text,replies.limit(50){message}"}),
        ("GET", "1", {"fields": "mentioned_comment.comment_id(2){text,media{id,url}}"}),
        ("POST", "1/mentions", {"media": "2"}),
        ("POST", "1/comments/2", {"message": "x"}),
    ):
        assert len(await unknown_to_meta("instagram", [call])) == 1, call
