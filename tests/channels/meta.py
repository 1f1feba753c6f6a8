"""Meta's own client library, unmodified, in an environment of its own: `python3 tests/peers/install.py meta`."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.conftest import require
from tests.peers.install import client_python, has_clients

SCRIPT = Path(__file__).with_name("meta_witness.py")


async def ask_meta(*arguments: str, given: str = "") -> Any:
    """What the witness prints. Skips where the library is not installed."""
    require("meta", has_clients("meta"), "not installed: python3 tests/peers/install.py meta")
    process = await asyncio.create_subprocess_exec(
        str(client_python("meta")), str(SCRIPT), *arguments,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    out, err = await asyncio.wait_for(process.communicate(given.encode()), 60)
    assert process.returncode == 0, err.decode()[-2000:]
    return json.loads(out)


async def unknown_to_meta(network: str, calls: Iterable[tuple[str, str, Any]]) -> Any:
    """What of these calls the library does not know."""
    return await ask_meta("check", network, given="\n".join(json.dumps(call) for call in calls))
