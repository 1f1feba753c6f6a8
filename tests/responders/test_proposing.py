"""An article from a resolved case: what we said, without whom we said it to."""

from __future__ import annotations

import pytest
from sqlmodel import select

from domain.errors import BadInput, Moved
from domain.ids import ids
from responders import article_actions, proposing
from responders.proposing import impersonal, unsigned
from storage.needles import removed
from storage.tables import Article, MentionRow, Reply
from tests.responders.test_knowing import act, other_case
from tests.responders.world import World

AUTHOR = removed("", "17", "@marak@social.example", "Mara Sample", "", "")
ANSWER = "Hello Mara, thank you. The bank releases a second charge within five working days in 2026."


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (ANSWER, "thank you. The bank releases a second charge within five working days in 2026."),
        ("@marak@social.example The app is mended.", "The app is mended."),
        ("Order AB-123456 and 0049 are known, 20 EUR are back.", "Order … and 0049 are known, 20 EUR are back."),
        ("Write to mara@home.example about booking #99812.", "Write to … about booking …."),
        ("Your seat 12F is free.", "Your seat … is free."),
    ],
)
def test_nothing_of_the_person_is_left(said: str, kept: str) -> None:
    assert impersonal(said, [AUTHOR], ["12F"]) == kept


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("It arrives on Friday. Regards, Mara (Norda)", "It arrives on Friday."),
        ("It is on its way.\n\nBest regards,\nPetra Sample\nNorda", "It is on its way."),
        ("We refunded it. ^MK", "We refunded it."),
        ("The lid is on its way. Anja, Norda", "The lid is on its way."),
        ("Novac je na putu. Lijepi pozdrav, Ivana", "Novac je na putu."),
        ("A csomag holnap érkezik. Üdvözlettel: Kovács Petra", "A csomag holnap érkezik."),
        ("Dana sudah kembali. Salam hangat, Dewi", "Dana sudah kembali."),
        ("Nauda ir ceļā. Ar cieņu, Ilze", "Nauda ir ceļā."),
        ("Naibalik na po ang bayad. Lubos na gumagalang, Liza", "Naibalik na po ang bayad."),
        ("Best regards reach us through the app. It is free.", "Best regards reach us through the app. It is free."),
    ],
)
def test_nothing_of_who_signed_is_left(said: str, kept: str) -> None:
    assert unsigned(said, ["Anja Sample", "Anja", "Norda"]) == kept


async def test_the_answer_to_what_was_asked_is_proposed_not_the_last_word(world: World) -> None:
    case_id = await other_case(world, "My card was charged twice", answer=ANSWER.replace("Mara", "Ivo"))
    async with world.db.write() as session:
        (first,) = await session.exec(select(Reply).where(Reply.case_id == case_id))
        thanks = {"id": ids.next(world.now), "text": "You are welcome, Ivo! Have a lovely weekend. Regards, Mara"}
        session.add(Reply(**(first.model_dump() | thanks)))
    done = await act(world, proposing.propose, case_id)
    [article] = await world.rows(Article)
    assert "releases a second charge" in article.text
    assert (article.title, "weekend" in article.text) == ("…", False)
    assert done.article_id is not None
    with pytest.raises(BadInput, match="title: write one before"):
        await act(world, article_actions.move, done.article_id, status="live")


async def test_a_resolved_case_proposes_a_draft_once(world: World) -> None:
    case_id = await other_case(world, "My card was charged twice", answer=ANSWER)
    done = await act(world, proposing.propose, case_id)
    [article] = await world.rows(Article)
    assert (article.id, article.status, article.owner_id) == (done.article_id, "draft", world.admin.id)
    assert (article.case_id, article.lang) == (case_id, "en")
    [mention] = [row for row in await world.rows(MentionRow) if row.case_id == case_id]
    assert mention.author_name not in article.text or not mention.author_name
    assert done.undo is not None
    with pytest.raises(Moved, match="already"):
        await act(world, proposing.propose, case_id)
    with pytest.raises(Moved, match="answered and is resolved"):
        await act(world, proposing.propose, world.case_id)
