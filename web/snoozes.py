"""How long to snooze: the presets, always in the person's own zone. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from domain.errors import BadInput
from web.wording import zone_of

_MORNING = time(9)
_AFTERNOON = time(15)


def presets(now: datetime, zone: str) -> dict[str, tuple[str, datetime]]:
    """Name -> label and moment. This afternoon is left out once it has passed."""
    local = now.astimezone(zone_of(zone))
    monday = local.date() + timedelta(days=7 - local.weekday())
    found = {"1h": ("In 1 hour", now + timedelta(hours=1))}
    if local.time() < time(14, 30):
        found["afternoon"] = ("This afternoon, 15:00", _at(local, 0, _AFTERNOON))
    found["tomorrow"] = ("Tomorrow, 09:00", _at(local, 1, _MORNING))
    if monday - local.date() > timedelta(days=1):
        found["monday"] = ("Monday, 09:00", _at(local, (monday - local.date()).days, _MORNING))
    return found


def _at(local: datetime, days: int, at: time) -> datetime:
    return datetime.combine(local.date() + timedelta(days=days), at, local.tzinfo).astimezone(UTC)


def until(preset: str, moment: str, now: datetime, zone: str) -> datetime:
    """The chosen moment: a preset, or a time as a form writes it (local, without zone). BadInput when unreadable."""
    if not moment:
        known = presets(now, zone)
        if preset not in known:
            raise BadInput(f"snooze: choose one of {', '.join(known)}, or a time")
        return known[preset][1]
    try:
        at = datetime.fromisoformat(moment)
    except ValueError:
        raise BadInput(f"snooze until: {moment!r} is not a time; write it like 2026-05-04T15:30") from None
    return (at if at.tzinfo else at.replace(tzinfo=zone_of(zone))).astimezone(UTC)
