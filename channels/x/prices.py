"""What reading and posting cost, and a meter that counts it. No I/O.

X bills each post and each user that an answer brings, once per resource and UTC day (it calls that a soft guarantee).
Whether the authors and the answered posts that come along as `includes` are billed is not confirmed: they are counted,
so the meter shows the most that a page can have cost.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta

from domain.errors import RateLimited
from domain.ports import Cursor
from net.decode import int_at, list_at, text_at

PRICES_OF = "August 2026"
PRICES_USD: dict[str, float] = {
    "post_read": 0.005,
    "user_read": 0.010,
    "owned_read": 0.001,
    "post": 0.015,
    "post_with_link": 0.200,
    "summoned_reply": 0.010,
}
"""US$ per resource or request. Source: X's page of prices, as of PRICES_OF."""

KEPT = 500
"""How many of the newest billed ids a meter remembers for the rest of the day."""

_MICRO = 1_000_000


def reply_price(has_link: bool) -> float:
    """US$ for one reply to an author who summoned us. A link makes it thirteen times as dear as a plain post."""
    return PRICES_USD["post_with_link" if has_link else "summoned_reply"]


def looks(budget_usd: float) -> int:
    """How many stored posts this pays to look at on one day. One that is gone is not billed, so this is the most."""
    return int(budget_usd / PRICES_USD["post_read"] + 1e-9)


@dataclass(frozen=True, slots=True)
class Meter:
    """What one source has cost on one UTC day. `micros` are millionths of a US$; `billed` are ids already counted."""

    day: str = ""
    micros: int = 0
    billed: tuple[str, ...] = ()

    @classmethod
    def read(cls, cursor: Cursor | None, now: datetime) -> Meter:
        """From a stored cursor. Another day begins at nothing: X bills known posts anew then."""
        day = now.astimezone(UTC).date().isoformat()
        if text_at(cursor, "meter", "day") != day:
            return cls(day)
        billed = tuple(each for each in list_at(cursor, "meter", "billed") if isinstance(each, str))
        return cls(day, max(0, int_at(cursor, "meter", "micros") or 0), billed[:KEPT])

    def cursor(self) -> Cursor:
        """As stored."""
        return {"day": self.day, "micros": self.micros, "billed": list(self.billed)}

    @property
    def usd(self) -> float:
        """The cost of this day so far."""
        return self.micros / _MICRO

    def count(
        self, posts: Iterable[str], included: Iterable[str] = (), users: Iterable[str] = (), *, owned: bool = False
    ) -> Meter:
        """With one answer added, by ids. What was billed today costs nothing more; `owned` is about `posts` only."""
        price = PRICES_USD["owned_read" if owned else "post_read"]
        asked = [(f"p{each}", price) for each in posts]
        asked += [(f"p{each}", PRICES_USD["post_read"]) for each in included]
        asked += [(f"u{each}", PRICES_USD["user_read"]) for each in users]
        fresh: dict[str, float] = {}
        known = set(self.billed)
        for name, usd in asked:
            if name not in known:
                fresh.setdefault(name, usd)
        billed = (*fresh, *self.billed)[:KEPT]
        return replace(self, micros=self.micros + round(sum(fresh.values()) * _MICRO), billed=billed)

    def affordable(self, budget_usd: float, least: int, most: int) -> int:
        """How many posts the next page may ask for, so that the day ends near its budget. Raises when it is spent."""
        left = budget_usd - self.usd
        if left <= 0:
            raise self.spent(budget_usd)
        return max(least, min(most, int(left / (PRICES_USD["post_read"] + PRICES_USD["user_read"]))))

    def spent(self, budget_usd: float) -> RateLimited:
        """The state of a day whose budget is used up: nothing is read until the next one begins."""
        next_day = datetime.combine(datetime.fromisoformat(self.day) + timedelta(days=1), time(), UTC)
        return RateLimited(
            next_day,
            f"the daily budget of this source is spent: US$ {self.usd:.2f} of {budget_usd:.2f} for new posts, by X's "
            f"prices of {PRICES_OF}; reading goes on at 00:00 UTC and catches up",
        )
