"""What a sentence does, by examples: how well that works for unseen sentences, and what the contract makes of it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from domain.errors import BadInput
from responders.contract import check
from responders.facts import facts_of
from responders.measuring import context_of
from responders.rules import speech
from responders.rules.claims import SURE
from responders.rules.speech import CLAIMS, KINDS, MODEST, examples, learn
from scoring.folding import fold

LANGUAGES = sorted(speech.LANGUAGES)
FEWEST = 30
PARTS = 4


@pytest.mark.parametrize("lang", LANGUAGES)
def test_each_kind_has_enough_sentences_and_none_twice(lang: str) -> None:
    lines = examples(lang)
    count = Counter(kind for kind, _ in lines)
    assert min(count[kind] for kind in KINDS) >= FEWEST
    twice = [text for text, times in Counter(fold(text) for _, text in lines).items() if times > 1]
    assert twice == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_it_tells_what_we_are_at_from_claims_in_sentences_it_has_not_seen(
    lang: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each quarter is looked at by a model of the other three. A claim taken for courtesy is one that nobody checks."""
    lines, modest = examples(lang), Counter[str]()
    for part in range(PARTS):
        model = learn([line for at, line in enumerate(lines) if at % PARTS != part])
        for kind, text in lines[part::PARTS]:
            found = model.chances(text)
            leaning = sum(found[each] for each in MODEST) - sum(found[each] for each in CLAIMS)
            modest[kind] += leaning >= SURE
    count = Counter(kind for kind, _ in lines)
    ours, theirs = (
        sum(modest[kind] for kind in kinds) / sum(count[kind] for kind in kinds) for kinds in (MODEST, CLAIMS)
    )
    with capsys.disabled():
        print(f"\nspeech {lang}: known as claiming nothing: {ours:.0%} of what does not, {theirs:.1%} of claims")
    assert ours >= 0.7
    assert theirs <= 0.06


def test_the_same_examples_make_the_same_model() -> None:
    lines = examples("lv")[::5]
    text = "Tūlīt zvanu uz noliktavu."
    assert learn(lines).chances(text) == learn(lines).chances(text)


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


def rules_of(text: str) -> set[str]:
    mention = "Nothing works since yesterday and nobody answers me, I am furious."
    facts = facts_of({"mention": mention, "brand": "Norda", "known": {"agent": "Ada"}}, 2026)
    return {found.rule for found in check(text, context_of("en", facts, None))}


def test_what_we_are_at_is_no_promise() -> None:
    text = "I'm sorry that nothing works. I'll put in a word with the workshop about your boiler. Ada"
    assert "over_promise" not in rules_of(text)
    assert "over_promise" in rules_of(f"{text}\nYou will have your boiler back by tomorrow.")


def test_a_note_taken_and_nothing_done_is_known_in_other_words_than_the_lists() -> None:
    assert "brush_off" in rules_of("Comments like yours are always appreciated by everyone on our team.")
