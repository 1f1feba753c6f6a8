"""The example sentences: enough of each kind, none twice, and a broken file says where."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from domain.errors import BadInput
from responders.rules import speech
from responders.rules.speech import KINDS, examples
from scoring.folding import fold

FEWEST = 30


@pytest.mark.parametrize("lang", speech.LANGUAGES)
def test_each_kind_has_enough_sentences_and_none_twice(lang: str) -> None:
    found = examples(lang)
    count = Counter(kind for kind, _ in found)
    assert min(count[kind] for kind in KINDS) >= FEWEST
    twice = [text for text, times in Counter(fold(text) for _, text in found).items() if times > 1]
    assert twice == []


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
