"""The labelled set that clustering is measured on keeps its shape: enough problems, languages and channels."""

import json
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from pathlib import Path

import pytest

SET = Path(__file__).resolve().parents[1] / "data" / "problems.jsonl"
FIELDS = {"id", "text", "lang", "brand", "channel", "author", "created_at", "problem"}
LANGUAGES = {"en", "hr", "hu", "id", "lv", "tl"}


@pytest.fixture(scope="module")
def mentions():
    return [json.loads(line) for line in SET.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def problems(mentions):
    found = defaultdict(list)
    for mention in mentions:
        found[mention["problem"]].append(mention)
    del found[None]
    return found


def test_there_are_enough_mentions_and_problems(mentions, problems):
    assert len(mentions) >= 340
    assert sum(map(len, problems.values())) >= 300
    assert len(problems) == 40


def test_every_mention_is_complete(mentions):
    for mention in mentions:
        assert mention.keys() == FIELDS, mention["id"]
        assert all(mention[field].strip() for field in FIELDS - {"problem"}), mention["id"]


def test_no_id_comes_twice(mentions):
    assert [name for name, times in Counter(mention["id"] for mention in mentions).items() if times > 1] == []


def test_no_text_comes_twice_letter_by_letter(mentions):
    assert [text for text, times in Counter(mention["text"] for mention in mentions).items() if times > 1] == []


def test_all_seed_languages_are_told_in_problems(problems):
    assert {mention["lang"] for told in problems.values() for mention in told} == LANGUAGES


def test_every_problem_has_mentions_enough_in_two_channels_and_one_brand(problems):
    for name, told in problems.items():
        assert len(told) >= 4, name
        assert len({mention["channel"] for mention in told}) >= 2, name
        assert len({mention["brand"] for mention in told}) == 1, name


def test_a_problem_is_told_in_five_languages(problems):
    assert max(len({mention["lang"] for mention in told}) for told in problems.values()) >= 5


def test_times_are_utc_in_order_and_within_two_weeks(mentions):
    times = [datetime.fromisoformat(mention["created_at"]) for mention in mentions]
    assert all(time.utcoffset() == timedelta(0) for time in times)
    assert times == sorted(times)
    assert times[-1] - times[0] <= timedelta(days=14)
