"""An article from a resolved case: what we said, without whom we said it to."""

from __future__ import annotations

import pytest

from domain.errors import Moved
from responders import proposing
from responders.proposing import impersonal
from storage.needles import removed
from storage.tables import Article, MentionRow
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
