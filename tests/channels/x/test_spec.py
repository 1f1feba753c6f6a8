"""Our requests and the emulator's answers against X's own OpenAPI files; real pages through our parser."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from channels.x.client import try_account
from channels.x.convert import Own
from channels.x.heard import heard
from channels.x.reading import Reading, versions
from channels.x.verify import verify
from domain.errors import Refused
from domain.ports import Held
from tests.channels.x.rig import HOUR_LATER, Rig, approve, rigged
from tests.channels.x.test_source import MINUTE, backlog
from tests.channels.x.test_stream import following
from tests.emulators.openapi import OpenApi
from tests.emulators.x import Exchange

FILES = {"tweet": "openapi-2.159.json", "post": "openapi-2.167.json"}


@pytest.fixture(params=list(FILES))
def spelling(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def everything(rig: Rig) -> None:
    """Each call of the connector at least once, also the ones that X refuses."""
    server = rig.server
    await try_account(rig.account, rig.door)
    root = server.say("norda " + "is late " * 60 + "https://norda.example/x", "ben", at=HOUR_LATER - 300 * MINUTE)
    backlog(server, 120)
    server.edit(root, "norda is very late", HOUR_LATER - 200 * MINUTE)
    server.say("@norda #fail where is it", at=HOUR_LATER - 2 * MINUTE, reply_to=root.id)
    heard = (await rig.heard())[0][-9:]
    del server.posts[int(heard[0].external_id)]
    server.closed = {"cleo"}
    hidden = server.say("norda hidden", "cleo", at=HOUR_LATER - 3 * MINUTE)
    posts = [Held(m.external_id, m.thread_id, m.url, False, {}) for m in heard]
    found = await verify(rig.listening(), [*posts, Held(str(hidden.id), "", "", False, {})])
    assert (list(found.values()).count(None), len(found)) == (2, len(heard) + 1)
    mention = (await rig.heard(kind="mentions"))[0][-1]
    await rig.heard(kind="mentions", owned=True)
    reply = approve(rig, mention)
    await rig.publisher().publish(reply)
    await rig.publisher().find_published(reply)
    async with following(rig, terms=("norda", "old")) as follower:
        await follower.caught_up()
    async with following(rig) as follower:
        await follower.caught_up()
        await follower.caught_up()
        server.say("norda pushed", at=HOUR_LATER)
        await follower.heard()
    with pytest.raises(Refused):
        await rig.publisher().publish(reply)
    rig.clock.move(1)
    with pytest.raises(Refused):
        await rig.client().search("x" * 600, 10, {})


def problems(spec: OpenApi, exchanges: list[Exchange]) -> list[str]:
    found = []
    for call in exchanges:
        if call.status != 400:  # what X refuses need not fit: a read-back tries one spelling, then the other
            found += spec.request(call.method, call.path, call.query, call.given)
        if call.verified:
            found += spec.answer(call.method, call.path, call.status, call.content_type, call.answer)
    return found


async def test_every_call_and_answer_fits_the_specification(shared: Path, spelling: str):
    spec = OpenApi(shared / "specs" / "x" / FILES[spelling])
    async with rigged(spelling) as rig:
        await everything(rig)
        exchanges = rig.server.exchanges
    assert problems(spec, exchanges) == []
    asked = {(call.method, call.path) for call in exchanges}
    assert asked == {
        ("GET", "/2/tweets"), ("GET", "/2/users/me"), ("GET", "/2/usage/tweets"), ("GET", "/2/tweets/search/recent"),
        ("GET", "/2/users/9001/mentions"), ("GET", "/2/users/9001/tweets"), ("POST", "/2/tweets"),
        ("GET", "/2/tweets/search/stream/rules"), ("POST", "/2/tweets/search/stream/rules"),
        ("GET", "/2/tweets/search/stream"),
    }  # fmt: skip
    assert {call.answer["title"] for call in exchanges if not call.verified} <= {"Forbidden"}


async def test_the_other_specification_does_not_fit(shared: Path, spelling: str):
    """The two differ where the table of names says so: the check would see a wrong spelling."""
    (other,) = set(FILES) - {spelling}
    async with rigged(spelling) as rig:
        backlog(rig.server, 1)
        await rig.heard()
        wrong = problems(OpenApi(shared / "specs" / "x" / FILES[other]), rig.server.exchanges)
    assert any("fields" in problem for problem in wrong)


BROKEN: list[tuple[str, str, str, Any]] = [
    ("GET", "/2/tweets/search/recent", "query=norda&max_results=5", None),
    ("GET", "/2/tweets/search/recent", "max_results=10", None),
    ("GET", "/2/tweets/search/recent", "query=norda&since_id=x", None),
    ("GET", "/2/tweets/search/recent", "query=norda&tweet.fields=colour", None),
    ("GET", "/2/tweets/search/recent", "query=norda&start_time=yesterday", None),
    ("GET", "/2/tweets/search/recent", "query=norda&limit=5", None),
    ("GET", "/2/users/norda/mentions", "", None),
    ("GET", "/2/nowhere", "", None),
    ("POST", "/2/tweets", "", {"text": "x", "reply": {"in_reply_to_tweet_id": "x"}}),
    ("POST", "/2/tweets", "", {"text": "x", "colour": "red"}),
    ("POST", "/2/tweets", "", {"text": 5}),
]


@pytest.mark.parametrize(("method", "path", "query", "body"), BROKEN)
def test_the_checker_itself_finds_faults_in_requests(shared: Path, method: str, path: str, query: str, body: Any):
    assert OpenApi(shared / "specs" / "x" / FILES["tweet"]).request(method, path, query, body) != []


@pytest.mark.parametrize(
    "answer",
    [
        {"data": []}, {"data": [{"id": "x"}]}, {"data": [{"id": 5}]}, {"data": [{"created_at": "yesterday"}]},
        {"data": [{"public_metrics": {}}]}, {"meta": {"result_count": "1"}}, {"includes": {"users": [{"id": "1"}]}},
        {"data": [{"referenced_tweets": [{"type": "liked", "id": "1"}]}]}, {"errors": [{}]}, [],
    ],
)  # fmt: skip
def test_the_checker_itself_finds_faults_in_answers(shared: Path, answer: Any):
    spec = OpenApi(shared / "specs" / "x" / FILES["tweet"])
    assert spec.answer("GET", "/2/tweets/search/recent", 200, "application/json", answer) != []
    assert spec.answer("GET", "/2/tweets/search/recent", 200, "application/json", {"meta": {"result_count": 0}}) == []


def recorded(shared: Path) -> list[tuple[str, Any]]:
    """Every recorded page of posts."""
    found = []
    for file in sorted((shared / "recorded" / "x").glob("*.json")):
        for call in json.loads(file.read_text(encoding="utf-8")):
            body = call["response"]["body"]
            if isinstance(body.get("data"), list) and "result_count" in body.get("meta", {}):
                found.append((f"{file.stem} {call['request']['path']}", body))
    return found


def test_recorded_pages_are_all_read(shared: Path):
    pages = [(name, body) for name, body in recorded(shared) if all("text" in post for post in body["data"])]
    assert len(pages) >= 6
    read = 0
    for name, body in pages:
        reading = Reading.of(body)
        mentions, unreadable = heard(reading.posts, reading.included, Own.of(None, ()), "x")
        assert unreadable == (), name
        assert len(mentions) == len(body["data"]) == body["meta"]["result_count"], name
        assert reading.newest == int(body["meta"].get("newest_id", reading.newest)), name
        assert reading.oldest == int(body["meta"].get("oldest_id", reading.oldest)), name
        assert bool(reading.token) is ("next_token" in body["meta"]), name
        assert {mention.external_id for mention in mentions} == {versions(post)[0] for post in body["data"]}, name
        assert all("&amp;" not in mention.text and "&lt;" not in mention.text for mention in mentions), name
        read += len(mentions)
    assert read > 100


def test_recorded_pages_fit_the_specification_of_their_spelling(shared: Path):
    spec = OpenApi(shared / "specs" / "x" / FILES["tweet"])
    checked = 0
    for file in sorted((shared / "recorded" / "x").glob("*search_recent*.json")) + sorted(
        (shared / "recorded" / "x").glob("*mentions*.json")
    ):
        for call in json.loads(file.read_text(encoding="utf-8")):
            path, response = call["request"]["path"], call["response"]
            assert spec.answer("GET", path, 200, "application/json", response["body"]) == [], file.stem
            checked += 1
    assert checked >= 3
