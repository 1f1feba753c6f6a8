"""The conformance suite notices planted faults."""

import pytest

from tests.channels import publishing, pushing
from tests.channels.conformance import HTTP_CHECKS, SOURCE_CHECKS, VERIFY_CHECKS
from tests.channels.faulty import (
    PUBLISHER_FAULTS,
    PUSH_FAULTS,
    SOURCE_FAULTS,
    VERIFY_FAULTS,
    faulty_manifest,
    faulty_pusher,
)
from tests.channels.subjects.sandbox import SandboxSubject
from tests.channels.subjects.webhook import WebhookSubject
from tests.channels.test_conformance import Rigging, rigging
from tests.channels.wire import check_one_request

__all__ = ["rigging"]

CHECKS = {
    check.__name__.removeprefix("check_"): check
    for check in (*SOURCE_CHECKS, *HTTP_CHECKS, *VERIFY_CHECKS, *publishing.PUBLISH_CHECKS)
}


@pytest.mark.parametrize(
    ("fault", "check"), [*SOURCE_FAULTS.items(), *PUBLISHER_FAULTS.items(), *VERIFY_FAULTS.items()]
)
async def test_planted_fault_is_noticed(fault: str, check: str, rigging: Rigging):
    async with rigging(SandboxSubject(faulty_manifest(fault), shows_withdrawals=True)) as rig:
        with pytest.raises((AssertionError, KeyError)):
            await CHECKS[check](rig)


@pytest.mark.parametrize("kind", ["going: first byte", "coming: nothing", "half-close", "time-out", "5xx, applied"])
async def test_a_second_request_is_noticed_at_the_socket(kind: str, rigging: Rigging):
    async with rigging(SandboxSubject(faulty_manifest("repeats"), shows_withdrawals=True)) as rig:
        with pytest.raises(AssertionError, match="2 requests"):
            await check_one_request(rig, kind)


@pytest.mark.parametrize(("fault", "check"), PUSH_FAULTS.items())
async def test_planted_fault_in_taking_a_push_is_noticed(fault: str, check: str, rigging: Rigging):
    async with rigging(WebhookSubject(faulty_pusher(fault), push_ages=True)) as rig:
        named = {each.__name__.removeprefix("check_"): each for each in pushing.PUSH_CHECKS}
        with pytest.raises((AssertionError, KeyError, ValueError, TypeError)):
            await named[check](pushing.PushRig(rig.subject, rig.network, rig.folder, rig.door, rig.clock))
