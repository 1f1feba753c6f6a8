"""The facts of Reddit."""

from __future__ import annotations

from channels.manifest import Answering, Manifest, otherwise
from channels.reddit.client import try_account
from channels.reddit.convert import CHANNEL
from channels.reddit.freeze import MAX_CHARACTERS, freeze
from channels.reddit.publisher import RedditPublisher
from channels.reddit.source import WINDOW_S, RedditSettings, RedditSource
from channels.reddit.verify import verify

ANSWERS = (
    Answering(
        "the thread is archived",
        lambda it: bool(it.native.get("archived")),
        "none",
        "the thread is archived: it takes no more comments",
        "Reddit archives old threads",
    ),
    Answering(
        "the post is locked",
        lambda it: bool(it.native.get("locked")),
        "manual",
        "the moderators have locked it: only they can answer, or open it again; look at the post",
        "moderators of the subreddit",
    ),
    Answering(
        "no account",
        lambda it: not it.has_account,
        "manual",
        "no working Reddit account: open the post and answer there",
        "its API: a comment needs an account of an approved app",
    ),
    Answering(
        "the subreddit is not listed in answer_in",
        lambda it: not it.native.get("may_answer"),
        "manual",
        "nobody has listed this subreddit as one that lets us answer by software: read its rules, answer by hand",
        "rules of each subreddit; Reddit's Responsible Builder Policy",
    ),
    Answering(
        "otherwise",
        otherwise,
        "api",
        "answered from our account as a public comment, sent once and looked up afterwards",
        "its API",
    ),
)

MANIFEST = Manifest(
    name=CHANNEL,
    title="Reddit",
    settings=RedditSettings,
    setting_labels={
        "kind": "What to read: comments or posts of subreddits, a search, or what is said to your account",
        "subreddits": "Subreddits, for example norda_rail",
        "query": "For a search: words in place of the topics' phrases",
        "answer_in": "Subreddits whose rules let you answer by API; in all others you answer by hand",
    },
    source=RedditSource,
    asks_for_terms=lambda settings: settings.kind == "search" and not settings.query,
    account_fields=(
        ("handle", "Name of our account, for example norda_help"),
        ("secret_client_id", "Client id of the approved app"),
        ("secret_client_secret", "Client secret of the app"),
        ("secret_refresh_token", "Refresh token of our account"),
    ),
    try_account=try_account,
    min_interval_s=20.0,
    interval_s=60.0,
    silence_after_s=3 * 86_400.0,
    sweep_interval_s=3600.0,
    sweep_window_s=WINDOW_S,
    verify=verify,
    verify_within_s=86_400.0,  # deleted posts must go; the often quoted 48 hours are not confirmed
    verify_batch=100,
    no_training="Reddit's Data API terms: no training of models without the word of who wrote it",
    max_length=MAX_CHARACTERS,
    messages="people write to the account in its private messages, by its API (scope `privatemessages`)",
    answers=ANSWERS,
    freeze=freeze,
    publisher=RedditPublisher,
    proof="read_back",
    settle_s=600.0,
)
