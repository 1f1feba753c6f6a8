"""The facts of Instagram."""

from __future__ import annotations

from channels.instagram.account import try_account
from channels.instagram.freeze import MAX_CHARACTERS, freeze, message
from channels.instagram.publisher import InstagramPublisher
from channels.instagram.push import greet, receive
from channels.instagram.source import InstagramSettings, InstagramSource
from channels.instagram.verify import BATCH, verify
from channels.manifest import Answering, Manifest, otherwise

ANSWERS = (
    Answering(
        "no account",
        lambda it: not it.has_account,
        "manual",
        "no working Instagram account: open the post and answer there",
        "its API: an answer needs the token of the connected Page",
    ),
    Answering(
        "a photo that only tags us",
        lambda it: it.native.get("kind") == "tag",
        "manual",
        "Instagram lets no software comment on a photo in which we are only tagged: open it and answer there",
        "its API: tagged photos take no comments",
    ),
    Answering(
        "hidden comment",
        lambda it: it.native.get("hidden") is True,
        "manual",
        "the comment is hidden, and hidden comments take no answers by software: look at it before anybody answers",
        "its API: hidden comments take no replies",
    ),
    Answering(
        "otherwise",
        otherwise,
        "api",
        "answered publicly from our account, sent once and looked up afterwards",
        "its API",
    ),
)

MANIFEST = Manifest(
    name="instagram",
    title="Instagram",
    settings=InstagramSettings,
    source=InstagramSource,
    receive=receive,
    greet=greet,
    push_steps=(
        "At developers.facebook.com, in the app's product Webhooks, object Instagram: give this address as the "
        "callback URL, and the account's verify token; subscribe to comments and mentions. Then subscribe the "
        "connected Page to the app. One app pushes to one address: a second account needs an app of its own, or is "
        "heard by polls alone."
    ),
    account_fields=(
        ("secret_token", "Access token of the connected Facebook Page"),
        ("secret_app", "App secret"),
        ("secret_verify", "Verify token: any words, the same that the app is given"),
    ),
    try_account=try_account,
    min_interval_s=60.0,
    interval_s=180.0,
    silence_after_s=7 * 86_400.0,
    verify=verify,
    verify_batch=BATCH,
    max_length=MAX_CHARACTERS,
    worded=message,
    messages="people write to the account in its direct messages, by Instagram's own word on messaging",
    answers=ANSWERS,
    freeze=freeze,
    publisher=InstagramPublisher,
    proof="read_back",
    settle_s=60.0,
)
