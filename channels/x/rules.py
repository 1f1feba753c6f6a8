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


async def keep_rules(client: Client, wanted: Sequence[str]) -> None:
    """Make our rules exactly these, adding before taking away. Raises Refused for one that X does not take."""
    if len(wanted) > RULES:
        raise Refused("rules", f"the topics need {len(wanted)} rules, X allows {RULES}: listen by search instead")
    standing = [rule for rule in list_at(await client.rules(), "data") if text_at(rule, "tag") == TAG]
    values = {text_at(rule, "value") for rule in standing}
    if new := [value for value in wanted if value not in values]:
        _check(await client.add_rules(new, TAG))
    if old := [text_at(rule, "id") for rule in standing if text_at(rule, "value") not in wanted]:
        await client.delete_rules(old)


def _check(answer: object) -> None:
    """A rule that stands already (without our mark) is no fault."""
    for error in list_at(answer, "errors"):
        said = Said.of(error)
        if "duplicate" not in said.kind:
            raise Refused("rule", f"X does not take a rule of ours: {said.sentence or text_at(error, 'title')}")


def is_ours(line: object) -> bool:
    """Whether one of our rules let this post through. Where X does not say, it may be."""
    tags = [text_at(rule, "tag") for rule in list_at(line, "matching_rules")]
    return not tags or TAG in tags
