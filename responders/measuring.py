"""The situation of a case given as values, for the command line: the same contract as at the desk."""

from __future__ import annotations

from channels.registry import manifests
from responders.facts import Facts
from responders.rules.context import Detect, ReplyContext


def context_of(lang: str, facts: Facts, detect: Detect | None) -> ReplyContext:
    """What a reply in this case is measured against. An unknown channel has no bound of its own on length."""
    channel = manifests().get(facts.channel.casefold())
    bounds = {"max_length": channel.max_length, "length": channel.length} if channel else {}
    return ReplyContext(
        lang=lang,
        author_name=facts.author_name,
        detect=detect,
        sign_off=facts.known.get("agent", ""),
        facts=facts,
        private=channel.private if channel else False,
        **bounds,  # type: ignore[arg-type]
    )
