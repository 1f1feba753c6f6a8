"""What speaks for two authors being one person, and what does not."""

from __future__ import annotations

import pytest

from domain.identity import SAME_HANDLE, SAME_MARK, SAME_NAME, Writer, common, evidence, marks_of, marks_of_ours

ABOUT = frozenset({"delivery", "question"})


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        (Writer("@mara_k@town.example", "", ABOUT), Writer("Mara_K", "", ABOUT), (SAME_HANDLE,)),
        (Writer("marak.bsky.social", "", ABOUT), Writer("@marak", "", ABOUT), (SAME_HANDLE,)),
        (Writer("a", "Mara  Maslačak", ABOUT), Writer("b", "mara maslačak", ABOUT), (SAME_NAME,)),
        (Writer(marks=frozenset({"553018"})), Writer(marks=frozenset({"553018", "1"})), (SAME_MARK,)),
        (Writer("marak", "", ABOUT), Writer("marak", "", frozenset({"billing", "question"})), ()),
        (Writer("mar", "Mara", ABOUT), Writer("mar", "Mara", ABOUT), ()),
        (Writer("", "", ABOUT), Writer("", "", ABOUT), ()),
        (Writer("marak", "", ABOUT), Writer("marako", "", ABOUT), ()),
    ],
)
def test_a_handle_or_name_counts_with_the_same_matter_and_a_number_by_itself(
    one: Writer, other: Writer, why: tuple[str, ...]
) -> None:
    assert evidence(one, other) == evidence(other, one) == why


def test_marks_are_addresses_and_long_numbers_in_one_spelling() -> None:
    texts = ["Order AB-553-018, write to Mara.K@Mail.test", "third day, train 4711 at 12:30, 20 EUR, order ab553018"]
    assert marks_of(texts) == {"mara.k@mail.test", "ab553018"}
    assert len(marks_of([" ".join(str(553000 + n) for n in range(50))])) == 5


def test_dates_are_no_marks() -> None:
    texts = ["on 2026-11-29 at 10:00, 2026-11-29T10:00:00Z, 20261129, 29-11-2026, 29-11-26, order 20261150"]
    assert marks_of(texts) == {"20261150"}


@pytest.mark.parametrize("written", ["0800-553-018", "+49-800-553-018", "help@norda.test", "HELP@norda.test"])
def test_what_the_brand_tells_people_is_no_mark_however_it_is_written(written: str) -> None:
    ours = marks_of_ours(["Call 0800 / 553-018 or write to Help@norda.test.", "Since 2026-11-29"])
    assert marks_of([f"I tried {written} twice"], ours) == frozenset()
    assert marks_of(["order 8812553"], ours) == {"8812553"}


def test_a_mark_is_common_when_more_than_three_authors_wrote_it() -> None:
    each = frozenset({"553018"})
    assert common([("a", each), ("b", each), ("c", each), ("a", each)]) == frozenset()
    assert common([*((name, each) for name in "abcd"), ("e", frozenset({"99"}))]) == each
