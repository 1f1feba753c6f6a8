"""Bluesky's JSON to mentions. No I/O."""

from __future__ import annotations

from datetime import datetime

from domain.errors import Undecodable
from domain.mention import Mention
from net.decode import dict_at, int_at, list_at, text_at, time_at, value_at

CHANNEL = "bluesky"
POST = "app.bsky.feed.post"
MOST = 1 << 31

Reference = dict[str, str]
"""A strong reference: the address and the content id of a post."""


def at_uri(did: str, rkey: str) -> str:
    """The address of a post record."""
    return f"at://{did}/{POST}/{rkey}"


def did_of(uri: str) -> str:
    """Whose record an at:// address names; empty for anything else."""
    return uri[5:].partition("/")[0] if uri.startswith("at://") else ""


def permalink(uri: str) -> str:
    """Where people see the post; built on the DID, which survives a change of handle."""
    return f"https://bsky.app/profile/{did_of(uri)}/post/{uri.rpartition('/')[2]}"


def reference(value: object) -> Reference | None:
    """A strong reference, or None when it is not one."""
    uri, cid = text_at(value, "uri"), text_at(value, "cid")
    return {"uri": uri, "cid": cid} if did_of(uri) and cid else None


def _features(record: object) -> list[object]:
    return [feature for facet in list_at(record, "facets") for feature in list_at(facet, "features")]


def quoted_uri(record: object) -> str:
    """The post that this one quotes, or an empty string."""
    return text_at(record, "embed", "record", "uri") or text_at(record, "embed", "record", "record", "uri")


def links(record: object) -> list[str]:
    """Full addresses the post links to; its visible text often shows them cut."""
    found = [text_at(feature, "uri") for feature in _features(record)]
    return [uri for uri in (*found, text_at(record, "embed", "external", "uri")) if uri]


def names(record: object, did: str) -> bool:
    """Whether the post mentions, answers or quotes this account."""
    if not did:
        return False
    others = (did_of(text_at(record, "reply", "parent", "uri")), did_of(quoted_uri(record)))
    return did in others or any(value_at(feature, "did") == did for feature in _features(record))


def to_mention(
    record: object,
    *,
    uri: str,
    cid: str,
    seen_at: datetime | None,
    author: object = None,
    own_did: str = "",
    addressed: bool = False,
    shares: int | None = 0,
    edited: bool = False,
) -> Mention:
    """One post record as a mention. `seen_at` is when the network took it in: `createdAt` is the author's claim.

    Raises Undecodable.
    """
    text = value_at(record, "text")
    if not did_of(uri) or not isinstance(text, str) or seen_at is None:
        raise Undecodable("a post without address, text or time")
    root, parent = reference(value_at(record, "reply", "root")), reference(value_at(record, "reply", "parent"))
    return Mention(
        channel=CHANNEL,
        external_id=uri,
        text=text,
        posted_at=seen_at,
        thread_id=root["uri"] if root else uri,
        parent_id=parent["uri"] if parent else None,
        url=permalink(uri),
        author_id=did_of(uri),
        author_handle=text_at(author, "handle"),
        author_name=text_at(author, "displayName"),
        author_is_bot="bot" in [value_at(label, "val") for label in list_at(author, "labels")],
        lang_tag=text_at(record, "langs", 0) or None,
        edited_at=seen_at if edited else None,
        addressed=addressed or names(record, own_did),
        shares=shares if shares is not None and 0 <= shares < MOST else 0,
        native={"cid": cid, "root": root, "links": links(record)},
    )


def view_to_mention(view: object, *, own_did: str = "", addressed: bool = False) -> Mention:
    """A post view (search) or a notification as a mention; both carry address, author, record and time."""
    return to_mention(
        dict_at(view, "record"),
        uri=text_at(view, "uri"),
        cid=text_at(view, "cid"),
        seen_at=time_at(view, "indexedAt"),
        author=value_at(view, "author"),
        own_did=own_did,
        addressed=addressed,
        shares=int_at(view, "repostCount"),
    )
