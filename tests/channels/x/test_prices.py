"""What reading costs, counted once per resource and day, and the end of a budget."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from channels.x.prices import KEPT, PRICES_OF, PRICES_USD, Meter, reply_price
from domain.errors import RateLimited

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def test_posts_users_and_what_comes_along_each_have_their_price():
    meter = Meter.read(None, NOON).count(["1", "2"], ["3"], ["7"])
    assert meter.usd == pytest.approx(3 * 0.005 + 0.010)
    assert Meter.read(None, NOON).count(["1", "2"], owned=True).usd == pytest.approx(0.002)


def test_what_was_billed_today_costs_nothing_more_and_everything_tomorrow():
    meter = Meter.read(None, NOON).count(["1"], [], ["7"]).count(["1", "2", "1"], ["1"], ["7"])
    assert meter.usd == pytest.approx(2 * 0.005 + 0.010)
    stored = json.loads(json.dumps({"meter": meter.cursor()}))
    assert Meter.read(stored, NOON + timedelta(hours=11)) == meter
    tomorrow = Meter.read(stored, NOON + timedelta(hours=12))
    assert (tomorrow.usd, tomorrow.day) == (0, "2026-11-21")
    assert tomorrow.count(["1"]).usd == pytest.approx(0.005)


def test_the_meter_stays_small():
    meter = Meter.read(None, NOON)
    for number in range(40):
        meter = meter.count([f"{10**18 + number * 100 + each}" for each in range(100)])
    assert meter.usd == pytest.approx(20)
    assert len(meter.billed) == KEPT
    assert meter.billed[0] == f"p{10**18 + 3900}"
    assert len(json.dumps(meter.cursor())) < 16_000


def test_pages_shrink_towards_the_end_of_a_budget():
    meter = Meter("2026-11-20", 9_700_000)
    assert [meter.affordable(budget, 10, 100) for budget in (20.0, 10.0, 9.71)] == [100, 20, 10]


def test_a_spent_budget_says_so_and_ends_at_midnight_utc():
    meter = Meter("2026-12-31", 2_000_001)
    with pytest.raises(RateLimited, match=r"daily budget .* spent: US\$ 2\.00 of 2\.00.* at 00:00 UTC") as told:
        meter.affordable(2.0, 10, 100)
    assert told.value.retry_at == datetime(2027, 1, 1, tzinfo=UTC)


def test_a_link_makes_a_reply_dear():
    assert (reply_price(has_link=False), reply_price(has_link=True)) == (0.01, 0.2)


@pytest.mark.parametrize(
    "meter", [None, 5, {"day": 5}, {"day": "2026-11-20", "micros": "x", "billed": [1, None]}, {"micros": -3}]
)
def test_a_damaged_meter_begins_anew(meter: object):
    assert Meter.read({"meter": meter}, NOON) == Meter("2026-11-20")


def test_every_price_stands_in_the_docs():
    page = (Path(__file__).parents[3] / "docs" / "channels" / "x.md").read_text(encoding="utf-8")
    assert [name for name, usd in PRICES_USD.items() if f"| {usd:.3f} |" not in page] == []
    assert PRICES_OF in page
