"""The table of answers of each channel: every row is reached, gives what it says, and stands in the channel's page."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from channels.manifest import Answering, Manifest, Situation
from channels.registry import manifests
from tests.channels.test_conformance import SUBJECTS

DOCS = Path(__file__).parents[2] / "docs" / "channels"
WAYS = {"api": "by API", "manual": "by hand", "none": "not at all"}
ROWS = [
    pytest.param(name, row, id=f"{name}-{row.situation}")
    for name, manifest in manifests().items()
    for row in manifest.answers
]


def written(row: Answering) -> str:
    """The row as it stands in the page of docs."""
    return f"| {row.situation} | {WAYS[row.way]} | {row.reason} | {row.source} |"


@pytest.mark.parametrize(("name", "row"), ROWS)
def test_each_row_decides_its_situation(name: str, row: Answering):
    manifest, example = manifests()[name], SUBJECTS[name].situations[row.situation]
    assert next(each for each in manifest.answers if each.holds(example)) is row
    assert manifest.capability(example).way == row.way
    assert manifest.capability(example).reason == row.reason
    assert row.reason
    assert row.source


@pytest.mark.parametrize("name", sorted(manifests()))
def test_examples_are_those_of_the_rows(name: str):
    rows = [row.situation for row in manifests()[name].answers]
    assert len(set(rows)) == len(rows)
    assert set(SUBJECTS[name].situations) == set(rows)


@pytest.mark.parametrize(("name", "row"), ROWS)
def test_each_row_stands_in_the_docs(name: str, row: Answering):
    lines = (DOCS / f"{name}.md").read_text(encoding="utf-8").splitlines()
    assert written(row) in lines


@pytest.mark.parametrize("name", sorted(manifests()))
def test_each_setting_stands_in_the_docs(name: str):
    text = (DOCS / f"{name}.md").read_text(encoding="utf-8")
    for field in manifests()[name].settings.__struct_fields__:
        assert f"`{field}`" in text


@pytest.mark.parametrize("name", sorted(manifests()))
def test_whether_people_can_write_in_private_stands_in_the_docs(name: str):
    manifest, text = manifests()[name], " ".join((DOCS / f"{name}.md").read_text(encoding="utf-8").split())
    said = f"Yes: {manifest.messages}." if manifest.messages else "Already: " if manifest.private else "No: "
    assert text.count(f"**In private.** {said}") == 1
    assert not (manifest.private and manifest.messages)


def test_nothing_leaves_by_api_without_an_account():
    for name, manifest in manifests().items():
        for example in SUBJECTS[name].situations.values():
            assert manifest.capability(replace(example, has_account=False)).way != "api", name


def test_a_table_without_a_last_word_is_refused():
    first = manifests()["bluesky"].answers[0]
    with pytest.raises(ValueError, match="otherwise"):
        replace(manifests()["bluesky"], answers=(first,))
    with pytest.raises(ValueError, match="otherwise"):
        replace(manifests()["bluesky"], answers=())


def test_a_row_that_is_never_reached_would_be_noticed():
    bluesky: Manifest = manifests()["bluesky"]
    shadowed = replace(bluesky, answers=(bluesky.answers[1], *bluesky.answers))
    example = Situation(False, False)
    assert shadowed.capability(example) != bluesky.capability(example)


@pytest.mark.parametrize("name", sorted(manifests()))
def test_a_form_asks_for_each_common_setting_in_words(name: str):
    manifest = manifests()[name]
    own = set(manifest.settings.__struct_fields__) - {"interval_s"}
    assert set(manifest.setting_labels) <= own
    assert not own or manifest.setting_labels
    required = {each.name for each in msgspec.structs.fields(manifest.settings) if each.required}
    assert required <= set(manifest.setting_labels)
