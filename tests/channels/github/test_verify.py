"""Posts are looked at again by their nodes; only what is missing in a repository that we still see is gone."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from channels.github.feeds import GitHubSettings
from channels.github.verify import can, verify
from channels.manifest import Listening
from domain.errors import Refused, Undecodable
from domain.mention import Mention
from domain.ports import Held
from tests.channels.github.conftest import Rig
from tests.channels.network import Fault
from tests.emulators.github import LOGIN, REPO


def listening(rig: Rig, *, account: bool = True) -> Listening:
    settings = GitHubSettings(kind="repository", repository=REPO, base_url=rig.network.base)
    return Listening(settings, rig.account if account else None, ("norda",), (LOGIN,), rig.door, rig.clock)


def held(mention: Mention) -> Held:
    native = json.loads(json.dumps(mention.native))
    return Held(mention.external_id, mention.thread_id, mention.url, mention.addressed, native)


async def stored(rig: Rig) -> dict[str, Held]:
    """What is stored of the repository, by its words."""
    return {words: held(mention) for words, mention in (await rig.repository())[0].items()}


async def test_issues_pulls_discussions_and_their_comments_are_told_in_one_call(rig: Rig):
    issue = rig.server.issue("norda", "seat")
    rig.server.issue("Fix norda", None, pull=True)
    comments = [rig.server.comment(issue, f"comment {number}") for number in range(3)]
    talk = rig.server.discussion("Which norda?", "this one?")
    answer = rig.server.comment(talk, "the left one")
    below = rig.server.comment(talk, "no, right", under=answer)
    posts = await stored(rig)
    assert len(posts) == 8
    asked = len(rig.network.requests)
    found = await verify(listening(rig), list(posts.values()))
    assert len(rig.network.requests) == asked + 1
    assert {post.full_text.strip() for post in found.values() if post} == set(posts)
    issue["title"] = "norda again"
    rig.server.edit(below, "yes, left")
    rig.server.remove(comments[1])
    rig.server.remove(answer)
    found = await verify(listening(rig), list(posts.values()))
    now = {words: (post := found[each.external_id]) and post.full_text.strip() for words, each in posts.items()}
    assert now == {
        "norda\nseat": "norda again\nseat", "Fix norda": "Fix norda", "comment 0": "comment 0", "comment 1": None,
        "comment 2": "comment 2", "Which norda?\nthis one?": "Which norda?\nthis one?", "the left one": None,
        "no, right": "yes, left",
    }  # fmt: skip


async def test_a_repository_that_is_gone_or_hidden_takes_no_post_with_it(rig: Rig):
    rig.server.issue("norda")
    posts = list((await stored(rig)).values())
    rig.server.hidden = {post["node"] for post in rig.server.posts}
    rig.server.gone_repos = {REPO}
    assert await verify(listening(rig), posts) == {}
    rig.server.gone_repos = set()
    assert await verify(listening(rig), posts) == {posts[0].external_id: None}


@pytest.mark.parametrize(
    "error", [{"type": "FORBIDDEN", "path": ["nodes", 0]}, {"type": "NOT_FOUND"}, {"path": ["nodes", 0]}]
)  # fmt: skip
async def test_a_node_that_is_null_for_another_reason_stays(rig: Rig, error: dict[str, Any]):
    rig.server.issue("norda")
    posts = list((await stored(rig)).values())
    rig.network.fault = Fault(body=json.dumps({"data": {"nodes": [None]}, "errors": [error]}).encode())
    assert await verify(listening(rig), posts) == {}
    rig.network.fault = Fault(body=b'{"data": {"nodes": []}}')
    with pytest.raises(Undecodable):
        await verify(listening(rig), posts)


async def test_without_a_token_and_for_another_server_nothing_is_told(rig: Rig):
    rig.server.issue("norda")
    posts = list((await stored(rig)).values())
    asked = len(rig.network.requests)
    assert await verify(listening(rig, account=False), posts) == {}
    assert len(rig.network.requests) == asked
    far = replace(listening(rig), settings=GitHubSettings(base_url="https://far.example"))
    with pytest.raises(Refused, match=r"needs an account on far\.example"):
        await verify(far, posts)
    assert [can(far.settings, has_account) for has_account in (False, True)] == [False, True]
    elsewhere = Held(posts[0].external_id, posts[0].thread_id, "", False, posts[0].native | {"server": "far.example"})
    assert await verify(listening(rig), [elsewhere]) == {}
