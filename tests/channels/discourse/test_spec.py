"""Every call of ours and every answer of the emulated forum, held against Discourse's own OpenAPI file."""

from __future__ import annotations

from pathlib import Path

import pytest

from channels.discourse.client import try_account
from channels.discourse.verify import verify
from tests.channels.discourse.rig import Rig
from tests.channels.discourse.test_verify import listening, stored
from tests.emulators.discourse import OWN
from tests.emulators.discourse_spec import Spec, check

SERVED_IN_PART = ("/u/{username}.json", "/t/{id}.json")
NOT_DESCRIBED = {"/site/settings.json", f"/posts/{OWN}/pending.json"}
"""Both are in Discourse's source; the file leaves them out."""


@pytest.fixture
def spec(shared: Path) -> Spec:
    return Spec(shared / "specs" / "discourse" / "openapi.json", SERVED_IN_PART)


async def everything(rig: Rig) -> None:
    """Each kind of source, a reply and its proof."""
    parent = rig.forum.post("norda is late", number=1)
    rig.forum.post(f"@{OWN} yes", number=2, reply_to_post_number=1, reply_to_user={"username": "mara"})
    rig.forum.notify(rig.forum.posts[max(rig.forum.posts)])
    for kind in ("posts", "search", "mentions"):
        await rig.heard(kind=kind)
    await verify(listening(rig), await stored(rig))
    await try_account(rig.account, rig.door)
    reply = rig.approved(parent)
    await rig.publisher().find_published(reply)
    await rig.publisher().publish(reply)
    await rig.publisher().find_published(reply)


def problems_of(rig: Rig, spec: Spec) -> tuple[list[str], set[str], set[str]]:
    """What is wrong, which paths were checked, and which are not described."""
    problems: list[str] = []
    checked: set[str] = set()
    unknown: set[str] = set()
    for method, path, params, body, status, answer in rig.forum.exchanges:
        if status != 200:
            continue
        found = spec.call(method, path, params, body, answer)
        problems += found or []
        (unknown if found is None else checked).add(path)
    return problems, checked, unknown


async def test_every_call_and_answer_fits_the_file(rig: Rig, spec: Spec):
    await everything(rig)
    problems, checked, unknown = problems_of(rig, spec)
    assert problems == []
    described = {
        "/posts.json",
        "/t/7.json",
        "/search.json",
        "/notifications.json",
        "/user_actions.json",
        f"/u/{OWN}.json",
    }
    assert described <= checked
    assert unknown == NOT_DESCRIBED


async def test_a_forum_that_leaves_the_file_is_noticed(rig: Rig, spec: Spec):
    rig.forum.post("norda", number=1, surprise=True)
    rig.forum.post("norda", number=2, version="one")
    del rig.forum.post("norda", number=3)["cooked"]
    await rig.source().fetch(None)
    problems, _, _ = problems_of(rig, spec)
    assert [problem.rpartition(": ")[2] for problem in problems] == [
        "cooked is missing", "str in place of integer", "surprise is not in the schema",
    ]  # fmt: skip


def test_the_checker_itself_finds_faults(spec: Spec):
    post = {"raw": "x", "topic_id": 7, "reply_to_post_number": 1}
    assert spec.call("GET", "/nowhere.json", [], None, {}) is None
    for broken in (post | {"topic_id": "7"}, post | {"marker": "x"}, {"topic_id": 7}):
        assert spec.call("POST", "/posts.json", [], broken, {}), broken
    assert any(
        "no parameter after" in each for each in spec.call("GET", "/posts.json", [("after", "1")], None, {}) or []
    )
    missing = spec.call("GET", "/user_actions.json", [("username", "x")], None, {"user_actions": []})
    assert missing == [
        "/user_actions.json: parameter offset is missing",
        "/user_actions.json: parameter filter is missing",
    ]
    assert check(True, {"type": "integer"}, "x")
    assert check({"a": 1}, {"properties": {"a": {"type": ["string", "null"]}}}, "x")
