"""What sources have used of their networks' budgets, alone and together with the others of their account. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from channels.registry import manifests
from listener.meters import amount, meter_of, readings, used
from storage.tables import SourceRow

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
DAY = "2026-11-20"


def row(number: int, channel: str = "x", account: int | None = 1, micros: int = 0, **settings: Any) -> SourceRow:
    spent = {"x": {"day": DAY, "micros": micros, "billed": []}, "youtube": {"day": DAY, "units": micros, "searches": 0}}
    cursor = {"meter": spent[channel]} if channel in spent else None
    settings = {"daily_budget_usd": 12.5, **settings} if channel == "x" else settings  # US$ 10 of it for new posts
    return SourceRow(
        id=number, brand_id=1, account_id=account, channel=channel, name=str(number), settings=settings, cursor=cursor,
        created_at=NOON,
    )  # fmt: skip


def test_sources_of_one_account_are_counted_together_and_others_are_not() -> None:
    rows = [row(1, micros=3_000_000), row(2, micros=5_000_000), row(3, account=2, micros=1_000_000), row(4, "rss")]
    found = readings(rows, manifests(), NOON)
    assert {name: (each.meter.used, each.by_account, each.sources) for name, each in found.items()} == {
        1: (3.0, 8.0, 2),
        2: (5.0, 8.0, 2),
        3: (1.0, 1.0, 1),
    }
    assert [round(each.share, 2) for each in found.values()] == [0.8, 0.8, 0.1]


def test_the_budget_that_is_nearer_to_its_end_gives_the_share() -> None:
    alone = readings([row(1, "youtube", micros=3000, daily_units=4000)], manifests(), NOON)[1]
    assert alone.share == 0.75
    two = [row(1, "youtube", micros=4000, daily_units=8000), row(2, "youtube", micros=5000, daily_units=8000)]
    assert [each.share for each in readings(two, manifests(), NOON).values()] == [0.9, 0.9]
    assert readings([row(1, micros=99_000_000)], manifests(), NOON)[1].share == 1.0


def test_sources_without_an_account_share_nothing() -> None:
    found = readings(
        [row(1, account=None, micros=1_000_000), row(2, account=None, micros=1_000_000)], manifests(), NOON
    )
    assert [each.sources for each in found.values()] == [1, 1]


def test_what_cannot_be_read_has_no_meter() -> None:
    odd = row(1, micros=5, daily_budget_usd="much")
    assert meter_of(odd, manifests()["x"], NOON) is None
    assert meter_of(row(1, "rss"), manifests()["rss"], NOON) is None
    assert meter_of(row(1), None, NOON) is None
    assert used([odd, row(2, micros=2_000_000)], manifests()["x"], NOON) == 2.0


def test_amounts_read_as_people_write_them() -> None:
    assert (amount(3.5, "US$"), amount(1020, "units")) == ("US$ 3.50", "1,020 units")


def test_a_budget_of_nothing_is_used_up() -> None:
    assert readings([row(1, daily_budget_usd=0.0)], manifests(), NOON)[1].share == 1.0
