"""A token of Threads is exchanged for a new one by one request; what the network says decides what that means."""

from __future__ import annotations

from dataclasses import replace

import pytest

from channels.threads.account import renew
from domain.errors import OutcomeUnknown, RateLimited, Refused, SignInFailed, Undecodable, Unreachable
from tests.channels.network import Fault
from tests.channels.threads.conftest import Rig

PATH = "/refresh_access_token"


def asked(rig: Rig) -> int:
    return sum(path.startswith(PATH) for _, path in rig.network.requests)


async def test_a_renewal_gives_a_token_and_how_long_it_is_good(rig: Rig):
    given = replace(rig.account, secrets={**rig.account.secrets, "secret_other": "stays"})
    renewed = await renew(given, rig.door)
    assert renewed.secrets == {"secret_token": rig.server.tokens[-1], "secret_other": "stays"}
    assert renewed.good_for_s == 5_183_944
    assert rig.server.tokens[-1] not in repr(renewed)


SAID = b'{"error": {"code": %d, "message": "No.", "type": "OAuthException"}}'


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(status=400, body=SAID % 190), SignInFailed),
        (Fault(status=400, body=SAID % 100), Refused),
        (Fault(status=400, body=SAID % 4), RateLimited),
        (Fault(status=500, body=SAID % 2), OutcomeUnknown),
        (Fault(status=400, body=SAID % 2), OutcomeUnknown),
        (Fault(status=503, body=b"<html>", content_type="text/html"), OutcomeUnknown),
        (Fault(reset=True, applied=True), OutcomeUnknown),
        (Fault(body=b'{"token_type": "bearer"}'), Undecodable),
        (Fault(body=b'{"access_token": "a\\r\\nX: y"}'), Undecodable),
        (Fault(body=b"not JSON"), OutcomeUnknown),
    ],
)
async def test_what_the_answer_to_a_renewal_means_and_it_is_never_repeated(
    rig: Rig, fault: Fault, error: type[Exception]
):
    rig.network.fault = replace(fault, path=PATH)
    with pytest.raises(error):
        await renew(rig.account, rig.door)
    assert asked(rig) == 1


async def test_a_network_that_is_not_there_has_changed_nothing(rig: Rig):
    await rig.network.stop()
    with pytest.raises(Unreachable):
        await renew(rig.account, rig.door)


async def test_a_damaged_token_goes_nowhere(rig: Rig):
    with pytest.raises(SignInFailed, match="missing or damaged"):
        await renew(replace(rig.account, secrets={"secret_token": "a\r\nb"}), rig.door)
    assert asked(rig) == 0
