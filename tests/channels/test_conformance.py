"""Every channel keeps the contract; a channel with planted faults does not pass."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from channels.registry import manifests
from domain.clock import SetClock
from tests.channels import subjects
from tests.channels.conformance import HTTP_CHECKS, SOURCE_CHECKS, VERIFY_CHECKS, Check, Rig
from tests.channels.doors import test_door
from tests.channels.network import NOON, Network
from tests.channels.publishing import PUBLISH_CHECKS
from tests.channels.pushing import PUSH_CHECKS, PushRig
from tests.channels.subject import Subject
from tests.channels.wire import FAULTS, check_one_request

SUBJECTS: dict[str, Subject] = {
    found.name: importlib.import_module(f"tests.channels.subjects.{found.name}").SUBJECT
    for found in pkgutil.iter_modules(subjects.__path__)
}
Rigging = Callable[[Subject], AbstractAsyncContextManager[Rig]]


@pytest.fixture
def rigging(tmp_path: Path) -> Rigging:
    """Put one subject on its local network, with a door that may reach it and a clock set by hand."""

    @asynccontextmanager
    async def rig(subject: Subject) -> AsyncIterator[Rig]:
        clock = SetClock(NOON + timedelta(hours=1))
        network = Network()
        async with subject.serving(network, tmp_path), test_door(clock) as door:
            yield Rig(subject, network, tmp_path, door, clock)

    return rig


def _pairs(checks: tuple[Check, ...], choose: Callable[[Subject], bool]) -> list[object]:
    return [
        pytest.param(subject, check, id=f"{name}-{check.__name__.removeprefix('check_')}")
        for name, subject in sorted(SUBJECTS.items())
        if choose(subject)
        for check in checks
    ]


def _publishes_over_http(subject: Subject) -> bool:
    return subject.manifest.publisher is not None and subject.publishes_over_http


def test_every_channel_is_in_the_suite():
    assert sorted(SUBJECTS) == sorted(manifests())


@pytest.mark.parametrize(("subject", "check"), _pairs(SOURCE_CHECKS, lambda s: s.manifest.source is not None))
async def test_source(subject: Subject, check: Check, rigging: Rigging):
    async with rigging(subject) as rig:
        await check(rig)


@pytest.mark.parametrize(
    ("subject", "check"), _pairs(HTTP_CHECKS, lambda s: s.manifest.source is not None and s.over_http)
)
async def test_source_over_http(subject: Subject, check: Check, rigging: Rigging):
    async with rigging(subject) as rig:
        await check(rig)


@pytest.mark.parametrize(("subject", "check"), _pairs(PUBLISH_CHECKS, lambda s: s.manifest.publisher is not None))
async def test_publisher(subject: Subject, check: Check, rigging: Rigging):
    async with rigging(subject) as rig:
        await check(rig)


@pytest.mark.parametrize("kind", FAULTS)
@pytest.mark.parametrize("name", [name for name, each in sorted(SUBJECTS.items()) if _publishes_over_http(each)])
async def test_one_request_at_the_socket(name: str, kind: str, rigging: Rigging):
    async with rigging(SUBJECTS[name]) as rig:
        await check_one_request(rig, kind)


@pytest.mark.parametrize(("subject", "check"), _pairs(PUSH_CHECKS, lambda s: s.manifest.receive is not None))
async def test_push(subject: Subject, check: Check, rigging: Rigging):
    pushing = replace(subject, shows_edits=subject.push_edits, shows_withdrawals=subject.push_withdrawals)
    async with rigging(pushing) as rig:
        await check(PushRig(rig.subject, rig.network, rig.folder, rig.door, rig.clock))


@pytest.mark.parametrize(
    ("subject", "check"), _pairs(VERIFY_CHECKS, lambda s: s.manifest.verify is not None and s.looks_again)
)
async def test_look_again(subject: Subject, check: Check, rigging: Rigging):
    async with rigging(subject) as rig:
        await check(rig)
