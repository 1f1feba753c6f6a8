"""Mentions in, scores out: what the listener and `run.py score` rely on."""

import json
import math
import time
from datetime import UTC, datetime, timedelta

import pytest

from domain import ports
from domain.mention import LABELS, Mention
from domain.praise import is_praise
from scoring.scorer import BrandProfile, Scorer, score_text

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
BRAND = BrandProfile(names=("Great Air",), handles=("@GreatAir",))
SCORER = Scorer(BRAND)


def mention(text: str, **fields: object) -> Mention:
    values = {"channel": "test", "external_id": "1", "thread_id": "1", "posted_at": NOW, "lang_tag": "en"} | fields
    return Mention(text=text, **values)  # type: ignore[arg-type]


def test_one_score_for_each_mention_in_order():
    batch = [mention("horrible service"), mention("lovely crew today"), mention("the plane leaves at nine tonight")]
    labels = [score.label for score in SCORER.score_batch(batch, NOW)]
    assert labels == ["negative", "positive", "neutral"]
    assert SCORER.score_batch([], NOW) == []


def test_the_brand_is_no_praise():
    assert score_text("Great Air flight 12 to Split", "en", "Great Air").label == "neutral"
    assert SCORER.score(mention("@GreatAir flight 12 to Split")).label == "neutral"


def test_a_title_counts_as_text():
    assert SCORER.score(mention("see below", title="Horrible service, bag lost again")).label == "negative"


def test_naming_our_handle_or_a_native_notification_is_speaking_to_us():
    for post in (mention("@greatair landed at nine tonight"), mention("landed at nine tonight", addressed=True)):
        score = SCORER.score(post)
        assert score.needs_answer
        assert "addressed" in {name for name, _, _ in score.parts}
    assert not SCORER.score(mention("@greatairlines landed at nine tonight")).needs_answer


def test_our_own_post_is_owed_nothing():
    assert not SCORER.score(mention("Sorry for the delay!", author_handle="greatair")).needs_answer


def test_sarcasm_is_no_praise():
    score = SCORER.score(mention("Great, another outage 🙄"))
    assert score.label == "negative"
    assert (score.needs_answer, score.why) == (True, "unhappy")


def test_a_polite_call_for_help_is_owed_an_answer():
    score = SCORER.score(mention("My parcel is in your shop, please help me find it!"))
    assert score.label != "positive"
    assert (score.needs_answer, score.why) == (True, "asks for help")


def test_it_is_the_scorer_that_the_listener_expects():
    port: ports.Scorer = SCORER
    assert len(port.score_batch([mention("hello")], NOW)) == 1


def test_a_link_with_a_question_mark_is_no_question():
    assert "question" not in {
        name for name, _, _ in SCORER.score(mention("look https://example.org/?q=1 here now")).parts
    }


def test_a_language_nobody_can_read_is_unsure_and_wants_a_look():
    score = SCORER.score(mention("Pakettini on ollut kymmenen päivää kateissa", lang_tag="fi"))
    assert (score.lang, score.label, score.sentiment) == ("fi", "unsure", None)
    assert score.needs_answer


def test_earlier_posts_of_an_author_raise_the_priority():
    post = mention("bag lost", author_id="a1")
    first, again = SCORER.score_batch([post], NOW)[0], SCORER.score_batch([post], NOW, {"a1": 3})[0]
    assert again.priority > first.priority


def test_the_same_mention_scores_the_same_at_any_time():
    post = mention("on hold for 2 hours, third time!")
    assert SCORER.score_batch([post], NOW) == SCORER.score_batch([post], datetime(2030, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    "text",
    ["", " ", "\x00", "\ud800", "🙂" * 3_000, "good " * 50_000, "GOOD bad but " * 20_000, "@" * 99_999, "a" * 200_000,
     "Ω≈ç√∫" * 9_000, "not " * 40_000 + "good", "<script>alert(1)</script>", "{{ 7*7 }}", "й" * 50_000],
)  # fmt: skip
def test_any_text_gives_a_sound_score_in_bounded_time(text):
    started = time.process_time()
    for tag in ("en", None):
        score = SCORER.score(mention(text, lang_tag=tag))
        assert score.label in LABELS
        assert (score.sentiment is None) == (score.label == "unsure")
        assert math.isfinite(score.priority)
        assert 0 <= score.severity <= 3
        assert score.priority == pytest.approx(sum(points for _, points, _ in score.parts), abs=0.051)
    assert time.process_time() - started < 2.0


def test_the_most_urgent_posts_of_a_storm_weekend_come_first(shared):
    lines = (shared / "mentions" / "airline_sample.jsonl").read_text(encoding="utf-8").splitlines()
    labels = (shared / "mentions" / "airline_labels.csv").read_text(encoding="utf-8").splitlines()[1:]
    severity = {row.split(",")[0]: int(row.rsplit(",", 1)[1]) for row in labels}
    posts = [json.loads(line) for line in lines]
    priority = {post["id"]: score_text(post["text"], "en").priority for post in posts}
    first = sorted(priority, key=lambda key: (-priority[key], key))[:50]
    assert sum(severity[key] == 3 for key in first) / 50 >= 0.70


def test_how_fast_a_post_spreads_is_taken_when_it_is_heard():
    def spread(shares: int, minutes: float) -> float:
        heard_at = mention("x").posted_at + timedelta(minutes=minutes)
        score = SCORER.score_batch([mention("my parcel is lost", shares=shares)], heard_at)[0]
        return {name: points for name, points, _ in score.parts}.get("spread", 0.0)

    assert spread(60, 60) > 0
    assert spread(60, 24 * 60) == 0
    assert spread(2, 1) == 0, "two shares in a minute are no wave"
    assert spread(60, -5) == 0, "a clock that is behind knows no speed"


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "Lovely staff, thank you! I left my bag on the plane."),
        ("hr", "Odlična posada, hvala! Zaboravila sam torbu u avionu."),
        ("id", "Krunya ramah banget, makasih! Tas saya ketinggalan di pesawat."),
        ("tl", "Ang bait ng crew, salamat! Naiwan ko yung bag ko sa eroplano."),
    ],
)
def test_who_misses_something_waits_for_an_answer_also_with_thanks(lang: str, text: str):
    post = mention(text, lang_tag=lang, author_id="42")
    score = SCORER.score(post)
    assert (score.needs_answer, score.why) == (True, "misses something")
    assert not is_praise(post, score)
