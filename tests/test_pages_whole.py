"""Pages for people are whole: no half of a merge stands in them, and links inside the project lead to something."""

import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]
PAGES = [*PROJECT.glob("*.md"), *(PROJECT / "docs").rglob("*.md"), *(PROJECT / "tests" / "data").rglob("*.md")]
_MARK = re.compile(r"^(?:<{7}|>{7}|={7})(?: |$)", re.MULTILINE)
_LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")


def name(page: Path) -> str:
    return page.relative_to(PROJECT).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_no_mark_of_a_merge_and_no_link_into_nothing(page: Path) -> None:
    text = page.read_text("utf-8")
    assert _MARK.findall(text) == []
    assert [link for link in _LINK.findall(text) if not (page.parent / link).exists()] == []


def test_both_would_be_seen() -> None:
    assert _MARK.search("a\n<<<<<<< HEAD\nb\n") is not None
    assert _LINK.findall("see [this](gone.md#part) and [that](https://norda.example/x)") == ["gone.md"]
