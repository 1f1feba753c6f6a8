"""The facts of Hacker News."""

from __future__ import annotations

from typing import Any

from channels.hackernews.source import HackerNewsSettings, HackerNewsSource
from channels.hackernews.verify import verify
from channels.manifest import Answering, Manifest, otherwise


def keyless(brand: str) -> list[tuple[str, dict[str, Any]]]:
    """Its search needs no key; the words come from the brand's topics."""
    return [("Hacker News", {})]


ANSWERS = (
    Answering(
        "always",
        otherwise,
        "manual",
        "Hacker News has no write API: copy the text and answer on its page.",
        "its API documentation",
    ),
)

MANIFEST = Manifest(
    name="hackernews",
    title="Hacker News",
    settings=HackerNewsSettings,
    setting_labels={
        "terms": "Words to search for, in place of the topics' phrases",
    },
    source=HackerNewsSource,
    keyless=keyless,
    asks_for_terms=lambda settings: not settings.terms,
    min_interval_s=30.0,
    interval_s=60.0,
    silence_after_s=7 * 86_400.0,
    sweep_interval_s=6 * 3600.0,
    sweep_window_s=86_400.0,
    verify=verify,
    answers=ANSWERS,
)
