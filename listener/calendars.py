"""Public holidays of a country, as dates."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from domain.errors import BadInput


@lru_cache(maxsize=64)
def holiday_dates(country: str, year: int) -> tuple[date, ...]:
    """Holidays of this year and the next. `country` is an ISO code such as HR, or HR with a region: DE-BY. BadInput."""
    import holidays  # loaded only where a brand asks for holidays: it is large

    code, _, region = country.upper().partition("-")
    try:
        found = holidays.country_holidays(code, subdiv=region or None, years=[year, year + 1])
    except NotImplementedError:
        raise BadInput(
            f"holidays: no calendar for {country!r}; use a country's two letters, e.g. HR or DE-BY"
        ) from None
    return tuple(sorted(found))
