"""The bounds of each network: every one names whose rule it is and stands in the channel's page of docs."""

from pathlib import Path

import pytest

from channels.policies import Bound, Policies, spoken
from channels.registry import manifests

DOCS = Path(__file__).parents[2] / "docs" / "channels"
ROWS = [
    pytest.param(name, rule, source, id=f"{name}-{rule}")
    for name, manifest in manifests().items()
    for rule, source in manifest.policies.written()
]


@pytest.mark.parametrize(("name", "rule", "source"), ROWS)
def test_each_bound_stands_in_the_docs(name: str, rule: str, source: str) -> None:
    assert source
    assert f"| {rule} | {source} |" in (DOCS / f"{name}.md").read_text(encoding="utf-8").splitlines()


def test_every_bound_can_be_told_in_words() -> None:
    strict = Policies(
        reply_window_s=Bound(7 * 86_400, "terms"), per_post=Bound(1, "guidelines"), holding_counts=True,
        per_day=Bound(100, "limits"), bot_label="rules",
    )  # fmt: skip
    assert list(strict.written()) == [
        ("a post is answered within 7 days", "terms"),
        ("replies to one post: at most 1, a holding reply counts", "guidelines"),
        ("replies from one account in 24 hours: at most 100", "limits"),
        ("the account is labelled as automated", "rules"),
    ]
    assert list(Policies().written()) == []


@pytest.mark.parametrize(
    ("seconds", "words"), [(86_400, "1 day"), (5400, "90 minutes"), (7200, "2 hours"), (7, "7 seconds")]
)
def test_times_are_said_in_their_largest_whole_unit(seconds: int, words: str) -> None:
    assert spoken(seconds) == words


@pytest.mark.parametrize("name", sorted(manifests()))
def test_whoever_forbids_training_says_so_in_the_docs(name: str) -> None:
    rule = manifests()[name].no_training
    page = (DOCS / f"{name}.md").read_text(encoding="utf-8")
    assert (rule in page) if rule else ("**Teaches nothing.**" not in page)


def test_the_networks_that_forbid_training_are_known() -> None:
    assert {name for name, manifest in manifests().items() if manifest.no_training} == {"x", "reddit"}
