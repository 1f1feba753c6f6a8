"""What we know of authors from before counts posts of their cases, in one brand and on one channel."""

from storage.authors import wrote_before
from tests.storage.conftest import House
from tests.storage.test_ingest import arrival, page, store


async def test_former_posts_are_counted_by_author(house: House) -> None:
    await store(
        house,
        page(
            house,
            arrival("a", author_id="mara"),
            arrival("b", author_id="mara"),
            arrival("c", author_id="mara", thread_id="a"),
            arrival("d", author_id="ivo"),
            arrival("e", author_id="eva", needs_answer=False),
        ),
    )
    async with house.db.read() as session:
        asked = session, house.brand_id
        assert await wrote_before(*asked, "rss", {"mara", "ivo", "eva", "nobody"}) == {"mara": 3, "ivo": 1}
        assert await wrote_before(*asked, "mastodon", {"mara"}) == {}
        assert await wrote_before(session, house.brand_id + 1, "rss", {"mara"}) == {}
        assert await wrote_before(*asked, "rss", set()) == {}
