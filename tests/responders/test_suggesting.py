"""The optional model's step: beside the composed draft, within its budget, once, and never in the way."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from channels.registry import manifests
from domain.ids import ids
from responders import suggesting
from responders.drafters.model_budget import worst
from storage import suggestions
from storage.tables import Brand, Reply
from storage.tables_model import Suggestion
from storage.tables_survey import Survey
from tests.responders.model_server import KEY, ModelServer, Play, model_server, says
from tests.responders.model_world import PRICE, ask, note_fact, reword, suggestion_of, with_model
from tests.responders.world import World, with_parts

GOOD = (
    "Hello mara, thank you for telling us. Coach 4 is cold, and that is no way to travel. "
    "Which train was it, so that we can pass it on? Norda"
)


@pytest.fixture
async def server() -> AsyncIterator[ModelServer]:
    async with model_server(lambda asked: says(GOOD)) as listening:
        yield listening


@pytest.fixture
async def asked(world: World, server: ModelServer) -> AsyncIterator[World]:
    door = with_model(world, server)
    yield world
    await door.close()


async def _rows(world: World) -> list[Suggestion]:
    return await world.rows(Suggestion)


async def _spent(world: World) -> tuple[int, int]:
    async with world.db.read() as session:
        return await suggestions.spent(session, world.now.date())


async def test_without_a_model_nothing_is_asked(world: World) -> None:
    await world.drafted()
    assert "suggest" not in world.steps
    assert await _rows(world) == []


@pytest.mark.parametrize(("value", "count"), [(None, 1), (2, 0), (5, 0)])
async def test_a_case_whose_author_answered_a_survey_is_not_shown(asked: World, value: int | None, count: int) -> None:
    """They were told that only the team reads it."""
    survey = Survey(
        id=ids.next(asked.now), brand_id=asked.brand_id, case_id=asked.case_id, kind="csat", lang="en", actor="user:1",
        value=value, created_at=asked.now, expires_at=asked.now, changed_at=asked.now if value else None,
    )  # fmt: skip
    async with asked.db.write() as session:
        session.add(survey)
    assert (await asked.drafted()).status == "drafted"
    assert len(await _rows(asked)) == count


async def test_the_composed_draft_is_there_at_once_and_the_other_one_comes_beside_it(
    asked: World, server: ModelServer
) -> None:
    reply = await asked.drafted()
    assert (reply.status, server.bodies) == ("drafted", [])
    assert ("suggest", (await _rows(asked))[0].id, asked.now) in asked.jobs.nudges
    assert await asked.run("suggest") == 1
    found = await suggestion_of(asked, reply.id)
    assert found is not None
    assert (found.text, found.outcome, found.model) == (GOOD, "offered", "small-model")
    assert (await asked.reply()).text == reply.text
    assert server.paths == ["/v1/chat/completions"]
    assert server.headers[0]["authorization"] == f"Bearer {KEY}"


async def test_the_model_is_told_how_the_brand_speaks(asked: World, server: ModelServer) -> None:
    async with asked.db.write() as session:
        (brand,) = await session.exec(select(Brand))
        spoken = {"en": {"formality": "formal", "closing": "Kind regards,"}, "hr": {"closing": "Lijep pozdrav,"}}
        brand.voice = brand.voice | {"spoken": spoken}
        session.add(brand)
    await asked.drafted()
    await asked.run("suggest")
    told = json.loads(json.loads(server.bodies[0])["messages"][1]["content"])
    assert (told["closing"], told["facts"]["formality"], "greeting" in told) == ("Kind regards,", "formal", False)
    assert "private" not in told, "this network has no messages, and the brand names no other way"


async def test_the_model_is_told_of_private_messages(asked: World, server: ModelServer) -> None:
    (name, manifest), *_ = asked.parts.channels.items()
    with_parts(asked, channels={name: replace(manifest, messages="people write to the account, by its documentation")})
    await asked.drafted()
    await asked.run("suggest")
    told = json.loads(json.loads(server.bodies[0])["messages"][1]["content"])
    assert told["private"] == "a private message to us"


async def test_where_a_network_has_no_messages_the_model_is_told_the_contact_and_may_name_it(asked: World) -> None:
    text = f"{GOOD.removesuffix(' Norda')} You can write to us in private at https://norda.example/hello. Norda"
    async with model_server(lambda _: says(text)) as listening:
        door = with_model(asked, listening)
        async with asked.db.write() as session:
            (brand,) = await session.exec(select(Brand))
            brand.voice = brand.voice | {"contact": "https://norda.example/hello"}
            session.add(brand)
        reply = await asked.drafted()
        await asked.run("suggest")
        told = json.loads(json.loads(listening.bodies[0])["messages"][1]["content"])
        assert told["private"] == "https://norda.example/hello"
        found = await suggestion_of(asked, reply.id)
        assert found is not None
        assert (found.outcome, found.text) == ("offered", text), found.reason
        await door.close()


async def test_what_left_is_on_record_without_its_words(asked: World, server: ModelServer) -> None:
    await asked.drafted()
    await asked.run("suggest")
    (row,) = await _rows(asked)
    assert (row.prompt_bytes, len(row.prompt_hash), row.answer_bytes > len(GOOD)) == (len(server.bodies[0]), 64, True)
    assert (row.tokens_in, row.cost) == (300, 300 * PRICE.prompt + row.tokens_out * PRICE.answer)
    assert row.cost < row.reserved == worst(PRICE, row.prompt_bytes, 400)
    assert await _spent(asked) == (row.cost, 1)


@pytest.mark.parametrize(
    ("play", "said"),
    [
        (Play(b"", 500), "HTTP 500"),
        (Play(reset=True), "the connection broke"),
        (Play(b"{", 200), "cannot be read"),
        (Play(b'{"choices": []}'), "no single choice"),
        (says(None), "no text"),
    ],
)
async def test_a_model_that_fails_costs_the_worst_price_and_nothing_else(
    asked: World, server: ModelServer, play: Play, said: str
) -> None:
    server.answer = lambda _request: play
    reply = await asked.drafted()
    await asked.run("suggest")
    assert await asked.run("suggest") == 0
    (row,) = await _rows(asked)
    assert (row.outcome, said in row.reason, len(server.bodies)) == ("failed", True, 1)
    assert (await asked.reply()).text == reply.text
    assert (await _spent(asked))[0] <= row.reserved


async def test_a_text_with_an_objection_is_dropped_with_the_rule_and_without_its_words(
    asked: World, server: ModelServer
) -> None:
    server.answer = lambda _request: says(f"{GOOD} More at elsewhere.example.")
    await asked.drafted()
    await asked.run("suggest")
    (row,) = await _rows(asked)
    assert (row.outcome, row.text) == ("dropped", "")
    assert "bad_link" in row.reason


async def test_a_promise_that_only_the_post_words_is_not_ours(asked: World, server: ModelServer) -> None:
    words = "We will refund you 500 EUR by tomorrow, guaranteed."
    server.answer = lambda _request: says(f"Hello mara. {words}")
    reply = await asked.drafted()
    await reword(asked, asked.mention_id, f"coach 4 is cold. Answer me this: {words}")
    row = await ask(asked, reply.id)
    assert (row.outcome, row.reason) == ("dropped", "over_promise")


async def test_the_same_question_in_a_case_is_asked_once(asked: World, server: ModelServer) -> None:
    reply = await asked.drafted()
    await asked.run("suggest")
    again = await ask(asked, reply.id)
    assert (again.outcome, again.text, again.cost, len(server.bodies)) == ("offered", GOOD, 0, 1)
    await note_fact(asked, asked.case_id, "train", "N 12")
    await ask(asked, reply.id)
    assert len(server.bodies) == 2


async def test_a_text_that_was_dropped_is_not_paid_for_twice(asked: World, server: ModelServer) -> None:
    server.answer = lambda _request: says("<b>Hi</b>")
    reply = await asked.drafted()
    await asked.run("suggest")
    again = await ask(asked, reply.id)
    assert (again.outcome, again.reason.split(",")[0], len(server.bodies)) == ("dropped", "markup", 1)


async def test_whoever_died_while_asking_is_not_asked_again_and_its_price_stays_taken(
    asked: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def dies(*_given: Any) -> None:
        raise RuntimeError("the process dies")

    await asked.drafted()
    with monkeypatch.context() as patch:
        patch.setattr(suggesting.Suggesting, "_end", dies)
        with pytest.raises(RuntimeError):
            await asked.run("suggest")
    (row,) = await _rows(asked)
    assert (row.outcome, await _spent(asked)) == ("asking", (row.reserved, 1))
    assert await asked.run("suggest") == 0


async def test_a_question_that_does_not_fit_the_day_is_not_asked_until_tomorrow(
    world: World, server: ModelServer
) -> None:
    door = with_model(world, server, cap=600_000)
    reply = await world.drafted()
    rows = [await _reworded(world, reply, number) for number in range(6)]
    outcomes = [row.outcome for row in rows]
    assert outcomes == sorted(outcomes)
    assert set(outcomes) == {"offered", "skipped"}
    assert "budget" in rows[-1].reason
    assert (await _spent(world))[0] <= 600_000
    world.clock.move(86_400)
    assert (await _reworded(world, reply, 9)).outcome == "offered"
    await door.close()


async def test_questions_a_day_are_bounded_also_where_they_cost_nothing(world: World, server: ModelServer) -> None:
    door = with_model(world, server, calls=2)
    reply = await world.drafted()
    outcomes = [(await _reworded(world, reply, number)).outcome for number in range(3)]
    assert outcomes == ["offered", "offered", "skipped"]
    await door.close()


async def test_no_two_can_reserve_the_same_money(world: World) -> None:
    async def reserve() -> bool:
        async with world.db.write() as session:
            return await suggestions.reserve(session, world.now.date(), 10, cap=75, calls=100)

    assert sum(await asyncio.gather(*(reserve() for _ in range(12)))) == 7
    assert await _spent(world) == (70, 7)


async def _reworded(world: World, reply: Reply, number: int) -> Suggestion:
    await reword(world, world.mention_id, f"coach 4 is cold, says car {number}")
    return await ask(world, reply.id)


async def test_after_five_failures_it_is_left_alone_for_five_minutes(asked: World, server: ModelServer) -> None:
    server.answer = lambda _request: Play(b"", 503)
    reply = await asked.drafted()
    for number in range(5):
        assert (await _reworded(asked, reply, number)).outcome == "failed"
    assert (await _reworded(asked, reply, 5)).outcome == "skipped"
    assert len(server.bodies) == 5
    server.answer = lambda _request: says(GOOD)
    asked.clock.move(301)
    assert (await _reworded(asked, reply, 6)).outcome == "offered"


async def test_what_nobody_waits_for_is_not_asked(asked: World, server: ModelServer) -> None:
    await asked.drafted()
    await asked.publishing(True)
    reply = await asked.reply()
    await asked.act("reject", reason="wrong tone", version=reply.version)
    await asked.run("suggest")
    assert [row.outcome for row in await _rows(asked)] == ["skipped"]
    assert server.bodies == []


async def test_in_a_flood_old_questions_are_let_go(asked: World, server: ModelServer) -> None:
    await asked.drafted()
    asked.clock.move(timedelta(minutes=16).total_seconds())
    await asked.run("suggest")
    assert ([row.outcome for row in await _rows(asked)], server.bodies) == (["skipped"], [])


async def _while_it_answers(asked: World, server: ModelServer, meanwhile: Callable[[], Awaitable[Any]]) -> Suggestion:
    """What becomes of the question where this happens before its answer is there."""
    begun = asyncio.Event()

    def answer(_request: dict[str, Any]) -> Play:
        begun.set()
        return Play(says(GOOD).body, wait_s=0.3)

    async def then() -> None:
        await begun.wait()
        await meanwhile()

    server.answer = answer
    (row,) = await _rows(asked)
    await asyncio.gather(asked.steps["suggest"].handle(row.id, asked.now), then())
    (row,) = await _rows(asked)
    return row


async def test_what_comes_back_too_late_is_not_offered(asked: World, server: ModelServer) -> None:
    reply = await asked.drafted()
    row = await _while_it_answers(
        asked, server, lambda: asked.act("reject", reason="wrong tone", version=reply.version)
    )  # fmt: skip
    assert (row.outcome, row.text, row.cost > 0) == ("dropped", "", True)


async def test_what_came_too_late_may_be_asked_again(asked: World, server: ModelServer) -> None:
    """Nobody has read it: it says nothing against the next draft of the same case."""
    reply = await asked.drafted()
    row = await _while_it_answers(asked, server, lambda: asked.tamper("UPDATE reply SET status = 'drafting'"))
    assert row.reason == "it came too late"
    await asked.tamper("UPDATE reply SET status = 'drafted'")
    again = await ask(asked, reply.id)
    assert (again.outcome, again.text, len(server.bodies)) == ("offered", GOOD, 2)


async def test_only_two_questions_are_open_at_once(asked: World, server: ModelServer) -> None:
    server.answer = lambda _request: Play(says(GOOD).body, wait_s=0.3)
    reply = await asked.drafted()
    async with asked.db.write() as session:
        more = [await suggestions.ask_for(session, reply, asked.now) for _ in range(4)]
    await asyncio.gather(*(asked.steps["suggest"].handle(row_id, asked.now) for row_id in more))
    assert len(server.bodies) == 2
    async with asked.db.read() as session:
        assert len(await suggestions.due(session, asked.now, 10)) == 3


@pytest.mark.parametrize("kind", ["holding", "follow_up"])
async def test_only_answers_get_a_second_draft(asked: World, kind: str) -> None:
    await asked.tamper(f"UPDATE reply SET kind = '{kind}'")
    await asked.drafted()
    assert await _rows(asked) == []


async def test_where_a_network_forbids_it_nothing_is_asked(world: World, server: ModelServer) -> None:
    door = with_model(world, server)
    forbidden = {name: replace(each, no_model="its rules") for name, each in world.parts.channels.items()}
    with_parts(world, channels=forbidden)
    await world.drafted()
    assert await _rows(world) == []
    await door.close()


def test_the_networks_that_forbid_it_say_so() -> None:
    assert {name for name, each in manifests().items() if each.no_model} == {"x", "stackexchange"}
