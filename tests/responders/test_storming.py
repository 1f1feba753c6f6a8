"""Storm mode: nothing of the problem leaves, the statement comes first, then cases are let go at a pace, or all."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import SQLModel, select

from domain.errors import BadInput, Missing, Moved, NotAllowed
from domain.reply import Finding
from responders import knowing
from responders import storm_actions as actions
from responders.brief import Brief
from responders.done import Done
from responders.drafters import known as drafters_known
from responders.drafters.phrasebook import pack
from responders.facts import Facts
from responders.statement import written
from responders.stating import run_out, statement_in
from storage import holding, storms
from storage.erasure import author, erase
from storage.tables import Case, MentionRow, Problem, Reply, Told, Transition
from storage.tables_storm import Frozen, LetGo, Storm
from tests.fakes import CHANNEL
from tests.responders.test_telling import DONE, cold, do, post, problem_id, tell
from tests.responders.world import DRAFT, START, World, asked_behind, with_parts

__all__ = ["cold"]

KNOWN = {"en": "the heating of coach 4 has failed since this morning", "hr": "grijanje u vagonu 4 ne radi od jutros"}
UNCLEAR = {"en": "we do not know yet how long it will take", "hr": "još ne znamo koliko će to trajati"}
NEXT = START + timedelta(hours=3)


async def begin(world: World, **values: Any) -> Done:
    return await do(world, actions.begin, **({"why": "many at once"} | values))


async def state(world: World, **values: Any) -> Done:
    return await do(world, actions.state, **({"known": KNOWN, "unclear": UNCLEAR, "next_at": NEXT} | values))


async def agree(world: World, **values: Any) -> Done:
    return await do(world, actions.agree, **({"who": world.admin, "version": (await storm(world)).version} | values))


async def release(world: World, pace: int = 20, **values: Any) -> Done:
    return await do(world, actions.release, **({"who": world.admin, "pace": pace} | values))


async def end(world: World) -> Done:
    return await do(world, actions.end, who=world.admin)


async def storm(world: World) -> Storm:
    return (await world.rows(Storm))[-1]  # type: ignore[no-any-return]


async def stated(world: World) -> None:
    """A storm whose statement a second person agreed to."""
    await begin(world)
    await state(world)
    await agree(world)


async def known_of(world: World, lang: str = "en") -> dict[str, str]:
    async with world.db.read() as session:
        return await knowing.known_of(session, await session.get_one(Case, world.case_id), lang, now=world.now)


async def let_go(world: World) -> list[int]:
    """Which cases were let go, in the order in which they were."""
    return [row.case_id for row in await world.rows(LetGo)]


async def test_an_approved_reply_waits_and_leaves_after_an_undo_window_once_it_is_over(cold: World) -> None:
    await cold.approved()
    await begin(cold)
    cold.clock.move(3600)
    assert await cold.run("send") == 0
    assert (await cold.reply()).status == "approved"
    assert await cold.run("thaw") == 0, "it is held"
    await end(cold)
    await cold.run("thaw")
    await cold.run("send")
    assert not await cold.attempts(), "never at once"
    cold.clock.move(21)
    await cold.run("send")
    assert (await cold.reply()).status == "sent"
    assert not await cold.rows(Frozen)


async def test_a_draft_is_not_sendable_and_the_person_learns_why_who_and_what_to_do(cold: World) -> None:
    await cold.drafted()
    await begin(cold)
    for name in ("approve", "hand_over"):
        with pytest.raises(Moved, match=r"switched on by Agent \(many at once\).*statement comes first"):
            await cold.act(name, text=DRAFT, version=(await cold.reply()).version)
    await end(cold)
    await cold.approve()
    assert (await cold.reply()).status == "approved"


async def test_what_joins_later_waits_too(cold: World) -> None:
    await cold.approved()
    other = await problem_id(cold)
    async with cold.db.write() as session:
        [mara] = [row for row in await session.exec(select(MentionRow)) if row.author_handle == "mara"]
        await session.exec(_moved(mara.id, await _another(session, cold)))
    await begin(cold, target=other)
    async with cold.db.write() as session:
        await session.exec(_moved(mara.id, other))
    await cold.run("send")
    assert not await cold.attempts()
    assert (await cold.reply()).due_at is None
    assert [row.reply_id for row in await cold.rows(Frozen)] == [cold.reply_id]


def _moved(mention_id: int, problem: int) -> Any:
    from sqlalchemy import update

    return update(Told).where(Told.mention_id == mention_id).values(problem_id=problem)  # type: ignore[arg-type]


async def _another(session: Any, world: World) -> int:
    from domain.ids import ids

    row_id = ids.next(START)
    moments: dict[str, Any] = {"first_at": START, "last_at": START, "created_at": START}
    session.add(Problem(id=row_id, brand_id=world.brand_id, root_id=row_id, named={}, mentions=1, **moments))
    await session.flush()
    return row_id


async def test_a_case_that_is_split_out_is_held_no_longer(cold: World) -> None:
    await cold.approved()
    await begin(cold)
    async with cold.db.write() as session:
        await session.exec(_moved(cold.mention_id, await _another(session, cold)))
    assert await cold.run("thaw") == 1
    cold.clock.move(21)
    await cold.run("send")
    assert (await cold.reply()).status == "sent"


async def test_a_storm_goes_on_where_its_problem_is_merged_into_another(cold: World) -> None:
    await cold.drafted()
    await begin(cold)
    part = await problem_id(cold)
    async with cold.db.write() as session:
        whole = await _another(session, cold)
        (await session.get_one(Problem, part)).root_id = whole
    with pytest.raises(Moved, match="storm mode"):
        await cold.approve()
    assert "on already" in (await begin(cold, target=whole)).said


async def test_holding_replies_wait(cold: World) -> None:
    cold.clock.move(50 * 60)
    async with cold.db.read() as session:
        assert cold.case_id in await holding.holdings_due(session, cold.now, 10)
    await begin(cold)
    async with cold.db.read() as session:
        assert cold.case_id not in await holding.holdings_due(session, cold.now, 10)
    await end(cold)
    async with cold.db.read() as session:
        assert cold.case_id in await holding.holdings_due(session, cold.now, 10)


async def test_the_statement_comes_first_and_a_second_person_agrees(cold: World) -> None:
    await begin(cold)
    with pytest.raises(Moved, match="statement comes first"):
        await release(cold)
    await state(cold)
    with pytest.raises(BadInput, match="a second person"):
        await agree(cold, who=cold.agent)
    with pytest.raises(Moved, match="changed"):
        await agree(cold, version=(await storm(cold)).version - 1)
    await agree(cold)
    assert (await storm(cold)).status == "stated"
    assert not await let_go(cold)
    await state(cold, known=KNOWN | {"en": "the heating of coaches 4 and 5 has failed since this morning"})
    assert ((await storm(cold)).status, (await storm(cold)).agreed_by) == ("frozen", "")


async def test_a_team_of_one_can_work(cold: World) -> None:
    async with cold.db.write() as session:
        from storage.tables import User

        (await session.get_one(User, cold.agent.id)).disabled_at = START
    await begin(cold, who=cold.admin)
    await state(cold, who=cold.admin)
    await agree(cold)
    assert (await storm(cold)).status == "stated"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"known": {}, "unclear": {}}, "in at least one language"),
        ({"unclear": {"en": UNCLEAR["en"]}}, "both in each"),
        ({"known": KNOWN | {"en": "x" * 121}}, "known_en: 121 characters"),
        ({"known": KNOWN | {"hr": KNOWN["en"]}}, "known_hr: write a whole statement"),
        ({"next_at": START - timedelta(hours=1)}, "next: say when"),
        ({"next_at": None}, "next: say when"),
    ],
)
async def test_bad_input_names_the_field(cold: World, values: dict[str, Any], words: str) -> None:
    await begin(cold)
    with pytest.raises(BadInput, match=words):
        await state(cold, **values)
    assert not (await storm(cold)).known


@pytest.mark.parametrize(
    ("known", "words"),
    [
        ({"hr": KNOWN["en"]}, "does not read as that language.*č"),
        ({"lv": "lietotne"}, "does not read as that language"),
    ],
)
async def test_who_is_refused_learns_why_and_what_to_do(cold: World, known: dict[str, str], words: str) -> None:
    await begin(cold)
    with pytest.raises(BadInput, match=words):
        await state(cold, known=known, unclear=known)
    with pytest.raises(BadInput, match=r"unclear_en: .* links, addresses and numbers"):
        await state(cold, unclear=UNCLEAR | {"en": "we tell more at https://norda.example soon"})
    with pytest.raises(BadInput, match=r"unclear_en: .* at least 2 words"):
        await state(cold, unclear=UNCLEAR | {"en": "Cause"})


@pytest.mark.parametrize(
    ("lang", "known", "unclear"),
    [
        ("en", "payments are delayed", "the cause is unknown"),
        ("hr", "aplikacija ne radi", "uzrok nije poznat"),
        ("hu", "leállt a szerverünk", "az ok ismeretlen"),
        ("id", "kereta tidak beroperasi", "penyebabnya belum diketahui"),
        ("lv", "lietotne nedarbojas", "iemesls nav zināms"),
        (
            "tl", "mula 14:10 marami po ang hindi makapasok sa app at inaayos na po ito ng aming team",
            "hindi pa tukoy ang dahilan",
        ),
        ("tl", "palya ang bayad gamit ang card mula tanghali", "hindi pa tukoy ang dahilan"),
    ],
)  # fmt: skip
async def test_short_native_sentences_are_a_statement_and_drafts_say_them(
    cold: World, lang: str, known: str, unclear: str
) -> None:
    await begin(cold)
    await state(cold, known={lang: known}, unclear={lang: unclear})
    facts = Facts(mention="", known={"known_outage": known, "still_unclear": unclear})
    brief = Brief(
        brand="Norda", sign_off="Norda", author_name="", author_handle="mara", mention_id="1", text="coach 4 is cold",
        lang=lang, answer_lang=lang, facts=facts,
    )  # fmt: skip
    said = drafters_known.known_of(brief, pack(lang))
    assert (said.outage_where, said.told) == (known, unclear)


@pytest.mark.parametrize(("lengths", "told"), [((280, 2000), ["Small (shorten it by"]), ((2000, 2000), [])])
async def test_a_statement_names_every_channel_that_it_does_not_fit(
    cold: World, lengths: tuple[int, int], told: list[str]
) -> None:
    small, large = lengths
    first = replace(cold.parts.channels[CHANNEL], max_length=large)
    with_parts(cold, channels={CHANNEL: first, "small": replace(first, name="small", title="Small", max_length=small)})
    await post(cold, "petra", channel="small")
    await begin(cold)
    long = {"en": KNOWN["en"] + " and some of you have been waiting in the cold since half past six"}
    unclear = {"en": UNCLEAR["en"] + ", how many coaches are concerned, or which trains leave later because of it"}
    await state(cold, known=long, unclear=unclear)
    async with cold.db.read() as session:
        row, problem = await storm(cold), await session.get_one(Problem, await problem_id(cold))
        [text] = await written(session, row, problem, cold.parts, cold.now)
    assert len(text.text) > 280
    found = [each for each in text.findings if each.rule == "too_long"]
    assert all(not each.blocking for each in found)
    assert len(found) == len(told)
    assert all(words in each.advice for each, words in zip(found, told, strict=True))


@pytest.mark.parametrize(("rule", "stops"), [("bad_link", True), ("unsupported_fact", False)])
async def test_what_lists_and_reader_may_get_wrong_together_stops_no_statement(
    cold: World, rule: str, stops: bool
) -> None:
    """Nobody could overrule it, and a second person reads it anyway."""
    await begin(cold)
    with_parts(cold, check=lambda given, text: [Finding(rule, "these words", "Look at them.")])
    if stops:
        with pytest.raises(BadInput, match="these words: Look at them"):
            await state(cold)
    else:
        await state(cold)
    assert bool((await storm(cold)).known) is not stops


async def test_cases_are_let_go_at_the_pace_the_most_urgent_first_each_with_a_draft_of_its_own(cold: World) -> None:
    for name, priority in (("petra", 9.0), ("dora", 1.0)):
        case_id = await post(cold, name)
        async with cold.db.write() as session:
            (await session.get_one(Case, case_id)).priority = priority
    await cold.drafted()
    await stated(cold)
    await release(cold, pace=2)
    await cold.run("release")
    first = await let_go(cold)
    assert len(first) == 2
    await cold.steps["release"].handle((await storm(cold)).id, cold.now)
    assert await let_go(cold) == first, "a second look within the minute lets nobody go"
    cold.clock.move(61)
    await cold.run("release")
    every = await let_go(cold)
    assert len(set(every)) == len(every) == 4
    async with cold.db.read() as session:
        ranks = [(await session.get_one(Case, case_id)).priority for case_id in every]
    assert ranks == sorted(ranks, reverse=True)
    of_mara = [row.status for row in await cold.rows(Reply) if row.case_id == cold.case_id]
    assert of_mara == ["stale", "requested"], "it is written with the statement"
    await cold.run("draft")
    fresh = next(row for row in await cold.rows(Reply) if row.status == "drafted")
    await cold.approve(reply_id=fresh.id)
    assert (await cold.reply(fresh.id)).status == "approved"


async def test_a_draft_rests_on_the_statement_in_its_language_once_it_is_agreed(cold: World) -> None:
    await begin(cold)
    await state(cold)
    assert "known_outage" not in await known_of(cold, "en")
    await agree(cold)
    assert (await known_of(cold, "en"))["known_outage"] == KNOWN["en"]
    assert (await known_of(cold, "en"))["next"] == "we write again by 2 March, 12:00"
    assert (await known_of(cold, "hr"))["still_unclear"] == UNCLEAR["hr"]
    await end(cold)
    assert "known_outage" not in await known_of(cold, "en")


async def test_what_is_mended_takes_the_place_of_the_statement(cold: World) -> None:
    await stated(cold)
    await tell(cold)
    known = await known_of(cold)
    assert known["done"] == DONE["en"]
    assert known.keys().isdisjoint(("known_outage", "still_unclear", "next"))


async def test_a_new_storm_takes_the_place_of_what_was_mended_before(cold: World) -> None:
    await tell(cold)
    await stated(cold)
    known = await known_of(cold)
    assert known["known_outage"] == KNOWN["en"]
    assert known.keys().isdisjoint(("done", "cause"))


async def test_a_next_word_by_a_moment_that_has_passed_is_neither_agreed_to_nor_released_nor_known(cold: World) -> None:
    await begin(cold)
    await state(cold)
    cold.clock.move(3 * 3600)
    with pytest.raises(Moved, match="another moment"):
        await agree(cold)
    await state(cold, next_at=NEXT + timedelta(hours=1))
    await agree(cold)
    assert "next" in await known_of(cold)
    cold.clock.move(3600)
    assert "next" not in await known_of(cold)
    assert (await known_of(cold))["known_outage"] == KNOWN["en"]
    with pytest.raises(Moved, match="another moment"):
        await release(cold)


async def test_what_was_approved_before_needs_another_yes_and_keeps_its_words(cold: World) -> None:
    await cold.approved()
    await stated(cold)
    await release(cold)
    await cold.run("release")
    reply = await cold.reply()
    assert (reply.status, reply.text) == ("drafted", DRAFT)
    cold.clock.move(61)
    await cold.run("thaw")
    await cold.run("send")
    assert not await cold.attempts()
    await cold.approve()
    cold.clock.move(21)
    await cold.run("send")
    assert (await cold.reply()).status == "sent"


async def test_a_holding_draft_is_written_anew_as_one(cold: World) -> None:
    await cold.drafted()
    await cold.act("redraft", kind="holding")
    await cold.run("draft")
    await stated(cold)
    await release(cold)
    await cold.run("release")
    of_mara = [(row.kind, row.status) for row in await cold.rows(Reply) if row.case_id == cold.case_id]
    assert of_mara == [("answer", "stale"), ("holding", "stale"), ("holding", "requested")]


async def test_what_is_not_approved_any_more_waits_for_nothing(cold: World) -> None:
    await cold.approved()
    await begin(cold)
    await cold.act("recall")
    assert await cold.run("thaw") == 1
    assert not await cold.rows(Frozen)
    assert await cold.run("thaw") == 0
    with pytest.raises(Moved, match="storm mode"):
        await cold.approve()


async def test_a_second_click_on_a_held_approval_says_that_it_is_held(cold: World) -> None:
    version = (await cold.drafted()).version
    await cold.approve()
    await begin(cold)
    again = await cold.act("approve", text=DRAFT, version=version)
    assert "storm mode holds it" in again.said
    assert "leaves now" not in again.said


async def test_who_waits_in_a_language_that_the_statement_lacks_is_held(cold: World) -> None:
    bence = await post(cold, "bence", "hideg a kocsi", lang="hu")
    await stated(cold)
    await release(cold)
    await cold.run("release")
    assert bence not in await let_go(cold)
    assert cold.case_id in await let_go(cold)


async def test_other_words_hold_again_whoever_was_not_answered(cold: World) -> None:
    await cold.drafted()
    await stated(cold)
    await release(cold)
    await cold.run("release")
    assert cold.case_id in await let_go(cold)
    await state(cold, unclear=UNCLEAR | {"en": "we do not know the reason for it yet"})
    assert not await let_go(cold)
    assert (await storm(cold)).status == "frozen"


QUOTING = {"en": "the lavender coach smelled of burnt rubber this morning", "hr": KNOWN["hr"]}


async def erased(world: World, name: str) -> None:
    network = (await world.rows(MentionRow))[0].channel
    await erase(world.db, author(world.brand_id, network, name), actor="user:1", now=world.now)


async def whole(world: World, words: str) -> list[str]:
    """Where in the database these words still stand."""
    found = []
    async with world.db.read() as session:
        connection = await session.connection()
        for each in SQLModel.metadata.sorted_tables:
            rows = await connection.execute(each.select())
            found += [each.name for row in rows if words.casefold() in str(tuple(row)).casefold()]
    return found


async def test_a_statement_that_quotes_an_erased_author_goes_and_so_do_the_drafts_that_say_it(cold: World) -> None:
    await post(cold, "nadia", "The lavender coach smelled of burnt rubber all the way", author_name="Nadia Fictova")
    await cold.drafted()
    await begin(cold, why="Nadia Fictova wrote and many others")
    await state(cold, known=QUOTING)
    await agree(cold)
    await release(cold)
    await cold.run("release")
    await cold.run("draft")
    await erased(cold, "nadia")
    row = await storm(cold)
    assert (row.status, row.known, row.unclear, row.why) == (
        "releasing",
        {"hr": KNOWN["hr"]},
        {"hr": UNCLEAR["hr"]},
        "",
    )
    of_mara = [r.status for r in await cold.rows(Reply) if r.case_id == cold.case_id]
    assert of_mara[-2:] == ["stale", "requested"], "she still waits for an answer"
    assert not await whole(cold, "lavender coach")
    assert not await whole(cold, "Fictova")


async def test_a_statement_of_which_nothing_is_left_has_to_be_written_again(cold: World) -> None:
    await post(cold, "nadia", "The lavender coach smelled of burnt rubber all the way")
    await cold.drafted()
    await begin(cold)
    await state(cold, known={"en": QUOTING["en"]}, unclear={"en": UNCLEAR["en"]})
    await agree(cold)
    await release(cold)
    await cold.run("release")
    await erased(cold, "nadia")
    row = await storm(cold)
    assert (row.status, row.known, row.agreed_by) == ("frozen", {}, "")
    assert not await let_go(cold)
    await state(cold)
    assert (await storm(cold)).known == KNOWN


async def test_one_case_is_let_go_by_a_manager(cold: World) -> None:
    await cold.approved()
    await begin(cold)
    with pytest.raises(NotAllowed):
        await do(cold, actions.let_go, target=cold.case_id, why="a child is on board")
    await do(cold, actions.let_go, target=cold.case_id, why="a child is on board", who=cold.admin)
    await cold.run("thaw")
    cold.clock.move(21)
    await cold.run("send")
    assert (await cold.reply()).status == "sent"
    with pytest.raises(Moved):
        await do(cold, actions.let_go, target=cold.case_id, why="again", who=cold.admin)


async def test_pressed_twice_is_on_once_and_everything_is_in_the_history(cold: World) -> None:
    await cold.approved()
    await begin(cold)
    assert "on already" in (await begin(cold)).said
    assert len(await cold.rows(Storm)) == 1
    await state(cold)
    await agree(cold)
    await release(cold)
    await cold.run("release")
    await end(cold)
    told = [(row.noun, row.new) for row in await cold.rows(Transition) if row.noun in ("storm", "statement")]
    assert told == [
        ("storm", "frozen"), ("statement", "written"), ("storm", "stated"), ("storm", "releasing"), ("storm", "over")
    ]  # fmt: skip
    of_case = [row.new for row in await cold.rows(Transition) if (row.noun, row.row_id) == ("storm_case", cold.case_id)]
    assert of_case == ["held", "let_go"]
    await begin(cold)
    assert len(await cold.rows(Storm)) == 2


async def test_roles(cold: World) -> None:
    with pytest.raises(NotAllowed):
        await begin(cold, who=cold.viewer)
    with pytest.raises(Missing):
        await begin(cold, who=cold.stranger)
    await begin(cold)
    with pytest.raises(NotAllowed):
        await do(cold, actions.end)
    async with cold.db.read() as session:
        assert not await storms.all_on(session, cold.stranger.brands)
        assert len(await storms.all_on(session, cold.agent.brands)) == 1


def test_windows_that_run_out_are_counted_in_the_order_of_the_release() -> None:
    dues = [START + timedelta(minutes=number) for number in (5, 1, 0, 60)]
    assert run_out(dues, START, 1) == 2
    assert run_out(dues, START, 4) == 1
    assert run_out(dues, START + timedelta(minutes=30), 4) == 3
    assert run_out([None], START, 1) == 0


@pytest.mark.parametrize(
    ("lang", "ending"),
    [
        ("en", "We write again by 2 March, 12:00.\nNorda"),
        ("hr", "Ponovno se javljamo najkasnije 2. ožujka, 12:00.\nNorda"),
    ],
)
def test_the_statement_says_what_is_known_what_is_not_and_when_the_next_word_comes(lang: str, ending: str) -> None:
    row = Storm(
        id=1, brand_id=1, problem_id=1, why="", actor="", statement_by=START, known=KNOWN, unclear=UNCLEAR,
        next_at=NEXT, created_at=START,
    )  # fmt: skip
    text = statement_in(row, lang, "UTC", "Norda")
    assert KNOWN[lang][1:] in text
    assert UNCLEAR[lang][1:] in text
    assert text.endswith(ending)


async def test_a_release_that_died_in_the_middle_goes_on_and_keeps_its_pace(
    cold: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("petra", "dora"):
        await post(cold, name)
    await cold.drafted()
    await stated(cold)
    await release(cold, pace=3)
    real, seen = storms.let_go, list[int]()

    async def dies(session: Any, storm_id: int, case_id: int, actor: str, now: Any) -> None:
        seen.append(case_id)
        if len(seen) == 2:
            raise RuntimeError("the machine went away")
        await real(session, storm_id, case_id, actor, now)

    monkeypatch.setattr(storms, "let_go", dies)
    with pytest.raises(RuntimeError):
        await cold.run("release")
    monkeypatch.setattr(storms, "let_go", real)
    assert await let_go(cold) == seen[:1]
    await cold.run("release")
    assert len(await let_go(cold)) == 3, "the rest of this minute, and no more"
    cold.clock.move(61)
    await cold.run("release")
    every = await let_go(cold)
    assert len(every) == len(set(every)) == 4
    for case_id in every:
        live = [row for row in await cold.rows(Reply) if row.case_id == case_id and row.status == "requested"]
        assert len(live) <= 1


async def test_let_go_after_a_recall_the_new_draft_answers_the_newest_post(cold: World) -> None:
    await cold.drafted()
    await cold.act("hand_over", text=DRAFT, version=(await cold.reply()).version)
    newest, _ = await asked_behind(cold)
    await cold.act("recall")
    await stated(cold)
    await release(cold)
    await cold.run("release")
    live = [row for row in await cold.rows(Reply) if row.case_id == cold.case_id and row.status == "requested"]
    assert [(row.mention_id, row.due_at) for row in live] == [(newest, cold.now)]
