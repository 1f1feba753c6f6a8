"""The promises of a publisher as checks: exactly one request at the socket, and the right error for each answer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.errors import ChannelError, OutcomeUnknown, Prepared, RateLimited, Refused, SignInFailed, Unreachable
from domain.reply import ApprovedReply, Outgoing
from tests.channels.conformance import Check, Rig
from tests.channels.network import NOON, Fault

TEXT = "Hello Mara, we are sorry about the cold coach on line 4 & have told the depot. <b>Norda</b> team"
WRITES = ("POST", "PUT")


def words(rig: Rig) -> str:
    """What this channel answers."""
    return rig.subject.reply_text or TEXT


def approved(rig: Rig, text: str = "") -> ApprovedReply:
    """A reply frozen by the channel as at approval."""
    text = text or words(rig)
    account, parent = rig.subject.account(rig.network), rig.subject.parent(rig.network)
    freeze = rig.subject.manifest.freeze
    assert account is not None
    assert freeze is not None
    outgoing = Outgoing(text=text, lang="en", parent=parent, account=account, approved_at=NOON, reply_id=7001)
    frozen = freeze(outgoing)
    assert frozen == freeze(outgoing), "freezing twice gives other bytes"
    return ApprovedReply(
        reply_id=7001, approval_id=8001, channel=rig.subject.manifest.name, account=account, parent=parent, text=text,
        body=frozen.body, key=frozen.key, approved_at=NOON,
    )  # fmt: skip


async def ready(rig: Rig, text: str = "") -> ApprovedReply:
    """A reply whose next publishing makes it public: in two steps the first one is taken, and shows nothing."""
    reply = approved(rig, text)
    if rig.subject.manifest.proof != "two_phase":
        return reply
    before = rig.network.writes(rig.subject.publish_path), rig.subject.published_texts(rig.network)
    with pytest.raises(Prepared) as step:
        await rig.publisher().publish(reply)
    after = rig.network.writes(rig.subject.publish_path), rig.subject.published_texts(rig.network)
    assert step.value.handle
    assert after == before, "the first step must not publish"
    return replace(reply, prepared=step.value.handle)


async def _answer(rig: Rig, fault: Fault) -> ChannelError | None:
    """Publish once under the fault; the error it raised. Exactly one request must have gone out."""
    publisher, reply = rig.publisher(), await ready(rig)
    before = rig.network.writes(rig.subject.publish_path)
    rig.network.fault = fault
    try:
        await publisher.publish(reply)
    except ChannelError as error:
        raised: ChannelError | None = error
    else:
        raised = None
    rig.network.fault = None
    sent = rig.network.writes(rig.subject.publish_path) - before
    assert sent == 1, f"{sent} requests went out for {fault}"
    return raised


def _fault(rig: Rig, **facts: object) -> Fault:
    return Fault(methods=WRITES, path=rig.subject.publish_path, **facts)  # type: ignore[arg-type]


async def check_publishes_once(rig: Rig) -> None:
    """One request, one public reply with these words, an address, and it is found again."""
    publisher, reply = rig.publisher(), await ready(rig)
    sent = await publisher.publish(reply)
    assert rig.network.writes(rig.subject.publish_path) == 1
    assert rig.subject.published_texts(rig.network) == [words(rig)]
    assert sent.external_id
    found = await rig.publisher().find_published(reply)
    assert found is not None
    assert found.external_id == sent.external_id


async def check_absent_reply_is_not_found(rig: Rig) -> None:
    """Before it was sent nothing is found, also when another reply of ours stands in the thread."""
    reply, other = await ready(rig), await ready(rig, "Hello Mara, another matter altogether.")
    assert await rig.publisher().find_published(reply) is None
    if reply.key != other.key:
        await rig.publisher().publish(other)
        assert await rig.publisher().find_published(reply) is None


async def check_certain_refusals(rig: Rig) -> None:
    """Answers that prove that nothing was applied have their own errors."""
    said = b'{"error": "not allowed here", "message": "not allowed here"}'
    assert isinstance(await _answer(rig, _fault(rig, status=401, body=said)), SignInFailed)
    assert isinstance(await _answer(rig, _fault(rig, status=403, body=said)), Refused | SignInFailed)
    assert isinstance(await _answer(rig, _fault(rig, status=422, body=said)), Refused)
    limited = await _answer(rig, _fault(rig, status=429, body=said, headers={"Retry-After": "60"}))
    assert isinstance(limited, RateLimited)
    assert rig.subject.published_texts(rig.network) == []


async def check_all_else_is_unknown(rig: Rig) -> None:
    """Time-out, reset, 5xx and unreadable success never count as failed: the reply may be public."""
    html = b"<html>gateway</html>"
    for fault in (
        _fault(rig, status=500, body=b"{}"),
        _fault(rig, status=502, body=html, content_type="text/html"),
        _fault(rig, status=408, body=b"{}"),
        _fault(rig, reset=True),
        _fault(rig, status=200, body=b'{"id": "12'),
        _fault(rig, status=200, body=html, content_type="text/html"),
        _fault(rig, status=200, body=b"[]"),
        _fault(rig, status=302, headers={"Location": "/elsewhere"}),
        _fault(rig, stall_s=2.0),
    ):
        assert isinstance(await _answer(rig, fault), OutcomeUnknown), fault
    assert rig.subject.published_texts(rig.network) == []
    assert await rig.publisher().find_published(await ready(rig)) is None


async def check_applied_then_failed_is_found(rig: Rig) -> None:
    """The network took the reply and failed to say so: unknown, and the read-back finds it."""
    assert isinstance(await _answer(rig, _fault(rig, status=500, applied=True)), OutcomeUnknown)
    assert rig.subject.published_texts(rig.network) == [words(rig)]
    found = await rig.publisher().find_published(approved(rig))
    assert found is not None
    assert found.external_id


async def check_not_connected_is_certain(rig: Rig) -> None:
    """A connection that was refused before any byte went out is no doubt."""
    publisher, reply = rig.publisher(), await ready(rig)
    await rig.network.stop()
    try:
        await publisher.publish(reply)
    except Unreachable:
        return
    raise AssertionError("a refused connection must be Unreachable")


PUBLISH_CHECKS: tuple[Check, ...] = (
    check_publishes_once,
    check_absent_reply_is_not_found,
    check_certain_refusals,
    check_all_else_is_unknown,
    check_applied_then_failed_is_found,
    check_not_connected_is_certain,
)
