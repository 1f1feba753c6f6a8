"""StackAPI, unmodified, finds in the emulated site what it knows from Stack Exchange."""

from __future__ import annotations

import pytest

from tests.channels.stackexchange.rig import Rig
from tests.channels.witness import ask_witness
from tests.emulators.stackexchange import FIRST

SCRIPT = """
import json, sys
from stackapi import StackAPI, StackAPIError

base, site, number = sys.argv[1:]
api = StackAPI(site, base_url=base, key="the-key")
api.page_size = 2
said = {"comments": [item["comment_id"] for item in api.fetch("comments", sort="creation", order="desc")["items"]]}
said["excerpts"] = [item["question_id"] for item in api.fetch("search/excerpts", q='"norda"')["items"]]
post = api.fetch("posts/{ids}", ids=[int(number)], filter="withbody")
said["body"], said["quota"] = post["items"][0]["body"], post["quota_remaining"]
try:
    StackAPI(site, base_url=base, key="wrong")
except StackAPIError as error:
    said["wrong"] = error.code
print(json.dumps(said))
"""


@pytest.mark.peer
async def test_a_client_by_others_understands_the_emulator(rig: Rig):
    rig.site.question("norda is late", "why?", number=1)
    for number in (2, 3, 4):
        rig.site.comment(f"norda {number}", number=number, post=1)
    said = await ask_witness(SCRIPT, rig.network.base, "trains", str(FIRST + 1))
    assert said == {
        "comments": [FIRST + 4, FIRST + 3, FIRST + 2], "excerpts": [FIRST + 1], "body": "<p>why?</p>",
        "quota": 300 - 5, "wrong": "bad_parameter",
    }  # fmt: skip
