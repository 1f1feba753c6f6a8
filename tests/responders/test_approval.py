"""A yes is to exactly these bytes. Whatever differs at the moment of sending is refused."""

import ast
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.account import Account
from domain.errors import BadInput
from responders.approval import Approver, NotApproved, approve_bytes, bound_hash, final_text, sign, to_send
from storage.tables import MentionRow, Reply
from tests.responders.world import SECRET, START

ROOT = Path(__file__).resolve().parents[2]
ACCOUNT = Account(9, "parley", "norda", "acc-1", "https://parley.test")
LATER = START + timedelta(hours=1)


def reply(**more: Any) -> Reply:
    given: dict[str, Any] = {
        "id": 1,
        "brand_id": 2,
        "case_id": 3,
        "mention_id": 4,
        "channel": "parley",
        "way": "api",
        "text": "Hello",
    }
    return Reply(**(given | {"body": '{"text": "Hello"}', "send_key": "k1", "created_at": START} | more))


def mention(**more: Any) -> MentionRow:
    given: dict[str, Any] = {
        "id": 4,
        "brand_id": 2,
        "source_id": 5,
        "channel": "parley",
        "external_id": "p1",
        "thread_id": "p1",
    }
    given |= {"text": "cold", "text_hash": 1, "posted_at": START, "received_at": START, "version": 3}
    return MentionRow(**(given | {"native": {"visibility": "public"}} | more))


def send(**changes: Any) -> Any:
    yes = changes.pop("yes", None) or approve_bytes(
        77, user_id=6, reply=reply(), account=ACCOUNT, mention=mention(), secret=SECRET, now=START, expires_at=LATER
    )
    given: dict[str, Any] = {"reply": reply(), "account": ACCOUNT, "mention": mention(), "approver": Approver(6, True)}
    given |= {"secret": SECRET, "now": START + timedelta(seconds=20)} | changes
    return to_send(
        given["reply"], yes, given["account"], given["mention"], given["approver"],
        secret=given["secret"], now=given["now"],
    )  # fmt: skip


def test_what_was_approved_is_what_is_sent() -> None:
    ready = send()
    assert (ready.body, ready.key, ready.text) == (b'{"text": "Hello"}', "k1", "Hello")
    assert (ready.account, ready.parent.external_id, ready.approval_id) == (ACCOUNT, "p1", 77)


@pytest.mark.parametrize(
    "changes",
    [
        {"reply": reply(text="Hello!")},
        {"reply": reply(body='{"text": "Buy now"}')},
        {"reply": reply(send_key="k2")},
        {"reply": reply(id=8)},
        {"reply": reply(brand_id=8)},
        {"reply": reply(channel="other")},
        {"reply": reply(way="manual")},
        {"account": replace(ACCOUNT, id=10)},
        {"account": replace(ACCOUNT, external_id="acc-2")},
        {"account": replace(ACCOUNT, base_url="https://elsewhere.test")},
        {"account": replace(ACCOUNT, channel="other")},
        {"mention": mention(external_id="p2")},
        {"mention": mention(version=4)},
        {"mention": mention(native={"visibility": "direct"})},
        {"mention": mention(status="withdrawn")},
        {"approver": Approver(6, False)},
        {"approver": Approver(7, True)},
        {"approver": None},
        {"now": LATER},
        {"secret": b"another secret, also thirty-two long"},
    ],
)
def test_anything_that_differs_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(NotApproved):
        send(**changes)


@pytest.mark.parametrize(
    "change",
    [
        {"user_id": 7},
        {"reply_id": 8},
        {"bound_hash": bound_hash(reply(text="evil"), ACCOUNT, mention(), LATER)},
        {"expires_at": LATER + timedelta(days=300)},
        {"created_at": START - timedelta(days=1)},
        {"mention_version": 9},
        {"id": 78},
        {"voided_at": START},
    ],
)
def test_a_changed_approval_row_is_refused(change: dict[str, Any]) -> None:
    yes = approve_bytes(
        77, user_id=6, reply=reply(), account=ACCOUNT, mention=mention(), secret=SECRET, now=START, expires_at=LATER
    )
    for name, value in change.items():
        setattr(yes, name, value)
    with pytest.raises(NotApproved):
        send(yes=yes)


def test_without_an_approval_nothing_is_sent() -> None:
    with pytest.raises(NotApproved, match="nobody has approved"):
        to_send(reply(), None, ACCOUNT, mention(), None, secret=SECRET, now=START)


def test_a_short_secret_signs_nothing() -> None:
    yes = approve_bytes(
        1, user_id=6, reply=reply(), account=None, mention=mention(), secret=SECRET, now=START, expires_at=LATER
    )
    with pytest.raises(ValueError, match="32 bytes"):
        sign(yes, b"short")


def test_the_final_text_is_what_everybody_sees() -> None:
    assert final_text("  Héllo\r\nMara \n") == "Héllo\nMara"
    for bad in ("", " \n ", "a\x00b", "a\x1b[31m", "\ud800"):
        with pytest.raises(BadInput):
            final_text(bad)


def test_only_the_approval_module_builds_an_approved_reply() -> None:
    builders = set()
    for path in ROOT.rglob("*.py"):
        parts = path.relative_to(ROOT).parts
        if parts[0] in ("tests", "bench") or any(part.startswith(".") for part in parts):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == "ApprovedReply":
                builders.add("/".join(parts))
    assert builders == {"responders/approval.py"}
