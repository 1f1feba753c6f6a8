"""A feed in the suite: RSS 2.0 as forums write it (tests/channels/pages/rss holds more kinds)."""

from __future__ import annotations

import hashlib
from email.utils import format_datetime
from html import escape
from pathlib import Path
from typing import Any

from aiohttp import web

from channels.manifest import Situation
from channels.rss import MANIFEST
from channels.rss.convert import scope_of
from tests.channels.network import Network, Post
from tests.channels.proofs import Hearing
from tests.channels.subject import Subject

LISTED = 60
"""So many entries a feed has: most have fewer."""
_HEAD = '<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0"><channel><title>Norda riders</title>'


def item(post: Post) -> str:
    """One entry; its words are escaped twice, as HTML inside XML."""
    if post.broken:
        return f"<item><guid>t-{post.id}</guid><category>nothing to read here</category></item>"
    moment = format_datetime(post.posted_at).removesuffix(" +0000") if post.naive else format_datetime(post.posted_at)
    words = escape(escape("".join(c for c in post.text if c >= " ")))
    date = f"<pubDate>{moment}</pubDate>" if post.dated else ""
    return (
        f'<item><guid isPermaLink="false">t-{post.id}</guid><link>https://forum.example/t/{post.id}</link>'
        f"<author>{post.author}</author>{date}<description>{words}</description></item>"
    )


class RssSubject(Subject):
    """One feed at /feed, with an ETag."""

    scope = ""

    def settings(self, network: Network, folder: Path) -> dict[str, Any]:
        # Ids count within one feed, and the port of the local server is another one in each test.
        self.scope = scope_of(f"{network.base}/feed")
        return {"url": f"{network.base}/feed"}

    def routes(self, network: Network, folder: Path) -> list[web.RouteDef]:
        async def feed(request: web.Request) -> web.Response:
            shown = [post for post in network.posts if not post.withdrawn][-LISTED:]
            items = "".join(item(post) for post in reversed(shown))
            body = f"{_HEAD}{items}</channel></rss>".encode()
            etag = f'W/"{hashlib.sha256(body).hexdigest()[:12]}"'
            if request.headers.get("If-None-Match") == etag:
                return web.Response(status=304, headers={"ETag": etag})
            return web.Response(body=body, content_type="application/rss+xml", headers={"ETag": etag})

        return [web.get("/feed", feed)]

    def native_id(self, post_id: int) -> str:
        return f"{self.scope}:t-{post_id}"


SUBJECT = RssSubject(MANIFEST, situations={"always": Situation(False, False)})
HEARING = (Hearing(name="Feed", subject=SUBJECT, overlap_posts=LISTED, burst=2 * LISTED),)
