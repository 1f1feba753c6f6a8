"""An author who says "stop" to us is noted with the page that brings it, once, and only when it is said to us."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlmodel import select

from storage import tables
from storage.transitions import move
from tests.listener.rig import NOON, House, post


async def hear(house: House, *posts: object) -> Sequence[tables.OptOut]:
    """Poll once more with these posts; gives what is noted by then."""
    house.tape.posts["a"] = list(posts)  # type: ignore[arg-type]
    await house.due()
    found: Sequence[tables.OptOut] = await house.rows(tables.OptOut)
    return found


async def lift(house: House, row: tables.OptOut) -> None:
    async with house.db.write() as session:
        await move(
            session, "opt_out", row.id, "standing", "lifted",
            brand_id=house.brand_id, actor="user:1", now=house.clock.now(), why="they wrote again",
        )  # fmt: skip


async def test_who_says_stop_to_us_is_noted_without_their_name(either: House) -> None:
    await either.source()
    (noted,) = await hear(
        either, post("1", "Please stop!", addressed=True), post("2"), post("3", "norda stop the noise", addressed=True)
    )
    (mention,) = [row for row in await either.rows(tables.MentionRow) if row.external_id == "1"]
    assert (noted.status, noted.said, noted.mention_id, noted.actor) == (
        "standing",
        "stop",
        mention.id,
        "system:listener",
    )
    assert "by_1" not in str(noted.model_dump())
    assert noted.created_at == mention.received_at


async def test_stop_that_is_not_said_to_us_is_nothing(either: House) -> None:
    await either.topic("stop")
    await either.source()
    assert await hear(either, post("1", "stop"), post("2", "stop", parent_id="somebody")) == []


async def test_an_answer_to_our_reply_is_said_to_us(either: House) -> None:
    await either.topic("prestanite")
    await either.source()
    await hear(either, post("1"))
    (reply,) = await either.rows(tables.Reply)
    async with either.db.write() as session:
        row = await session.get_one(tables.Reply, reply.id)
        row.external_id = "ours-1"
        session.add(row)
    (noted,) = await hear(either, post("1"), post("2", "Prestanite!", parent_id="ours-1", thread_id="1"))
    assert noted.said == "prestanite"


async def test_it_counts_once_and_what_a_person_lifted_stays_so_until_it_is_said_anew(either: House) -> None:
    await either.source()
    said = post("1", "stop", addressed=True)
    (noted,) = await hear(either, said)
    assert len(await hear(either, said, post("2"))) == 1
    await lift(either, noted)
    either.tape.posts["a"] = []
    source = (await either.rows(tables.SourceRow))[0]
    async with either.db.write() as session:
        again = await session.get_one(tables.SourceRow, source.id)
        again.cursor = None
        session.add(again)
    assert [row.status for row in await hear(either, said)] == ["lifted"]
    anew = post("9", "STOP", addressed=True, author_handle="by_1", posted_at=NOON + timedelta(hours=1))
    assert [row.status for row in await hear(either, said, anew)] == ["lifted", "standing"]


async def test_an_edit_into_stop_counts(either: House) -> None:
    await either.source()
    assert await hear(either, post("1", addressed=True)) == []
    async with either.db.write() as session:
        for row in await session.exec(select(tables.SourceRow)):
            row.cursor = None
            session.add(row)
    assert len(await hear(either, post("1", "leave me alone", addressed=True))) == 1


@pytest.mark.parametrize("words", [{"bot": ("/stop",)}])
async def test_the_words_are_those_of_the_channel(house: House, words: dict[str, tuple[str, ...]]) -> None:
    from dataclasses import replace

    from channels.policies import Policies

    manifests = house.listener.manifests
    manifests["tape"] = replace(manifests["tape"], policies=Policies(opt_out_words=words))
    await house.source()
    noted = await hear(house, post("1", "/stop", addressed=True), post("2", "leave me alone", addressed=True))
    assert [row.said for row in noted] == ["/stop"]
