"""Meta's own client library reads and writes on the emulator, and knows every field and parameter that we ask for."""

from __future__ import annotations

import pytest

from channels.facebook.account import try_account
from tests.channels.facebook.rig import Rig
from tests.channels.meta import ask_meta, unknown_to_meta
from tests.emulators.facebook import PAGE_ID, PAGE_NAME
from tests.emulators.graph import APP_SECRET, TOKEN

pytestmark = pytest.mark.peer


async def test_metas_library_reads_and_writes_through_the_emulator(rig: Rig):
    rig.server.page_size = 2
    posts = [rig.server.post(f"Post {number}") for number in range(3)]
    first = rig.server.comment(posts[0], "norda 1")
    rig.server.comment(posts[0], "norda 2", under=first)
    rig.server.comment(posts[0], "norda 3")
    rig.server.post("At @Norda", "Eva", where="tagged")
    seen = await ask_meta("drive_page", rig.network.base, TOKEN, APP_SECRET, PAGE_ID)
    assert (seen["me"], seen["posts"], seen["tagged"]) == (PAGE_NAME, ["Post 2", "Post 1", "Post 0"], ["At @Norda"])
    assert seen["comments"] == ["norda 3", "norda 2", "norda 1"]
    assert seen["again"][0] == ["Thank you", first["id"]]
    assert (rig.server.own_texts(), seen["trouble"]) == (["Thank you"], 100)
    assert seen["mine"] in rig.server.comments
    assert await unknown_to_meta("facebook", rig.server.exchanges) == []


async def test_all_calls_of_our_own_are_known_to_metas_library(rig: Rig):
    rig.server.page_size = 2
    post = rig.server.post("Ours")
    comments = [rig.server.comment(post, f"norda {number}") for number in range(5)]
    tagged = rig.server.post("At @Norda", "Eva", where="tagged")
    await try_account(rig.account, rig.door)
    heard, _ = await rig.heard()
    await rig.pages({"asks": [tagged["id"], f"{post['id']} {comments[0]['id']}"]})
    reply = rig.approve(heard["norda 1"])
    await rig.publisher().publish(reply)
    assert await rig.publisher().find_published(reply) is not None
    asked = {(method, path.partition("/")[2]) for method, path, _ in rig.server.exchanges}
    assert asked == {("GET", "feed"), ("GET", "tagged"), ("GET", "comments"), ("GET", ""), ("POST", "comments")}
    assert await unknown_to_meta("facebook", rig.server.exchanges) == []


async def test_the_checker_itself_finds_faults():
    for call in (
        ("GET", "1/feed", {"fields": "message,author"}),
        ("GET", "1/comments", {"fields": "message", "order": "newest_first"}),
        ("GET", "1/comments", {"fields": "message", "sort": "new"}),
        ("GET", "1/feeds", {"fields": "message"}),
        ("POST", "1/comments", {"text_of_it": "x"}),
        ("GET", "1", {"fields": "message,category"}),
    ):
        assert len(await unknown_to_meta("facebook", [call])) == 1, call
