"""The facts of Trustpilot."""

from __future__ import annotations

from channels.manifest import Answering, Manifest, otherwise
from channels.policies import Bound, Policies
from channels.review_looks import BATCH
from channels.reviews import is_answered, is_changed
from channels.trustpilot.client import Trustpilot, try_account
from channels.trustpilot.convert import CHANNEL
from channels.trustpilot.freeze import freeze
from channels.trustpilot.source import WINDOW_S, TrustpilotSettings, TrustpilotSource
from channels.trustpilot.verify import MOST, WITHIN_S, verify
from channels.upsert import UpsertPublisher

ANSWERS = (
    Answering(
        "no account",
        lambda it: not it.has_account,
        "manual",
        "no working Trustpilot account: answer in Trustpilot Business",
        "its API: an answer needs a business user",
    ),
    Answering(
        "answered already",
        is_answered,
        "manual",
        "an answer of ours stands under this review: change it in Trustpilot Business",
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
        "answered as the company, in the name of the account's business user",
        "its API",
    ),
)

MANIFEST = Manifest(
    name=CHANNEL,
    title="Trustpilot",
    settings=TrustpilotSettings,
    setting_labels={"business_unit": "Id of another business unit to read; the account's own if empty"},
    source=TrustpilotSource,
    takes_all=True,
    account_fields=(
        ("handle", "Domain of your business on Trustpilot, for example norda.example"),
        ("secret_api_key", "API key"),
        ("secret_api_secret", "API secret"),
        ("secret_business_user_id", "User ID of who answers (Trustpilot Business, your profile)"),
    ),
    try_account=try_account,
    min_interval_s=300.0,
    interval_s=1800.0,
    silence_after_s=14 * 86_400.0,
    sweep_interval_s=6 * 3600.0,
    sweep_window_s=WINDOW_S,
    verify=verify,
    verify_within_s=WITHIN_S,
    verify_batch=BATCH,
    verify_most=lambda settings: MOST,
    answers=ANSWERS,
    policies=Policies(per_post=Bound(1, "its API: one answer per review"), holding_counts=True),
    freeze=freeze,
    publisher=lambda account, door: UpsertPublisher(Trustpilot(account, door)),
    proof="upsert",
    settle_s=60.0,
    open_url=lambda url: "https://businessapp.b2b.trustpilot.com/",
)
