"""Erasing an author: counted first, then gone to the byte, without touching anybody else."""

from datetime import timedelta

import msgspec
import pytest

from domain.errors import BadInput
from domain.ports import Unreadable
from storage import erasure, tables
from storage.erasure import Count
from storage.purging import purge
from tests.byte_search import found
from tests.storage.conftest import START, House
from tests.storage.test_ingest import arrival, page, rows
from tests.storage.test_removal import TELLTALE, URI, WORDS, answer, post, quoted_everywhere, store

LATER = START + timedelta(hours=1)


def whose(house: House, name: str = "@marakind@social.example") -> erasure.Author:
    return erasure.author(house.brand_id, "rss", name)


async def test_counting_changes_nothing_and_erasing_leaves_nothing(house: House) -> None:
    await quoted_everywhere(house)
    raw = Unreadable("post odd", "odd", msgspec.json.encode({"account": {"acct": "marakind@social.example"}}))
    await store(house, page(house, post(2, f"{WORDS}, once more"), answer("ivo1"), unreadable=(raw,)))
    before = [await rows(house, model) for model in (tables.MentionRow, tables.Reply, tables.Quarantine)]
    counted = await erasure.count(house.db, whose(house))
    assert counted == Count(posts=2, cases=2, drafts=2, sent=1, notes=1, samples=1)
    assert [await rows(house, model) for model in (tables.MentionRow, tables.Reply, tables.Quarantine)] == before
    assert await erasure.erase(house.db, whose(house), actor="user:1", now=LATER) == counted
    assert await found(house.db, TELLTALE) == {}
    assert await erasure.count(house.db, whose(house)) == Count()
    texts = {m.external_id: m.text for m in await rows(house, tables.MentionRow)}
    assert texts["ivo1"] == "ivo1 agrees"


async def test_the_log_tells_how_much_and_a_hash_but_not_who(house: House) -> None:
    await store(house, page(house, post(1)))
    await erasure.erase(house.db, whose(house), actor="user:1", now=LATER)
    (line,) = [t for t in await rows(house, tables.Transition) if t.noun == "erasure"]
    assert line.actor == "user:1"
    assert line.why.startswith("erased on request: 1 posts, 1 cases, ")
    assert "marakind" not in line.why
    again = erasure.author(house.brand_id, "rss", "MARAKIND@social.example")
    await erasure.erase(house.db, again, actor="user:1", now=LATER)
    lines = [t.why.rpartition("author ")[2] for t in await rows(house, tables.Transition) if t.noun == "erasure"]
    assert lines[0] == lines[1]


@pytest.mark.parametrize(
    "name", ["marakind@social.example", "@MARAKIND@social.example", "https://social.example/users/marakind"]
)
async def test_a_handle_counts_in_any_case_with_or_without_the_sign_or_the_native_id(house: House, name: str) -> None:
    await store(house, page(house, post(1)))
    assert (await erasure.count(house.db, whose(house, name))).posts == 1


@pytest.mark.parametrize("name", ["", "@", " ", "m", "mara", "%", "marakind"])
async def test_part_of_a_name_is_nobody(house: House, name: str) -> None:
    await store(house, page(house, post(1)))
    try:
        who = whose(house, name)
    except BadInput:
        return
    assert (await erasure.count(house.db, who)).posts == 0


async def test_what_was_erased_does_not_come_back_but_what_is_written_later_is_heard(house: House) -> None:
    await store(house, page(house, post(1)))
    await erasure.erase(house.db, whose(house), actor="user:1", now=LATER)
    stored = await store(house, page(house, post(1), post(3, "A new day, and a new lavender coach for everybody")))
    assert stored.new == 1
    assert URI.format(1) not in {m.external_id for m in await rows(house, tables.MentionRow)}


async def test_many_posts_of_one_author_go_in_batches_and_a_second_run_goes_on(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store(house, page(house, *(post(n, f"{WORDS} for the {n}th time") for n in range(1, 31))))
    monkeypatch.setattr(erasure, "_AT_ONCE", 10)
    monkeypatch.setattr(erasure, "_STRETCH", 7)
    calls: list[int] = []

    async def dies_at_the_third(*given: object) -> object:
        calls.append(1)
        if len(calls) == 3:
            raise RuntimeError("killed")
        return await purge(*given)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(erasure, "purge", dies_at_the_third)
        with pytest.raises(RuntimeError):
            await erasure.erase(house.db, whose(house), actor="user:1", now=LATER)
    assert (await erasure.count(house.db, whose(house))).posts == 10
    await erasure.erase(house.db, whose(house), actor="user:1", now=LATER)
    assert await found(house.db, TELLTALE) == {}


async def test_other_brands_and_channels_are_left_alone(house: House) -> None:
    await store(house, page(house, post(1), arrival("ivo", "the lavender coach again", author_handle="ivo")))
    for who in (
        erasure.author(house.brand_id + 1, "rss", "marakind@social.example"),
        erasure.author(house.brand_id, "bluesky", "marakind@social.example"),
    ):
        assert await erasure.count(house.db, who) == Count()
