"""pydiscourse, unmodified, finds in the emulated forum what it knows from Discourse."""

from __future__ import annotations

import pytest

from tests.channels.discourse.rig import TEXT, Rig
from tests.channels.witness import ask_witness
from tests.emulators.discourse import FIRST_ID, KEY, OWN

SCRIPT = """
import json, sys
from pydiscourse import DiscourseClient
from pydiscourse.exceptions import DiscourseClientError

base, user, key, post_id, text = sys.argv[1:]
client = DiscourseClient(base, user, key)
said = {"latest": [post["id"] for post in client.latest_posts()["latest_posts"]]}
said["below"] = [post["id"] for post in client.latest_posts(before=int(post_id))["latest_posts"]]
said["one"] = client.post_by_id(int(post_id))["raw"]
said["found"] = [post["id"] for post in client.search('"norda" order:latest')["posts"]]
said["made"] = client.create_post(text, topic_id=7, reply_to_post_number=1)["id"]
said["mine"] = [action["post_id"] for action in client.user_actions(user, 5)]
for name, call in {
    "short": lambda: client.create_post("no", topic_id=7),
    "wrong": lambda: DiscourseClient(base, user, "wrong").latest_posts(),
}.items():
    try:
        call()
    except DiscourseClientError as error:
        said[name] = str(error)
print(json.dumps(said))
"""


@pytest.mark.peer
async def test_a_client_by_others_understands_the_emulator(rig: Rig):
    rig.forum.post("norda is late", number=1)
    rig.forum.post("norda?", number=2)
    said = await ask_witness(SCRIPT, rig.network.base, OWN, KEY, str(FIRST_ID + 2), TEXT)
    assert said["latest"] == [FIRST_ID + 2, FIRST_ID + 1]
    assert (said["below"], said["one"], said["found"]) == ([FIRST_ID + 1], "norda?", [FIRST_ID + 2])
    assert said["mine"] == [said["made"]]
    assert rig.forum.posts[said["made"]]["raw"] == TEXT
    assert "too short" in said["short"]
    assert "API" in said["wrong"]
