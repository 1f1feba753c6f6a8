"""Where a source of the public feed stands: one walk per country, one round through all of them. Pure.

A country that does not answer is passed over, so that it does not hold up the others. Nothing of it is lost meanwhile:
its next look goes on where the last complete one stopped. Only after a day without any is that told as a gap.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from channels.newest_first import Walk
from domain.ports import Cursor
from net.decode import bool_at, dict_at, int_at, value_at

LAST_PAGE, FULL_PAGE = 10, 50
"""Apple shows no more than ten pages of fifty reviews."""
PATIENCE_S = 86_400


@dataclass(frozen=True, slots=True)
class Place:
    """`at` is the country whose turn it is, `heard` whether any answered in this round. `read_at`: epoch seconds of
    each country's last complete look."""

    countries: tuple[str, ...]
    at: int = 0
    heard: bool = False
    walks: dict[str, Walk] = field(default_factory=dict)
    read_at: dict[str, int] = field(default_factory=dict)

    @classmethod
    def read(cls, cursor: Cursor | None, countries: tuple[str, ...]) -> Place:
        """From a stored cursor; what it says of other countries is left out."""
        at = int_at(cursor, "at") or 0
        walks = dict_at(cursor, "walks")
        read_at = {each: found for each in countries if (found := int_at(cursor, "read_at", each)) is not None}
        return cls(
            countries,
            at if 0 <= at < len(countries) else 0,
            bool_at(cursor, "heard"),
            {each: Walk.read(dict_at(walks, each)) for each in countries if value_at(walks, each)},
            read_at,
        )

    def cursor(self) -> Cursor:
        """As stored."""
        walks = {country: walk.cursor() for country, walk in self.walks.items()}
        return {"at": self.at, "heard": self.heard, "walks": walks, "read_at": self.read_at}

    @property
    def country(self) -> str:
        """Whose turn it is."""
        return self.countries[self.at]

    @property
    def walk(self) -> Walk:
        """How far it was read."""
        return self.walks.get(self.country, Walk())

    @property
    def page(self) -> int:
        """The page of it that comes next."""
        return min(int(self.walk.token), LAST_PAGE) if self.walk.token.isdecimal() else 1

    @property
    def is_in_the_middle(self) -> bool:
        """Whether the next page should hold something: those before it were full, and what is known was not met yet."""
        return self.page > 1 and bool(self.walk.known) and len(self.walk.fresh) >= FULL_PAGE

    @property
    def is_new_round(self) -> bool:
        """Whether a round has just ended."""
        return self.at == 0 and not self.heard

    def after(self, walk: Walk, now_s: int) -> Place:
        """One page of this country was read."""
        moved = replace(self, heard=True, walks=self.walks | {self.country: walk})
        return moved if walk.token else moved._next(now_s)

    def passed_over(self, now_s: int) -> tuple[Place, str | None]:
        """This country did not answer: its turn is over. Tells of a gap once a day."""
        since = self.read_at.get(self.country, now_s)
        late = now_s - since > PATIENCE_S
        moved = replace(self, walks=self.walks | {self.country: Walk(self.walk.known)})
        gap = f"the App Store's feed of {self.country} has not answered for a day" if late else None
        return moved._next(now_s if late else since), gap

    def _next(self, read_at: int) -> Place:
        moved = replace(self, read_at=self.read_at | {self.country: read_at}, at=(self.at + 1) % len(self.countries))
        return replace(moved, heard=False) if moved.at == 0 else moved
