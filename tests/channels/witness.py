"""Client libraries of forums by others, driven unmodified through our emulators: witnesses that these speak as they do.

`python3 tests/peers/install.py forums` makes their environment.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
from typing import Any

from tests.conftest import require
from tests.peers.install import client_python, has_clients


async def ask_witness(script: str, *arguments: str) -> Any:
    """What a script prints as JSON, run by the environment of the libraries. Skips where it is not installed."""
    require("forums", has_clients("forums"), "not installed: python3 tests/peers/install.py forums")
    made = await asyncio.create_subprocess_exec(
        str(client_python("forums")), "-c", script, *arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    async with asyncio.timeout(60):
        said, trouble = await made.communicate()
    assert made.returncode == 0, trouble.decode()
    return json.loads(said)
