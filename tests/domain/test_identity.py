"""What speaks for two authors being one person, and what does not."""

from __future__ import annotations

import pytest

from domain.identity import SAME_HANDLE, SAME_MARK, SAME_NAME, Writer, evidence, marks_of

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
