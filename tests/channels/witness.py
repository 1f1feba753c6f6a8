"""Client libraries by others, driven unmodified through our emulators: witnesses that these speak as the networks do.

They live in an environment of their own: `python3 -m tests.channels.witness` makes it in the cache of the peers.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import venv
from pathlib import Path
from typing import Any

from tests.conftest import require
from tests.peers.install import cache

LIBRARIES = ("pydiscourse==1.7.0", "pythorhead==0.34.3", "StackAPI==0.3.1")


def interpreter() -> Path:
    """The Python that has the libraries, once they are installed."""
    return cache() / "witness" / "bin" / "python"


def install() -> Path:
    """Make the environment. Returns its Python."""
    if not interpreter().exists():
        venv.create(cache() / "witness", with_pip=True)
        pip = [str(interpreter()), "-m", "pip", "-q", "--disable-pip-version-check", "install"]
        subprocess.run([*pip, *LIBRARIES], check=True)
    return interpreter()


async def ask_witness(script: str, *arguments: str) -> Any:
    """What a script prints as JSON, run by the environment of the libraries. Skips where it is not installed."""
    require("witness", interpreter().exists(), "not installed: python3 -m tests.channels.witness")
    made = await asyncio.create_subprocess_exec(
        str(interpreter()), "-c", script, *arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    async with asyncio.timeout(60):
        said, trouble = await made.communicate()
    assert made.returncode == 0, trouble.decode()
    return json.loads(said)


if __name__ == "__main__":
    print(install())
