"""Reviews of any store as posts: stars, edits, words that were changed after an answer, and the answer itself."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from channels.manifest import Situation
from channels.reviews import Review, answer_of, is_answered, is_changed, mention_of, stars
from channels.upsert import Standing, mark
from domain.mention import content_hash

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
REVIEW = Review(
    channel="shop", id="r1", text="It is slow", posted_at=NOON, title="Hm", rating=2, native={"review": "r1"}
)
ANSWER = Standing("Sorry, Mara.", written_at=NOON + timedelta(hours=1))


@pytest.mark.parametrize(("rating", "shown"), [(1, "★☆☆☆☆"), (5, "★★★★★"), (0, ""), (6, ""), (None, "")])
def test_stars(rating: int | None, shown: str):
    assert stars(rating) == shown


def test_a_review_is_a_post_to_us_and_its_own_thread():
    mention = mention_of(REVIEW)
    assert (mention.external_id, mention.thread_id, mention.parent_id) == ("r1", "r1", None)
    assert (mention.title, mention.addressed, mention.posted_at) == ("★★☆☆☆ Hm", True, NOON)
    assert mention.native == {"rating": 2, "review": "r1"}


@pytest.mark.parametrize("change", [{"text": "It is slower"}, {"rating": 1}, {"title": "Hmm"}])
def test_an_unanswered_review_that_changes_is_an_edit(change: dict[str, object]):
    before, after = mention_of(REVIEW), mention_of(replace(REVIEW, edited_at=NOON + timedelta(hours=2), **change))  # type: ignore[arg-type]
    assert before.external_id == after.external_id
    assert content_hash(before.title, before.text) != content_hash(after.title, after.text)


def test_an_answered_review_says_so():
    mention = mention_of(replace(REVIEW, answer=ANSWER))
    assert (mention.external_id, mention.native["answered"]) == ("r1", True)
    assert is_answered(Situation(True, True, mention.native))
    assert not is_changed(Situation(True, True, mention.native))


def test_words_changed_after_the_answer_are_a_new_post_that_may_replace_exactly_that_answer():
    later = replace(REVIEW, text="Still slow", edited_at=NOON + timedelta(hours=2), answer=ANSWER)
    mention = mention_of(later)
    assert (mention.parent_id, mention.thread_id, mention.posted_at) == ("r1", "r1", NOON + timedelta(hours=2))
    assert mention.external_id == mention_of(later).external_id != "r1"
    assert mention.native["replaces"] == mark("Sorry, Mara.")
    assert is_changed(Situation(True, True, mention.native))
    again = replace(later, text="Worse", edited_at=NOON + timedelta(hours=3))
    assert mention_of(again).external_id not in ("r1", mention.external_id)


def test_moments_of_one_act_are_no_change():
    late = replace(REVIEW, edited_at=NOON + timedelta(hours=1, seconds=30), answer=ANSWER)
    assert not late.is_changed_since_answer
    assert not replace(REVIEW, answer=Standing("Sorry")).is_changed_since_answer


def test_the_answer_is_a_post_of_ours_in_the_same_thread():
    answer = answer_of(replace(REVIEW, answer=ANSWER), "team-1")
    assert answer is not None
    assert (answer.external_id, answer.parent_id, answer.thread_id) == ("r1#answer", "r1", "r1")
    assert (answer.author_id, answer.text, answer.posted_at) == ("team-1", "Sorry, Mara.", ANSWER.written_at)
    for review, own_id in ((REVIEW, "team-1"), (replace(REVIEW, answer=ANSWER), "")):
        assert answer_of(review, own_id) is None
    assert answer_of(replace(REVIEW, answer=Standing("Sorry")), "team-1") is None


def test_versions_are_told_apart_by_their_moment_or_where_there_is_none_by_their_words():
    assert REVIEW.stamp != replace(REVIEW, edited_at=NOON + timedelta(seconds=1)).stamp
    undated = replace(REVIEW, is_dated=False)
    assert undated.stamp == replace(undated, posted_at=NOON + timedelta(days=1)).stamp
    assert undated.stamp != replace(undated, rating=1).stamp
