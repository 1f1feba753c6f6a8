"""Pushed posts in the suite: another program signs what it tells of."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from channels.manifest import Situation
from channels.webhook import MANIFEST
from channels.webhook.signing import sign
from domain.account import Account
from tests.channels.network import Network, Post
from tests.channels.proofs import Hearing, News, Pushed
from tests.channels.subject import Subject

SECRET = "a secret for tests, long enough"


def post_as_pushed(post: Post) -> dict[str, Any]:
    """One post as docs/channels/webhook.md describes it."""
    if post.broken:
        return {"id": "17", "created_at": post.posted_at.isoformat()}
    moment = post.posted_at.strftime("%Y-%m-%dT%H:%M:%S") + ("" if post.naive else "Z")
    raw = {"id": f"w{post.id}", "text": post.text, "author": {"handle": post.author}, "lang": post.lang}
    return {**raw, "created_at": moment} if post.dated else raw


def news_as_pushed(news: News) -> dict[str, Any]:
    """One post with the moment of its version."""
    edited = {"edited_at": news.at.isoformat()} if news.changed else {}
    return post_as_pushed(news.post) | edited


class WebhookSubject(Subject):
    """There is no network to ask."""

    def pushed(self, network: Network) -> bytes:
        posts = [post_as_pushed(post) for post in network.posts if not post.withdrawn]
        gone = [self.native_id(post.id) for post in network.posts if post.withdrawn]
        return json.dumps({"posts": posts, "removed": gone}).encode()

    def signed(self, body: bytes, now: datetime, secret: str | None = None) -> dict[str, str]:
        return {"earshot-signature": sign(SECRET if secret is None else secret, body, now)}

    def native_id(self, post_id: int) -> str:
        return f"w{post_id}"

    def account(self, network: Network) -> Account:
        return Account(1, "webhook", "norda", "norda", "", {"secret_signing": SECRET})


SUBJECT = WebhookSubject(
    MANIFEST,
    over_http=False,
    push_ages=True,
    situations={
        "always": Situation(True, True),
    },
)


# --- proofs ----------------------------------------------------------------------------------------------------


def _body(network: Network, news: list[News]) -> bytes:
    gone = [SUBJECT.native_id(each.post.id) for each in news if each.post.withdrawn]
    posts = [news_as_pushed(each) for each in news if not each.post.withdrawn]
    return json.dumps({"posts": posts, "removed": gone}).encode()


HEARING = (
    Hearing(
        name="Webhook",
        subject=SUBJECT,
        all_ours=True,
        edits_come=True,
        removal_posts=10**9,
        pushed=Pushed(body=_body),
    ),
)
