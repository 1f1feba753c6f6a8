"""Who is told, one by one: nobody who wrote after it was mended, everybody of a thread, each once, and nobody is lost
sight of."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from domain.errors import Moved
from domain.ids import ids
from responders import delay_actions, knowing, problem_actions
from responders import resolution_actions as actions
from storage import resolutions
from storage.tables import Case, MentionRow, Problem, Reply, Told
from storage.tables_many import Notice, Resolution
from tests.responders.test_telling import (
    DONE,
    _again,
    cold,
    do,
    lines,
    looked,
    post,
    problem_id,
    states,
    states_of,
    tell,
)
from tests.responders.world import DRAFT, START, World

__all__ = ["cold"]
AGAIN = "coach 4 is ice cold again today"


async def beside(world: World, mention_id: int, name: str, text: str = "coach 4 is cold here as well") -> int:
    """Somebody else tells of it in the thread of that post, in its case where it has one."""
    row_id = ids.next(world.now)
    async with world.db.write() as session:
        first = await session.get_one(MentionRow, mention_id)
        own = {"id": row_id, "external_id": name, "text": text, "author_handle": name, "author_id": name}
        session.add(MentionRow(**first.model_dump() | own))
        await session.flush()
        told = (await session.exec(select(Told).where(Told.mention_id == mention_id))).one()
        session.add(Told(mention_id=row_id, problem_id=told.problem_id))
    return row_id


async def waiting(world: World) -> dict[str, str]:
    """Who waits, and why they are not next."""
    async with world.db.read() as session:
        root = await problem_id(world)
        row = await resolutions.standing(session, root)
        return {each.name: each.held for each in await resolutions.waiters(session, root, row.id if row else 0)}


async def names(world: World) -> dict[int, str]:
    return {row.id: row.author_handle for row in await world.rows(MentionRow)}


async def send(world: World, reply: Reply) -> None:
    await world.publishing(True)
    await world.approve(reply_id=reply.id)
    world.clock.move(21)
    await world.run("send")


async def known(world: World, name: str) -> dict[str, str]:
    async with world.db.read() as session:
        case = (await session.exec(select(Case).where(Case.author_handle == name))).one()
        return await knowing.known_of(session, case, "en", now=world.now)


async def test_who_says_that_it_is_broken_again_is_not_told_that_it_is_mended(cold: World) -> None:
    await tell(cold, since=START)
    await looked(cold)
    cold.clock.move(5 * 86_400)
    rita = await post(cold, "rita", AGAIN)
    await post(cold, "zed", AGAIN, case=False)
    await looked(cold)
    found = await states(cold)
    assert (found["rita"], found["zed"], found["ines"]) == ("after", "after", "ready")
    assert not {"done", "cause"} & (await known(cold, "rita")).keys()
    assert "done" in await known(cold, "ines")
    assert not [row for row in await cold.rows(Reply) if row.case_id == rita], "their draft is an ordinary one"
    back = {line.mention.author_handle: line.back.text for line in await lines(cold) if line.back}
    assert back == {"rita": AGAIN, "zed": AGAIN}


@pytest.mark.parametrize("since", [None, START - timedelta(hours=1)])
async def test_who_was_told_and_writes_again_is_not_told_the_same_again(cold: World, since: Any) -> None:
    async with cold.db.write() as session:
        for row in await session.exec(select(MentionRow)):
            row.posted_at = START - timedelta(hours=2)
    await tell(cold, since=since)
    await looked(cold)
    ines = (await states_of(cold))["ines"]
    await send(cold, ines)
    await _again(cold, ines.case_id, "ines", "Thank you!")
    assert "done" in await known(cold, "ines")
    await _again(cold, ines.case_id, "ines-3", "No, you said it was mended and it is as cold as before")
    assert not {"done", "cause"} & (await known(cold, "ines")).keys()
    [line] = [line for line in await lines(cold) if line.mention.author_handle == "ines"]
    assert line.state == "told"
    assert line.back is not None


async def test_an_answer_to_who_wrote_after_it_was_mended_does_not_count_as_telling_them(cold: World) -> None:
    await tell(cold)
    await looked(cold)
    ines = (await states_of(cold))["ines"]
    await _again(cold, ines.case_id, "ines", AGAIN)
    await cold.act("reject", ines.id, reason="wrong", version=ines.version)
    async with cold.db.write() as session:
        newest = (await session.exec(select(MentionRow).order_by(col(MentionRow.posted_at).desc()))).first()
        assert newest is not None
        own = {"id": ids.next(cold.now), "mention_id": newest.id, "status": "sent", "created_at": cold.now}
        session.add(Reply(**ines.model_dump() | own))
    [line] = [line for line in await lines(cold) if line.mention.author_handle == "ines"]
    assert (line.state, line.back is not None) == ("aside", True)


async def test_all_of_a_thread_are_told_one_after_another_and_the_list_names_each(cold: World) -> None:
    await beside(cold, cold.mention_id, "petar")
    await beside(cold, cold.mention_id, "ana")
    async with cold.db.write() as session:
        case = await session.get_one(Case, cold.case_id)
        case.author_id = case.author_handle = "mara"
        (await session.get_one(MentionRow, cold.mention_id)).author_id = "mara"
    await tell(cold)
    told = list[str]()
    for behind in ({"petar", "ana"}, {"petar"}, set[str]()):
        for _ in range(2):
            await looked(cold)
        by_id = await names(cold)
        [live] = [row for row in await cold.rows(Reply) if row.case_id == cold.case_id and row.status == "drafted"]
        told.append(by_id[live.mention_id])
        assert (await states(cold))[told[-1]] == "ready"
        assert await waiting(cold) == dict.fromkeys(behind, f"waits behind {told[-1]} in the same thread")
        await send(cold, live)
        assert (await states(cold))[told[-1]] == "told"
    await looked(cold)
    assert told == ["mara", "ana", "petar"]
    assert len(await cold.rows(Notice)) == 5
    assert len([row for row in await cold.rows(Reply) if row.status == "sent"]) == 3


async def test_strangers_of_one_thread_are_told_one_after_another_in_one_case(cold: World) -> None:
    zed = await post(cold, "zed", case=False)
    await beside(cold, zed, "yan")
    await beside(cold, zed, "xia")
    await tell(cold)
    for _ in range(3):
        for _ in range(2):
            await looked(cold)
        [next_one] = [row for name, row in (await states_of(cold)).items() if name in "zed yan xia" and not row.sent_at]
        await send(cold, next_one)
    found = await states(cold)
    assert [found[name] for name in ("zed", "yan", "xia")] == ["told"] * 3
    assert len({row.case_id for row in await cold.rows(MentionRow) if row.author_handle in ("zed", "yan", "xia")}) == 1
    assert all(line.notice.opened for line in await lines(cold) if line.mention.author_handle in ("zed", "yan", "xia"))


async def test_changed_words_are_not_told_to_who_was_told_also_where_others_of_the_thread_wait(cold: World) -> None:
    await beside(cold, cold.mention_id, "petar")
    await tell(cold)
    await looked(cold)
    [first] = [row for row in await cold.rows(Reply) if row.case_id == cold.case_id and row.status == "drafted"]
    await send(cold, first)
    await looked(cold)
    await tell(cold, done={"en": "coach 4 has been taken out of the train"})
    await looked(cold)
    found = await states(cold)
    assert {found.pop((await names(cold))[first.mention_id])} == {"told"}
    assert set(found.values()) == {"ready"}
    live = [row for row in await cold.rows(Reply) if row.case_id == cold.case_id and row.status in ("drafted", "sent")]
    assert len(live) == 2


async def test_who_is_in_a_colleagues_hands_stands_among_those_who_wait(cold: World) -> None:
    await cold.drafted()
    assert await waiting(cold) == {"mara": "", "ines": "", "luka": ""}, "also before anything is confirmed"
    typed = "Hello Mara, I have just spoken to the depot."
    await cold.act("edit", text=typed, version=(await cold.reply()).version)
    await tell(cold)
    await looked(cold)
    assert await waiting(cold) == {"mara": "a colleague has it in hand"}
    await cold.act("hand_over", text=typed, version=(await cold.reply()).version)
    assert await waiting(cold) == {"mara": "a colleague has it in hand"}
    cold.clock.move(20 * 86_400)
    await looked(cold)
    assert await waiting(cold) == {"mara": "a colleague has it in hand"}
    await cold.act("mark_sent", url="")
    await looked(cold)
    assert (await waiting(cold), (await states(cold))["mara"]) == ({}, "ready")


async def test_an_approved_answer_is_on_its_way_and_its_author_waits(cold: World) -> None:
    await cold.drafted()
    await cold.publishing(True)
    await cold.approve(DRAFT)
    assert (await waiting(cold))["mara"] == "an answer is on its way"


async def test_it_takes_longer_is_one_word_in_a_case_of_several(cold: World) -> None:
    await beside(cold, cold.mention_id, "petar")
    why, until = {"en": "the part for the heating is still on its way"}, cold.now + timedelta(days=1)
    done = await do(cold, delay_actions.delay_problem, why=why, until=until)
    assert done.said == "2 get a holding draft"


async def other(world: World) -> int:
    """Another problem of the brand."""
    row_id = ids.next(world.now)
    async with world.db.write() as session:
        session.add(
            Problem(
                id=row_id, brand_id=world.brand_id, root_id=row_id, named={}, mentions=1, first_at=START, last_at=START,
                created_at=START,
            )
        )  # fmt: skip
    return row_id


async def test_what_people_are_told_of_is_no_part_of_another_and_nobody_is_told_twice(cold: World) -> None:
    whole = await other(cold)
    await tell(cold)
    await looked(cold)
    await send(cold, (await states_of(cold))["mara"])
    root = await problem_id(cold)
    with pytest.raises(Moved, match="merge the other problem into this one instead, or withdraw"):
        await do(cold, problem_actions.merge, target=root, into=whole)
    await do(cold, problem_actions.merge, target=whole, into=root)
    await looked(cold)
    assert await states(cold) == {"mara": "told", "ines": "ready", "luka": "ready"}
    await do(cold, actions.withdraw, target=root)


async def test_of_two_that_are_told_one_is_withdrawn_first(cold: World) -> None:
    whole = await other(cold)
    await tell(cold)
    await do(cold, actions.tell, target=whole, done=DONE, wrong={})
    for part, into in ((whole, await problem_id(cold)), (await problem_id(cold), whole)):
        with pytest.raises(Moved, match="withdraw the resolution of one first"):
            await do(cold, problem_actions.merge, target=part, into=into)
    await do(cold, actions.withdraw, target=whole)
    await do(cold, problem_actions.merge, target=whole, into=await problem_id(cold))
    assert [row.status for row in await cold.rows(Resolution)] == ["standing", "withdrawn"]
