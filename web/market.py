"""What the page of a case shows of its market: the time and day there, how people are addressed, what the law says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.person import Person
from responders import knowing
from responders.gist import gist
from responders.market_of import Found
from storage.desk_case import CaseView

_LANGUAGE = "en"
"""The language of the names of concepts."""


@dataclass(frozen=True, slots=True)
class Here:
    """A market now. `said` and `drafted` are gists, where the person reads another language than these texts."""

    found: Found
    local: datetime
    holiday: str
    is_open: bool
    said: tuple[str, ...] = ()
    drafted: tuple[str, ...] = ()

    def json(self) -> dict[str, Any]:
        """The same for programs."""
        market = self.found.market
        return {
            "code": market.code, "name": market.name, "why": self.found.why, "local": self.local.isoformat(),
            "holiday": self.holiday, "is_open": self.is_open, "formality": market.formality,
            "currency": market.currency, "legal": list(market.legal), "emergency": list(market.emergency),
            "gist": {"post": list(self.said), "draft": list(self.drafted)},
        }  # fmt: skip


async def market(session: AsyncSession, person: Person, view: CaseView, now: datetime) -> Here | None:
    """The market of this case; None where its post is gone."""
    mention = view.answered
    if mention is None:
        return None
    found = await knowing.market_for(session, view.case, mention)
    live, each = view.live, found.market
    foreign = mention.lang not in (None, _LANGUAGE)
    draft = live.text if live is not None and live.status == "drafted" and live.lang != _LANGUAGE else ""
    return Here(
        found, each.local(now), each.holiday(now), each.is_open(now),
        gist(f"{mention.title}\n\n{mention.text}", mention.lang) if foreign else (),
        gist(draft, live.lang if live else None) if draft else (),
    )  # fmt: skip
