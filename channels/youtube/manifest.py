"""The facts of YouTube."""

from __future__ import annotations

from channels.manifest import Answering, Manifest, otherwise
from channels.youtube.account import try_account
from channels.youtube.convert import CHANNEL
from channels.youtube.freeze import MAX_LENGTH, freeze, length, message
from channels.youtube.look_up import LOT
from channels.youtube.publisher import YouTubePublisher
from channels.youtube.settings import YouTubeSettings
from channels.youtube.source import YouTubeSource, meter
from channels.youtube.verify import DAYS, most, verify

ANSWERS = (
    Answering(
        "no account",
        lambda it: not it.has_account,
        "manual",
        "no working YouTube account: open the page and answer there",
        "its API: a comment needs an account",
    ),
    Answering(
        "a video, not a comment",
        lambda it: it.native.get("kind") == "video",
        "manual",
        "this is a video: open it and comment there",
        "a choice of ours: by API we answer, we do not open conversations",
    ),
    Answering(
        "the account has a key but no sign-in",
        lambda it: not it.native.get("may_write"),
        "manual",
        "read with an account that has only an API key: open the comment and answer there",
        "its API: a comment needs OAuth",
    ),
    Answering(
        "YouTube takes no reply from us there",
        lambda it: it.native.get("can_reply") is False,
        "none",
        "YouTube lets our account not reply in this conversation",
        "its API: canReply",
    ),
    Answering(
        "otherwise",
        otherwise,
        "api",
        "answered as our channel, under the top comment of the conversation",
        "its API",
    ),
)

MANIFEST = Manifest(
    name=CHANNEL,
    title="YouTube",
    settings=YouTubeSettings,
    setting_labels={
        "kind": "What to read: comments of your own channel, or of other videos",
        "channel": "For your own channel: its id, beginning with UC",
        "videos": "For other videos: their ids",
        "query": "For other videos: words of a few searches a day that add videos to the list",
    },
    source=YouTubeSource,
    meter=meter,
    account_fields=(
        ("handle", "Our channel's handle, for example @norda (needed with a key alone)"),
        ("secret_api_key", "API key, for reading"),
        ("secret_client_id", "OAuth client id, for answering"),
        ("secret_client_secret", "OAuth client secret"),
        ("secret_refresh_token", "Refresh token with the scope youtube.force-ssl"),
    ),
    try_account=try_account,
    min_interval_s=60.0,
    interval_s=300.0,
    silence_after_s=7 * 86_400.0,
    verify=verify,
    verify_within_s=DAYS * 86_400.0,
    verify_batch=LOT,
    verify_most=most,
    sweep_interval_s=None,  # one round a day reads deep, within the same budget
    max_length=MAX_LENGTH,
    length=length,
    worded=message,
    answers=ANSWERS,
    freeze=freeze,
    publisher=YouTubePublisher,
    proof="read_back",
    settle_s=120.0,
)
