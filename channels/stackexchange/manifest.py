"""The facts of Stack Exchange."""

from __future__ import annotations

from channels.manifest import Answering, Manifest, otherwise
from channels.stackexchange.convert import CHANNEL
from channels.stackexchange.place import BATCH
from channels.stackexchange.source import StackExchangeSettings, StackExchangeSource
from channels.stackexchange.verify import DAYS, most, verify

ANSWERS = (
    Answering(
        "always",
        otherwise,
        "manual",
        "its sites want answers by people who know the matter, and ban generated ones: check it, say whom you "
        "work for, and post it there yourself",
        "its policies on promotion and on generated content; posting by API needs reputation on the site",
    ),
)

MANIFEST = Manifest(
    name=CHANNEL,
    title="Stack Exchange",
    settings=StackExchangeSettings,
    setting_labels={
        "kind": "What to read: a search, the questions of a tag, or comments",
        "site": "Site, for example stackoverflow",
        "tag": "For a tag: its name",
        "query": "For a search: words in place of the topics' phrases",
        "key": "API key, if you have one: 10,000 requests a day in place of 300",
    },
    source=StackExchangeSource,
    asks_for_terms=lambda settings: settings.kind == "search" and not settings.query,
    min_interval_s=60.0,
    interval_s=900.0,
    silence_after_s=7 * 86_400.0,
    verify=verify,
    verify_within_s=DAYS * 86_400.0,
    verify_batch=BATCH,
    verify_most=most,
    # Each round reads a day again and looks again at what it heard; a sweep would not mind what we were told to rest.
    sweep_interval_s=None,
    no_model="its sites ban generated answers",
    answers=ANSWERS,
)
