"""Approval: a named person's yes to exactly these bytes, for this account, this parent, until this moment. Pure.

What is approved is bound twice. The hash covers everything that decides what will be public; the MAC, made with a
secret that is kept outside the database, covers the hash and the yes itself. Whoever can write to the database can
therefore neither change what leaves nor invent a yes. Only this module builds an `ApprovedReply`, and a publisher takes
nothing else (a test reads the source for that).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import unicodedata
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from domain.account import Account
from domain.errors import BadInput, EarshotError
from domain.reply import ApprovedReply, Parent
from storage.tables import Approval, MentionRow, Reply
from storage.tables_depth import SignOff

_MIN_SECRET_BYTES = 32


class NotApproved(EarshotError):
    """There is no live approval of exactly this. The text says what differs; the reply goes back to a person."""


@dataclass(frozen=True, slots=True)
class Approver:
    """The person behind a yes, as they are now."""

    user_id: int
    may: bool


@dataclass(frozen=True, slots=True)
class First:
    """The first of two people's yes, with the person as they are now."""

    yes: SignOff
    by: Approver | None


def final_text(text: str) -> str:
    """The text as it is stored, shown and sent: NFC, plain line ends (forms send CRLF), no blank edges.

    Raises BadInput for an empty text and for control characters, which no network shows and databases refuse.
    """
    clean = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if not clean:
        raise BadInput("the reply is empty: write an answer first")
    odd = sorted({f"U+{ord(c):04X}" for c in clean if c != "\n" and unicodedata.category(c) in ("Cc", "Cs")})
    if odd:
        raise BadInput(f"the reply holds characters that cannot be sent ({', '.join(odd)}): remove them")
    return clean


def parent_of(mention: MentionRow) -> Parent:
    """The answered post as its channel's publisher needs it."""
    return Parent(
        external_id=mention.external_id,
        thread_id=mention.thread_id,
        url=mention.url,
        author_id=mention.author_id,
        author_handle=mention.author_handle,
        native=dict(mention.native),
    )


def bound_hash(reply: Reply, account: Account | None, mention: MentionRow, expires_at: datetime) -> str:
    """SHA-256 over everything that decides what becomes public, where, in whose name and under which post."""
    who = None if account is None else [account.id, account.channel, account.external_id, account.base_url]
    return _sha256(
        {
            "body": hashlib.sha256(reply.body.encode()).hexdigest(),
            "text": reply.text,
            "key": reply.send_key,
            "reply": reply.id,
            "brand": reply.brand_id,
            "channel": reply.channel,
            "way": reply.way,
            "account": who,
            "parent": asdict(parent_of(mention)),
            "mention": mention.id,
            "parent_version": mention.version,
            "expires_at": expires_at.isoformat(),
        }
    )


def sign(approval: Approval, secret: bytes) -> str:
    """The MAC of a yes: who, to what, when, until when, and after whose first yes."""
    said = [
        approval.id,
        approval.reply_id,
        approval.user_id,
        approval.bound_hash,
        approval.mention_version,
        approval.created_at.isoformat(),
        approval.expires_at.isoformat(),
    ]
    return _mac(said if approval.sign_off_id is None else [*said, approval.sign_off_id], secret)


def _mac(said: list[Any], secret: bytes) -> str:
    if len(secret) < _MIN_SECRET_BYTES:
        raise ValueError(f"the approval secret must have at least {_MIN_SECRET_BYTES} bytes")
    return hmac.new(secret, json.dumps(said).encode(), hashlib.sha256).hexdigest()


def text_hash(text: str) -> str:
    """What a first yes and an overruled finding are bound to."""
    return hashlib.sha256(text.encode()).hexdigest()


def sign_first(
    sign_off_id: int, *, user_id: int, reply: Reply, mention: MentionRow, secret: bytes, now: datetime
) -> SignOff:
    """The first of two people's yes to a reply as it is stored."""
    yes = SignOff(
        id=sign_off_id,
        reply_id=reply.id,
        user_id=user_id,
        text_hash=text_hash(reply.text),
        reply_version=reply.version,
        mention_version=mention.version,
        mac="",
        created_at=now,
    )
    yes.mac = _mac_of_first(yes, secret)
    return yes


def _mac_of_first(yes: SignOff, secret: bytes) -> str:
    said = [yes.id, yes.reply_id, yes.user_id, yes.text_hash, yes.reply_version, yes.mention_version]
    return _mac(["first", *said, yes.created_at.isoformat()], secret)


def check_first(first: First, reply: Reply, mention: MentionRow, secret: bytes) -> None:
    """Raise NotApproved unless this first yes is genuine, stands, and is about this text under this post."""
    yes = first.yes
    _require(yes.voided_at is None, f"the first sign-off is void: {yes.void_reason}")
    _require(hmac.compare_digest(yes.mac, _mac_of_first(yes, secret)), "the first sign-off was changed")
    _require(yes.reply_id == reply.id, "the first sign-off belongs to another reply")
    _require(yes.text_hash == text_hash(reply.text), "the first sign-off was for another text")
    _require(yes.mention_version == mention.version, "the post was edited after the first sign-off")
    may = first.by is not None and first.by.may and first.by.user_id == yes.user_id
    _require(may, "the person who signed it off first may not approve any more")


def approve_bytes(
    approval_id: int,
    *,
    user_id: int,
    reply: Reply,
    account: Account | None,
    mention: MentionRow,
    secret: bytes,
    now: datetime,
    expires_at: datetime,
    sign_off_id: int | None = None,
) -> Approval:
    """The approval row for a reply whose final bytes (`body`, `send_key`, `text`, `way`) are already frozen.
    `sign_off_id` is the first yes, where two people are needed."""
    approval = Approval(
        id=approval_id,
        reply_id=reply.id,
        user_id=user_id,
        bound_hash=bound_hash(reply, account, mention, expires_at),
        mac="",
        mention_version=mention.version,
        created_at=now,
        expires_at=expires_at,
        sign_off_id=sign_off_id,
    )
    approval.mac = sign(approval, secret)
    return approval


def check(
    reply: Reply,
    approval: Approval | None,
    account: Account | None,
    mention: MentionRow,
    approver: Approver | None,
    *,
    secret: bytes,
    now: datetime,
    first: First | None = None,
) -> None:
    """Raise NotApproved unless this yes, and the first one it may rest on, is live, genuine and about exactly this."""
    if approval is None:
        raise NotApproved("nobody has approved this text")
    _require(approval.voided_at is None, f"the approval is void: {approval.void_reason}")
    _require(approval.reply_id == reply.id, "the approval belongs to another reply")
    _require(hmac.compare_digest(approval.mac, sign(approval, secret)), "the approval was changed after it was given")
    _require(now < approval.expires_at, "the approval has expired: approve it again")
    _require(approver is not None and approver.user_id == approval.user_id, "the approver is unknown")
    _require(approver is not None and approver.may, "the person who approved it may not approve any more")
    _require(mention.status != "withdrawn", "the author has removed the post")
    _require(mention.version == approval.mention_version, "the post was edited after the approval")
    same = bound_hash(reply, account, mention, approval.expires_at)
    _require(
        hmac.compare_digest(approval.bound_hash, same), "what would be sent is not what was approved: look at it again"
    )
    if approval.sign_off_id is not None:
        _require(first is not None and first.yes.id == approval.sign_off_id, "the first sign-off is gone")
        assert first is not None
        _require(first.yes.user_id != approval.user_id, "both yeses are from the same person")
        check_first(first, reply, mention, secret)


def to_send(
    reply: Reply,
    approval: Approval | None,
    account: Account,
    mention: MentionRow,
    approver: Approver | None,
    *,
    secret: bytes,
    now: datetime,
    first_sent_at: datetime | None = None,
    prepared: str = "",
    first: First | None = None,
) -> ApprovedReply:
    """What a publisher may send. Raises NotApproved (see `check`). `prepared` is what this very yes led to before."""
    check(reply, approval, account, mention, approver, secret=secret, now=now, first=first)
    assert approval is not None
    return _build(reply, approval, account, mention, first_sent_at, prepared)


def to_find(
    reply: Reply,
    approval: Approval,
    account: Account,
    mention: MentionRow,
    first_sent_at: datetime | None,
    prepared: str = "",
) -> ApprovedReply:
    """What a read-back looks for. Reading needs no live approval: the yes may have expired since it was sent.

    Never hand this to `publish`.
    """
    return _build(reply, approval, account, mention, first_sent_at, prepared)


def _build(
    reply: Reply,
    approval: Approval,
    account: Account,
    mention: MentionRow,
    first_sent_at: datetime | None,
    prepared: str,
) -> ApprovedReply:
    return ApprovedReply(
        reply_id=reply.id,
        approval_id=approval.id,
        channel=reply.channel,
        account=account,
        parent=parent_of(mention),
        text=reply.text,
        body=reply.body.encode(),
        key=reply.send_key,
        approved_at=approval.created_at,
        first_sent_at=first_sent_at,
        prepared=prepared,
    )


def _require(condition: bool, otherwise: str) -> None:
    if not condition:
        raise NotApproved(otherwise)


def _sha256(value: dict[str, Any]) -> str:
    canonical = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()
