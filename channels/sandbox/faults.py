"""How the sandbox can misbehave when a test asks for it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec

Kind = Literal["fail", "reset", "delay", "garbage", "hide"]


class Fault(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One way to go wrong on the next `times` requests to publish.

    fail: answer `status`. reset: drop the connection after `after_bytes` bytes of the answer. delay: answer `seconds`
    late. garbage: 200 with bytes that mean nothing. hide: the reply shows only `seconds` later.
    With `applied` the reply is stored first. An infinite fault has `times` -1.
    """

    kind: Kind
    applied: bool = False
    times: int = 1
    status: int = 500
    seconds: float = 0.0
    after_bytes: int = 0


class Faults:
    """The faults that wait, first come first served."""

    def __init__(self, waiting: Iterable[Fault] = ()) -> None:
        self._waiting = list(waiting)

    def add(self, fault: Fault) -> None:
        """Plant one more."""
        self._waiting.append(fault)

    def clear(self) -> None:
        """From now on all goes well."""
        self._waiting.clear()

    def next(self) -> Fault | None:
        """The fault for this request, used up by one."""
        if not self._waiting:
            return None
        fault = self._waiting.pop(0)
        if fault.times > 1 or fault.times < 0:
            self._waiting.insert(0, _less(fault))
        return fault


def _less(fault: Fault) -> Fault:
    return msgspec.structs.replace(fault, times=fault.times - 1 if fault.times > 0 else fault.times)
