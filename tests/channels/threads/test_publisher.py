"""Two steps: nothing is public before the second, the second leaves once, and in doubt Threads is asked."""

from __future__ import annotations

from datetime import timedelta

import pytest

from channels.threads.publisher import ThreadsPublisher
from domain.errors import OutcomeUnknown, Prepared, RateLimited, Refused, SignInFailed, Unreachable
from tests.channels.network import NOON, Fault
from tests.channels.threads.conftest import TEXT, Rig
from tests.emulators.threads import OWN_ID

MAKE, PUBLISH = f"/v1.0/{OWN_ID}/threads", f"/v1.0/{OWN_ID}/threads_publish"


async def first_step(rig: Rig, publisher: ThreadsPublisher | None = None, prepared: str = "") -> str:
    with pytest.raises(Prepared) as step:
        await (publisher or rig.publisher).publish(rig.approved(prepared=prepared))
    return step.value.handle


async def test_the_first_step_is_not_public_and_the_second_is_once(rig: Rig):
    handle = await first_step(rig)
    assert rig.server.replies == []
    assert rig.network.writes(PUBLISH) == 0
    sent = await rig.publisher.publish(rig.approved(prepared=handle))
    assert [reply["text"] for reply in rig.server.replies] == [TEXT]
    assert rig.network.writes(PUBLISH) == 1
    assert rig.network.writes() == 2
    assert sent.external_id == rig.server.replies[0]["id"]
    assert sent.url == rig.server.replies[0]["permalink"]
    assert sent.evidence == {"container": handle}


async def test_what_is_not_ready_yet_waits_and_nothing_is_published(rig: Rig):
    rig.server.first_status = "IN_PROGRESS"
    handle = await first_step(rig)
    with pytest.raises(RateLimited, match="still preparing"):
        await rig.publisher.publish(rig.approved(prepared=handle))
    assert rig.network.writes(PUBLISH) == 0


async def test_what_only_seems_ready_waits_too(rig: Rig):
    """Seen live by others: FINISHED, and yet publishing finds no such container for some seconds."""
    handle = await first_step(rig)
    said = b'{"error": {"code": 24, "error_subcode": 4279009, "message": "The requested resource does not exist"}}'
    rig.network.fault = Fault(status=400, body=said, methods=("POST",))
    with pytest.raises(RateLimited, match="not ready to be published"):
        await rig.publisher.publish(rig.approved(prepared=handle))


async def test_what_has_expired_is_prepared_anew(rig: Rig):
    handle = await first_step(rig)
    rig.server.containers[handle]["status"] = "EXPIRED"
    assert await rig.publisher.find_published(rig.approved(prepared=handle)) is None
    again = await first_step(rig, prepared=handle)
    assert again != handle
    await rig.publisher.publish(rig.approved(prepared=again))
    assert len(rig.server.replies) == 1


async def test_what_threads_cannot_prepare_comes_back_with_its_reason(rig: Rig):
    handle = await first_step(rig)
    rig.server.containers[handle] |= {"status": "ERROR", "error_message": "UNKNOWN"}
    with pytest.raises(Refused, match="could not prepare this reply"):
        await rig.publisher.publish(rig.approved(prepared=handle))


async def test_what_was_published_already_is_not_published_again(rig: Rig):
    handle = await first_step(rig)
    await rig.publisher.publish(rig.approved(prepared=handle))
    with pytest.raises(OutcomeUnknown, match="PUBLISHED"):
        await rig.publisher.publish(rig.approved(prepared=handle))
    assert rig.network.writes(PUBLISH) == 1


@pytest.mark.parametrize(
    "fault",
    [Fault(status=500), Fault(reset=True), Fault(body=b'{"id": '), Fault(body=b"<html>", content_type="text/html")],
    ids=["500", "reset", "cut", "html"],
)
async def test_whatever_happens_in_the_first_step_nothing_is_public(rig: Rig, fault: Fault):
    rig.network.fault = fault
    with pytest.raises(Unreachable):
        await rig.publisher.publish(rig.approved())
    rig.network.fault = None
    assert await rig.publisher.find_published(rig.approved()) is None


async def test_a_post_that_went_away_cannot_be_answered(rig: Rig):
    rig.server.posts.clear()
    with pytest.raises(Refused, match="no longer there"):
        await rig.publisher.publish(rig.approved())


@pytest.mark.parametrize("applied", [True, False])
@pytest.mark.parametrize("fault", [Fault(status=500), Fault(reset=True), Fault(body=b'{"success": true}')], ids=str)
async def test_a_doubtful_second_step_is_settled_by_asking(rig: Rig, applied: bool, fault: Fault):
    handle = await first_step(rig)
    rig.network.fault = Fault(
        status=fault.status, reset=fault.reset, body=fault.body, applied=applied, methods=("POST",), path=PUBLISH
    )
    with pytest.raises(OutcomeUnknown):
        await rig.publisher.publish(rig.approved(prepared=handle))
    rig.network.fault = None
    found = await rig.publisher.find_published(rig.approved(prepared=handle))
    assert (found is not None) == applied
    assert len(rig.server.replies) == int(applied)


async def test_published_but_not_shown_yet_is_no_absence(rig: Rig):
    handle = await first_step(rig)
    await rig.publisher.publish(rig.approved(prepared=handle))
    rig.server.replies.clear()
    with pytest.raises(OutcomeUnknown, match="PUBLISHED"):
        await rig.publisher.find_published(rig.approved(prepared=handle))


async def test_a_state_that_cannot_be_read_is_no_absence(rig: Rig):
    """Threads has no field `status` for what is no container: then nothing is known."""
    with pytest.raises(Refused, match="nonexisting field"):
        await rig.publisher.find_published(rig.approved(prepared="404"))


async def test_a_look_that_does_not_reach_far_enough_is_no_proof(rig: Rig, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("channels.threads.client.PAGE", 2)
    rig.server.now = NOON + timedelta(minutes=30)
    for number in range(12):
        reply = rig.approved(f"Hello, number {number}.")
        with pytest.raises(Prepared) as step:
            await rig.publisher.publish(reply)
        await rig.publisher.publish(rig.approved(f"Hello, number {number}.", step.value.handle))
    with pytest.raises(OutcomeUnknown, match="do not reach its approval"):
        await rig.publisher.find_published(rig.approved())


async def test_two_copies_are_told(rig: Rig):
    handle = await first_step(rig)
    await rig.publisher.publish(rig.approved(prepared=handle))
    rig.server.replies.append(rig.server.replies[0] | {"id": "180000000000009999"})
    found = await rig.publisher.find_published(rig.approved(prepared=handle))
    assert found is not None
    assert (found.external_id, found.evidence["copies"]) == (rig.server.replies[0]["id"], 2)


async def test_an_address_that_cannot_be_had_does_not_undo_the_publishing(rig: Rig):
    handle = await first_step(rig)
    name = str(int(handle) + 1)
    rig.network.fault = Fault(status=500, path=f"/v1.0/{name}", methods=("GET",))
    sent = await rig.publisher.publish(rig.approved(prepared=handle))
    assert (sent.external_id, sent.url) == (name, "")


async def test_a_dead_token_stops_the_account_in_either_step(rig: Rig):
    handle = await first_step(rig)
    said = b'{"error": {"code": 190, "message": "no"}}'
    rig.network.fault = Fault(status=400, body=said, methods=("POST",))
    for prepared in ("", handle):
        with pytest.raises(SignInFailed):
            await rig.publisher.publish(rig.approved(prepared=prepared))
