"""No two people get the same answer within a month, however many answers there were in between."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from domain.errors import BadInput
from domain.ids import ids
from listener.retaining import ticks
from responders import similarity
from responders.drafting import Drafting
from responders.keeping import keep_prints
from responders.parts import Compose, Composed
from responders.similarity import CEILING, prints
from storage import replies
from storage.purging import forget_prints
from storage.replies import LEFT, RECENT, Gathered
from storage.tables import Case, Clue, Reply, table
from tests.responders.detector import detect
from tests.responders.model_world import note_fact
from tests.responders.world import World, with_parts

ANSWER = (
    "Hello {}, the heating of coach 4 failed on the way to Riga, and the depot looks at it tonight. "
    "We are sorry you froze."
)
BUSY = 205
"""More answers than are read one by one."""

_word = st.sampled_from(ANSWER.replace(",", "").replace(".", "").split())
_text = st.lists(_word, min_size=1, max_size=40)


def letters(number: int) -> str:
    """A word for each number: figures do not tell texts apart."""
    return "".join(chr(ord("a") + int(digit)) for digit in str(number)) * 2


async def other_reply(world: World, text: str, **values: Any) -> int:
    """A reply of another case of this brand: sent just now unless `values` say otherwise."""
    case_id, reply_id = ids.many(2, world.now)
    async with world.db.write() as session:
        case = (await session.get_one(Case, world.case_id)).model_dump()
        session.add(Case(**(case | {"id": case_id, "thread_id": f"t{case_id}"})))
        await session.flush()
        row = (await session.get_one(Reply, world.reply_id)).model_dump()
        gone = {"status": "sent", "sent_at": world.now, "due_at": None}
        reply = Reply(**(row | gone | {"id": reply_id, "case_id": case_id, "text": text} | values))
        session.add(reply)
        await session.flush()
        await keep_prints(session, reply, text)
    return reply_id


def drafter(*texts: str) -> tuple[list[Gathered], Compose]:
    """What it was given each time, and who writes one text after the other, the last one again and again; "" fails."""
    asked: list[Gathered] = []

    async def compose(gathered: Gathered) -> Composed:
        asked.append(gathered)
        text = texts[min(len(asked), len(texts)) - 1]
        return Composed(text, "en" if text else None, "" if text else "nothing fits")

    return asked, compose


def with_contract(world: World) -> None:
    with_parts(world, check=Drafting(world.parts.channels, detect).check)


async def all_known(world: World) -> None:
    """Whatever ANSWER says to Mara stands in her case."""
    noted = {"customer": "Mara", "done": "the heating of coach 4 failed on the way to Riga",
             "next": "the depot looks at the heating of coach 4 tonight"}  # fmt: skip
    for key, value in noted.items():
        await note_fact(world, world.case_id, key, value)


async def after_many_others(world: World, waited: timedelta) -> None:
    """One answer left; since then there were many, about other things, and so much time went by."""
    await other_reply(world, ANSWER.format("Ines"))
    world.clock.move(waited.total_seconds())
    for number in range(BUSY):
        words = " ".join(letters(number * 100 + at) for at in range(12))
        await other_reply(world, f"Hello, {words}.")


async def test_what_somebody_got_a_month_ago_is_not_sent_again(world: World) -> None:
    with_contract(world)
    await world.drafted()
    await after_many_others(world, RECENT - timedelta(hours=1))
    with pytest.raises(BadInput, match="Somebody got this very text lately"):
        await world.approve(ANSWER.format("Mara"))
    with pytest.raises(BadInput, match="the same as this recent reply"):
        await world.approve(ANSWER.format("Mara") + " Thank you.")
    reply = await world.reply()
    done = await world.act("edit", text=ANSWER.format("Mara"), version=reply.version)
    assert "canned" in {each.rule for each in done.findings}, "and the editor says so before"


async def test_after_a_month_it_may_be_said_again(world: World) -> None:
    with_contract(world)
    await world.drafted()
    await after_many_others(world, RECENT + timedelta(hours=1))
    done = await world.act("edit", text=ANSWER.format("Mara"), version=(await world.reply()).version)
    assert "canned" not in {each.rule for each in done.findings}


async def test_a_reply_whose_author_is_gone_is_likened_to_nothing(world: World) -> None:
    with_contract(world)
    await world.drafted()
    await after_many_others(world, timedelta(hours=1))
    async with world.db.write() as session:
        await forget_prints(session, table(Reply).c.brand_id == world.brand_id)
    done = await world.act("edit", text=ANSWER.format("Mara"), version=(await world.reply()).version)
    assert "canned" not in {each.rule for each in done.findings}


@pytest.mark.parametrize("status", ["drafted", "sent"])
async def test_a_draft_is_written_anew_where_it_comes_out_like_another_one(world: World, status: str) -> None:
    asked, compose = drafter(ANSWER.format("Mara"), "Mara, you sat in the cold in coach 4: that should not be.")
    with_parts(world, compose=compose)
    await other_reply(world, ANSWER.format("Ines"), status=status)
    for number in range(BUSY):
        await other_reply(world, f"Hello, {letters(number)} is about something else altogether.", status=status)
    reply = await world.drafted()
    assert reply.text.startswith("Mara, you sat")
    assert ANSWER.format("Ines") not in (*asked[0].recent, *asked[0].waiting), "too many came in between"
    kept_apart = asked[1].waiting if status == "drafted" else asked[1].recent
    assert ANSWER.format("Ines") in kept_apart, "so that the drafter keeps away from it"


async def test_a_drafter_that_knows_but_one_text_is_asked_three_times(world: World) -> None:
    asked, compose = drafter(ANSWER.format("Mara"))
    with_contract(world)
    with_parts(world, compose=compose)
    await all_known(world)
    await other_reply(world, ANSWER.format("Ines"))
    reply = await world.drafted()
    assert (len(asked), reply.status) == (3, "drafted"), "a person sees it, and why it cannot leave"
    assert [row["rule"] for row in reply.findings if row["blocking"]] == ["canned"]


async def test_a_text_is_kept_where_writing_it_anew_fails(world: World) -> None:
    _, compose = drafter(ANSWER.format("Mara"), "")
    with_parts(world, compose=compose)
    await other_reply(world, ANSWER.format("Ines"))
    assert (await world.drafted()).text == ANSWER.format("Mara")


async def test_a_plain_thank_you_may_be_said_to_many(world: World) -> None:
    asked, compose = drafter("Thank you, Mara!")
    with_parts(world, compose=compose)
    await other_reply(world, "Thank you, Ines!")
    await world.drafted()
    assert len(asked) == 1


async def test_what_was_changed_as_it_was_approved_counts(world: World) -> None:
    """The words that leave count, not those of the draft."""
    with_contract(world)
    await all_known(world)
    await world.drafted()
    await world.approve(ANSWER.format("Mara"))
    reply = await world.reply()
    async with world.db.read() as session:
        found = await replies.alike(session, Reply(**(reply.model_dump() | {"id": 1})), prints(ANSWER), LEFT, world.now)
    assert found == (ANSWER.format("Mara"),)


async def test_what_never_left_hides_nothing(world: World) -> None:
    await other_reply(world, ANSWER.format("Ines"))
    for number in range(BUSY):
        await other_reply(world, ANSWER.format(f"Mr {letters(number)}"), status="rejected", sent_at=None)
    async with world.db.read() as session:
        found = await replies.alike(
            session, await session.get_one(Reply, world.reply_id), prints(ANSWER), LEFT, world.now
        )
    assert found == (ANSWER.format("Ines"),)


async def test_a_text_of_any_length_is_looked_up(world: World) -> None:
    with_contract(world)
    await world.drafted()
    long = " ".join(letters(number) for number in range(3_000))
    done = await world.act("edit", text=long, version=(await world.reply()).version)
    assert "too_long" in {each.rule for each in done.findings}


async def test_what_is_likened_to_nothing_any_more_leaves_the_index(world: World) -> None:
    async def indexed() -> int:
        async with world.db.read() as session:
            return len((await session.exec(select(Clue))).all())

    await other_reply(world, ANSWER.format("Ines"))
    tick = next(each for each in ticks(world.db) if each.name == "tidy")
    await tick.run(world.now)
    assert await indexed() == len(prints(ANSWER.format("Ines")))
    await tick.run(datetime(2090, 1, 1, tzinfo=UTC))  # ids only rise, also where another test was further on
    assert await indexed() == 0


async def test_drafts_that_wait_stop_nobody(world: World) -> None:
    with_contract(world)
    await world.drafted()
    await other_reply(world, ANSWER.format("Ines"), status="drafted", sent_at=None)
    done = await world.act("edit", text=ANSWER.format("Mara"), version=(await world.reply()).version)
    assert "canned" not in {each.rule for each in done.findings}, "whoever is approved first may say it"


# --- prints ----------------------------------------------------------------------------------------------------------


@given(_text, st.lists(st.tuples(st.integers(0, 39), _word), max_size=4))
def test_texts_above_the_ceiling_share_a_print(words: list[str], changes: list[tuple[int, str]]) -> None:
    assert_found(words, changes)


def assert_found(words: list[str], changes: list[tuple[int, str]]) -> None:
    other = list(words)
    for at, word in changes:
        other[at % len(other)] = word
    one, two = " ".join(words), " ".join(other)
    if similarity.similarity(one, two) > CEILING:
        assert set(similarity.prints(one)) & set(similarity.prints(two))


def test_a_shorter_print_would_miss_some(monkeypatch: pytest.MonkeyPatch) -> None:
    """The proof above can fail."""
    monkeypatch.setattr(similarity, "prints", lambda text: prints(text)[:1])
    base = [letters(number) for number in range(14)]
    with pytest.raises(AssertionError):
        assert_all_found(base)


def assert_all_found(base: list[str]) -> None:
    for number in range(100, 140):
        assert_found(base, [(0, letters(number))])
        assert_found(base, [(len(base) - 1, letters(number))])


def test_prints_are_a_quarter_of_the_runs_of_words() -> None:
    text = " ".join(letters(number) for number in range(42))
    assert (len(prints(text)), prints(""), prints(text)) == (11, [], prints(f"  {text.upper()}! "))
