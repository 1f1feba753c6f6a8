"""It takes longer: who waits gets one word of their own, and what we promised moves once they were told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain.errors import BadInput, Missing, Moved, NotAllowed
from domain.ids import ids
from responders import delay_actions as actions
from responders import fact_actions, knowing, problem_actions
from responders.done import Done
from storage.tables import Case, Promise, Reply
from storage.tables_delay import Delay
from storage.transitions import history
from tests.responders.test_storming import erased, whole
from tests.responders.test_telling import cold, do, post, tell
from tests.responders.world import DRAFT, START, World

__all__ = ["cold"]

WHY = {"en": "the part for the heating comes later than we were told"}
UNTIL = START + timedelta(days=2)


async def delay(world: World, **values: Any) -> Done:
    return await do(world, actions.delay_problem, **({"why": WHY, "until": UNTIL} | values))


async def delay_one(world: World, **values: Any) -> Done:
    return await do(world, actions.delay_case, **({"why": WHY["en"], "until": UNTIL, "target": world.case_id} | values))


async def kinds(world: World) -> list[tuple[str, str]]:
    return [(row.kind, row.status) for row in await world.rows(Reply) if row.case_id == world.case_id]


async def known_of(world: World) -> dict[str, str]:
    async with world.db.read() as session:
        return await knowing.known_of(session, await session.get_one(Case, world.case_id), "en", now=world.now)


async def note(world: World, key: str, value: str, **values: Any) -> None:
    await do(world, fact_actions.know, target=world.case_id, key=key, value=value, **values)


async def send(world: World, text: str = DRAFT) -> None:
    """The draft of this case is written, approved with this text, and leaves."""
    await world.run("draft")
    [ready] = [r for r in await world.rows(Reply) if (r.case_id, r.status) == (world.case_id, "drafted")]
    await world.approve(text, reply_id=ready.id)
    world.clock.move(61)
    await world.run("send")
    await world.run("promises")
    assert (await world.reply(ready.id)).status == "sent"


async def promise(world: World) -> int:
    row_id = ids.next(world.now)
    async with world.db.write() as session:
        session.add(
            Promise(
                id=row_id, brand_id=world.brand_id, case_id=world.case_id, reply_id=world.reply_id, start=0, stop=1,
                status="open", owner_id=world.agent.id, made_at=START, due_at=START + timedelta(hours=8),
            )
        )  # fmt: skip
    return row_id


async def test_everyone_who_waits_gets_a_holding_draft_that_knows_why_and_until_when(cold: World) -> None:
    await cold.drafted()
    done = await delay(cold)
    assert done.said == "2 get a holding draft"
    assert await kinds(cold) == [("answer", "stale"), ("holding", "requested")]
    async with cold.db.read() as session:
        told = await history(session, "delay", cold.case_id)
    known = await known_of(cold)
    assert known["takes_longer"] == WHY["en"]
    assert known["next"] == "it takes longer, until 4 March, 09:00"
    assert [(step.new, step.actor) for step in told] == [("due", cold.agent.actor)]
    assert [row.why for row in await cold.rows(Delay)] == [WHY["en"], WHY["en"]]


DELAYED = ("takes_longer", "next", "next_by")


async def test_what_is_done_later_ends_a_delay_and_what_was_done_before_does_not(cold: World) -> None:
    await cold.drafted()
    await note(cold, "done", "the seat was changed")
    await delay(cold)
    assert {"done", *DELAYED} <= (await known_of(cold)).keys()
    await note(cold, "done", "the heating was repaired")
    known = await known_of(cold)
    assert known["done"] == "the heating was repaired"
    assert known.keys().isdisjoint(DELAYED)


@pytest.mark.parametrize("mended", ["told", "problem", "case"])
async def test_a_delay_ends_when_it_is_mended(cold: World, mended: str) -> None:
    await cold.drafted()
    await delay(cold)
    if mended == "told":
        await tell(cold)
    elif mended == "problem":
        await do(cold, problem_actions.resolve)
    else:
        await cold.act("resolve")
    assert (await known_of(cold)).keys().isdisjoint(DELAYED)


async def test_a_moment_that_has_passed_is_no_fact_any_more(cold: World) -> None:
    await cold.drafted()
    await delay(cold)
    cold.clock.move(2 * 86400 - 60)
    assert set(DELAYED) <= (await known_of(cold)).keys()
    cold.clock.move(61)
    assert (await known_of(cold)).keys().isdisjoint(DELAYED)
    await note(cold, "next", "the depot calls back", due_on=cold.now.date())
    assert (await known_of(cold))["next_by"] == "2026-03-04"
    cold.clock.move(86400)
    assert (await known_of(cold)).keys().isdisjoint(DELAYED)


async def test_nobody_gets_it_twice(cold: World) -> None:
    await cold.drafted()
    await delay(cold)
    await cold.run("draft")
    before = await kinds(cold)
    assert (await delay(cold)).said == "0 get a holding draft; 2 do not: they have this very word already"
    with pytest.raises(Moved, match="this very word"):
        await delay_one(cold)
    assert await kinds(cold) == before
    assert len(await cold.rows(Delay)) == 2
    await post(cold, "petra")
    assert (await delay(cold)).said.startswith("1 get a holding draft")
    assert (await delay(cold, until=UNTIL + timedelta(days=1))).said == "3 get a holding draft"


async def test_what_we_promised_moves_when_they_were_told_and_not_before(cold: World) -> None:
    await cold.drafted()
    promised = await promise(cold)
    await delay_one(cold)
    await cold.run("draft")
    assert [row.due_at for row in await cold.rows(Promise)] == [START + timedelta(hours=8)]
    await cold.publishing(True)
    [ready] = [row for row in await cold.rows(Reply) if row.status == "drafted"]
    await cold.approve(reply_id=ready.id)
    cold.clock.move(21)
    await cold.run("send")
    await cold.run("promises")
    [row] = [row for row in await cold.rows(Promise) if row.id == promised]
    assert (row.status, row.due_at) == ("open", UNTIL)
    async with cold.db.read() as session:
        [step] = await history(session, "promise_due", promised)
    assert step.why == "they were told that it takes longer"
    assert (await cold.case()).status == "open", "the answer is still owed"


async def test_pressed_again_it_reaches_those_whom_the_first_look_left_out(
    cold: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "MOST", 1)
    await post(cold, "bence", "hideg a kocsi", lang="hu")
    await post(cold, "petra")
    for number, left in enumerate(("; 2 more wait: press it again", "; 1 more wait: press it again", "")):
        said = (await delay(cold)).said
        assert said.startswith("1 get a holding draft")
        assert (f"{number} do not: they have this very word already" in said) == (number > 0)
        assert "1 do not: it is not written in their language: hu" in said
        assert said.endswith(left)
    assert len({row.case_id for row in await cold.rows(Delay)}) == 3


async def test_a_rejected_word_moves_nothing_and_can_be_asked_for_again(cold: World) -> None:
    await cold.drafted()
    await promise(cold)
    await cold.publishing(True)
    await delay_one(cold)
    await cold.run("draft")
    [word] = [row for row in await cold.rows(Reply) if (row.kind, row.status) == ("holding", "drafted")]
    await cold.act("reject", word.id, reason="wrong tone", version=word.version)
    await cold.act("redraft")
    await send(cold)
    assert [row.due_at for row in await cold.rows(Promise)] == [START + timedelta(hours=8)], "nobody told them"
    await delay_one(cold)
    await send(cold)
    assert [row.due_at for row in await cold.rows(Promise)] == [UNTIL]


async def test_another_reply_that_says_the_word_moves_what_we_promised(cold: World) -> None:
    await cold.drafted()
    await promise(cold)
    await cold.publishing(True)
    await delay_one(cold)
    cold.clock.move(60)
    await cold.act("redraft")
    await send(cold, f"Hello Mara, we are sorry. {WHY['en'].capitalize()}. It takes until Wednesday.")
    assert [row.due_at for row in await cold.rows(Promise)] == [UNTIL]
    with pytest.raises(Moved, match="this very word"):
        await delay_one(cold)


async def test_a_word_that_quotes_an_erased_author_goes_and_so_do_the_drafts_that_say_it(cold: World) -> None:
    await post(cold, "nadia", "The lavender coach smelled of burnt rubber all the way")
    await cold.drafted()
    await delay(cold, why={"en": "the lavender coach smelled of burnt rubber and waits for a part"})
    await cold.run("draft")
    await erased(cold, "nadia")
    assert {row.why for row in await cold.rows(Delay)} == {""}
    assert "takes_longer" not in await known_of(cold)
    assert (await kinds(cold))[-2:] == [("holding", "stale"), ("answer", "requested")]
    assert not await whole(cold, "lavender coach")


async def test_somebodys_work_and_other_languages_are_left_alone_and_counted(cold: World) -> None:
    await cold.drafted()
    await cold.act("edit", text="Hello Mara, I have just spoken to the depot.", version=(await cold.reply()).version)
    await post(cold, "bence", "hideg a kocsi", lang="hu")
    said = (await delay(cold)).said
    assert said.startswith("1 get a holding draft")
    assert "not written in their language: hu" in said
    assert (await cold.reply()).status == "drafted"
    with pytest.raises(Moved, match="in somebody's hands"):
        await delay_one(cold)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"why": {}}, "one honest sentence"),
        ({"why": {"en": "x" * 121}}, "why_en: 121 characters"),
        ({"why": {"hr": WHY["en"]}}, "why_hr: write a whole statement"),
        ({"until": START - timedelta(hours=1)}, "until: give a moment in the future"),
        ({"until": None}, "until: give a moment"),
    ],
)
async def test_bad_input_names_the_field(cold: World, values: dict[str, Any], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        await delay(cold, **values)
    assert not await cold.rows(Delay)


async def test_only_who_answers_may(cold: World) -> None:
    for act in (delay, delay_one):
        with pytest.raises(NotAllowed):
            await act(cold, who=cold.viewer)
        with pytest.raises(Missing):
            await act(cold, who=cold.stranger)
