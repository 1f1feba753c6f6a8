"""Drafts are there before anyone opens the case; what breaks stops one row and is seen."""

import pytest

from domain.crashpoint import arm
from domain.errors import BadInput
from responders.parts import Composed
from storage.replies import Gathered, stale_replies
from storage.tables import Reply
from tests.responders.world import DRAFT, World, add_mention, with_parts


async def test_a_requested_reply_is_drafted_with_its_way_and_findings(world: World) -> None:
    seen: list[Gathered] = []

    async def compose(gathered: Gathered) -> Composed:
        seen.append(gathered)
        return Composed("Hello [NAME]\r\n", "lv")

    with_parts(world, compose=compose)
    await world.run("draft")
    reply = await world.reply()
    assert (reply.status, reply.text, reply.first_text, reply.lang) == ("drafted", "Hello [NAME]", "Hello [NAME]", "lv")
    assert (reply.way, reply.way_reason, reply.account_id) == ("api", "our account can answer here", world.account_id)
    assert reply.findings == [{"rule": "placeholder", "words": "[NAME]", "advice": "fill it in", "blocking": True}]
    assert reply.due_at is None
    assert [m.text for m in seen[0].thread] == ["coach 4 is cold"]
    assert (seen[0].brand.name, seen[0].recent) == ("Norda", ())


@pytest.mark.parametrize(
    ("raised", "said"),
    [
        (BadInput("the phrase pack lv is broken"), "the phrase pack lv is broken"),
        (ZeroDivisionError(), "no draft could be written: write the answer yourself"),
    ],
)
async def test_a_drafter_that_breaks_fails_this_draft_only(world: World, raised: Exception, said: str) -> None:
    async def compose(gathered: Gathered) -> Composed:
        raise raised

    with_parts(world, compose=compose)
    await world.run("draft")
    reply = await world.reply()
    assert (reply.status, reply.error, reply.due_at) == ("failed", said, None)
    done = await world.act("redraft")
    assert done.status == "requested"


async def test_an_empty_draft_is_no_draft(world: World) -> None:
    async def compose(gathered: Gathered) -> Composed:
        return Composed(" ", "en")

    with_parts(world, compose=compose)
    await world.run("draft")
    assert (await world.reply()).status == "failed"


async def test_a_draft_on_older_words_is_thrown_away(world: World) -> None:
    async def compose(gathered: Gathered) -> Composed:
        await add_mention(world, "p2")
        async with world.db.write() as session:
            await stale_replies(session, [world.case_id], world.now)
        return Composed(DRAFT, "en")

    with_parts(world, compose=compose)
    await world.run("draft")
    assert [r.status for r in await world.rows(Reply)] == ["stale"]


async def test_a_resolved_case_gets_no_draft_until_it_is_reopened(world: World) -> None:
    await world.act("resolve")
    await world.run("draft")
    assert await world.run("draft") == 0
    await world.act("reopen")
    await world.run("draft")
    assert (await world.reply()).status == "drafted"


@pytest.mark.parametrize(
    "point", ["draft.before_compose", "draft.after_compose", "draft.before_commit", "draft.after_commit"]
)
async def test_dying_while_drafting_never_leaves_half_a_draft(world: World, point: str) -> None:
    class Died(BaseException):
        pass

    def die(name: str) -> None:
        if name == point:
            raise Died

    arm(die)
    with pytest.raises(Died):
        await world.run("draft")
    arm(None)
    status = (await world.reply()).status
    assert status == ("drafted" if point == "draft.after_commit" else "requested")
    await world.run("draft")
    assert ((await world.reply()).text, (await world.reply()).status) == (DRAFT, "drafted")
