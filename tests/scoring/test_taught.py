"""What people teach: it moves scores within bounds, is explained, knows no order, and is gone when taken back."""

import random
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench import learning as bench
from domain.correction import BANDS, FELT, LEVELS, NOTHING_SAID, Said, checked, points_to, said
from domain.errors import BadInput
from domain.mention import Mention, Score
from scoring.concepts import THEMES
from scoring.learning import MOST_FEELING, MOST_LESSONS, MOST_POINTS, MOST_WORDS, Lesson, learn, words_of
from scoring.priority import priority_of
from scoring.scorer import BrandProfile, Scorer
from scoring.taught import LEARNED, Model, TaughtScorer, model_of, score_taught

SCORER = Scorer(BrandProfile(names=("Grindline",), handles=("grindline",), default_language="en"))
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def post(text: str, number: int = 0, author: str = "") -> Mention:
    return Mention(
        channel="test", external_id=f"p{number}", thread_id=f"p{number}", text=text, lang_tag="en",
        posted_at=START + timedelta(minutes=number), author_id=author or f"author{number}",
    )  # fmt: skip


HOSTILE = (
    "", " ", "\u202eyour bag is lost\u202c", "a" * 50_000, "sick " * 20_000, "@" * 9_000, "'-" * 20_000, "\0sick\0",
    "\U0001f92c" * 5_000, "e\u0301" * 9_000, "漢字" * 9_000, "<script>sick</script>", "x'" * 9_000, "%s%n{0}",
)  # fmt: skip
SLANG = tuple(
    f"This {thing} is sick, {end}" for thing in ("new deck", "ramp edit", "board", "park", "grip")
    for end in ("look at it", "saw it today", "my brother says so")
)  # fmt: skip
"""A skateboard brand: the rules read "sick" as a complaint, its people know better."""
PLAIN = tuple(
    f"The {thing} of Grindline arrived on {day}" for thing in ("order", "parcel") for day in ("Monday", "Friday")
)


def taught(texts: tuple[str, ...], its: Said, left: tuple[str, ...] = PLAIN) -> Model:
    """A model from posts of which this was said, and from posts that people left as they were."""
    posts = [post(text, number) for number, text in enumerate((*texts, *left))]
    return model_of(SCORER, posts, [its] * len(texts) + [NOTHING_SAID] * len(left))


def score(text: str, model: Model | None = None, its: Said = NOTHING_SAID) -> Score:
    return score_taught(SCORER, [post(text)], model, [its])[0]


# --- what a person says of one post --------------------------------------------------------------------------------


@pytest.mark.parametrize("label", ["negative", "neutral", "positive"])
@pytest.mark.parametrize("text", ["I love this brand", "This is a terrible, broken mess", "It has wheels", "xyzzy"])
def test_a_person_is_right_about_the_feeling(text: str, label: str):
    found = score(text, its=Said(label=label))
    assert found.label == label
    assert found.sentiment is not None
    assert FELT[label][0] <= found.sentiment <= FELT[label][1]
    assert f"a person says {label}" in found.parts[0][2]
    assert found.priority == priority_of(found.parts)


@pytest.mark.parametrize("level", range(len(LEVELS)))
def test_a_person_is_right_about_the_priority(level: int):
    for text in ("Thank you so much, great crew", "My bag is lost and nobody answers, I want a lawyer"):
        found = score(text, its=Said(level=level))
        assert found.severity == level
        assert BANDS[level][0] <= found.priority <= BANDS[level][1]
        assert found.parts[-1] == (
            "corrected",
            points_to(level, score(text).priority),
            f"a person says: {LEVELS[level]}",
        )
        assert found.priority == priority_of(found.parts)


def test_a_person_is_right_about_the_themes():
    assert score("Where is my parcel?", its=Said(themes=("billing", "spam"))).themes == ("billing", "spam")
    assert score("Where is my parcel?", its=Said(themes=())).themes == ("other",)


def test_nothing_said_and_nothing_taught_is_exactly_what_the_rules_say():
    for text in (*SLANG, *PLAIN, *HOSTILE[:20]):
        assert score(text) == SCORER.score(post(text)) == score(text, Model())


@pytest.mark.parametrize(
    ("kind", "value"),
    [("sentiment", "unsure"), ("priority", "4"), ("priority", "-1"), ("theme", "weather"), ("mood", "x"), ("", "")],
)
def test_what_cannot_be_said_is_refused_with_what_is_expected(kind: str, value: str):
    with pytest.raises(BadInput, match=r"expected|correct the"):
        checked(kind, value, THEMES)


def test_values_are_stored_in_one_spelling():
    assert checked("theme", " spam,billing ,spam", THEMES) == "billing,spam"
    stands = {"sentiment": "neutral", "priority": "3", "theme": "billing,spam"}
    assert said(stands) == Said("neutral", 3, ("billing", "spam"))
    assert said({"theme": ""}).themes == ()
    assert said({"irrelevant": "yes"}).lesson_level == 0
    assert said({"irrelevant": "yes", "priority": "2"}).lesson_level == 2


# --- what others learn from it -------------------------------------------------------------------------------------


def test_a_brand_teaches_its_own_words():
    unseen = "That sticker pack is sick, my sister loves the look at it"
    model = taught(SLANG, Said(label="positive"))
    assert score("Our van is sick, look at it").label == "negative"
    moved = score("Our van is sick, look at it", model)
    assert moved.label == "positive"
    name, points, reason = moved.parts[-1]
    assert (name, '"' in reason, "sounds positive" in reason) == (LEARNED, True, True)
    assert points < 0
    assert moved.priority == priority_of(moved.parts) < score("Our van is sick, look at it").priority
    assert moved.parts[:-1] == score("Our van is sick, look at it").parts, "what the rules found stays told"
    assert score(unseen, model).label == "positive"
    assert score("The wheel broke and I want my money back", model).label == "negative"


def test_urgency_is_learned_both_ways():
    texts = tuple(
        f"The bearings of my {thing} seized again" for thing in ("board", "deck", "cruiser", "longboard", "kit")
    )
    up, down = taught(texts, Said(level=3)), taught(texts, Said(irrelevant=True))
    plain = score("Bearings seized after a week").priority
    assert score("Bearings seized after a week", up).priority > plain
    assert score("Bearings seized after a week", down).priority <= plain
    assert score("Bearings seized after a week", up).severity == score("Bearings seized after a week").severity


def test_irrelevant_posts_never_raise_anything():
    texts = tuple(f"Job offer: Grindline hires a {thing} in Split, apply now" for thing in ("welder", "driver", "cook"))
    model = taught(texts, Said(irrelevant=True))
    for text in (*texts, *SLANG, *PLAIN, "apply now for the job, Split"):
        assert score(text, model).priority <= score(text).priority


def test_themes_are_learned_and_unlearned():
    texts = tuple(f"Grindline raffle: win a {thing}, follow and share" for thing in ("board", "deck", "helmet", "kit"))
    model = taught(texts, Said(themes=("spam",)))
    assert "spam" in score("Win a jacket! Follow and share this raffle", model).themes
    assert "spam" not in score("Where is my parcel? It never arrived", model).themes


def test_one_author_alone_teaches_nothing():
    posts = [post(text, number, "the same person") for number, text in enumerate(SLANG)]
    model = model_of(SCORER, posts, [Said(label="positive")] * len(posts))
    assert not model.feeling or not model.feeling.words
    assert score("Our van is sick, look at it", model) == score("Our van is sick, look at it")


def test_numbers_names_and_links_are_no_words():
    assert words_of("order 4711 of +38591555 at 12:30 refund") == ["order", "refund", "order of", "at refund"]
    cleaned = SCORER.cleaner.clean("@somebody look: https://x.example/abc Grindline refund")
    assert words_of(cleaned) == ["look", "refund", "look they", "they refund"]


def test_the_order_of_corrections_means_nothing():
    posts = [post(text, number) for number, text in enumerate((*SLANG, *PLAIN))]
    its = [Said(label="positive", level=0)] * len(SLANG) + [NOTHING_SAID] * len(PLAIN)
    rows = list(zip(posts, its, strict=True))
    first = model_of(SCORER, posts, its)
    for seed in range(5):
        random.Random(seed).shuffle(rows)
        model = model_of(SCORER, [row[0] for row in rows], [row[1] for row in rows])
        assert model.feeling is not None
        assert first.feeling is not None
        assert (model.feeling.words, model.feeling.trust) == (first.feeling.words, first.feeling.trust)


def test_taking_everything_back_gives_the_untouched_scores():
    models: dict[int, Model] = {7: taught(SLANG, Said(label="positive"))}
    scorer = TaughtScorer(SCORER, models, 7)
    mentions = [post(text, number) for number, text in enumerate((*SLANG, *PLAIN))]
    assert scorer.score_batch(mentions, START) != SCORER.score_batch(mentions, START)
    del models[7]
    assert scorer.score_batch(mentions, START) == SCORER.score_batch(mentions, START)
    assert model_of(SCORER, mentions, [NOTHING_SAID] * len(mentions)).is_empty


def test_a_brand_without_lessons_pays_nothing(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("scoring.taught.score_taught", lambda *_: pytest.fail("looked for lessons"))
    TaughtScorer(SCORER, {}, 7).score_batch([post("Our van is sick")], START)


words = st.sampled_from(
    ["sick", "love", "refund", "lawyer", "broken", "great", "wait", "hours", "deck", "terrible", "ok"]
)
texts = st.lists(words, min_size=1, max_size=12).map(" ".join)
labels = st.sampled_from([None, "negative", "neutral", "positive"])
opinions = st.builds(Said, label=labels, level=st.sampled_from([None, 0, 1, 2, 3]), irrelevant=st.booleans())


@settings(max_examples=60)
@given(st.lists(st.tuples(texts, opinions), min_size=1, max_size=25), texts)
def test_lessons_move_a_post_within_the_bounds(lessons: list[tuple[str, Said]], text: str):
    posts = [post(each, number) for number, (each, _) in enumerate(lessons)]
    model = model_of(SCORER, posts, [its for _, its in lessons])
    before, after = score(text), score(text, model)
    assert abs(after.priority - before.priority) <= MOST_POINTS + 0.1
    assert after.priority == priority_of(after.parts)
    if after.label != before.label:
        assert after.sentiment is not None
        assert abs(after.sentiment - (before.sentiment or 0.0)) <= MOST_FEELING + 1e-9
    assert score(text, model, Said(label="neutral")).label == "neutral", "a person is right, whatever was taught"


def test_hostile_posts_cost_little_to_learn_from_and_to_score():
    letters = random.Random(4)
    huge = [" ".join("".join(letters.choices("abcdefgh", k=9)) for _ in range(3_000)) for _ in range(40)]
    posts = [post(text, number) for number, text in enumerate((*HOSTILE, *huge))]
    began = time.process_time()
    model = model_of(SCORER, posts, [Said(label="negative", level=3)] * len(posts))
    for text in (*HOSTILE, *huge):
        score(text, model)
    assert time.process_time() - began < 10
    assert all(len(judge.words) <= MOST_WORDS for judge in (model.feeling, model.urgency) if judge)


def test_only_so_many_lessons_count():
    old = [Lesson(("sick",), f"a{number}", 0, 2) for number in range(50)]
    new = [Lesson(("sick",), f"b{number}", 0, 0) for number in range(MOST_LESSONS)]
    assert learn([*old, *new], 4, 3) is None
    assert learn([*new[:-1], *old[:2]], 4, 3) is not None


# --- on real posts -------------------------------------------------------------------------------------------------


def test_300_corrections_put_the_severe_ones_first(shared: Path, capsys: pytest.CaptureFixture[str]):
    """The airline sample, one key press a correction. However it was read and whatever is meant by "left", forty of the
    first fifty that are left are severe, and of the first two hundred never fewer than without lessons. Where the rules
    alone have more than forty right, up to three of fifty may fall out."""
    posts, scorer = bench.read(shared / "mentions"), Scorer(BrandProfile())
    mentions = [each.mention for each in posts]
    bare = scorer.score_batch(mentions, START)
    gained: list[float] = []
    for name, way in bench.ways(posts, bare).items():
        done = bench.correct(posts, bare, way())
        assert done.corrections == bench.CORRECTIONS
        after = score_taught(scorer, mentions, bench.model_of(scorer, posts, done))
        for rest, places in bench.rests(posts, done).items():
            old, new = bench.figures(posts, bare, places), bench.figures(posts, after, places)
            with capsys.disabled():
                print(f"\n{name}, {rest}: P@50 {old.p50:.2f} -> {new.p50:.2f}, P@200 {old.p200:.3f} -> {new.p200:.3f}")
            gained.append(new.p200 - old.p200)
            assert gained[-1] >= 0, (name, rest)
            assert new.f1 >= old.f1 - 0.005, (name, rest)
            assert new.p50 >= max(0.80, old.p50 - 0.061), (name, rest)
    assert sum(gained) > 0.3
