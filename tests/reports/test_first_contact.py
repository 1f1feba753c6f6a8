"""Whether a first answer was the last that was needed: who came back, about what, on which channel."""

import pytest

from reports.first_contact import FirstContact, first_contact
from storage.first_contacts import Contacts, Written
from storage.reporting import CaseTimes

DAY = 86_400_000
NOW = 30 * DAY
MARA, ELSEWHERE, OTHER = (1, "mastodon", "mara"), (1, "reddit", "mara_k"), (1, "bluesky", "m")


def answered(case_id: int = 1, at: int = DAY) -> CaseTimes:
    return CaseTimes(True, False, False, True, case_id, at, at, None, None, at, at)


def contacts(*later: Written, **said: object) -> Contacts:
    """Mara's case 1 about delivery, and what came later; `said` replaces what is known."""
    given: dict[str, object] = {
        "cases": [Written(1, MARA, 0), *later], "themes": {1: frozenset({"delivery", "question"})}, "back_ms": {},
        "escalated_ms": {}, "same": [], "different": [],
    }  # fmt: skip
    return Contacts(**(given | said))  # type: ignore[arg-type]


def state(known: Contacts, now: int = NOW) -> str:
    found = first_contact([answered()], known, now)
    (name,) = [each for each in ("met", "missed", "running", "unknown") if getattr(found, each)]
    return name


DELIVERY = {1: frozenset({"delivery"}), 2: frozenset({"delivery"})}


def test_one_answer_and_seven_days_of_silence_are_a_solution():
    assert state(contacts()) == "met"
    assert state(contacts(), now=8 * DAY - 1) == "running"


@pytest.mark.parametrize(("day", "end"), [(8, "missed"), (8.01, "met"), (0.9, "met")])
def test_who_is_back_within_seven_days_of_the_answer_was_not_helped(day: float, end: str):
    assert state(contacts(Written(2, MARA, int(day * DAY)), themes=DELIVERY)) == end


def test_another_matter_is_no_second_contact_and_an_unknown_one_is_unknown():
    later = Written(2, MARA, 3 * DAY)
    assert state(contacts(later, themes=DELIVERY | {2: frozenset({"billing", "question"})})) == "met"
    assert state(contacts(later, themes=DELIVERY | {2: frozenset({"question"})})) == "unknown"


def test_on_another_channel_it_is_the_same_person_only_where_somebody_said_so():
    later = Written(2, ELSEWHERE, 3 * DAY)
    assert state(contacts(later, themes=DELIVERY)) == "met"
    assert state(contacts(later, themes=DELIVERY, same=[(MARA, ELSEWHERE)])) == "missed"
    steps = [(MARA, OTHER), (OTHER, ELSEWHERE)]
    assert state(contacts(later, themes=DELIVERY, same=steps)) == "missed"
    assert state(contacts(later, themes=DELIVERY, same=steps, different=[(ELSEWHERE, MARA)])) == "met"


def test_a_case_that_is_opened_again_or_escalated_is_not_solved_at_first_contact():
    assert state(contacts(back_ms={1: (5 * DAY,)})) == "missed"
    assert state(contacts(back_ms={1: (DAY // 2, 20 * DAY)})) == "met"
    assert state(contacts(escalated_ms={1: DAY // 2})) == "missed"


def test_whom_nobody_knows_is_unknown():
    assert state(contacts(cases=[Written(1, None, 0), Written(2, None, 3 * DAY)], themes=DELIVERY)) == "unknown"


def test_the_share_leaves_out_what_runs_and_what_is_unknown():
    found = FirstContact((1, 2, 3), (4,), (5,), (6, 7))
    assert (found.share.value, found.share.n) == (75.0, 4)
