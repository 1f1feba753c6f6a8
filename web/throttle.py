"""Slows down guessing of passwords without letting strangers lock anybody out.

Per (account, network): each failure doubles the wait. Per account, over all networks from which it never signed in:
at most 90 evaluated guesses a day. A network from which the person did sign in keeps its own budget, so an attack
from elsewhere does not shut them out; the one-time link of the command line always works.
"""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

_FREE = 3
_LONGEST_S = 900.0
_PER_DAY = 90
_SIZE = 20_000
_DAY = timedelta(days=1)


@dataclass(slots=True)
class _Tally:
    since: datetime
    failures: int = 0
    retry_at: datetime | None = None


def network(address: str) -> str:
    """The network of an address: its /24, or /64 for IPv6. An unreadable one is a network of its own."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    return str(ipaddress.ip_network(f"{ip}/{24 if ip.version == 4 else 64}", strict=False))


class Throttle:
    """Kept in memory and bounded: the oldest entries fall out first. Known places are kept apart, because only their
    owners can add to them: strangers cannot push them out."""

    def __init__(self) -> None:
        self._tallies: OrderedDict[tuple[str, str], _Tally] = OrderedDict()
        self._known: OrderedDict[tuple[str, str], None] = OrderedDict()

    def wait_s(self, account: str, address: str, now: datetime) -> float:
        """Seconds until a guess for this account from this address is looked at; 0 for now."""
        place = network(address)
        here, total = self._live(account, place, now), self._live(account, "", now)
        waits = [here.retry_at] if here and here.retry_at else []
        if total and total.failures >= _PER_DAY and (account, place) not in self._known:
            waits.append(total.since + _DAY)
        return max([0.0, *((at - now).total_seconds() for at in waits)])

    def failed(self, account: str, address: str, now: datetime) -> None:
        """A wrong guess."""
        place = network(address)
        here = self._tally(account, place, now)
        here.failures += 1
        if here.failures >= _FREE:
            wait = min(_LONGEST_S, 2.0 ** min(here.failures - _FREE + 1, 30))
            here.retry_at = now + timedelta(seconds=wait)
        if (account, place) not in self._known:
            self._tally(account, "", now).failures += 1

    def succeeded(self, account: str, address: str, now: datetime) -> None:
        """The right password: this network is known to be theirs from now on."""
        place = network(address)
        self._tallies.pop((account, place), None)
        self._known[account, place] = None
        self._known.move_to_end((account, place))
        if len(self._known) > _SIZE:
            self._known.popitem(last=False)

    def _live(self, account: str, place: str, now: datetime) -> _Tally | None:
        found = self._tallies.get((account, place))
        ended = found is not None and now >= found.since + _DAY and (found.retry_at is None or now >= found.retry_at)
        return None if ended else found

    def _tally(self, account: str, place: str, now: datetime) -> _Tally:
        found = self._live(account, place, now) or _Tally(now)
        self._tallies[account, place] = found
        self._tallies.move_to_end((account, place))
        if len(self._tallies) > _SIZE:
            self._tallies.popitem(last=False)
        return found
