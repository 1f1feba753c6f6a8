"""Business hours as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import BadInput
from domain.hours import parse_hours, written_hours


def test_a_week_is_read_and_written_back() -> None:
    text = "Mon-Fri 09:00-12:00 13:00-17:00; Sat 10:00-14:00"
    assert written_hours(parse_hours(text)) == text
    assert parse_hours("") == ()


def test_a_night_shift_and_a_week_end() -> None:
    assert parse_hours("sun 22:00-06:00") == ((6, 1320, 1800),)
    assert written_hours(parse_hours("Sun 22:00-06:00")) == "Sun 22:00-06:00"
    assert [day for day, _, _ in parse_hours("Sat-Mon 10:00-11:00")] == [0, 5, 6]


@pytest.mark.parametrize("text", ["Mon", "Mon 9-17", "Moonday 09:00-17:00", "Mon 25:00-26:00", "Mon 09:70-10:00"])
def test_a_mistake_is_named(text: str) -> None:
    with pytest.raises(BadInput, match="business hours"):
        parse_hours(text)


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 1439), st.integers(1, 1439)), max_size=6))
def test_what_is_written_reads_back(raw: list[tuple[int, int, int]]) -> None:
    openings = tuple(sorted({(day, start, start + length) for day, start, length in raw}))
    assert parse_hours(written_hours(openings)) == openings
