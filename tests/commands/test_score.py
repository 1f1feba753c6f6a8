"""`run.py score`: one answer per line, in order; a bad line costs only itself."""

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest

from commands.score import score_lines
from commands.wiring import build
from config.settings import Settings
from domain.errors import BadInput
from scoring.pack import FOLDER, pack


def scored(*lines: bytes, lang: str | None = None) -> list[dict[str, Any]]:
    target = io.BytesIO()
    score_lines(io.BytesIO(b"\n".join(lines) + b"\n"), target, lang)
    return [json.loads(line) for line in target.getvalue().splitlines()]


def line(**fields: object) -> bytes:
    return json.dumps(fields).encode()


def test_each_line_has_its_answer_in_order() -> None:
    found = scored(
        line(id="b", text="This is terrible, I am furious and want a refund"),
        line(id=2, text="I love it, thank you so much!", lang="en"),
        b"",
        line(id="a", text="The office opens at nine.", brand="Norda"),
    )
    assert [row["id"] for row in found] == ["b", 2, "a"]
    assert [row["label"] for row in found][:2] == ["negative", "positive"]
    assert found[0]["priority"] > found[1]["priority"]
    for row in found:
        assert round(sum(points for _, points, _ in row["parts"]), 2) == round(row["priority"], 2)


def test_the_example_of_the_docs_is_what_comes_out() -> None:
    page = (Path(__file__).parents[2] / "docs" / "scoring.md").read_text()
    given, told = re.findall(r"^    (\{.*?\})$", page, re.MULTILINE | re.DOTALL)[:2]
    (found,) = scored(given.encode())
    shown = json.loads(told.replace(", ...]", "]"))
    assert {name: found[name] for name in shown} | {"parts": found["parts"][:1]} == shown


def test_a_bad_line_gives_an_error_row_in_its_place() -> None:
    found = scored(
        line(id=1, text="fine, thanks"),
        b"{broken",
        b"[1, 2]",
        line(id=4),
        line(id=5, text=7),
        b'{"id": 6, "text": "' + b"x" * 1_100_000 + b'"}',
        b"\xff\xfe",
        line(id=8, text=""),
    )
    assert len(found) == 8
    assert [("error" in row) for row in found] == [False, True, True, True, True, True, True, False]
    assert [row["id"] for row in found] == [1, None, None, 4, 5, None, None, 8]
    assert found[1]["error"].startswith("line 2:")
    assert found[3]["error"] == "line 4: needs a text"


def test_the_language_option_is_for_lines_that_name_none() -> None:
    first, second = scored(line(id=1, text="ok"), line(id=2, text="ok", lang="hu"), lang="hr")
    assert (first["lang"], second["lang"]) == ("hr", "hu")


def test_a_bad_line_of_a_word_list_is_named_at_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for file in FOLDER.glob("*.txt"):
        (tmp_path / file.name).write_text(file.read_text() + ("-9: kasni\n" if file.stem == "hu" else ""))
    monkeypatch.setattr("scoring.pack.FOLDER", tmp_path)
    pack.cache_clear()
    try:
        for start in (
            lambda: score_lines(io.BytesIO(), io.BytesIO(), None),
            lambda: build(Settings(data_dir=tmp_path)),
        ):
            with pytest.raises(BadInput, match=r"hu\.txt, line \d+: begin with a valence"):
                start()
    finally:
        pack.cache_clear()
