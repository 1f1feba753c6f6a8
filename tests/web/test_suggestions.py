"""A model's draft stands beside ours, is marked as such, and takes its place only when a person says so."""

from typing import Any

import pytest

from domain.ids import ids
from storage.tables_model import Suggestion
from tests.web.client import Browser
from tests.web.seed import START, Desk

TEXT = "Sveiki, Ilze! Paldies, ka to pateicāt. <b>Norda</b>"


@pytest.fixture
async def path(desk: Desk) -> str:
    """The page of a case for which a model proposed something; the mark-up in it would never pass, and must not act."""
    case = desk.cases["@ilze"]
    reply = await desk.reply_of(case)
    async with desk.db.write() as session:
        given: dict[str, Any] = {"brand_id": reply.brand_id, "case_id": case, "reply_id": reply.id, "lang": "lv"}
        values: dict[str, Any] = {"outcome": "offered", "model": "small-model", "text": TEXT, "created_at": START}
        session.add(Suggestion(id=ids.next(START), **given, **values))
    return f"/cases/{case}"


async def test_it_is_shown_as_a_models_and_as_text(path: str, agent: Browser):
    page = (await agent.get(path)).text
    assert "A second draft, written by a model (small-model)" in page
    assert "&lt;b&gt;Norda&lt;/b&gt;" in page
    assert "<b>Norda</b>" not in page
    assert "A model wrote this draft" not in page


async def test_programs_are_told_of_it(path: str, agent: Browser):
    assert (await agent.get_json(path)).json["suggestion"] == {"model": "small-model", "text": TEXT}


async def test_it_takes_the_place_of_ours_only_when_a_person_says_so(desk: Desk, path: str, agent: Browser):
    reply = await desk.reply_of(desk.cases["@ilze"])
    await agent.post(f"/replies/{reply.id}/edit", text=TEXT, version=reply.version, then=path)
    page = (await agent.get(path)).text
    assert "A model wrote this draft (small-model): read every word of it." in page
    assert "A second draft, written by a model" not in page
    assert (await desk.reply_of(desk.cases["@ilze"])).first_text == reply.first_text


async def test_without_one_the_page_says_nothing_of_models(desk: Desk, agent: Browser):
    page = (await agent.get(f"/cases/{desk.cases['@ilze']}")).text
    assert "written by a model" not in page
