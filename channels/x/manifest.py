"""The facts of X."""

from __future__ import annotations

from channels.manifest import Answering, Manifest, otherwise
from channels.policies import Bound, Policies
from channels.x.client import try_account
from channels.x.convert import CHANNEL
from channels.x.freeze import freeze
from channels.x.publisher import XPublisher
from channels.x.source import XSettings, XSource, meter
from channels.x.stream import XStream
from channels.x.verify import BATCH, verify
from channels.x.weight import MAX_WEIGHT, weight

ANSWERS = (
    Answering(
        "no account",
        lambda it: not it.has_account,
        "manual",
        "no working X account: open the post and answer there",
        "its API: a post needs an account",
    ),
    Answering(
        "the author did not summon us",
        lambda it: not it.native.get("summoned"),
        "manual",
        "X lets software answer only those who name our account in that very post or quote it: answer by hand",
        "X's rule for self-serve access since 23 February 2026",
    ),
    Answering(
        "otherwise",
        otherwise,
        "api",
        "the author named or quoted our account; the reply goes out once (US$ 0.01, with a link US$ 0.20)",
        "X's rule for self-serve access since 23 February 2026; its prices of August 2026",
    ),
)

POLICIES = Policies(
    per_post=Bound(1, "X's developer guidelines: one reply per interaction"),
    holding_counts=True,
    per_day=Bound(10_000, "X's limits: 10,000 posts of an app in 24 hours"),
    bot_label="X's developer guidelines: accounts that software posts to carry its label for automated accounts",
)

MANIFEST = Manifest(
    name=CHANNEL,
    title="X",
    settings=XSettings,
    setting_labels={
        "kind": "What to read: a search, your mentions, or the stream of new posts",
        "query": "For a search or the stream: X's own query, in place of the topics' phrases",
        "daily_budget_usd": "Most that all sources of the account may spend a day, in US dollars",
    },
    source=XSource,
    stream=XStream,
    meter=meter,
    asks_for_terms=lambda settings: settings.kind != "mentions" and not settings.query,
    account_fields=(
        ("base_url", "Address, empty for https://api.x.com"),
        ("secret_bearer_token", "Bearer token of the app"),
        ("secret_consumer_key", "API key of the app"),
        ("secret_consumer_secret", "API key secret of the app"),
        ("secret_access_token", "Access token of the account (read and write)"),
        ("secret_access_secret", "Access token secret of the account"),
    ),
    try_account=try_account,
    min_interval_s=30.0,
    interval_s=120.0,
    silence_after_s=3 * 86_400.0,
    verify=verify,
    verify_within_s=86_400.0,  # X's developer policy: what was removed goes within 24 hours
    verify_batch=BATCH,
    verify_most=lambda settings: settings.looks,
    no_training="X's developer policy: its content trains no model but X's own",
    no_model="X's developer guidelines: replies that a model writes need its approval beforehand",
    sweep_interval_s=None,  # it would be billed anew each midnight; the overlap of each poll finds what comes late
    max_length=MAX_WEIGHT,
    length=weight,
    answers=ANSWERS,
    policies=POLICIES,
    freeze=freeze,
    publisher=XPublisher,
    proof="read_back",
    settle_s=120.0,
)
