"""Another draft, and the former one back: nothing that was written is lost, nothing comes back that does not fit."""

from __future__ import annotations

from typing import Any

import pytest

from domain.errors import BadInput, Moved
from responders.done import Done
from responders.redrafting import Typed
from storage.desk_case import case_view
from storage.purging import Order, purge
from storage.replies import stale_replies
from storage.tables import MentionRow, Reply, table
from tests.responders.world import DRAFT, World

MINE = "Hello Mara, this is how I would say it."


async def offered(world: World) -> list[str]:
    """What the page of the case offers to take back."""
    async with world.db.read() as session:
        view = await case_view(session, [world.brand_id], world.case_id)
    assert view is not None
    return [reply.text for reply in view.former]


async def another(world: World, **values: Any) -> Done:
    """A draft, and a second one in its place that is written too."""
    await world.drafted()
    done = await world.act("redraft", **values)
    await world.run("draft")
    return done


async def typed(world: World, text: str = MINE) -> Typed:
    return Typed(world.reply_id, (await world.reply()).version, text)


async def undone(world: World, done: Done) -> Done:
    assert done.undo is not None
    return await world.act(done.undo.action, done.undo.row_id, **done.undo.values)


async def test_the_undo_of_another_draft_brings_the_former_text_back_edits_included(world: World) -> None:
    await world.drafted()
    done = await world.act("redraft", typed=await typed(world))
    assert await offered(world) == [MINE], "also while the new one is being written"
    back = await undone(world, done)
    assert (back.reply_id, (await world.reply()).status, (await world.reply()).text) == (
        world.reply_id, "drafted", MINE,
    )  # fmt: skip
    assert await world.run("draft") == 0, "the one that was asked for is not written any more"


async def test_two_drafts_take_turns_and_what_was_typed_stays_with_its_own(world: World) -> None:
    second = await another(world)
    assert second.reply_id is not None
    held = await world.reply(second.reply_id)
    done = await world.act("restore", typed=Typed(held.id, held.version, MINE))
    assert ((await world.reply()).text, await offered(world)) == (DRAFT, [MINE])
    await undone(world, done)
    assert ((await world.reply(held.id)).text, await offered(world)) == (MINE, [DRAFT])


async def test_what_comes_back_needs_a_new_yes_and_passes_the_contract_again(world: World) -> None:
    await world.approved()
    done = await world.act("redraft")
    await undone(world, done)
    assert (await world.approvals())[0].voided_at is not None
    assert await world.run("send") == 0
    with pytest.raises(BadInput):
        await world.approve("Hello [NAME]")
    await world.approve()
    assert (await world.reply()).status == "approved"


@pytest.mark.parametrize("kind", ["answer", "holding"])
async def test_another_draft_is_of_the_kind_of_the_one_it_replaces(world: World, kind: str) -> None:
    await another(world, kind=kind)
    done = await world.act("redraft")
    assert (await world.reply(done.reply_id)).kind == kind


async def test_an_answer_that_gave_way_to_a_holding_reply_comes_back_as_an_answer(world: World) -> None:
    await undone(world, await another(world, kind="holding"))
    assert ((await world.reply()).status, (await world.reply()).kind) == ("drafted", "answer")


async def test_what_was_typed_over_another_draft_or_version_stops_it(world: World) -> None:
    shown = await typed(world)
    second = await another(world)
    with pytest.raises(Moved):
        await world.act("redraft", typed=shown)
    with pytest.raises(Moved):
        await world.act("redraft", typed=Typed(second.reply_id or 0, 0, MINE))
    assert (await world.reply(second.reply_id)).text == DRAFT
    await world.act("redraft", typed=Typed(second.reply_id or 0, 0, "  "))
    assert await offered(world) == [DRAFT, DRAFT], "an emptied editor takes nothing away"


async def test_nothing_comes_back_once_the_thread_moved_on(world: World) -> None:
    done = await another(world)
    async with world.db.write() as session:
        assert await stale_replies(session, [world.case_id], world.now) == [(world.case_id, world.mention_id)]
    assert await offered(world) == []
    with pytest.raises(Moved):
        await undone(world, done)


async def test_a_draft_that_gave_way_asks_for_no_new_one_when_the_thread_moves_on(world: World) -> None:
    second = await another(world)
    await world.act("reject", second.reply_id, reason="no", version=(await world.reply(second.reply_id)).version)
    async with world.db.write() as session:
        assert await stale_replies(session, [world.case_id], world.now) == []
    assert (await world.reply()).status == "stale"


async def test_words_that_quote_a_removed_post_do_not_come_back(world: World) -> None:
    done = await another(world)
    async with world.db.write() as session:
        order = Order(world.brand_id, "parley", "the author removed it", "system:listener", world.now)
        assert (await purge(session, order, table(MentionRow).c.id == world.mention_id)).posts == 1
    assert [(row.status, row.text) for row in await world.rows(Reply)][:1] == [("stale", "")]
    assert await offered(world) == []
    with pytest.raises(Moved):
        await undone(world, done)


async def test_after_an_answer_left_no_former_draft_comes_back(world: World) -> None:
    second = await another(world)
    assert second.reply_id is not None
    await world.publishing(True)
    await world.approve(MINE, second.reply_id)
    world.clock.move(21)
    await world.run("send")
    assert (await world.reply(second.reply_id)).status == "sent"
    assert ((await world.reply()).status, await offered(world)) == ("stale", [])
