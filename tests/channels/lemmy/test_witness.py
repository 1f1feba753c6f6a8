"""pythorhead, unmodified, finds in the emulated instance what it knows from Lemmy 0.19."""

from __future__ import annotations

import pytest

from tests.channels.lemmy.rig import OLD, TEXT, rigged
from tests.channels.witness import ask_witness
from tests.emulators.lemmy import FIRST, OWN, PASSWORD

SCRIPT = """
import json, sys
from pythorhead import Lemmy
from pythorhead.types import CommentSortType, ListingType, SortType

base, user, password, number, text = sys.argv[1:]
lemmy = Lemmy(base, raise_exceptions=True, request_timeout=10)
said = {"signed in": lemmy.log_in(user, password)}
comments = lemmy.comment.list(type_=ListingType.All, sort=CommentSortType.New, limit=2)
said["newest"] = [view["comment"]["id"] for view in comments]
comments = lemmy.comment.list(type_=ListingType.All, sort=CommentSortType.New, limit=2, page=2)
said["second page"] = [view["comment"]["id"] for view in comments]
said["posts"] = [view["post"]["name"] for view in lemmy.post.list(type_=ListingType.All, sort=SortType.New)]
said["mentions"] = [view["comment"]["id"] for view in lemmy.mention.list(False, limit=10)["mentions"]]
made = lemmy.comment.create(int(number), text)
said["made"] = made["comment_view"]["comment"]["id"]
said["path"] = made["comment_view"]["comment"]["path"]
print(json.dumps(said))
"""


@pytest.mark.peer
async def test_a_client_by_others_understands_the_emulator():
    async with rigged(OLD) as rig:
        rig.instance.post("norda is late", number=1)
        for number in (2, 3, 4):
            comment = rig.instance.comment(f"norda {number}", number=number)
        rig.instance.notify(comment)
        said = await ask_witness(SCRIPT, rig.network.base, OWN, PASSWORD, str(FIRST + 1), TEXT)
        assert said.pop("signed in") is True
        made = said.pop("made")
        assert said == {
            "newest": [FIRST + 4, FIRST + 3], "second page": [FIRST + 2], "posts": ["norda is late"],
            "mentions": [FIRST + 4], "path": f"0.{made}",
        }  # fmt: skip
        assert rig.instance.comments[made]["content"] == TEXT
