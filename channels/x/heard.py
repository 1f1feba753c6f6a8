"""The posts of one answer as mentions. No I/O."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from channels.x.convert import Own, is_outdated, to_mention
from channels.x.query import names_of
from channels.x.reading import Included
from channels.x.snowflake import number_at
from domain.errors import Undecodable
from domain.mention import Mention
from domain.ports import Unreadable
from net.decode import text_at


def heard(
    posts: Iterable[object], included: Included, own: Own, where: str, *, addressed: bool = False
) -> tuple[tuple[Mention, ...], tuple[Unreadable, ...]]:
    """What others wrote, oldest first, so that of two versions of a post the newer one counts; and what cannot be read.

    A post that was edited since is left out: its newest version comes by itself, and must not be overwritten.
    """
    mentions: list[Mention] = []
    unreadable: list[Unreadable] = []
    for post in sorted(posts, key=lambda post: number_at(post, "id")):
        try:
            if not (is_outdated(post) or is_ours(post, included, own)):
                mentions.append(to_mention(post, included, own, addressed=addressed))
        except Undecodable as error:
            unreadable.append(Unreadable(where, str(error), msgspec.json.encode(post)[:2000]))
    return tuple(mentions), tuple(unreadable)


def is_ours(post: object, included: Included, own: Own) -> bool:
    """Whether one of our accounts, or somebody under one of our names, wrote it."""
    return own.is_author(post) or bool(set(names_of([text_at(included.author(post), "username")])) & set(own.names))
