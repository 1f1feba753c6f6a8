"""150 mentions per language that nobody tunes on: what the scorer makes of them is a report (-s shows it), no goal."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from scoring import vader
from scoring.concepts import THEMES
from scoring.scorer import score_text

MENTIONS = Path(__file__).resolve().parents[1] / "data" / "mentions"
LANGUAGES = ("hr", "hu", "id", "lv", "tl")
CLASSES = ("negative", "neutral", "positive")


@dataclass(frozen=True, slots=True)
class Written:
    id: str
    text: str
    label: str
    severity: int
    themes: list[str]


@cache
def written(lang: str) -> list[Written]:
    lines = (MENTIONS / f"{lang}.jsonl").read_text(encoding="utf-8").splitlines()
    return [Written(**json.loads(line)) for line in lines]


def f1(wanted: Iterable[object], found: Iterable[object]) -> float:
    """F1 of two sets."""
    wanted, found = set(wanted), set(found)
    return 2 * len(wanted & found) / ((len(wanted) + len(found)) or 1)


def class_f1(wanted: Sequence[str], found: Sequence[str], name: str) -> float:
    """F1 of one label; "unsure" is no label of its own and counts as neutral."""
    shown = ["neutral" if label == "unsure" else label for label in found]
    return f1(*([i for i, label in enumerate(labels) if label == name] for labels in (wanted, shown)))


def plain_label(text: str) -> str:
    """Negative or not, as plain VADER reads the text, at the bar that its authors give."""
    return "negative" if vader.compound(text) <= -0.05 else "neutral"


def severity_figures(wanted: Sequence[int], found: Sequence[int]) -> tuple[float, float]:
    """How often the severity is the same, and F1 of severity 3."""
    same = sum(a == b for a, b in zip(wanted, found, strict=True)) / len(wanted)
    return same, f1(*([i for i, value in enumerate(values) if value == 3] for values in (wanted, found)))


def theme_f1(wanted: Sequence[Iterable[str]], found: Sequence[Iterable[str]]) -> float:
    """F1 over all pairs of mention and theme."""
    return f1(*({(i, name) for i, names in enumerate(rows) for name in names} for rows in (wanted, found)))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_language_has_its_150_complete_mentions(lang):
    mentions = written(lang)
    assert [mention.id for mention in mentions] == [f"{lang}-{number:03}" for number in range(1, 151)]
    for mention in mentions:
        assert mention.text.strip() == mention.text != "", mention.id
        assert mention.themes, mention.id
        assert set(mention.themes) <= set(THEMES), mention.id
        assert len(set(mention.themes)) == len(mention.themes), mention.id


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_label_and_severity_is_there_often_enough_to_be_measured(lang):
    labels = Counter(mention.label for mention in written(lang))
    severities = Counter(mention.severity for mention in written(lang))
    assert labels.keys() == set(CLASSES)
    assert severities.keys() == {0, 1, 2, 3}
    assert min(labels.values()) >= 30
    assert min(severities.values()) >= 20


@pytest.mark.parametrize("lang", LANGUAGES)
def test_labels_do_not_contradict_one_another(lang):
    for mention in written(lang):
        praised, graded = "praise" in mention.themes, mention.severity
        assert praised == (mention.label == "positive"), mention.id
        assert graded in {"negative": (1, 2, 3), "neutral": (0, 3), "positive": (0, 1)}[mention.label], mention.id
        assert mention.themes == ["other"] or "other" not in mention.themes, mention.id


def test_no_text_comes_twice():
    texts = Counter(mention.text.casefold() for lang in LANGUAGES for mention in written(lang))
    assert [text for text, times in texts.items() if times > 1] == []


def test_figures_know_right_from_wrong():
    assert class_f1(["negative", "neutral"], ["negative", "unsure"], "negative") == 1
    assert class_f1(["negative", "neutral"], ["negative", "unsure"], "neutral") == 1
    assert class_f1(["negative", "negative"], ["negative", "positive"], "negative") == pytest.approx(2 / 3)
    assert class_f1(["negative"], ["positive"], "negative") == 0
    assert severity_figures([3, 0, 2, 3], [3, 3, 2, 1]) == (0.5, 0.5)
    assert theme_f1([["billing"], ["other"]], [["billing", "legal"], ["billing"]]) == pytest.approx(0.4)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_negative_mentions_are_found_better_than_by_english_rules(lang):
    mentions = written(lang)
    labels = [mention.label for mention in mentions]
    scores = [score_text(mention.text, lang) for mention in mentions]
    ours = {name: class_f1(labels, [score.label for score in scores], name) for name in CLASSES}
    plain = class_f1(labels, [plain_label(mention.text) for mention in mentions], "negative")
    same, severe = severity_figures([m.severity for m in mentions], [score.severity for score in scores])
    themes = theme_f1([mention.themes for mention in mentions], [score.themes for score in scores])
    print(
        f"\n{lang}: neg F1 {ours['negative']:.2f} (plain VADER {plain:.2f}), macro-F1 {sum(ours.values()) / 3:.2f}, "
        f"severity same {same:.2f}, severity 3 F1 {severe:.2f}, theme F1 {themes:.2f}"
    )
    assert ours["negative"] > plain
