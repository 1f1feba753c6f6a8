"""The facts of the App Store."""

from __future__ import annotations

from channels.appstore.connect import Connect, try_account
from channels.appstore.convert import CHANNEL, console_of
from channels.appstore.freeze import MAX_CHARACTERS, freeze
from channels.appstore.source import WINDOW_S, AppStoreSettings, AppStoreSource
from channels.appstore.verify import can, verify
from channels.manifest import Answering, Manifest, otherwise
from channels.policies import Bound, Policies
from channels.review_looks import BATCH
from channels.reviews import is_answered, is_changed
from channels.upsert import UpsertPublisher

ANSWERS = (
    Answering(
        "read in the public feed",
        lambda it: not it.native.get("review"),
        "manual",
        "the public feed gives no id to answer by: answer in App Store Connect",
        "Apple's public feed can only be read",
    ),
    Answering(
        "no account",
        lambda it: not it.has_account,
        "manual",
        "no working App Store Connect account: answer there in the browser",
        "its API: an answer needs a key of the team",
    ),
    Answering(
        "answered already",
        is_answered,
        "manual",
        "an answer of ours stands under this review: change it in App Store Connect",
        "ours: an answer by a colleague is never replaced",
    ),
    Answering(
        "changed since it was answered",
        is_changed,
        "api",
        "the author changed the review: the new answer takes the place of the earlier one",
        "its API: one answer per review",
    ),
    Answering(
        "otherwise",
        otherwise,
        "api",
        "answered from our team's account; Apple shows an answer within a day",
        "its API",
    ),
)

MANIFEST = Manifest(
    name=CHANNEL,
    title="App Store",
    settings=AppStoreSettings,
    setting_labels={
        "app_id": "Number in the app's address (id...)",
        "kind": "What to read: the public feed (answered by hand), or all reviews with an account",
        "countries": "For the feed: countries to read, two letters each, for example us",
    },
    source=AppStoreSource,
    takes_all=True,
    account_fields=(
        ("secret_issuer_id", "Issuer ID (App Store Connect, Users and Access, Integrations)"),
        ("secret_key_id", "Key ID"),
        ("secret_private_key", "Private key: the whole .p8 file"),
    ),
    try_account=try_account,
    min_interval_s=300.0,
    interval_s=1800.0,
    silence_after_s=14 * 86_400.0,
    sweep_interval_s=6 * 3600.0,
    sweep_window_s=WINDOW_S,
    verify=verify,
    verify_can=can,
    verify_batch=BATCH,
    max_length=MAX_CHARACTERS,
    answers=ANSWERS,
    policies=Policies(per_post=Bound(1, "its API: one answer per review"), holding_counts=True),
    freeze=freeze,
    publisher=lambda account, door: UpsertPublisher(Connect(account, door)),
    proof="upsert",
    settle_s=60.0,
    open_url=console_of,
)
