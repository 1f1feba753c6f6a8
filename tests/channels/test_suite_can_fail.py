"""The conformance suite notices planted faults."""

import pytest

from tests.channels import publishing
from tests.channels.conformance import HTTP_CHECKS, SOURCE_CHECKS, VERIFY_CHECKS
from tests.channels.faulty import PUBLISHER_FAULTS, SOURCE_FAULTS, VERIFY_FAULTS, faulty_manifest
from tests.channels.subjects.sandbox import SandboxSubject
from tests.channels.test_conformance import Rigging, rigging

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
