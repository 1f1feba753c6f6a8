"""What is asked again and again: which questions make a gap, and which do not."""

from __future__ import annotations

from scoring.gaps import Asked, gaps

LOST, BIKES, DELIVERY = 1, 2, 3
NAMES = {LOST: "concept luggage", BIKES: "bike", DELIVERY: "concept delivery"}


def asked(row_id: int, who: str, *terms: int, lang: str = "en") -> Asked:
    return Asked(row_id, who, lang, {term: NAMES[term] for term in terms})


def test_two_people_who_name_one_trouble_are_a_gap_and_one_person_is_none() -> None:
    found, _ = gaps([asked(1, "a", LOST), asked(2, "b", LOST, lang="hr"), asked(3, "b", LOST, lang="hr")])
    assert [(gap.named, gap.people, gap.languages) for gap in found] == [("luggage", 2, [("hr", 2), ("en", 1)])]
    assert gaps([asked(1, "a", LOST), asked(2, "a", LOST)])[0] == []


def test_a_word_needs_three_people_and_the_field_of_a_trouble_is_none() -> None:
    assert gaps([asked(1, "a", BIKES), asked(2, "b", BIKES)])[0] == []
    [gap] = gaps([asked(1, "a", BIKES), asked(2, "b", BIKES), asked(3, "c", BIKES)])[0]
    assert (gap.named, gap.is_concept, gap.people) == ("bike", False, 3)
    assert gaps([asked(n, str(n), DELIVERY) for n in range(9)])[0] == []


def test_each_question_counts_once_and_the_most_asked_comes_first() -> None:
    both = [asked(1, "a", LOST, BIKES), asked(2, "b", LOST, BIKES)]
    found, _ = gaps([*both, *(asked(n, str(n), BIKES) for n in range(3, 7))])
    assert [(gap.named, [each.row_id for each in gap.asked]) for gap in found] == [
        ("bike", [3, 4, 5, 6]),
        ("luggage", [1, 2]),
    ]


def test_what_was_put_aside_takes_its_questions_with_it() -> None:
    rows = [asked(1, "a", LOST, BIKES), asked(2, "b", LOST, BIKES), asked(3, "c", LOST, BIKES)]
    found, aside = gaps(rows, [LOST])
    assert found == []
    assert [(gap.named, gap.people) for gap in aside] == [("luggage", 3)]
    assert gaps(rows, [99])[1] == []
