"""X's posts to mentions. No I/O.

Identity: each edit of a post is a post with a new id. The first id of its history names it for good, the newest one is
where it stands now and what is answered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from channels.x.names import either
from channels.x.query import names_of
from channels.x.reading import Included, long_form, references, versions
from channels.x.snowflake import moment_of, number_at
from domain.account import Account
from domain.errors import Undecodable
from domain.mention import Mention
from net.decode import clean_text, int_at, list_at, text_at, time_at, value_at

CHANNEL = "x"
MOST = 1 << 31

_ESCAPES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))
_NO_LANGUAGE = re.compile(r"und|zxx|art|q..")
_NAMED = re.compile(r"(?<![\w@/])@([A-Za-z0-9_]{1,15})(?![\w@])")


@dataclass(frozen=True, slots=True)
class Own:
    """Who we are on X: id and name of the account that listens, and all our names, in lower case."""

    id: str
    name: str
    names: tuple[str, ...]

    @classmethod
    def of(cls, account: Account | None, handles: Iterable[str]) -> Own:
        """From the listening account and the brand's names."""
        name = next(iter(names_of([account.handle] if account else [])), "")
        return cls(account.external_id if account else "", name, names_of((name, *handles)))

    def is_author(self, post: object) -> bool:
        """Whether the listening account wrote it."""
        return bool(self.id) and text_at(post, "author_id") == self.id


def text_of(post: object) -> str:
    """The whole text as its author wrote it: unescaped, with the addresses behind t.co. Raises Undecodable."""
    source = long_form(post) or post
    text = value_at(source, "text")
    if not isinstance(text, str):
        raise Undecodable("a post without text")
    for link in list_at(source, "entities", "urls"):
        short, real = text_at(link, "url"), text_at(link, "expanded_url")
        if short.startswith("https://t.co/") and real:
            text = text.replace(short, real)
    for escaped, plain in _ESCAPES:
        text = text.replace(escaped, plain)
    return clean_text(text)


def is_outdated(post: object) -> bool:
    """Whether a newer version of this post exists: that one counts, and comes by itself."""
    return versions(post)[-1] != text_at(post, "id")


def summoned(post: object, included: Included, own: Own) -> list[str]:
    """Our names that this very post calls, or whose post it quotes: only they may answer it by API."""
    named = list_at(long_form(post), "entities", "mentions") or list_at(post, "entities", "mentions")
    called = {text_at(each, "username").lower() for each in named}
    if not named:  # whether X sends entities with each way of reading is not confirmed
        called = {name.lower() for name in _NAMED.findall(text_at(long_form(post) or post, "text"))}
    quoted = included.posts.get(references(post).get("quoted", ""))
    if own.is_author(quoted) or own.id in [text_at(each, "id", default="-") for each in named]:
        called.add(own.name)
    return [name for name in own.names if name in called]


def identity(post_id: str, included: Included) -> str:
    """The lasting id of a post that another one refers to."""
    return versions(included.posts[post_id])[0] if post_id in included.posts else post_id


def to_mention(post: object, included: Included, own: Own, *, addressed: bool = False) -> Mention:
    """One post as a mention. `addressed`: it came from the list of posts that name us. Raises Undecodable."""
    own_number = number_at(post, "id")
    if not own_number:
        raise Undecodable("a post without an id")
    history, refers = versions(post), references(post)
    original = included.posts.get(refers.get("retweeted", ""))
    author = included.author(post)
    name = text_at(author, "username")
    called = summoned(post, included, own)
    parent = identity(refers["replied_to"], included) if "replied_to" in refers else None
    answers_us = bool(own.id) and text_at(post, "in_reply_to_user_id") == own.id
    thread = text_at(post, "conversation_id") or history[0]
    made = time_at(post, "created_at") or moment_of(own_number)
    first = number_at(history, 0) or own_number
    return Mention(
        channel=CHANNEL,
        external_id=history[0],
        text=text_of(post if original is None else original),
        posted_at=made if first == own_number else moment_of(first),
        thread_id=history[0] if thread in history else thread,
        parent_id=parent,
        url=f"https://x.com/{name if names_of([name]) else 'i'}/status/{own_number}",
        author_id=text_at(post, "author_id"),
        author_handle=name,
        author_name=text_at(author, "name"),
        author_followers=_count(int_at(author, "public_metrics", "followers_count")),
        lang_tag=_language(text_at(post, "lang")),
        edited_at=made if first != own_number else None,
        addressed=addressed or answers_us or bool(called),
        is_repost="retweeted" in refers,
        shares=_count(int_at(either(value_at(post, "public_metrics"), "retweet_count"))) or 0,
        native={"id": str(own_number), "summoned": called},
    )


def _count(found: int | None) -> int | None:
    return found if found is not None and 0 <= found < MOST else None


def _language(tag: str) -> str | None:
    return None if not tag or _NO_LANGUAGE.fullmatch(tag) else tag
