"""The facts of Facebook Pages."""

from __future__ import annotations

from channels.facebook.account import try_account
from channels.facebook.freeze import MAX_CHARACTERS, freeze
from channels.facebook.publisher import FacebookPublisher
from channels.facebook.push import greet, receive
from channels.facebook.source import FacebookSettings, FacebookSource
from channels.facebook.verify import BATCH, verify
from channels.manifest import Answering, Manifest, otherwise

ANSWERS = (
    Answering(
        "no account",
        lambda it: not it.has_account,
        "manual",
        "no working Facebook account: open the post and answer there",
        "its API: a comment needs the token of a Page",
    ),
    Answering(
        "not on our Page",
        lambda it: it.native.get("on_our_page") is False,
        "manual",
        "it stands on another profile or Page, where no answers by software are provided for: open it and answer there",
        "its API: comments are provided for on one's own Page",
    ),
    Answering(
        "hidden comment",
        lambda it: it.native.get("hidden") is True,
        "manual",
        "the comment is hidden, only its author and their friends see it: look at it before anybody answers",
        "ours",
    ),
    Answering(
        "no answers taken",
        lambda it: it.native.get("can_reply") is False,
        "manual",
        "Facebook says that our Page cannot answer this comment: open it and look",
        "its API: can_comment",
    ),
    Answering(
        "otherwise",
        otherwise,
        "api",
        "answered as a comment of our Page, sent once and looked up afterwards",
        "its API",
    ),
)

MANIFEST = Manifest(
    name="facebook",
    title="Facebook Page",
    settings=FacebookSettings,
    source=FacebookSource,
    receive=receive,
    greet=greet,
    push_steps=(
        "At developers.facebook.com, in the app's product Webhooks, object Page: give this address as the callback "
        "URL, and the account's verify token; subscribe to feed and mention. Then subscribe the Page to the app. "
        "One app pushes to one address: a second Page needs an app of its own, or is heard by polls alone."
    ),
    account_fields=(
        ("secret_token", "Page access token"),
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
    messages="people write to the Page in Messenger, by Facebook's own word on messaging for Pages",
    answers=ANSWERS,
    freeze=freeze,
    publisher=FacebookPublisher,
    proof="read_back",
    settle_s=60.0,
)
