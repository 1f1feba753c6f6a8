"""The emulated Trustpilot is used by Trustpilot's own client: sign-in, pages, an answer and its read-back."""

from __future__ import annotations

import pytest

from channels.trustpilot.convert import answer_of, to_review
from tests.channels.network import Network, serving
from tests.conftest import require
from tests.emulators.trustpilot import API_KEY, API_SECRET, UNIT, USER, TrustpilotServer, review_id
from tests.peers.install import client_python, has_clients
from tests.peers.witness import told_by

pytestmark = pytest.mark.peer
TEXT = "Hello Mara, the depot has mended the heating."


async def test_trustpilots_client_reads_and_answers_here():
    has_client = has_clients("trustpilot")
    require("trustpilot", has_client, "Trustpilot's client is not installed: tests/peers/install.py trustpilot")
    server, network = TrustpilotServer(), Network()
    for number in range(1, 6):
        server.review(f"text {number}", number)
    async with serving(network, server.routes()):
        seen = await told_by(
            client_python("trustpilot"), "trustpilot_client.py", network.base, API_KEY, API_SECRET, UNIT, review_id(3),
            USER, TEXT,
        )  # fmt: skip
    assert server.violations == []
    assert [review["id"] for review in seen["listed"]] == [review_id(number) for number in (5, 4, 3, 2, 1)]
    assert to_review(seen["one"]).text == "text 3"
    standing = answer_of(seen["one"])
    assert standing is not None
    assert standing.text == TEXT
