"""The rules of the filtered stream: ours are kept as the topics want them, those of others are left alone."""

from __future__ import annotations

from collections.abc import Sequence

from channels.x.client import Client
from channels.x.problems import Said
from channels.x.query import RULES
from domain.errors import Refused
from net.decode import list_at, text_at

TAG = "earshot"
"""Marks our rules. They belong to the app: who uses its token elsewhere may have others."""


async def keep_rules(client: Client, wanted: Sequence[str]) -> frozenset[str]:
    """Make our rules exactly these, adding before taking away; the ids under which they stand.

    A rule that somebody else made with the same words serves us as well: X takes no second one. Raises Refused for a
    rule that X does not take.
    """
    if len(wanted) > RULES:
        raise Refused("rules", f"the topics need {len(wanted)} rules, X allows {RULES}: listen by search instead")
    standing = list_at(await client.rules(), "data")
    values = {text_at(rule, "value") for rule in standing}
    made: list[object] = []
    if new := [value for value in wanted if value not in values]:
        made = _taken(await client.add_rules(new, TAG))
    ours = [rule for rule in standing if text_at(rule, "tag") == TAG]
    if old := [text_at(rule, "id") for rule in ours if text_at(rule, "value") not in wanted]:
        await client.delete_rules(old)
    return frozenset(text_at(rule, "id") for rule in (*standing, *made) if text_at(rule, "value") in wanted)


def _taken(answer: object) -> list[object]:
    for error in list_at(answer, "errors"):
        said = Said.of(error)
        if "duplicate" not in said.kind:
            raise Refused("rule", f"X does not take a rule of ours: {said.sentence or text_at(error, 'title')}")
    return list_at(answer, "data")


def lets_through(rules: frozenset[str], line: object) -> bool:
    """Whether one of these rules let a post through. Where X does not say which did, one of them may have."""
    matching = {text_at(rule, "id") for rule in list_at(line, "matching_rules")}
    return not matching or not rules or not matching.isdisjoint(rules)
