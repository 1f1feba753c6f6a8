"""One resolution, many who wait: each a draft of their own, once; late comers too; withdrawn, unsent drafts go back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from domain.errors import BadInput, Missing, Moved, NotAllowed
from domain.ids import ids
from responders import knowing, problem_actions, telling
from responders import resolution_actions as actions
from responders.done import Done
from storage import replies, resolutions
from storage.erasure import author, erase
from storage.resolutions import Line
from storage.tables import Case, MentionRow, OptOut, Problem, Reply, Told, Transition
from storage.tables_many import Notice, Resolution
from tests.responders.world import DRAFT, START, World, asked_behind

DONE = {"en": "the heating of coach 4 has been repaired", "hr": "grijanje u vagonu 4 je popravljeno"}
WRONG = {"en": "a fuse of the heating had blown in the night"}


async def post(world: World, name: str, text: str = "coach 4 is cold", *, case: bool = True, **values: Any) -> int:
    """One more who tells of it, with a case of theirs, or (never tagged us) without one."""
    row_id, case_id = ids.many(2, world.now)
    async with world.db.write() as session:
        first = await session.get_one(MentionRow, world.mention_id)
        given: dict[str, Any] = {"brand_id": world.brand_id, "channel": first.channel, "thread_id": name, "lang": "en"}
        given |= {"author_handle": name, "author_id": name, "posted_at": world.now}
        moments: dict[str, Any] = {"opened_at": world.now, "last_mention_at": world.now}
        if case:
            session.add(Case(id=case_id, last_mention_id=row_id, **given, **moments))
            await session.flush()
        own = {"id": row_id, "external_id": name, "text": text, "case_id": case_id if case else None}
        session.add(MentionRow(**first.model_dump() | given | own | values))
        await session.flush()
        problem = (await session.exec(select(Problem))).first()
        session.add(Told(mention_id=row_id, problem_id=problem.id if problem else 0))
    return case_id if case else row_id


@pytest.fixture
async def cold(world: World) -> World:
    """A problem of three: a case, a second one, and one who never tagged us."""
    async with world.db.write() as session:
        row_id = ids.next(START)
        session.add(
            Problem(
                id=row_id, brand_id=world.brand_id, root_id=row_id, named={}, mentions=3, first_at=START, last_at=START,
                created_at=START,
            )
        )  # fmt: skip
        await session.flush()
        session.add(Told(mention_id=world.mention_id, problem_id=row_id))
        (await session.get_one(MentionRow, world.mention_id)).status = "kept"
    await post(world, "ines")
    await post(world, "luka", case=False)
    return world


async def problem_id(world: World) -> int:
    return int((await world.rows(Problem))[0].id)


async def do(world: World, action: Any, **values: Any) -> Done:
    async with world.db.write() as session:
        who = values.pop("who", world.agent)
        target = values.pop("target", None) or await problem_id(world)
        done: Done = await action(session, who, target, now=world.now, parts=world.parts, **values)
        return done


async def tell(world: World, **values: Any) -> Done:
    return await do(world, actions.tell, **({"done": DONE, "wrong": WRONG} | values))


async def lines(world: World) -> list[Line]:
    async with world.db.read() as session:
        row = await resolutions.latest(session, await problem_id(world))
        assert row is not None
        return await resolutions.lines(session, row)


async def states(world: World) -> dict[str, str]:
    return {line.mention.author_handle: line.state for line in await lines(world)}


async def looked(world: World) -> None:
    """A look at who waits, and their drafts."""
    world.clock.move(61)
    await world.run("tell")
    await world.run("draft")


async def test_each_who_waits_gets_a_draft_of_their_own_also_who_never_tagged_us(cold: World) -> None:
    await tell(cold)
    await looked(cold)
    assert await states(cold) == {"mara": "ready", "ines": "ready", "luka": "ready"}
    drafted = [row for row in await cold.rows(Reply) if row.status == "drafted"]
    assert len({row.case_id for row in drafted}) == 3
    assert [row.status for row in await cold.rows(Reply) if row.case_id == cold.case_id] == ["stale", "drafted"]
    [opened] = [line for line in await lines(cold) if line.notice.opened]
    assert opened.mention.author_handle == "luka"
    assert opened.case is not None
    assert opened.case.next_due_at is None
    assert opened.mention.case_id == opened.case.id


async def test_nothing_leaves_without_an_approval_and_who_got_it_was_told(cold: World) -> None:
    await tell(cold)
    await looked(cold)
    await cold.publishing(True)
    assert not await cold.attempts()
    [mara] = [line for line in await lines(cold) if line.mention.author_handle == "mara"]
    assert mara.reply is not None
    await cold.approve(reply_id=mara.reply.id)
    cold.clock.move(21)
    await cold.run("send")
    assert len(await cold.attempts()) == 1
    assert (await states(cold))["mara"] == "told"


async def test_pressed_twice_is_once(cold: World) -> None:
    await tell(cold)
    await looked(cold)
    before = [(row.id, row.status) for row in await cold.rows(Reply)]
    assert "already" in (await tell(cold)).said
    await looked(cold)
    await cold.steps["tell"].handle((await cold.rows(Resolution))[0].id, cold.now)
    assert [(row.id, row.status) for row in await cold.rows(Reply)] == before
    assert len(await cold.rows(Resolution)) == 1
    assert len(await cold.rows(Notice)) == 3


async def test_who_comes_late_gets_a_draft_while_it_stands(cold: World) -> None:
    await tell(cold)
    await looked(cold)
    await post(cold, "petra", posted_at=START)  # written before it was mended, heard after
    await looked(cold)
    assert (await states(cold))["petra"] == "ready"
    await do(cold, actions.withdraw)
    await post(cold, "dora", posted_at=START)
    cold.clock.move(3600)
    assert await cold.run("tell") == 0


async def test_a_few_at_a_time(cold: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "AT_ONCE", 2)
    await tell(cold)
    await cold.run("tell")
    assert len(await cold.rows(Notice)) == 2
    assert await cold.run("tell") == 0
    cold.clock.move(61)
    await cold.run("tell")
    assert len(await cold.rows(Notice)) == 3


async def test_who_cannot_be_told_stands_there_with_the_reason(cold: World) -> None:
    async with cold.db.write() as session:
        ines = (await session.exec(select(MentionRow).where(MentionRow.author_handle == "ines"))).one()
        session.add(
            OptOut(
                id=ids.next(START), brand_id=cold.brand_id, channel=ines.channel, author_hash=_hash(ines), said="stop",
                mention_id=ines.id, actor="user:1", created_at=START,
            )
        )  # fmt: skip
    await post(cold, "bence", "hideg a kocsi", lang="hu")
    await tell(cold)
    await looked(cold)
    why = {line.mention.author_handle: line.notice.why for line in await lines(cold)}
    assert why["ines"] == "they want to be left alone"
    assert why["bence"].endswith("language: hu")
    await tell(cold, done=DONE | {"hu": "a négyes kocsi fűtését megjavítottuk az éjjel"})
    await looked(cold)
    found = await states(cold)
    assert (found["bence"], found["ines"]) == ("ready", "cannot")


def _hash(mention: MentionRow) -> str:
    from domain.opt_out import author_hash

    return author_hash(mention.channel, mention.author_id, mention.author_handle)


async def test_withdrawn_it_takes_back_what_was_not_sent_and_who_is_owed_an_answer_gets_another_draft(
    cold: World,
) -> None:
    await tell(cold)
    await looked(cold)
    await cold.publishing(True)
    rows = {line.mention.author_handle: line.reply for line in await lines(cold)}
    assert rows["mara"] is not None
    assert rows["ines"] is not None
    await cold.approve(reply_id=rows["mara"].id)
    cold.clock.move(21)
    await cold.run("send")
    await cold.approve(reply_id=rows["ines"].id)
    await do(cold, actions.withdraw)
    now = {row.id: row.status for row in await cold.rows(Reply)}
    assert (now[rows["mara"].id], now[rows["ines"].id]) == ("sent", "stale")
    cold.clock.move(21)
    assert await cold.run("send") == 0
    fresh = [row for row in await cold.rows(Reply) if row.status == "requested"]
    assert {row.case_id for row in fresh} == {rows["ines"].case_id}, "whom we asked unasked gets no other draft"
    with pytest.raises(Moved):
        await do(cold, actions.withdraw)


async def test_a_draft_knows_what_was_done_in_its_language_while_it_stands(cold: World) -> None:
    async with cold.db.write() as session:
        (await session.get_one(MentionRow, cold.mention_id)).posted_at = START - timedelta(hours=2)
    await tell(cold, since=START - timedelta(hours=1))

    async def known(lang: str) -> dict[str, str]:
        async with cold.db.read() as session:
            return await knowing.known_of(session, await session.get_one(Case, cold.case_id), lang, now=cold.now)

    assert (await known("en"))["done"] == f"{DONE['en']} (2 March, 8:00)".replace("8:00", "08:00")
    assert (await known("en"))["cause"] == WRONG["en"]
    assert (await known("hr"))["done"].startswith(f"{DONE['hr']} (2. ožujka")
    assert "cause" not in await known("hr")
    await do(cold, actions.withdraw)
    assert "done" not in await known("en")


async def test_an_answer_on_its_way_is_let_go_and_its_author_told_after_it(cold: World) -> None:
    await cold.drafted()
    await cold.publishing(True)
    await cold.approve()
    await tell(cold)
    await cold.run("tell")
    assert "mara" not in await states(cold)
    assert (await cold.reply()).status == "approved"
    cold.clock.move(61)
    await cold.run("send")
    await looked(cold)
    assert (await states(cold))["mara"] == "ready"


async def test_what_a_person_typed_does_not_give_way(cold: World) -> None:
    await cold.drafted()
    typed = "Hello Mara, I have just spoken to the depot."
    await cold.act("edit", text=typed, version=(await cold.reply()).version)
    await tell(cold)
    await looked(cold)
    assert "mara" not in await states(cold)
    assert ((await cold.reply()).status, (await cold.reply()).text) == ("drafted", typed)


async def test_who_was_told_and_writes_again_is_shown_and_thanks_are_not(cold: World) -> None:
    await tell(cold)
    await looked(cold)
    await cold.publishing(True)
    for name, text in (("mara", "Thank you!"), ("ines", "No, coach 4 is still as cold as before")):
        [line] = [line for line in await lines(cold) if line.mention.author_handle == name]
        assert line.reply is not None
        await cold.approve(reply_id=line.reply.id)
        cold.clock.move(21)
        await cold.run("send")
        await _again(cold, line.reply.case_id, name, text)
    back = {line.mention.author_handle: line.back.text for line in await lines(cold) if line.back}
    assert back == {"ines": "No, coach 4 is still as cold as before"}


async def _again(world: World, case_id: int, name: str, text: str) -> None:
    world.clock.move(600)
    async with world.db.write() as session:
        first = (await session.exec(select(MentionRow).where(MentionRow.case_id == case_id))).first()
        assert first is not None
        own = {"id": ids.next(world.now), "external_id": f"{name}-2", "text": text, "posted_at": world.now}
        session.add(MentionRow(**first.model_dump() | own))


async def test_drafts_keep_apart_from_those_that_others_are_to_get(cold: World) -> None:
    async def kept_apart_from() -> tuple[str, ...]:
        async with cold.db.write() as session:
            return await replies.waiting(session, await cold.reply(), cold.now)

    assert not await kept_apart_from()
    await tell(cold)
    await looked(cold)
    assert await kept_apart_from() == (DRAFT, DRAFT)


async def test_changed_words_are_told_anew_where_nothing_was_sent(cold: World) -> None:
    await tell(cold)
    await looked(cold)
    await tell(cold, done={"en": "coach 4 has been taken out of the train"})
    await looked(cold)
    assert await states(cold) == {"mara": "ready", "ines": "ready", "luka": "ready"}
    assert {line.reply.created_at for line in await lines(cold) if line.reply} == {cold.now}
    assert len(await cold.rows(Resolution)) == 1


async def test_who_reads_a_language_that_is_dropped_keeps_a_draft_and_the_desk_says_who(cold: World) -> None:
    case_id = await post(cold, "petra", "vagon 4 je hladan, zašto nitko ne grije?", lang="hr")
    await post(cold, "karlo", "vagon 4 je hladan", lang="hr", case=False)
    await tell(cold)
    await looked(cold)
    done = await tell(cold, done={"en": DONE["en"]})
    assert done.said.endswith("2 of them read hr, in which it is not written now: see who below")
    await looked(cold)
    found = await states(cold)
    assert (found["ines"], found["petra"], found["karlo"]) == ("ready", "cannot", "cannot")
    drafts = [row for row in await cold.rows(Reply) if row.case_id == case_id]
    assert [row.status for row in drafts] == ["stale", "drafted"]
    await tell(cold)
    await looked(cold)
    assert (await states(cold))["petra"] == "ready"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"done": {}}, "at least one language"),
        ({"done": {"en": "x" * 121}}, "done_en: 121 characters"),
        ({"done": {"hr": "the heating has been repaired"}}, "done_hr: write a whole statement"),
        ({"done": {"xx": "the heating has been repaired"}}, "done_xx: choose one of"),
        ({"wrong": {"en": "Fuse"}}, "wrong_en: write a whole statement"),
        ({"since": START + timedelta(days=1)}, "a moment that has passed"),
    ],
)
async def test_bad_input_names_the_field(cold: World, values: dict[str, Any], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        await tell(cold, **values)
    assert not await cold.rows(Resolution)


async def test_only_who_answers_may_and_others_do_not_see_it(cold: World) -> None:
    with pytest.raises(NotAllowed):
        await tell(cold, who=cold.viewer)
    with pytest.raises(Missing):
        await tell(cold, who=cold.stranger)
    with pytest.raises(Moved):
        await do(cold, actions.withdraw)


async def test_a_part_is_told_where_it_is_part_of(cold: World) -> None:
    async with cold.db.write() as session:
        part = (await session.exec(select(Problem))).one()
        part.status = "merged"
    with pytest.raises(Moved, match="tell those who wait there"):
        await tell(cold)


async def test_words_that_quote_an_erased_author_go_and_so_do_the_drafts_that_say_them(cold: World) -> None:
    await post(cold, "nadia", "The lavender coach smelled of burnt rubber all the way", author_name="Nadia Fictova")
    await tell(
        cold, done=DONE | {"en": "the lavender coach smelled of rubber and has been cleaned"},
        wrong=WRONG | {"hr": "Nadia Fictova je javila da je osigurač pregorio"},
    )  # fmt: skip
    await looked(cold)
    [mara] = [line.reply for line in await lines(cold) if line.mention.author_handle == "mara"]
    assert mara is not None
    network = (await cold.rows(MentionRow))[0].channel
    await erase(cold.db, author(cold.brand_id, network, "nadia"), actor="user:1", now=cold.now)
    [row] = await cold.rows(Resolution)
    assert (row.status, row.done, row.wrong, row.version) == ("standing", {"hr": DONE["hr"]}, WRONG, 2)
    stale = await cold.reply(mara.id)
    assert (stale.status, stale.text) == ("stale", "")
    assert "system:cleaner" in {step.actor for step in await cold.rows(Transition) if step.noun == "resolution_words"}
    assert [r.status for r in await cold.rows(Reply) if r.case_id == cold.case_id and r.status == "requested"], "owed"
    await looked(cold)
    assert (await states(cold))["mara"] == "cannot"
    assert (
        await cold.reply(max(r.id for r in await cold.rows(Reply) if r.case_id == cold.case_id))
    ).status == "drafted"


async def test_erasing_somebody_whom_a_resolution_does_not_quote_leaves_it_alone(cold: World) -> None:
    await tell(cold)
    await looked(cold)
    network = (await cold.rows(MentionRow))[0].channel
    before = await states(cold)
    await erase(cold.db, author(cold.brand_id, network, "ines"), actor="user:1", now=cold.now)
    [row] = await cold.rows(Resolution)
    assert (row.done, row.wrong, row.version) == (DONE, WRONG, 1)
    assert (await states(cold))["mara"] == before["mara"] == "ready"


async def test_who_turns_out_to_tell_of_something_else_is_not_told_that_it_is_done(cold: World) -> None:
    await tell(cold)
    await looked(cold)
    rows = {line.mention.author_handle: line for line in await lines(cold)}
    mara, ines = rows["mara"].reply, rows["ines"].reply
    assert mara is not None
    assert ines is not None
    done = await do(cold, problem_actions.split, mention_ids=[rows["ines"].mention.id])
    now = {row.id: row.status for row in await cold.rows(Reply)}
    assert (now[mara.id], now[ines.id]) == ("drafted", "stale")
    [fresh] = [row for row in await cold.rows(Reply) if row.status == "requested" and row.case_id == ines.case_id]
    async with cold.db.read() as session:
        case = await session.get_one(Case, ines.case_id)
        assert "done" not in await knowing.known_of(session, case, "en", now=cold.now)
    assert done.problem_id is not None
    assert await cold.run("draft") >= 1
    assert (await cold.reply(fresh.id)).status == "drafted"
    await do(cold, problem_actions.merge, target=done.problem_id, into=(await cold.rows(Problem))[0].id)
    await looked(cold)
    again = {line.mention.author_handle: line.reply for line in await lines(cold)}["ines"]
    assert again is not None
    assert again.id not in (ines.id, fresh.id), "put back, they are told after all"
    await do(cold, problem_actions.unmerge, target=done.problem_id)
    assert (await cold.reply(again.id)).status == "stale"
    assert (await cold.reply(mara.id)).status == "drafted", "who still tells of it keeps their draft"


async def test_withdrawn_it_asks_for_no_draft_beside_a_reply_that_is_in_hand(cold: World) -> None:
    await tell(cold)
    await looked(cold)
    mara = (await states_of(cold))["mara"]
    await cold.act("hand_over", mara.id, text=DRAFT, version=mara.version)
    await asked_behind(cold)
    assert (await states(cold))["mara"] == "leaving"
    await do(cold, actions.withdraw)
    last = (await cold.rows(Reply))[-1]
    await cold.steps["draft"].handle(last.id, cold.now)
    theirs = [row for row in await cold.rows(Reply) if row.case_id == cold.case_id and row.status != "stale"]
    assert [(row.status, row.due_at) for row in theirs] == [("handed_over", None), ("requested", None)]
    await cold.act("mark_sent", mara.id, url="")
    await cold.run("draft")
    assert (await cold.reply(theirs[-1].id)).status == "drafted"


async def states_of(world: World) -> dict[str, Reply]:
    return {line.mention.author_handle: line.reply for line in await lines(world) if line.reply}


async def test_who_got_an_answer_waits_for_the_mending_however_quiet_they_are(cold: World) -> None:
    await cold.publishing(True)
    await cold.drafted()
    await cold.approve("Hello Mara, the depot knows of the cold coach.")
    cold.clock.move(21)
    await cold.run("send")
    cold.clock.move(6 * 86_400)
    assert await cold.run("follow_up") == 1
    assert (await cold.case()).status == "waiting", "the problem is not solved yet"
    cold.clock.move(31 * 86_400)
    await cold.run("follow_up")
    assert (await cold.case()).status == "resolved", "nobody has told of it for a month"
