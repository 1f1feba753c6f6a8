"""A priority is the sum of its parts, and each part says why."""

import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

from domain.errors import BadInput
from scoring.form import Form
from scoring.priority import Facts, Prioritiser, Weights, in_words, needs_answer, priority_of, severity_of, weights_of
from scoring.sentiment import NEUTRAL, UNSURE, Sentiment
from scoring.signals import NOTHING, Found

ANGRY = Sentiment("negative", -0.8)
HAPPY = Sentiment("positive", 0.8)
ASKING = Form(is_question=True)
MAKER = Prioritiser()


def found(*signals: str, minutes: float = 0.0) -> Found:
    return Found({}, dict.fromkeys(signals, "word"), minutes)


def points(facts: Facts, maker: Prioritiser = MAKER) -> float:
    return priority_of(maker.parts(facts))


def test_the_sum_of_the_parts_is_the_priority_and_every_part_has_a_reason():
    facts = Facts(ANGRY, found("no answer", "money", minutes=120.0), ASKING, True, 12_000, 5, 2, "en")
    parts = MAKER.parts(facts)
    assert priority_of(parts) == pytest.approx(sum(score for _, score, _ in parts), abs=0.05)
    assert all(name and reason for name, _, reason in parts)
    assert len({name for name, _, _ in parts}) == len(parts)
    reasons = {name: reason for name, _, reason in parts}
    assert reasons["feeling"] == "sounds negative (-0.80)"
    assert reasons["duration"] == "names 2 hours"
    assert reasons["reach"] == "12,000 followers"
    assert reasons["shares"] == "shared 5 times"
    assert reasons["history"] == "wrote 2 times before"


def test_more_urgent_is_higher():
    ladder = [
        Facts(HAPPY, found("thanks")),
        Facts(HAPPY),
        Facts(NEUTRAL),
        Facts(UNSURE),
        Facts(Sentiment("negative", -0.2)),
        Facts(ANGRY),
        Facts(ANGRY, addressed=True),
        Facts(ANGRY, found("late"), addressed=True),
        Facts(ANGRY, found("lost", minutes=4_320.0), addressed=True),
    ]
    rising = [points(facts) for facts in ladder]
    assert rising == sorted(rising)
    assert len(set(rising)) == len(rising)


def test_unknown_language_asks_for_a_look():
    assert MAKER.parts(Facts(UNSURE))[0] == ("unsure", Weights().unsure, "language unknown: look at it")
    assert MAKER.parts(Facts(UNSURE, lang="hu"))[0][2] == "feeling unknown: look at it"


def test_what_spreads_fast_counts_more_than_what_was_shared_slowly():
    slow, fast = Facts(ANGRY, shares=40, shares_an_hour=2.0), Facts(ANGRY, shares=40, shares_an_hour=40.0)
    assert points(fast) > points(slow)
    assert {name: reason for name, _, reason in MAKER.parts(fast)}["spread"] == "shared 40 times an hour"
    assert "spread" not in {name for name, _, _ in MAKER.parts(slow)}


def test_reach_and_shares_are_capped():
    star = Facts(ANGRY, followers=900_000_000, shares=10**9, earlier_mentions=10**6, shares_an_hour=1e9)
    limits = Weights()
    scores = {name: score for name, score, _ in MAKER.parts(star)}
    assert scores["reach"] == limits.reach_limit
    assert scores["shares"] == limits.shares_limit
    assert scores["spread"] == limits.spread_limit
    assert scores["history"] == limits.again_limit


def test_weights_are_given_by_name_and_a_wrong_name_is_told():
    given = weights_of({"no answer": 50.0, "unsure": 1.0})
    assert (given.signals["no answer"], given.unsure) == (50.0, 1.0)
    assert (given.signals["late"], given.negative) == (Weights().signals["late"], Weights().negative)
    with pytest.raises(BadInput, match=r"\[priority\]: 'laet' is no part of a priority; use one of: negative, .*late"):
        weights_of({"laet": 1.0})


def test_the_example_file_names_every_weight_with_its_default():
    lines = (
        (Path(__file__).parents[2] / "config" / "example.toml").read_text().partition("# [priority]")[2].splitlines()
    )
    shown = tomllib.loads("\n".join(line.removeprefix("# ") for line in lines[1:]))
    assert weights_of(shown) == Weights()
    assert len(shown) == len(fields(Weights)) - 1 + len(Weights().signals)


def test_weights_can_be_overridden():
    calm = Prioritiser(Weights(negative=0.0, negative_strength=0.0, signals={"late": 50.0}))
    assert points(Facts(ANGRY, found("late")), calm) == 50.0


@pytest.mark.parametrize(
    ("sentiment", "signals", "severity"),
    [
        (NEUTRAL, (), 0), (UNSURE, (), 0), (HAPPY, (), 0), (ANGRY, (), 1), (ANGRY, ("harsh",), 1),
        (NEUTRAL, ("help",), 0),
        (ANGRY, ("late",), 2), (ANGRY, ("money",), 2), (NEUTRAL, ("money",), 0), (HAPPY, ("money",), 0),
        (ANGRY, ("no answer",), 2), (ANGRY, ("no answer", "money"), 3), (NEUTRAL, ("no answer", "repeated"), 3),
        (NEUTRAL, ("stranded",), 3), (ANGRY, ("safety",), 3), (NEUTRAL, ("thanks", "stranded"), 3),
        (UNSURE, ("money gone",), 3), (NEUTRAL, ("cancelled",), 2), (NEUTRAL, ("cancelled", "repeated"), 3),
        (ANGRY, ("damaged",), 2), (ANGRY, ("missing",), 2), (ANGRY, ("missing", "no answer"), 3), (ANGRY, ("lost",), 3),
        (HAPPY, ("stranded",), 2), (HAPPY, ("lost",), 1), (HAPPY, ("thanks", "lost"), 0),
        (ANGRY, ("legal",), 3), (NEUTRAL, ("legal",), 3), (NEUTRAL, ("press",), 3), (HAPPY, ("press",), 1),
    ],
)  # fmt: skip
def test_severity(sentiment, signals, severity):
    assert severity_of(sentiment, found(*signals) if signals else NOTHING) == severity


def test_a_plain_question_and_a_wish_are_no_trouble():
    asks = Form(is_question=True, asks=True)
    assert severity_of(NEUTRAL, found("money", "late"), asks) == 0
    assert severity_of(NEUTRAL, found("money", minutes=4_320.0), asks) == 2
    assert severity_of(NEUTRAL, found("lost"), asks) == 2
    assert severity_of(NEUTRAL, found("stranded"), asks) == 3
    assert severity_of(HAPPY, Found({"wish": "please add"}, {}, 0.0)) == 1


def test_harsh_words_for_something_named_are_more_than_a_grumble():
    assert severity_of(ANGRY, Found({"app": "app", "harsh": "awful"}, {"harsh": "awful"}, 0.0)) == 2
    assert severity_of(ANGRY, Found({"harsh": "awful"}, {"harsh": "awful"}, 0.0)) == 1


def test_retold_news_of_a_lawsuit_is_not_answered_first():
    assert severity_of(NEUTRAL, found("legal"), Form(is_retold=True)) == 2


def test_an_advert_is_spam_and_a_warning_of_one_is_not():
    advert = Form(is_retold=True, is_spam=True)
    assert severity_of(ANGRY, NOTHING, advert) == 0
    assert needs_answer(Facts(ANGRY, NOTHING, advert), 0, False, False) == (False, "looks like spam")
    assert severity_of(ANGRY, found("money gone"), advert) == 3


def test_long_silence_is_severe_even_when_told_politely():
    assert severity_of(NEUTRAL, found("no answer", minutes=120.0)) == 3


@pytest.mark.parametrize(
    ("facts", "severity", "needed"),
    [
        (Facts(ANGRY), 1, True),
        (Facts(NEUTRAL, form=ASKING), 0, True),
        (Facts(UNSURE), 0, True),
        (Facts(NEUTRAL, addressed=True), 0, True),
        (Facts(HAPPY, addressed=True), 0, True),
        (Facts(NEUTRAL), 3, True),
        (Facts(NEUTRAL), 0, False),
        (Facts(HAPPY), 0, False),
    ],
)
def test_who_is_owed_an_answer(facts, severity, needed):
    assert needs_answer(facts, severity, is_repost=False, is_ours=False)[0] is needed


def test_reposts_and_our_own_posts_are_never_answered():
    assert needs_answer(Facts(ANGRY), 3, is_repost=True, is_ours=False) == (False, "a repost: the original counts")
    assert needs_answer(Facts(ANGRY), 3, is_repost=False, is_ours=True) == (False, "our own post")


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(45, "45 minutes"), (60, "1 hour"), (150, "2.5 hours"), (4_320, "3 days"), (0.5, "less than a minute")],
)
def test_times_read_as_people_say_them(minutes, words):
    assert in_words(minutes) == words
