"""Frames of Jetstream as events. No I/O.

v2 is the lexicon network.bsky.jetstream.subscribeEvents in frames of the subprotocol xrpc.v1.json; v1 is the older
wire of hosts such as jetstream1.us-east, whose place is a time in microseconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from channels.bluesky.convert import POST, at_uri, to_mention
from domain.errors import RateLimited, Undecodable, Unreachable
from domain.mention import Mention
from net.decode import bool_at, dict_at, int_at, text_at, time_at, value_at

_LEXICON = "network.bsky.jetstream.subscribeEvents#"
GONE = ("deleted", "takendown", "suspended", "deactivated")
_NOTES = {
    "OutdatedCursor": "the stream no longer holds the time we stopped at; posts in between are missing",
    "FutureCursor": "the stream started anew on its side and does not know our place; posts in between may be missing",
}


@dataclass(frozen=True, slots=True)
class Info:
    """A notice of the server. `gap` says in plain words what may be missing."""

    gap: str | None


@dataclass(frozen=True, slots=True)
class Event:
    """One change of a post or of an account. `record` is there for new and edited posts.

    `withdrawn` names posts that are gone; an address that ends with "/" stands for all posts of an account.
    """

    seq: int
    at_us: int | None
    did: str
    rkey: str = ""
    cid: str = ""
    record: dict[str, object] | None = None
    edited: bool = False
    withdrawn: tuple[str, ...] = ()

    def mention(self, own_did: str) -> Mention:
        """As a mention. Raises Undecodable."""
        seen_at = datetime.fromtimestamp(self.at_us / 1e6, UTC) if self.at_us else None
        return to_mention(
            self.record, uri=at_uri(self.did, self.rkey), cid=self.cid, seen_at=seen_at, own_did=own_did,
            edited=self.edited,
        )  # fmt: skip


def read_frame(frame: object, wire: str) -> Event | Info | None:
    """The event in a frame, or None for one that does not concern posts.

    Raises Undecodable, Unreachable for an error frame (the server closes after it).
    """
    if wire == "v1":
        return _read_v1(frame)
    kind = text_at(frame, "$type")
    if kind == "error":
        name = text_at(frame, "error")
        raise RateLimited(None, name) if name == "ConsumerTooSlow" else Unreachable(f"the stream ended: {name[:60]}")
    payload = dict_at(frame, "payload")
    if kind != "message" or not payload:
        raise Undecodable("a frame of an unknown kind")
    return _read_v2(payload)


def _read_v2(payload: dict[str, object]) -> Event | Info | None:
    name = text_at(payload, "$type").removeprefix(_LEXICON)
    if name == "info":
        return Info(_NOTES.get(text_at(payload, "name")))
    seq, at = int_at(payload, "seq"), time_at(payload, "witnessedAt") or time_at(payload, "time")
    did = text_at(payload, "did")
    if seq is None or not did:
        raise Undecodable("an event without number or account")
    at_us = round(at.timestamp() * 1_000_000) if at else None
    if name == "account":
        return Event(seq, at_us, did, withdrawn=_of_account(did, value_at(payload, "account")))
    if name != "commit" or text_at(payload, "collection") != POST:
        return Event(seq, at_us, did)
    return _commit(seq, at_us, did, payload)


def _read_v1(frame: object) -> Event | None:
    at_us, did, kind = int_at(frame, "time_us"), text_at(frame, "did"), text_at(frame, "kind")
    if at_us is None or not did:
        raise Undecodable("an event without time or account")
    if kind == "account":
        return Event(at_us, at_us, did, withdrawn=_of_account(did, value_at(frame, "account")))
    commit = dict_at(frame, "commit")
    if kind != "commit" or text_at(commit, "collection") != POST:
        return Event(at_us, at_us, did)
    return _commit(at_us, at_us, did, commit)


def _commit(seq: int, at_us: int | None, did: str, commit: dict[str, object]) -> Event:
    rkey, operation = text_at(commit, "rkey"), text_at(commit, "operation")
    if not rkey:
        raise Undecodable("a post without a key")
    if operation == "delete":
        return Event(seq, at_us, did, withdrawn=(at_uri(did, rkey),))
    record = dict_at(commit, "record")
    return Event(seq, at_us, did, rkey, text_at(commit, "cid"), record, edited=operation == "update")


def _of_account(did: str, account: object) -> tuple[str, ...]:
    """All posts of an account that its owner or the network took down."""
    gone = not bool_at(account, "active", default=True) and text_at(account, "status") in GONE
    return (f"at://{did}/",) if gone else ()
