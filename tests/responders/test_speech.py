"""What a sentence does, by what was learned: how well that works, and what the contract makes of it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from bench.speech import learn, lines, points
from domain.errors import BadInput
from domain.reply import Finding
from responders.contract import check
from responders.facts import facts_of
from responders.measuring import context_of
from responders.rules import speech, vectors
from responders.rules.claims import SURE
from responders.rules.speech import ALL, CLAIMS, FINE, KINDS, chances, examples
from scoring.folding import fold

FEWEST = 30
EACH = 8
"""Examples of a kind and language that are looked at: a point costs 16 ms."""
needs_points = pytest.mark.skipif(not vectors.runs(), reason="the sentence model does not run on this machine")


def some(lang: str) -> list[tuple[str, str]]:
    return [line for kind in KINDS for line in [each for each in examples(lang) if each[0] == kind][:EACH]]


@pytest.mark.parametrize("lang", speech.LANGUAGES)
def test_each_kind_has_enough_sentences_and_none_twice(lang: str) -> None:
    found = examples(lang)
    count = Counter(kind for kind, _ in found)
    assert min(count[kind] for kind in KINDS) >= FEWEST
    twice = [text for text, times in Counter(fold(text) for _, text in found).items() if times > 1]
    assert twice == []


def test_what_was_learned_is_of_these_very_sentences() -> None:
    """Whoever adds examples or labelled replies has to learn anew: python3 -m bench.speech --write."""
    with np.load(speech.LEARNED) as kept:
        assert str(kept["digest"]) == speech.digest(lines())
    assert speech.digest([("steps", "I am asking.")]) != speech.digest([("offers", "I am asking.")])


@needs_points
@pytest.mark.parametrize("lang", speech.LANGUAGES)
def test_it_knows_its_own_examples_and_takes_few_claims_for_courtesy(
    lang: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What it makes of sentences that it has not learned from is measured by `bench.speech`."""
    found = some(lang)
    # Many examples would stand in an acceptable reply as well: which kind they are is asked of the other kinds.
    known = sum(max(KINDS, key=chances(text).__getitem__) == kind for kind, text in found) / len(found)
    claims = [text for kind, text in found if kind in CLAIMS]
    missed = sum(speech.is_modest(text, SURE) for text in claims)
    with capsys.disabled():
        print(
            f"\nspeech {lang}: {known:.0%} of its own examples known, {missed} of {len(claims)} claims taken for none"
        )
    assert known >= 0.7
    assert missed <= 2


@needs_points
def test_the_same_examples_make_the_same_model() -> None:
    found = [*examples("lv")[::40], (FINE, "Tieši tā.")]
    here = points(["Tūlīt zvanu uz noliktavu."])
    first, second = learn(found), learn(found)
    assert np.array_equal(first.chances(here), second.chances(here))
    assert first.chances(here).shape == (1, len(ALL))


@needs_points
def test_near_things_lie_near_in_any_language() -> None:
    here = points(["The courier lost my parcel.", "Kurir je izgubio moj paket.", "Finom volt a leves."])
    assert here[0] @ here[1] > here[0] @ here[2]
    assert np.array_equal(vectors.point("a\0b"), vectors.point("a b"))  # type: ignore[arg-type]


def test_learned_for_other_kinds_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    np.savez(tmp_path / "old.npz", kinds=np.array(["steps"]), middle=np.zeros(2), weights=np.zeros((3, 1)))
    monkeypatch.setattr(speech, "LEARNED", tmp_path / "old.npz")
    with pytest.raises(BadInput, match=r"old\.npz: learned for other kinds: make it anew with"):
        speech.model.__wrapped__()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("A sentence.\n", "xx.txt, line 1: put a \\[kind\\] above"),
        ("[steps]\nI am asking.\n[stepps]\n", "xx.txt, line 3: no kind \\[stepps\\]; there are"),
        ("[steps]\nI am asking.\n", "xx.txt: \\[admits\\] has no sentence"),
    ],
)
def test_a_broken_file_names_the_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, words: str) -> None:
    (tmp_path / "xx.txt").write_text(text, "utf-8")
    monkeypatch.setattr(speech, "FOLDER", tmp_path)
    with pytest.raises(BadInput, match=words):
        examples("xx")


def found_in(text: str) -> list[Finding]:
    mention = "Nothing works since yesterday and nobody answers me, I am furious."
    facts = facts_of({"mention": mention, "brand": "Norda", "known": {"agent": "Ada"}}, 2026)
    return check(text, context_of("en", facts, None))


def rules_of(text: str) -> set[str]:
    return {found.rule for found in found_in(text)}


def test_what_we_are_at_is_no_promise() -> None:
    text = "I'm sorry that nothing works. I'll put in a word with the workshop about your boiler. Ada"
    if vectors.runs():
        assert "over_promise" not in rules_of(text)
    assert "over_promise" in rules_of(f"{text}\nYou will have your boiler back by tomorrow.")


@needs_points
@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("Comments like yours are always appreciated by everyone on our team.", "brush_off"),
        (
            "Sorry that nothing works. Plenty of our customers find the bigger router well worth its price. Ada",
            "selling",
        ),
        ("Sorry that nothing works. Under the law the damage is on us and we owe you for it. Ada", "legal_admission"),
        ("I'm sorry. It is hardly the end of the world, all things considered. Ada", "defensive"),
    ],
)
def test_what_no_list_knows_is_found_by_what_was_learned(text: str, rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert rule in rules_of(text)
    assert not any(found.blocking for found in found_in(text))
    monkeypatch.setattr("responders.rules.learned.chances", lambda sentence: {})
    assert rule not in rules_of(text)


def test_without_a_sentence_model_the_lists_decide_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "I'm sorry that nothing works. With respect, had you read the terms this would be clear. Ada"
    for place in ("learned", "personal", "speech"):
        monkeypatch.setattr(f"responders.rules.{place}.chances", lambda sentence: {})
    assert "defensive" in rules_of(text)
