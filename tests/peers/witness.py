"""Runs a network's own client, unmodified, in the Python that has it, beside an emulator in this process."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
LIMIT_S = 60.0


async def told_by(python: Path, script: str, *arguments: str) -> Any:
    """What the script (a file of this folder) printed as JSON. AssertionError when it failed; its words are shown."""
    process = await asyncio.create_subprocess_exec(
        str(python), str(HERE / script), *arguments, stdout=asyncio.subprocess.PIPE
    )
    told, _ = await asyncio.wait_for(process.communicate(), LIMIT_S)
    assert process.returncode == 0
    return json.loads(told)
