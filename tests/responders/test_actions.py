"""What people do in the desk, on both databases."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import col

from domain.errors import BadInput, Missing, Moved, NotAllowed
from scoring.scorer import Scorer
from scoring.taught import TaughtScorer
from storage.replies import locked_case, stale_replies
from storage.tables import MentionRow, Note, Reply, Transition
from storage.transitions import history
from tests.responders.conftest import Furnish
from tests.responders.world import DRAFT, World, add_mention, furnish, with_parts


async def test_approve_freezes_the_bytes_and_opens_the_undo_window(world: World) -> None:
    await world.drafted()
    done = await world.approve()
    reply, approvals = await world.reply(), await world.approvals()
    assert (done.status, done.reply_id, done.version) == ("approved", reply.id, reply.version)
    assert done.undo is not None
    assert done.undo.action == "recall"
    assert done.undo.until == reply.due_at == world.now + timedelta(seconds=20)
    assert DRAFT in reply.body
    assert reply.send_key
    assert [(a.user_id, a.reply_id, a.voided_at) for a in approvals] == [(world.agent.id, reply.id, None)]
    assert ("send", reply.id, reply.due_at) in world.jobs.nudges
    async with world.db.read() as session:
        steps = await history(session, "reply", reply.id)
    assert [(s.old, s.new, s.actor) for s in steps] == [
        ("requested", "drafted", "system:drafter"),
        ("drafted", "approved", world.agent.actor),
    ]


async def test_approving_an_edited_text_keeps_what_was_drafted_first(world: World) -> None:
    await world.drafted()
    await world.approve("Hello Mara, sorry.\r\nYours, Norda ")
    reply = await world.reply()
    assert reply.text == "Hello Mara, sorry.\nYours, Norda"
    assert reply.first_text == DRAFT


async def test_a_second_click_is_answered_alike_and_gives_no_second_yes(world: World) -> None:
    version = (await world.drafted()).version
    first = await world.act("approve", text=DRAFT, version=version)
    second = await world.act("approve", text=DRAFT, version=version)
    assert (first.status, first.version) == (second.status, second.version)
    assert len(await world.approvals()) == 1


async def test_two_clicks_at_the_same_moment_give_one_approval(world: World) -> None:
    version = (await world.drafted()).version
    both = [world.act("approve", text=DRAFT, version=version) for _ in range(2)]
    done = await asyncio.gather(*both)
    assert [d.status for d in done] == ["approved", "approved"]
    assert len(await world.approvals()) == 1


async def test_two_tabs_the_edit_wins_or_the_approval_is_void(world: World) -> None:
    version = (await world.drafted()).version
    await world.act("edit", text="Another answer.", version=version)
    with pytest.raises(Moved):
        await world.act("approve", text=DRAFT, version=version)
    await world.approve("Another answer.")
    edited = await world.act("edit", text="Yet another.", version=(await world.reply()).version)
    assert edited.status == "drafted"
    assert (await world.approvals())[0].voided_at == world.now
    assert (await world.reply()).body == ""


async def test_a_page_gone_stale_is_refused(world: World) -> None:
    reply = await world.drafted()
    stale: dict[str, dict[str, Any]] = {"approve": {"text": DRAFT}, "edit": {"text": "x"}, "reject": {"reason": "x"}}
    for action, values in stale.items():
        with pytest.raises(Moved):
            await world.act(action, version=reply.version - 1, **values)


async def test_a_blocking_finding_stops_approval_and_is_quoted(world: World) -> None:
    await world.drafted()
    with pytest.raises(BadInput, match=r"\[NAME\]: fill it in"):
        await world.approve("Hello [NAME]")
    assert (await world.reply()).status == "drafted"
    assert await world.approvals() == []
    done = await world.approve("SORRY")
    assert [f.rule for f in done.findings] == ["shouting"]
    assert (await world.reply()).findings[0]["rule"] == "shouting"


async def test_recall_and_reject_can_be_taken_back(world: World) -> None:
    await world.drafted()
    await world.approve()
    assert (await world.act("recall")).status == "drafted"
    with pytest.raises(Moved):
        await world.act("recall")
    version = (await world.reply()).version
    with pytest.raises(BadInput, match="say why"):
        await world.act("reject", reason="  ", version=version)
    done = await world.act("reject", reason="wrong tone", version=version)
    assert done.undo is not None
    assert done.undo.action == "restore"
    assert (await world.act("restore")).status == "drafted"
    assert (await world.case()).status == "open"


async def test_roles_and_brands_are_asked_each_time(world: World) -> None:
    version = (await world.drafted()).version
    with pytest.raises(NotAllowed):
        await world.approve(who=world.viewer)
    with pytest.raises(Missing):
        await world.act("approve", text=DRAFT, version=version, who=world.stranger)
    with pytest.raises(Missing):
        await world.act("resolve", who=world.stranger)
    with pytest.raises(Missing):
        await world.act("recall", 12345)
    with pytest.raises(NotAllowed):
        await world.act("note", text="hello", who=world.viewer)


async def test_without_an_account_the_text_is_handed_over_and_marked_as_sent(build: Furnish) -> None:
    world = await build(with_account=False)
    reply = await world.drafted()
    assert (reply.way, reply.way_reason) == ("manual", "no account is connected")
    done = await world.approve()
    assert (done.status, done.copy, done.open_url) == ("handed_over", DRAFT, "https://parley.test/p1")
    again = await world.act("approve", text=DRAFT, version=reply.version)
    assert again.status == "handed_over"
    with pytest.raises(BadInput, match="https://"):
        await world.act("mark_sent", url="javascript:alert(1)")
    await world.act("mark_sent", url="https://parley.test/77")
    case, reply = await world.case(), await world.reply()
    assert (reply.status, reply.url, reply.due_at, case.status, case.next_due_at) == (
        "sent", "https://parley.test/77", None, "waiting", None,
    )  # fmt: skip
    assert world.network.requests == []


async def test_handing_over_instead_of_sending_and_taking_it_back(world: World) -> None:
    await world.drafted()
    await world.approve()
    version = (await world.reply()).version
    done = await world.act("hand_over", text=DRAFT, version=version)
    assert (done.status, done.copy) == ("handed_over", DRAFT)
    assert [a.voided_at is None for a in await world.approvals()] == [False, True]
    assert (await world.act("recall")).status == "drafted"
    await world.publishing(True)
    world.clock.move(60)
    assert await world.run("send") == 0


async def test_a_reply_by_hand_is_found_later_where_the_channel_can_read(world: World) -> None:
    await world.drafted()
    await world.act("hand_over", text=DRAFT, version=(await world.reply()).version)
    await world.act("mark_sent", resolve=True)
    assert (await world.case()).status == "resolved"
    world.network.posts.append({"parent": "p1", "text": DRAFT, "key": ""})
    world.clock.move(61)
    await world.run("settle")
    reply = await world.reply()
    assert (reply.status, reply.external_id, reply.url, reply.due_at) == (
        "sent", "0", "https://parley.test/0", None,
    )  # fmt: skip


async def test_a_locked_thread_cannot_be_answered(build: Furnish) -> None:
    world = await build(native={"locked": True})
    assert (await world.drafted()).way == "none"
    with pytest.raises(BadInput, match="locked"):
        await world.approve()


async def test_a_resolved_case_takes_its_approval_back(world: World) -> None:
    await world.approved()
    await world.act("resolve", why="solved by phone")
    assert ((await world.reply()).status, (await world.case()).status) == ("drafted", "resolved")
    with pytest.raises(Moved, match="reopen"):
        await world.approve()
    await world.act("reopen")
    case = await world.case()
    assert (case.status, case.next_due_at) == ("open", case.answer_due_at)
    await world.approve()


async def test_snooze_wakes_by_itself(world: World) -> None:
    until = world.now + timedelta(hours=1)
    for bad in (world.now, world.now + timedelta(days=365)):
        with pytest.raises(BadInput):
            await world.act("snooze", until=bad)
    done = await world.act("snooze", until=until)
    assert done.undo is not None
    assert done.undo.action == "wake"
    assert ("wake", world.case_id, until) in world.jobs.nudges
    assert await world.run("wake") == 0
    world.clock.move(3601)
    assert await world.run("wake") == 1
    assert (await world.case()).status == "open"


async def test_undo_of_a_wake_snoozes_again(world: World) -> None:
    until = world.now + timedelta(hours=1)
    await world.act("snooze", until=until)
    undo = (await world.act("wake")).undo
    assert undo is not None
    await world.act(undo.action, **undo.values)
    assert (await world.case()).snoozed_until == until


async def test_assign_escalate_note(world: World) -> None:
    version = (await world.case()).version
    done = await world.act("assign", user_id=world.admin.id, version=version)
    assert done.undo is not None
    assert done.undo.values == {"user_id": None}
    with pytest.raises(Moved):
        await world.act("assign", user_id=None, version=version)
    with pytest.raises(BadInput):
        await world.act("assign", user_id=world.stranger.id)
    with pytest.raises(BadInput):
        await world.act("escalate", why="")
    await world.act("escalate", why="press is asking")
    assert (await world.case()).status == "escalated"
    with pytest.raises(Moved):
        await world.act("escalate", why="again")
    await world.act("note", text="called her")
    assert [n.text for n in await world.rows(Note)] == ["called her"]
    kinds = [(t.noun, t.old, t.new) for t in await world.rows(Transition) if t.noun != "reply"]
    assert kinds == [("assignee", "", f"user:{world.admin.id}"), ("case", "open", "escalated")]


async def test_irrelevant_and_back(world: World) -> None:
    await world.drafted()
    done = await world.act("ignore", why="another Norda")
    assert done.undo is not None
    mention = (await world.rows(MentionRow))[0]
    assert ((await world.case()).status, mention.status, mention.version) == ("resolved", "ignored", 1)
    await world.act(done.undo.action)
    mention = (await world.rows(MentionRow))[0]
    assert ((await world.case()).status, mention.status) == ("open", "kept")
    with pytest.raises(Moved):
        await world.act("unignore")


async def test_redraft_replaces_what_was_there(world: World) -> None:
    await world.approved()
    done = await world.act("redraft")
    assert done.reply_id != world.reply_id
    assert (await world.reply()).status == "replaced"
    assert (await world.approvals())[0].voided_at is not None
    await world.run("draft")
    assert (await world.reply(done.reply_id)).status == "drafted"
    await world.act("redraft")
    assert [r.status for r in await world.rows(Reply)] == ["replaced", "replaced", "requested"]


async def test_a_new_mention_or_an_edit_makes_drafts_and_approvals_stale(world: World) -> None:
    await world.approved()
    await add_mention(world, "p2")
    async with world.db.write() as session:
        assert await stale_replies(session, [world.case_id], world.now) == [(world.case_id, world.mention_id)]
    assert (await world.reply()).status == "stale"
    assert (await world.approvals())[0].void_reason == "the thread moved on"
    assert await world.run("send") == 0
    async with world.db.write() as session:
        assert await stale_replies(session, [world.case_id], world.now) == []


async def test_the_undo_window_is_set_per_channel(world: World) -> None:
    with_parts(world, limits=replace(world.parts.limits, undo_by_channel={"parley": 500.0}))
    await world.drafted()
    await world.approve()
    assert (await world.reply()).due_at == world.now + timedelta(seconds=120)


@pytest.mark.postgres
async def test_a_correction_and_an_action_on_its_case_at_once_do_not_block_each_other(postgres_copy: str) -> None:
    world = await furnish(postgres_copy)

    async def taught(*_: Any) -> TaughtScorer:
        return TaughtScorer(Scorer(), {}, 0)

    with_parts(world, taught=taught)
    try:
        async with world.db.write() as session:
            await locked_case(session, world.case_id)  # an action on the case has begun
            said = asyncio.create_task(world.act("correct", world.mention_id, kind="sentiment", value="positive"))
            await asyncio.sleep(0.5)  # the correction waits for it and holds nothing
            await session.exec(update(MentionRow).where(col(MentionRow.id) == world.mention_id).values(shares=7))
        assert (await asyncio.wait_for(said, 10)).said.startswith("corrected: positive")
        async with world.db.read() as session:
            mention = await session.get_one(MentionRow, world.mention_id)
        assert (mention.label, mention.shares) == ("positive", 7)
    finally:
        await world.db.close()
