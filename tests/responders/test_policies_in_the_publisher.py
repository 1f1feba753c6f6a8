"""No reply leaves by API against a policy, whoever asks: the steps, a direct claim, a repeat. On both databases."""

from dataclasses import replace
from datetime import timedelta

import pytest

from channels.policies import Bound, Policies
from domain.errors import Moved, NotAllowed, OutcomeUnknown
from domain.ids import ids
from responders import policy, publishing
from responders.parts import Limits
from storage import opt_outs
from storage.tables import AccountRow, MentionRow, Reply, Transition
from tests.fakes import CHANNEL, Answer
from tests.responders.conftest import Furnish
from tests.responders.world import World, with_parts


def policies(world: World, **values: object) -> None:
    """Give the network these rules."""
    manifest = replace(world.parts.channels[CHANNEL], policies=Policies(**values))  # type: ignore[arg-type]
    with_parts(world, channels={CHANNEL: manifest})


async def label(world: World, labelled: bool | None) -> None:
    async with world.db.write() as session:
        account = await session.get_one(AccountRow, world.account_id)
        account.labelled = labelled
        session.add(account)


async def wish(world: World, said: str = "stop") -> None:
    async with world.db.write() as session:
        mention = await session.get_one(MentionRow, world.mention_id)
        await opt_outs.note(session, mention, said, actor="system:listener", now=world.now)


async def another(world: World, *, kind: str = "answer", way: str = "api") -> int:
    """One more request for a reply to the same post, drafted."""
    reply_id = ids.next(world.now)
    async with world.db.write() as session:
        session.add(
            Reply(
                id=reply_id, brand_id=world.brand_id, case_id=world.case_id, mention_id=world.mention_id, way=way,
                channel=CHANNEL, kind=kind, due_at=world.now, created_at=world.now,
            )
        )  # fmt: skip
    await world.run("draft")
    return reply_id


async def break_opt_out(world: World) -> None:
    await world.approved()
    await wish(world)


async def break_bot_label(world: World) -> None:
    policies(world, bot_label="their rules for automation")
    await label(world, True)
    await world.approved()
    await label(world, False)


async def break_reply_window(world: World) -> None:
    policies(world, reply_window_s=Bound(30, "their terms"))
    await world.approved()
    world.clock.move(15)


async def break_per_post(world: World) -> None:
    """Two approved replies to one post, as two people at the same moment could have made them."""
    await world.drafted()
    await world.publishing(True)
    second = await another(world)
    await world.approve()
    await world.approve("Hello Mara, once more.", second)
    world.clock.move(21)
    await world.steps["send"].handle(second, world.now)
    assert len(world.network.posts) == 1


async def break_per_day(world: World) -> None:
    policies(world, per_day=Bound(1, "their limits"), per_post=Bound(9, "ours"))
    await break_per_post(world)


BREAKS = {
    "opt_out": break_opt_out,
    "bot_label": break_bot_label,
    "reply_window": break_reply_window,
    "per_post": break_per_post,
    "per_day": break_per_day,
}


def test_every_rule_is_tried() -> None:
    assert list(BREAKS) == [rule.__name__ for rule in policy.RULES]


@pytest.mark.parametrize("name", BREAKS)
async def test_an_approved_reply_that_a_policy_forbids_by_now_does_not_leave(world: World, name: str) -> None:
    await BREAKS[name](world)
    before = len(world.network.requests)
    await world.run("send")
    reply = await world.reply()
    assert len(world.network.requests) == before
    if name == "per_day":
        assert (reply.status, reply.error[:9]) == ("approved", "waiting: ")
    else:
        assert (reply.status, reply.error[:10]) == ("drafted", "not sent: ")
        assert reply.body == ""


@pytest.mark.parametrize("name", BREAKS)
async def test_a_direct_claim_meets_the_same_policies(world: World, name: str) -> None:
    await BREAKS[name](world)
    async with world.db.write() as session:
        assert await publishing.claim(session, world.reply_id, world.now, world.parts) is None


@pytest.mark.parametrize("name", BREAKS)
async def test_a_policy_that_is_lost_would_let_it_leave(
    world: World, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted fault: this suite would notice."""
    await BREAKS[name](world)
    monkeypatch.setattr(policy, "RULES", tuple(rule for rule in policy.RULES if rule.__name__ != name))
    before = len(world.network.requests)
    await world.run("send")
    assert len(world.network.requests) == before + 1


async def test_the_repeat_of_an_unknown_sending_is_held_against_the_policies_too(build: Furnish) -> None:
    world = await build(proof="record")
    world.network.hidden = True
    await world.approved()
    world.network.answers.append(Answer(error=OutcomeUnknown("reset")))
    await world.run("send")
    await wish(world)
    for _ in range(3):
        world.clock.move(61)
        await world.run("settle")
    reply = await world.reply()
    assert (reply.status, reply.due_at, len(world.network.requests)) == ("unknown", None, 1)
    assert "leave them alone" in reply.error


@pytest.mark.parametrize("outcome", ["sent", "unknown", "sending"])
async def test_what_may_be_public_counts_as_the_one_reply(world: World, outcome: str) -> None:
    await world.approved()
    await world.tamper(f"UPDATE reply SET status = '{outcome}', due_at = NULL WHERE id = {world.reply_id}")
    second = await world.reply(await another(world))
    assert (second.way, second.way_reason) == (
        "manual",
        "this post has our reply by API already, and no more may follow (ours)",
    )


async def test_a_reply_posted_by_hand_or_refused_leaves_room_for_one_by_api(world: World) -> None:
    await world.drafted()
    await world.tamper(f"UPDATE reply SET status = 'sent', way = 'manual' WHERE id = {world.reply_id}")
    assert (await world.reply(await another(world))).way == "api"
    await world.tamper("UPDATE reply SET status = 'rejected', way = 'api'")
    assert (await world.reply(await another(world))).way == "api"


async def test_a_holding_reply_stands_beside_the_answer_unless_the_network_counts_it(world: World) -> None:
    await world.approved()
    await world.tamper(f"UPDATE reply SET kind = 'holding', status = 'sent' WHERE id = {world.reply_id}")
    assert (await world.reply(await another(world))).way == "api"
    await world.tamper(f"UPDATE reply SET status = 'rejected' WHERE id <> {world.reply_id}")
    policies(world, holding_counts=True)
    assert (await world.reply(await another(world))).way == "manual"


async def test_the_reason_is_there_before_anyone_drafts_and_approval_hands_the_text_over(world: World) -> None:
    await wish(world)
    reply = await world.drafted()
    assert reply.way == "manual"
    assert "“stop”" in reply.way_reason
    assert (await world.approve()).status == "handed_over"


async def test_a_reply_over_the_bound_of_a_day_waits_and_leaves_when_its_turn_comes(world: World) -> None:
    with_parts(world, limits=Limits(per_day=1))
    policies(world, per_post=Bound(9, "ours"))
    await break_per_post(world)
    first_left = world.now
    await world.run("send")
    waiting = await world.reply()
    assert (waiting.status, waiting.due_at) == ("approved", first_left + timedelta(hours=24) - timedelta(seconds=21))
    assert "1 replies left this account" in waiting.error


async def test_who_waits_longer_than_the_approval_is_good_for_is_in_front_of_a_person_again(world: World) -> None:
    with_parts(world, limits=Limits(per_day=1))
    policies(world, per_post=Bound(9, "ours"))
    await break_per_post(world)
    await world.run("send")
    world.clock.move(86_400)
    await world.run("send")
    reply = await world.reply()
    assert (reply.status, len(world.network.posts)) == ("drafted", 1)
    await world.approve()
    world.clock.move(21)
    await world.run("send")
    assert ((await world.reply()).status, len(world.network.posts)) == ("sent", 2)


async def test_attempts_that_certainly_sent_nothing_do_not_count_for_the_day(world: World) -> None:
    from domain.errors import Unreachable

    with_parts(world, limits=Limits(per_day=1))
    await world.approved()
    world.network.answers.extend([Answer(applied=False, error=Unreachable("no route"))] * 2)
    for _ in range(3):
        await world.run("send")
        world.clock.move(120)
    assert (await world.reply()).status == "sent"


async def test_a_person_notes_the_wish_and_only_with_the_role_it_is_lifted_with_a_reason(world: World) -> None:
    await world.approved()
    await world.act("leave_alone", world.case_id, why="said so on the phone")
    await world.run("send")
    assert (await world.reply()).status == "drafted"
    with pytest.raises(NotAllowed):
        await world.act("lift_opt_out", world.case_id, why="they asked again")
    with pytest.raises(Exception, match="say why"):
        await world.act("lift_opt_out", world.case_id, who=world.admin, why=" ")
    await world.act("lift_opt_out", world.case_id, who=world.admin, why="they asked again")
    with pytest.raises(Moved):
        await world.act("lift_opt_out", world.case_id, who=world.admin, why="twice")
    steps = [step for step in await world.rows(Transition) if step.noun == "opt_out"]
    assert [(step.old, step.new, step.actor, step.why) for step in steps] == [
        ("standing", "lifted", world.admin.actor, "they asked again")
    ]
    await world.approve()
    world.clock.move(21)
    await world.run("send")
    assert (await world.reply()).status == "sent"


async def test_the_wish_holds_for_this_author_on_this_channel_and_for_nobody_else(world: World) -> None:
    await wish(world)
    await world.tamper(f"UPDATE mention SET author_handle = 'ivo' WHERE id = {world.mention_id}")
    assert (await world.drafted()).way == "api"
    await world.tamper(f"UPDATE mention SET author_handle = 'MARA' WHERE id = {world.mention_id}")
    await world.tamper("UPDATE reply SET status = 'stale'")
    assert (await world.reply(await another(world))).way == "manual"
