"""What the pages say about what was not heard, and how late posts come."""

from datetime import timedelta

import pytest

from domain.ids import ids
from storage.tables import AccountRow, SourceRow
from tests.web.client import Browser, outline
from tests.web.seed import Desk, hear


async def test_the_queue_says_what_was_not_heard(agent: Browser, desk: Desk) -> None:
    page = (await agent.get("/queue")).text
    assert "Not everything was heard in the last 24 hours" in page
    assert "Norda on rss</bdi> missed 9 h" in page
    stranger = await Browser.signed_in(desk, "stranger")
    assert "Not everything was heard" not in (await stranger.get("/queue")).text


async def test_sources_say_within_what_time_posts_come(agent: Browser, desk: Desk) -> None:
    assert "of the last 24 hours 95 % were here" not in (await agent.get("/sources")).text
    desk.clock.move(7200)  # type: ignore[attr-defined]
    await hear(desk, desk.brand, (("rss", "Ivo", "ivo_new", 4, "Norda is late again, what now?"),))
    assert (
        "Of the 1 post of the last 24 hours 95 % were here within 5 min of being written"
        in (await agent.get("/sources")).text
    )


@pytest.mark.parametrize(
    ("sources", "said"),
    [
        (1, "US$ 3.20 of US$ 8.00. Begins anew"),
        (
            2,
            "US$ 3.20 of US$ 8.00; the 2 sources of its account together US$ 6.40 of US$ 8.00. Begins anew",
        ),
    ],
)
async def test_sources_say_what_they_have_used_of_their_budget(
    agent: Browser, desk: Desk, sources: int, said: str
) -> None:
    assert "Used today" not in (await agent.get("/sources")).text
    now = desk.clock.now()
    meter = {"day": now.date().isoformat(), "micros": 3_200_000, "billed": []}
    async with desk.db.write() as session:
        account = AccountRow(id=ids.next(now), brand_id=desk.brand, channel="x", handle="norda", created_at=now)
        session.add(account)
        await session.flush()
        for number in range(sources):
            session.add(
                SourceRow(
                    id=ids.next(now), brand_id=desk.brand, account_id=account.id, channel="x", name=f"x {number}",
                    cursor={"meter": meter}, last_ok_at=now, created_at=now - timedelta(days=1),
                )
            )  # fmt: skip
    assert f"Used today for new posts: {said}" in "".join(outline((await agent.get("/sources")).text).text)
