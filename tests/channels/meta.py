"""Meta's own client library, unmodified, in an environment of its own: `python3 tests/peers/install.py meta`."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from tests.conftest import require
from tests.peers.install import client_python, has_clients
from tests.peers.witness import told_by


async def ask_meta(*arguments: str, given: str = "") -> Any:
    """What the witness prints. Skips where the library is not installed."""
    require("meta", has_clients("meta"), "Meta's client is not installed: tests/peers/install.py meta")
    return await told_by(client_python("meta"), "meta_client.py", *arguments, given=given)


async def unknown_to_meta(network: str, calls: Iterable[tuple[str, str, Any]]) -> Any:
    """What of these calls the library does not know."""
    return await ask_meta("check", network, given="\n".join(json.dumps(call) for call in calls))
