"""The facts of Google Play."""

from __future__ import annotations

from channels.googleplay.client import Play, try_account
from channels.googleplay.convert import CHANNEL
from channels.googleplay.freeze import MAX_CHARACTERS, freeze
from channels.googleplay.source import REACH_S, GooglePlaySettings, GooglePlaySource
from channels.googleplay.verify import MOST, WITHIN_S, verify
from channels.manifest import Answering, Manifest, otherwise
from channels.policies import Bound, Policies
from channels.review_looks import BATCH
from channels.reviews import is_answered, is_changed
from channels.upsert import UpsertPublisher

ANSWERS = (
    Answering(
        "no account",
        lambda it: not it.has_account,
        "manual",
        "no working service account: answer in the Play Console",
        "its API: an answer needs a service account",
    ),
    Answering(
        "answered already",
        is_answered,
        "manual",
        "an answer of ours stands under this review: change it in the Play Console",
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
        "answered as the developer of the app, under the review",
        "its API",
    ),
)

MANIFEST = Manifest(
    name=CHANNEL,
    title="Google Play",
    settings=GooglePlaySettings,
    setting_labels={"package": "Name of the app in its address (id=...), for example com.norda.app"},
    source=GooglePlaySource,
    takes_all=True,
    account_fields=(
        ("handle", "Package name of one of your apps, for example com.norda.app"),
        ("secret_service_account", "Key of the service account: the whole JSON file"),
    ),
    try_account=try_account,
    min_interval_s=120.0,
    interval_s=900.0,
    silence_after_s=14 * 86_400.0,
    sweep_interval_s=86_400.0,
    sweep_window_s=REACH_S,
    verify=verify,
    verify_within_s=WITHIN_S,
    verify_batch=BATCH,
    verify_most=lambda settings: MOST,
    max_length=MAX_CHARACTERS,
    answers=ANSWERS,
    policies=Policies(
        per_post=Bound(1, "its API: one answer per review"),
        holding_counts=True,
        per_day=Bound(2000, "its API: 2,000 answers a day for each app"),
    ),
    freeze=freeze,
    publisher=lambda account, door: UpsertPublisher(Play(account, door)),
    proof="upsert",
    settle_s=60.0,
    open_url=lambda url: "https://play.google.com/console",
)
