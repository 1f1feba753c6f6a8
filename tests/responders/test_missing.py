"""What is asked and answered by no article that whoever asks would be given."""

from __future__ import annotations

import pytest
from sqlalchemy import update
from sqlmodel import col

from responders import fact_actions, missing
from storage.tables import Brand, MentionRow
from tests.responders.test_knowing import act, article
from tests.responders.world import World, add_mention


@pytest.mark.parametrize(
    ("market", "noted", "is_gap"), [("GB", "", True), ("US", "", False), ("", "", False), ("GB", "GB", False)]
)
async def test_an_article_for_another_market_closes_no_gap(world: World, market: str, noted: str, is_gap: bool) -> None:
    await article(world, "Charged twice", "A double charge is released in five days.", market=market)
    asked = "Why was I charged twice?"
    other = await add_mention(world, "p9", asked)
    async with world.db.write() as session:
        values = {"text": asked, "themes": ["question", "billing"], "lang": "en", "author_id": "a"}
        await session.exec(update(MentionRow).values(**values))
        await session.exec(update(MentionRow).where(col(MentionRow.id) == other).values(author_id="b"))
        await session.exec(update(Brand).values(zone="America/New_York"))
    if noted:
        await act(world, fact_actions.know, world.case_id, key="market", value=noted)
    async with world.db.read() as session:
        found = await missing.find(session, world.brand_id, world.now)
    assert ([gap.people for gap in found.gaps] == [2]) is is_gap
