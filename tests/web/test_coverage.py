"""What the pages say about what was not heard, and how late posts come."""

from tests.web.client import Browser
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
