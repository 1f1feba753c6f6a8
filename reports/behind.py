"""Which cases stand behind a figure: the link on a number opens exactly those that the number counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.errors import BadInput
from reports import report
from reports.definitions import DEFINITIONS
from reports.figures import CLOCKS, CONTACTS, KEPT, STATES, kept_of
from reports.first_contact import FirstContact
from reports.metrics import Drafts, Response, Waits
from reports.period import Period, checked_zone
from storage.reporting import Cut

_OF_RESPONSE: Final = ("cases", "irrelevant_cases", "answered", "waiting", "closed")
_OF_DRAFTS: Final = ("sent_cases", "unedited_share", "rejected", "overruled")
NAMES: Final = (*_OF_RESPONSE, *CLOCKS, *KEPT, "fcr", *_OF_DRAFTS)
"""Figures whose items are cases."""


@dataclass(frozen=True, slots=True)
class Behind:
    """A figure of a period, as an address carries it: `name|group|first day|last day|zone`."""

    name: str
    group: str
    period: Period

    def text(self) -> str:
        """For an address."""
        return "|".join((self.name, self.group, str(self.period.first), str(self.period.last), self.period.zone))

    @property
    def title(self) -> str:
        """For people."""
        part = f": {self.group}" if self.group else ""
        return f"{DEFINITIONS[self.name].title}{part}, {self.period.first} to {self.period.last}"


def parse(text: str) -> Behind:
    """The figure an address names. BadInput when it is none."""
    try:
        rest, first, last, zone = text.rsplit("|", 3)
        name, group = rest.split("|", 1)
        period = Period(date.fromisoformat(first), date.fromisoformat(last), checked_zone(zone))
    except ValueError:
        raise BadInput("figure: this address is not one that a report makes; open the report and follow it") from None
    if name not in NAMES or not 0 <= (period.last - period.first).days <= 800 or not 1970 < period.first.year < 9990:
        raise BadInput(f"figure: {name[:40]!r} is no figure with cases behind it; open the report and follow it")
    return Behind(name, group, period)


async def cases(
    session: AsyncSession, brands: Sequence[int], wanted: Behind, channel: str, now: datetime
) -> tuple[int, ...]:
    """The ids of the cases behind a figure, for these brands and this channel."""
    cut = Cut(wanted.period.since, wanted.period.until, channel)
    if wanted.name in _OF_DRAFTS:
        return of_drafts(await report.drafts(session, brands, cut), wanted.name, wanted.group)
    if wanted.name == "fcr":
        return of_contacts(await report.first_contacts(session, brands, cut, now), wanted.group)
    return of_response(await report.response(session, brands, cut, now), wanted.name, wanted.group)


def of_response(response: Response, name: str, group: str) -> tuple[int, ...]:
    """The cases behind a figure about answers; none for a part that does not exist."""
    if name in KEPT:
        kept = kept_of(response, name)
        if not group:
            return kept.met + kept.missed
        part: tuple[int, ...] = getattr(kept, group) if group in STATES else ()
        return part
    if name in CLOCKS:
        waits: Waits = getattr(response, name)
        return waits.cases
    if name == "answered" and group:
        return response.buckets.get(group, ())
    found: tuple[int, ...] = getattr(response, name)
    return found


def of_contacts(found: FirstContact, group: str) -> tuple[int, ...]:
    """The cases behind first-contact resolution; none for a part that does not exist."""
    if not group:
        return found.met + found.missed
    part: tuple[int, ...] = getattr(found, group) if group in CONTACTS else ()
    return part


def of_drafts(drafts: Drafts, name: str, group: str) -> tuple[int, ...]:
    """The cases behind a figure about drafts; none for a part that does not exist."""
    if name == "rejected":
        return drafts.rejected.get(group, ())
    if name == "overruled":
        return drafts.overruled.get(group, ())
    return drafts.as_drafted if name == "unedited_share" and group else drafts.sent
