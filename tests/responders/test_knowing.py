"""What is known while drafting: what colleagues noted, what comes by itself, articles that fit, cases alike."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from domain.errors import BadInput, Moved, NotAllowed
from domain.ids import ids
from responders import article_actions, fact_actions, knowing
from responders.done import Done
from responders.drafting import facts_for
from storage import problems, transitions
from storage.articles import Words
from storage.replies import Gathered, change
from storage.tables import Case, Clue, KnownFact, MentionRow, Problem, Reply, Told, Transition
from tests.responders.world import World

TWICE = "You charged my card twice for one ticket, I want my money back"


async def act(world: World, action: Any, row_id: int, **values: Any) -> Done:
    async with world.db.write() as session:
        done: Done = await action(session, world.admin, row_id, now=world.now, parts=world.parts, **values)
        return done


async def know(world: World, key: str, value: str, **more: Any) -> Done:
    return await act(world, fact_actions.know, world.case_id, key=key, value=value, **more)


async def article(world: World, title: str, text: str, lang: str = "en", market: str = "", live: bool = True) -> int:
    done = await act(world, article_actions.add, world.brand_id, words=Words(title, text, lang, market))
    assert done.article_id is not None
    if live:
        await act(world, article_actions.move, done.article_id, status="live")
    return done.article_id


async def says(world: World, text: str, lang: str = "en") -> None:
    """The author's post says this."""
    async with world.db.write() as session:
        await change(session, MentionRow, world.mention_id, text=text, lang=lang)


async def given(world: World) -> Gathered:
    async with world.db.read() as session:
        case, reply = await session.get_one(Case, world.case_id), await session.get_one(Reply, world.reply_id)
        return await knowing.gather(session, case, reply, world.now)


async def other_case(world: World, text: str, *, author: str = "ivo", days: int = 3, answer: str = "") -> int:
    """An older case, answered and resolved where there is an answer."""
    case_id, mention_id, reply_id = ids.many(3, world.now - timedelta(days=days))
    then = world.now - timedelta(days=days)
    async with world.db.write() as session:
        case = (await session.get_one(Case, world.case_id)).model_dump()
        mention = (await session.get_one(MentionRow, world.mention_id)).model_dump()
        name = f"p{case_id}"
        session.add(Case(**case | {"id": case_id, "thread_id": name, "author_id": author, "opened_at": then}))
        await session.flush()
        of_case = {"id": mention_id, "case_id": case_id, "external_id": name, "thread_id": name, "author_id": author}
        session.add(MentionRow(**mention | of_case | {"text": text, "lang": "en"}))
        await session.flush()
        if answer:
            session.add(
                Reply(id=reply_id, brand_id=world.brand_id, case_id=case_id, mention_id=mention_id,
                      channel=case["channel"], status="sent", text=answer, created_at=then)
            )  # fmt: skip
            await session.flush()
            await knowing.remember(session, await session.get_one(Case, case_id))
            await resolve(session, world, case_id)
    return case_id


async def resolve(session: Any, world: World, case_id: int) -> None:
    await transitions.move(
        session, "case", case_id, "open", "resolved", brand_id=world.brand_id, actor="user:1", now=world.now
    )


async def alike(world: World) -> list[int]:
    async with world.db.read() as session:
        case, mention = await session.get_one(Case, world.case_id), await session.get_one(MentionRow, world.mention_id)
        return [each.case.id for each in (await knowing.found_for(session, case, mention))[1]]


async def test_what_is_noted_reaches_a_draft_and_what_is_private_does_not(world: World) -> None:
    await know(world, "Order Number", "A-1234")
    await know(world, "crm_phone", "+1 555 0100")
    await know(world, "next", "we write again with the result", due_on=date(2026, 3, 4))
    found = await given(world)
    facts = facts_for(found)
    assert facts.known == {
        "agent": "Norda", "order_number": "A-1234", "next": "we write again with the result", "next_by": "2026-03-04",
    }  # fmt: skip
    assert facts_for(found, private=True).private == {"crm_phone": "+1 555 0100"}


async def test_a_later_value_replaces_and_taking_back_lets_the_earlier_count_again(world: World) -> None:
    await know(world, "done", "refund sent")
    second = await know(world, "done", "refund sent on Monday")
    assert (await given(world)).known == {"done": "refund sent on Monday"}
    assert second.undo is not None
    await act(world, fact_actions.forget, world.case_id, **second.undo.values)
    assert (await given(world)).known == {"done": "refund sent"}
    await act(world, fact_actions.remember, world.case_id, **second.undo.values)
    assert (await given(world)).known == {"done": "refund sent on Monday"}
    assert (await know(world, "done", "refund sent on Monday")).undo is None
    async with world.db.read() as session:
        steps = list(
            await session.exec(select(Transition).where(Transition.noun == "fact").order_by(col(Transition.id)))
        )
    assert [(step.old, step.new) for step in steps] == [
        ("standing", "replaced"), ("standing", "taken_back"), ("replaced", "standing"), ("standing", "replaced"),
        ("taken_back", "standing"),
    ]  # fmt: skip
    assert not any("refund" in f"{step.why}{step.old}{step.new}" for step in steps)


async def test_what_was_taken_back_does_not_stand_again_by_another_undo(world: World) -> None:
    first, second = await know(world, "done", "refund sent"), await know(world, "done", "refund sent on Monday")
    assert first.undo is not None
    assert second.undo is not None
    await act(world, fact_actions.forget, world.case_id, **second.undo.values)
    await act(world, fact_actions.forget, world.case_id, **first.undo.values)
    await act(world, fact_actions.remember, world.case_id, **second.undo.values)
    await act(world, fact_actions.forget, world.case_id, **second.undo.values)
    assert (await given(world)).known == {}


async def test_what_is_next_has_an_owner_and_nothing_else_has(world: World) -> None:
    await know(world, "next", "we call back")
    [row] = await world.rows(KnownFact)
    assert row.owner_id == world.admin.id
    with pytest.raises(BadInput, match="only what is to be done next"):
        await know(world, "done", "refunded", due_on=date(2026, 3, 4))
    with pytest.raises(BadInput, match="owner: choose a colleague"):
        await know(world, "next", "we call back", owner_id=world.stranger.id)
    for key, value in (("1st", "x"), ("ключ", "x"), ("done", " "), ("done", "x" * 501)):
        with pytest.raises(BadInput):
            await know(world, key, value)


async def test_who_only_looks_notes_nothing_and_a_stale_page_is_told(world: World) -> None:
    async with world.db.write() as session:
        with pytest.raises(NotAllowed):
            await fact_actions.know(
                session, world.viewer, world.case_id, key="done", value="x", now=world.now, parts=world.parts
            )
    done = await know(world, "done", "refunded")
    assert done.undo is not None
    with pytest.raises(Moved):
        await act(world, fact_actions.remember, world.case_id, **done.undo.values)


async def test_who_answers_and_earlier_cases_come_by_themselves(world: World) -> None:
    await other_case(world, "the heating is broken", author="mara-1")
    async with world.db.write() as session:
        await change(session, Case, world.case_id, assignee_id=world.agent.id, author_id="mara-1")
    assert (await given(world)).known == {"agent": "Agent", "earlier_cases": "1, the last on 2026-02-27"}
    await know(world, "agent", "Vera")
    assert (await given(world)).known["agent"] == "Vera"


async def test_an_outage_that_somebody_confirmed_counts_for_every_case_of_the_problem(world: World) -> None:
    other = await other_case(world, "the wifi is down", days=0)
    async with world.db.write() as session:
        problem_id = ids.next(world.now)
        named = {"cause": {"no internet": 2}, "lang": {"en": 2}}
        session.add(
            Problem(id=problem_id, brand_id=world.brand_id, root_id=problem_id, named=named, mentions=2,
                    title="Vendor broke it", first_at=world.now, last_at=world.now, created_at=world.now)
        )  # fmt: skip
        await session.flush()
        query = select(MentionRow.id)
        session.add_all([Told(mention_id=row_id, problem_id=problem_id) for row_id in await session.exec(query)])
        await session.flush()
        assert set(await problems.of_cases(session, [world.case_id, other])) == {world.case_id, other}
    known = (await given(world)).known
    assert "known_outage" not in known
    assert "Vendor" not in known["problem"]
    await act(world, fact_actions.know, other, key="known_outage", value="wifi on line 4 until noon")
    assert (await given(world)).known["known_outage"] == "wifi on line 4 until noon"


async def test_a_live_article_that_fits_is_found_in_the_language_of_the_reply_first(world: World) -> None:
    english = await article(world, "Charged twice", "A second charge is released by the bank within five days.")
    croatian = await article(world, "Dvaput naplaćeno", "Banka dvostruku naplatu vraća u roku od pet dana.", "hr")
    await article(world, "Charged twice, draft", "A second charge of the card is released later.", live=False)
    await article(world, "Charged twice in Hungary", "A second charge is released in ten days.", market="HU")
    await article(world, "Bicycles", "Reserve a bicycle space on the night train.")
    await says(world, TWICE)
    async with world.db.read() as session:
        case, mention = await session.get_one(Case, world.case_id), await session.get_one(MentionRow, world.mention_id)
        fitting, _ = await knowing.found_for(session, case, mention)
    assert [each.article.id for each in fitting] == [english, croatian]
    assert "double charge" in fitting[0].why
    await says(world, "Karta mi je dvaput naplaćena, vratite novac", "hr")
    assert [name for name, *_ in (await given(world)).knowledge] == ["dvaput-naplaceno", "charged-twice"]
    facts = facts_for(await given(world))
    assert facts.mention.startswith("Karta mi")
    assert facts.knowledge[0].text.startswith("Dvaput naplaćeno\nBanka")


async def test_other_words_or_another_status_change_what_is_found(world: World) -> None:
    row_id = await article(world, "Charged twice", "A second charge is released by the bank.")
    await says(world, TWICE)
    assert (await given(world)).knowledge
    words = Words("Bicycles", "Reserve a bicycle space on the night train.", "en")
    await act(world, article_actions.change, row_id, words=words, version=2)
    assert not (await given(world)).knowledge
    await act(world, article_actions.restore, row_id, number=1)
    assert (await given(world)).knowledge
    await act(world, article_actions.move, row_id, status="retired")
    assert not (await given(world)).knowledge
    assert await world_clues(world) == 0


async def world_clues(world: World) -> int:
    async with world.db.read() as session:
        return len(list(await session.exec(select(Clue))))


async def test_a_resolved_case_that_is_alike_is_found_and_none_that_is_open_or_unanswered(world: World) -> None:
    answered = await other_case(world, "My card was charged twice for the ticket", answer="We refunded one of them.")
    await other_case(world, "My card was charged twice as well")
    await other_case(world, "The coach smells of paint", answer="Sorry.")
    await says(world, TWICE)
    assert await alike(world) == [answered]
    async with world.db.write() as session:
        await transitions.move(
            session, "case", answered, "resolved", "open", brand_id=world.brand_id, actor="user:1", now=world.now
        )
    assert await alike(world) == []


async def test_an_answer_that_left_makes_its_case_findable(world: World) -> None:
    await says(world, TWICE)
    await world.approved()
    await world.run("send")
    assert await world_clues(world) > 0
    row = await world.case()
    assert row.status == "waiting"
    assert await alike(world) == [], "a case is not like itself"
