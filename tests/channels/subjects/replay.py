"""Replay in the suite: the posts are lines of a file; answers go to the sandbox network."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from channels.replay import MANIFEST
from domain.reply import Parent
from tests.channels.network import Network, Post
from tests.channels.proofs import Hearing
from tests.channels.subjects.sandbox import SITUATIONS, SandboxSubject


def line(post: Post) -> str:
    """One line as docs/channels/replay.md describes it."""
    if post.broken:
        return '{"id": "17", "text": "cut of'
    moment = post.posted_at.strftime("%Y-%m-%dT%H:%M:%S") + ("" if post.naive else "Z")
    raw: dict[str, Any] = {"id": f"r{post.id}", "text": post.text, "author": {"handle": post.author}, "lang": post.lang}
    return json.dumps({**raw, "created_at": moment} if post.dated else raw)


class ReplaySubject(SandboxSubject):
    """A file that grows; it has no edits."""

    over_http = False

    def settings(self, network: Network, folder: Path) -> dict[str, Any]:
        return {"path": str(folder / "posts.jsonl")}

    def prepare(self, network: Network, folder: Path) -> None:
        (folder / "posts.jsonl").write_text("".join(line(post) + "\n" for post in network.posts))

    def native_id(self, post_id: int) -> str:
        return f"r{post_id}"

    def parent(self, network: Network) -> Parent:
        return Parent("r1", "r1", "", "mara_testfield", "mara_testfield", {})


SUBJECT = ReplaySubject(MANIFEST, over_http=False, shows_edits=False, situations=SITUATIONS)
HEARING = (Hearing(name="Replay", subject=SUBJECT, all_ours=True, edits=False),)
