"""What a question, an answer and a comment become."""

from __future__ import annotations

from typing import Any

import pytest

from channels.stackexchange.convert import from_answer, from_comment, from_post, from_question, origin_of
from domain.errors import Undecodable
from tests.channels.network import NOON
from tests.emulators.stackexchange import FIRST, Site


def served(row: dict[str, Any]) -> dict[str, Any]:
    return Site.shown(row, True)


def test_a_question_is_its_own_thread():
    row = Site().question(
        "Norda's <API> & I", "Why 500 < x?", "Mara & Co", number=1, last_edit_date=int(NOON.timestamp())
    )
    mention = from_question(served(row), "trains")
    assert mention.full_text == "Norda's <API> & I\nWhy 500 < x?"
    assert (mention.external_id, mention.thread_id, mention.parent_id) == ("trains/p/78000001",) * 2 + (None,)
    assert mention.url == "https://trains.stackexchange.com/q/78000001"
    assert (mention.author_name, mention.author_id) == ("Mara & Co", f"trains/u/{sum(map(ord, 'Mara & Co'))}")
    assert mention.edited_at == NOON


def test_an_answer_belongs_to_its_question_however_it_was_read():
    site = Site()
    row = served(site.answer("Use v2.", number=2, question=1))
    mention = from_answer(row, "trains")
    assert (mention.external_id, mention.parent_id) == ("trains/p/78000002", "trains/p/78000001")
    assert mention.url == "https://trains.stackexchange.com/a/78000002"
    post = {name: part for name, part in row.items() if name not in ("answer_id", "question_id")}
    assert from_post(post | {"post_id": FIRST + 2}, "trains", FIRST + 1, "Title") == mention
    asked = from_post(post | {"post_id": FIRST + 1}, "trains", FIRST + 1, "Title")
    assert (asked.title, asked.parent_id) == ("Title", None)


def test_a_comment_belongs_to_its_post_and_a_removed_account_has_no_name_of_its_own():
    mention = from_comment(served(Site().comment("hm", "", number=5, post=2)), "trains")
    assert (mention.external_id, mention.parent_id) == ("trains/c/78000005", "trains/p/78000002")
    assert mention.url == "https://trains.stackexchange.com/posts/comments/78000005"
    assert (mention.author_id, mention.author_name) == ("", "user123")


@pytest.mark.parametrize(
    ("site", "origin"),
    [("stackoverflow", "https://stackoverflow.com"), ("mathoverflow", "https://mathoverflow.net"),
     ("travel", "https://travel.stackexchange.com"), ("es.stackoverflow.com", "https://es.stackoverflow.com")],
)  # fmt: skip
def test_sites_have_their_addresses(site: str, origin: str):
    assert origin_of(site) == origin


@pytest.mark.parametrize("change", [{"question_id": None}, {"body": None}, {"creation_date": "soon"}])
def test_unreadable_question_says_so(change: dict[str, Any]):
    row = served(Site().question("x", "y", number=1))
    with pytest.raises(Undecodable):
        from_question(row | change, "trains")
