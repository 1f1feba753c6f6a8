"""The emulated Google Play is used by Google's own client and held against Google's description of the API."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from channels.googleplay.convert import answer_of, to_review
from tests.channels.network import Network, serving
from tests.conftest import require
from tests.emulators.googleplay import PACKAGE, GooglePlay, key_file, review_id
from tests.peers.install import client_python, has_clients
from tests.peers.witness import told_by

pytestmark = pytest.mark.peer
TEXT = "Hello Mara, version 3.2 repairs this."
TYPES: dict[str, Any] = {"string": str, "integer": int, "boolean": bool, "number": (int, float)}


@pytest.fixture
async def seen(tmp_path: Path) -> dict[str, Any]:
    """What Google's client gave back, and its own description of the API."""
    require("google", has_clients("google"), "Google's client is not installed: tests/peers/install.py google")
    play, network, key = GooglePlay(), Network(), tmp_path / "key.json"
    for number in range(1, 6):
        play.review(f"text {number}", number)
    async with serving(network, play.routes()):
        key.write_text(key_file(network.base), encoding="utf-8")
        given = (str(key), network.base, PACKAGE, review_id(3), TEXT)
        found: dict[str, Any] = await told_by(client_python("google"), "google_play_client.py", *given)
    assert play.violations == []
    return found


async def test_googles_client_reads_and_answers_here(seen: dict[str, Any]):
    assert [review["reviewId"] for review in seen["listed"]] == [review_id(n) for n in (5, 4, 3, 2, 1)]
    assert seen["replied"]["result"]["replyText"] == TEXT
    standing = answer_of(seen["one"])
    assert standing is not None
    assert standing.text == TEXT
    assert to_review(seen["one"], PACKAGE).text == "text 3"


async def test_the_emulators_answers_are_as_google_describes_them(seen: dict[str, Any]):
    described = seen["described"]
    for review in (*seen["listed"], seen["one"]):
        assert wrong(review, {"$ref": "Review"}, described) == []
    assert wrong(seen["replied"], {"$ref": "ReviewsReplyResponse"}, described) == []
    spoilt = seen["one"] | {"stars": 5, "comments": [{"userComment": {"starRating": "5"}}]}
    assert wrong(spoilt, {"$ref": "Review"}, described) == [
        ".comments[0].userComment.starRating is no integer",
        ".stars is not described",
    ]


def wrong(value: Any, kind: dict[str, Any], described: dict[str, Any], where: str = "") -> list[str]:
    """What of a value is not as its description says."""
    if "$ref" in kind:
        kind = described[kind["$ref"]]
    if kind["type"] == "array":
        parts = [(item, kind["items"], f"{where}[{number}]") for number, item in enumerate(value)]
    elif kind["type"] == "object":
        known = kind["properties"]
        unknown = [f"{where}.{name} is not described" for name in value if name not in known]
        parts = [(item, known[name], f"{where}.{name}") for name, item in value.items() if name in known]
        return [line for part in parts for line in wrong(part[0], part[1], described, part[2])] + unknown
    else:
        return [] if isinstance(value, TYPES[kind["type"]]) else [f"{where} is no {kind['type']}"]
    return [line for part in parts for line in wrong(part[0], part[1], described, part[2])]
