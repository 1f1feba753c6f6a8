"""Runs a network's own client, unmodified, in the Python that has it, beside an emulator in this process."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
LIMIT_S = 60.0


async def told_by(python: Path, script: str, *arguments: str, given: str = "") -> Any:
    """What the script (a file of this folder) printed as JSON, `given` on its input. AssertionError when it failed;
    its words are shown."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(str(python), str(HERE / script), *arguments, stdin=pipe, stdout=pipe)
    told, _ = await asyncio.wait_for(process.communicate(given.encode()), LIMIT_S)
    assert process.returncode == 0
    return json.loads(told)
