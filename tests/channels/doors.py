"""The outbound door as the channel tests use it: it may reach this machine's test servers."""

from __future__ import annotations

from domain.clock import Clock
from net.door import AllowList, Door


class _ThisMachine(AllowList):
    """Permits the loopback address on any port: test servers take a free one."""

    def permits(self, host: str, port: int) -> bool:
        return host in ("127.0.0.1", "localhost")


def test_door(clock: Clock) -> Door:
    """A door for one test; use it as `async with`."""
    return Door(clock, _ThisMachine())


test_door.__test__ = False  # type: ignore[attr-defined]
