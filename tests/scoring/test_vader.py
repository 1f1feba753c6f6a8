"""Our VADER gives the package's four numbers, always; and this suite would notice if it did not."""

import csv
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from scoring import vader as ours
from scoring import vader_words
from scoring.vader import Vader
from tests.scoring.fuzz import Fuzz

PACKAGE = SentimentIntensityAnalyzer()

SENTENCES = [
    "", " ", "\n", "!", "?", "...", "a", "no", "NO", "No!", "but", "but but", ":)", ":-D", "🙂", "🙂🙂🙂", "🙂x🙂",
    "Great, another outage 🙄", "The crew was kind, but the bag never came and nobody was sorry.",
    "This is so good", "never this good", "we were never so happy", "It is the least helpful desk in town",
    "at least helpful", "at the very least helpful", "LEAST helpful", "without doubt the best fare",
    "without a doubt great",
    "no good or bad", "no happy nor good", "there is no problem", "No problem at all!", "no no no good",
    "good good but good good",
    "good bad good but bad good bad", "GOOD but BAD", "ALL CAPS HORRIBLE", "some CAPS HORRIBLE here",
    "VERY good", "a VERY good seat",
    "kind of good food", "they were kind of good food", "sort of a good meal", "just enough good food here",
    "KIND of you",
    "the food is the shit", "this place is the bomb really", "wait at the bus stop and smile",
    "yeah right so funny you all",
    "a cake to die for great", "the kiss of death for my love", "my beating heart loves you",
    "such a bad ass great bad ass",
    "I don't love it", "I DON'T love it", "isn't it great??", "isn't it great???", "isn't it great????",
    "so so so good!!!!!",
    "not not good", "hardly ever good", "barely good, partly awful", "Not so bad", "not very GOOD",
    "uber good UBER bad",
    "'good'", '"good"', "(good)", "good.", "good-ish", "g", "(:", "=)", "o.O", "O_o",
    "\xa0good\x1cbad\u3000happy\u200bsad",
    "My phone 📱 died 😡!! WHY??", "👍🏽 thanks", "❤️", "©", "it's ☹ raining", "can't stand this",
    "screwed up again", "fed up",
    "doubt good", "without doubt doubt good", "happy " * 200, "terrible! " * 50, "\ud800 lonely surrogate",
]  # fmt: skip


def expected(text: str) -> tuple[float, float, float, float]:
    four = PACKAGE.polarity_scores(text)
    return four["neg"], four["neu"], four["pos"], four["compound"]


def differences(scorer: Vader, texts: Iterable[str]) -> list[str]:
    """The texts on which any of the four values, or the compound-only way, differs from the package."""
    found = []
    for text in texts:
        four = expected(text)
        if scorer.polarity(text) != four or scorer.compound(text) != four[3]:
            found.append(text)
    return found


def shared_texts(folder: Path) -> Iterator[str]:
    for path in sorted((folder / "sentiment").glob("*.csv")):
        with path.open(newline="", encoding="utf-8") as file:
            yield from (row["text"] for row in csv.DictReader(file))
    for path in sorted((folder / "mentions").glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            yield from (part["text"] for part in (row, row.get("mention"), row.get("reply")) if part and "text" in part)


def test_every_written_sentence_scores_as_the_package_scores_it():
    assert differences(ours.vader(), SENTENCES) == []


def test_20000_fuzzed_texts_score_as_the_package_scores_them():
    fuzz = Fuzz(1)
    assert differences(ours.vader(), (fuzz.text() for _ in range(20_000))) == []


@pytest.mark.long
def test_300000_fuzzed_texts_score_as_the_package_scores_them():
    fuzz = Fuzz(2)
    assert differences(ours.vader(), (fuzz.text() for _ in range(300_000))) == []


def test_every_text_of_the_sample_sets_scores_as_the_package_scores_it(shared):
    texts = list(shared_texts(shared))
    assert len(texts) > 30_000
    assert differences(ours.vader(), texts) == []


@pytest.mark.parametrize(
    ("name", "planted"),
    [
        ("NEVER_SO", 1.26),
        ("NEGATED", -0.75),
        ("MAX_EXCLAMATIONS", 3),
        ("QUESTION_FLOOD", 0.95),
        ("DAMPING", (1.0, 0.95, 0.95)),
        ("IDIOMS", {}),
        ("PHRASE_SCALARS", {}),
        ("reweigh_around_but", lambda values, positions, but: None),
        ("has_quiet_word", lambda records: True),
    ],
)
def test_a_planted_deviation_is_found(monkeypatch, name, planted):
    fuzz = Fuzz(1)
    texts = [fuzz.text() for _ in range(5_000)]
    monkeypatch.setattr(ours, name, planted)
    assert differences(Vader(), texts)


def test_one_changed_lexicon_entry_is_found(monkeypatch):
    scorer = Vader()
    scorer.lexicon["helpful"] += 0.1
    assert differences(scorer, SENTENCES)


def test_the_token_memo_stays_bounded(monkeypatch):
    monkeypatch.setattr(vader_words, "MAX_REMEMBERED_TOKENS", 100)
    scorer = Vader()
    for number in range(1_000):
        scorer.compound(f"word{number} good{number}")
    assert len(scorer.table) <= 100
    scorer.compound("x" * 10_000)
    assert max(map(len, scorer.table)) <= vader_words.MAX_REMEMBERED_LENGTH


def test_measure_tells_how_many_words_carried_feeling():
    assert ours.vader().measure("the good plane") == (ours.vader().lexicon["good"], 1)
    assert ours.vader().measure("the plane left") == (0.0, 0)
