"""A worker process as `run.py work` starts it, but with a network that a test runs in place of its own sandbox."""

import asyncio
import signal

from commands.serve import _run
from commands.wiring import build
from config.settings import load
from net.logs import configure


async def main() -> None:
    """Work until SIGTERM; the settings come from the environment."""
    settings = load()
    configure(settings.log_level, settings.log_json)
    house, stop = build(settings), asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await _run(house, stop, web=False, work=True)
    await house.close()


if __name__ == "__main__":
    asyncio.run(main())
