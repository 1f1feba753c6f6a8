"""PyGithub, unmodified, as a witness that the emulator speaks the API; and GitHub's own description of both its APIs.

`python3 tests/peers/install.py github` fetches both: PyGithub into an environment of its own, outside ours.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from channels.github.verify import verify
from tests.channels.github.conftest import Rig
from tests.channels.github.test_verify import listening, stored
from tests.conftest import require
from tests.emulators.github import LOGIN, REPO, TOKEN
from tests.peers.install import client_python, github_descriptions, has_clients

SCRIPT = Path(__file__).with_name("witness.py")
pytestmark = pytest.mark.peer


@pytest.fixture
def python() -> str:
    """The Python that has PyGithub."""
    require("github", has_clients("github"), "PyGithub is not installed: tests/peers/install.py github")
    return str(client_python("github"))


@pytest.fixture
def specs() -> tuple[str, str]:
    """GitHub's GraphQL schema and its OpenAPI description."""
    schema, openapi = github_descriptions()
    there = schema.exists() and openapi.exists()
    require("github", there, "GitHub's descriptions are not there: tests/peers/install.py github")
    return str(schema), str(openapi)


async def _run(python: str, *arguments: str, given: str = "") -> Any:
    process = await asyncio.create_subprocess_exec(
        python, str(SCRIPT), *arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    out, err = await asyncio.wait_for(process.communicate(given.encode()), 120)
    assert process.returncode == 0, err.decode()[-2000:]
    return json.loads(out)


async def _faults(rig: Rig, python: str, specs: tuple[str, str]) -> Any:
    lines = "\n".join(json.dumps(call) for call in rig.server.exchanges)
    return await _run(python, "check", *specs, given=lines)


async def test_pygithub_reads_and_writes_through_the_emulator(rig: Rig, python: str):
    rig.server.page_size = 2
    issue = rig.server.issue("Seat is wet")
    for number in range(4):
        rig.server.comment(issue, f"comment {number}")
    rig.server.issue("Fix it", pull=True)
    seen = await _run(python, "drive", rig.network.base, TOKEN, REPO)
    assert (seen["login"], seen["issues"]) == (LOGIN, ["Seat is wet", "Fix it"])
    assert seen["comments"] == [f"comment {number}" for number in range(4)]
    assert seen["again"] == [*seen["comments"], "Thank you"]
    assert rig.server.own_texts() == ["Thank you"]


async def test_all_calls_and_answers_fit_githubs_description(rig: Rig, python: str, specs: tuple[str, str]):
    rig.server.page_size = 10
    issue = rig.server.issue("norda", "seat", author="renovate[bot]")
    rig.server.issue("Fix norda", None, author="", pull=True)
    comments = [rig.server.comment(issue, f"comment {number}") for number in range(40)]
    talk = rig.server.discussion("Which norda?")
    answer = rig.server.comment(talk, "the left one")
    rig.server.comment(talk, "no, right", under=answer)
    heard, cursor = await rig.repository()
    rig.server.remove(comments[39])
    rig.server.remove(answer)
    await rig.repository(cursor)
    await rig.heard(kind="search")
    await rig.heard(kind="mentions")
    assert None not in (await verify(listening(rig), list((await stored(rig)).values()))).values()
    for text in ("norda\nseat", "Which norda?", "no, right"):
        reply = rig.approve(heard[text], f"Thank you for {text}")
        await rig.publisher().publish(reply)
        assert await rig.publisher().find_published(reply) is not None
    called = {name for name, *_ in rig.server.exchanges}
    assert called == {"issues", "comments", "issue_comments", "create_comment", "graphql"}
    assert await _faults(rig, python, specs) == []


async def test_the_checker_itself_finds_faults(rig: Rig, python: str, specs: tuple[str, str]):
    rig.server.issue("norda")
    await rig.repository()
    fine = list(rig.server.exchanges)
    (listed,) = [call for call in fine if call[0] == "issues"]
    asked = next(call for call in fine if call[0] == "graphql")
    rig.server.exchanges[:] = [
        (*listed[:2], [("order", "asc")], *listed[3:]),
        (*listed[:5], [{"id": "one"}]),
        (*asked[:3], {**asked[3], "query": asked[3]["query"].replace("endCursor", "lastCursor")}, *asked[4:]),
        (*asked[:5], {"data": {"search": {"nodes": []}}}),
        (*asked[:5], {"data": {"search": {**asked[5]["data"]["search"], "extra": 1}}}),
    ]
    faults = await _faults(rig, python, specs)
    assert {fault.partition(":")[0] for fault in faults} == {"issues", "graphql"}
    for part in ("order", "one", "lastCursor", "pageInfo", "not asked for"):
        assert any(part in fault for fault in faults), (part, faults)
