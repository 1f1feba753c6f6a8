"""What sources have used of the budgets of their networks. Pure; the figures stand in their cursors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from channels.manifest import Manifest, Meter
from storage.tables import SourceRow


@dataclass(frozen=True, slots=True)
class Reading:
    """The meter of a source, and what all sources of its account (so many) have used together."""

    meter: Meter
    by_account: float
    sources: int

    @property
    def share(self) -> float:
        """Of the budget that is nearer to its end, between 0 and 1."""
        own, whole = _share(self.meter.used, self.meter.of), self.meter.of_account
        return own if whole is None else max(own, _share(self.by_account, whole))


def amount(value: float, unit: str) -> str:
    """For people: US$ 1.20, or 1,020 units."""
    return f"{unit} {value:,.2f}" if unit.endswith("$") else f"{value:,.0f} {unit}"


def meter_of(source: SourceRow, manifest: Manifest | None, now: datetime) -> Meter | None:
    """None where the channel has none, or the settings are not valid."""
    if manifest is None or manifest.meter is None:
        return None
    try:
        settings = msgspec.convert(source.settings, manifest.settings)
    except msgspec.ValidationError:
        return None
    return manifest.meter(settings, source.cursor, now)


def used(sources: Iterable[SourceRow], manifest: Manifest, now: datetime) -> float:
    """What these have used together."""
    return sum(meter.used for source in sources if (meter := meter_of(source, manifest, now)) is not None)


def readings(sources: Sequence[SourceRow], manifests: Mapping[str, Manifest], now: datetime) -> dict[int, Reading]:
    """The meters of all these sources that have one."""
    read = [(source, meter_of(source, manifests.get(source.channel), now)) for source in sources]
    metered = [(source, meter) for source, meter in read if meter is not None]
    found = {}
    for source, meter in metered:
        together = [each.used for other, each in metered if other.id == source.id or _is_shared(source, other)]
        found[source.id] = Reading(meter, sum(together), len(together))
    return found


def _share(used: float, of: float) -> float:
    return min(1.0, used / of) if of > 0 else 1.0


def _is_shared(source: SourceRow, other: SourceRow) -> bool:
    return source.account_id is not None and source.account_id == other.account_id
