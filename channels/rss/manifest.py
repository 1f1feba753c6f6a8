"""The facts of RSS and Atom feeds."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from channels.manifest import Answering, Manifest, otherwise
from channels.rss.source import RssSettings, RssSource


def keyless(brand: str) -> list[tuple[str, dict[str, Any]]]:
    """Reddit's public search feed; docs/channels/rss.md says what is known of it."""
    address = f"https://www.reddit.com/search.rss?q={quote(chr(34) + brand + chr(34))}&sort=new"
    return [("Reddit search feed", {"url": address, "interval_s": 300.0})]


ANSWERS = (
    Answering(
        "always",
        otherwise,
        "manual",
        "A feed can only be read: copy the text and answer on the page itself.",
        "RSS and Atom have no way back",
    ),
)

MANIFEST = Manifest(
    name="rss",
    title="Feed",
    settings=RssSettings,
    setting_labels={
        "url": "Address of the feed",
        "lang": "Language of its posts, where the feed states none (en, hr, ...)",
    },
    source=RssSource,
    keyless=keyless,
    min_interval_s=60.0,
    interval_s=300.0,
    silence_after_s=14 * 86_400.0,
    sweep_interval_s=None,
    answers=ANSWERS,
)
