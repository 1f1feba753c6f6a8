"""Stored posts are looked at again within their deadline; what changed or went on the network does so here."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import msgspec
import pytest

from channels.manifest import Listening
from domain.errors import RateLimited, SignInFailed, Unreachable
from domain.mention import Mention
from domain.ports import Held
from listener.verifying import DOUBT, Verifier, pace
from storage import tables, verification
from storage.transitions import move
from tests.listener.rig import NOON, House, post

WITHIN = 86_400.0


@dataclass
class Looks:
    """The tape network, asked for single posts. `gone` are removed, `lost` cannot be told, `first` is said once."""

    house: House
    gone: set[str] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)
    first: deque[Any] = field(default_factory=deque)
    asked: list[tuple[datetime, tuple[str, ...]]] = field(default_factory=list)

    async def verify(self, listening: Listening, held: Sequence[Held]) -> dict[str, Mention | None]:
        names = [each.external_id for each in held]
        self.asked.append((self.house.clock.now(), tuple(names)))
        said = self.first.popleft() if self.first else None
        if isinstance(said, BaseException):
            raise said
        posts = {each.external_id: each for tape in self.house.tape.posts.values() for each in tape}
        found: dict[str, Mention | None] = {n: posts[n] for n in names if n in posts and n not in self.gone | self.lost}
        found |= {name: None for name in names if name in self.gone}
        return found if said is None else {**found, **said}


def looking(house: House, *, batch: int = 10, within_s: float = WITHIN) -> tuple[Looks, Verifier]:
    """Let the tape network be asked for single posts."""
    looks, manifests = Looks(house), house.listener.manifests
    manifests["tape"] = replace(manifests["tape"], verify=looks.verify, verify_batch=batch, verify_within_s=within_s)
    return looks, Verifier(house.db, manifests, house.listener.ears)


def bound(house: House, most: int) -> None:
    """Each look is billed: so many a day are paid for."""
    manifests = house.listener.manifests
    manifests["tape"] = replace(manifests["tape"], verify_most=lambda _: most)


async def step(house: House, verifier: Verifier) -> int:
    """Run the step for each source that is due, as the sweep does."""
    async with house.db.read() as session:
        due = await verifier.due(session, house.clock.now(), 10)
    for source_id in due:
        await verifier.verify(source_id, house.clock.now())
    return len(due)


async def heard(house: House, count: int = 3, **more: Any) -> int:
    """A source that has heard posts "1" to `count`; a minute later."""
    source_id = await house.source(**more)
    house.tape.posts["a"] = [post(str(n)) for n in range(1, count + 1)]
    await house.due()
    house.clock.move(60)
    return source_id


async def texts(house: House) -> dict[str, str]:
    return {row.external_id: row.text for row in await house.rows(tables.MentionRow)}


async def test_an_edited_post_is_so_here_as_if_it_had_been_heard(either: House) -> None:
    source_id = await heard(either)
    looks, verifier = looking(either)
    before = await either.get(source_id)
    either.tape.posts["a"][1] = post("2", "a fine day, nothing to see")
    await step(either, verifier)
    assert (await texts(either))["2"] == "a fine day, nothing to see"
    mention = next(m for m in await either.rows(tables.MentionRow) if m.external_id == "2")
    replies = [r.status for r in await either.rows(tables.Reply) if r.mention_id == mention.id]
    assert replies == ["stale", "requested"]
    after = await either.get(source_id)
    assert (after.last_ok_at, after.seen, after.stored) == (before.last_ok_at, before.seen, before.stored)
    assert looks.asked == [(either.clock.now(), ("1", "2", "3"))]


async def test_a_removed_post_goes_and_only_it(either: House) -> None:
    await heard(either)
    looks, verifier = looking(either)
    looks.gone = {"2"}
    await step(either, verifier)
    found = await texts(either)
    assert found["2"] == ""
    assert found["1"]
    assert [m.status for m in await either.rows(tables.MentionRow)] == ["kept", "withdrawn", "kept"]
    assert [names for _, names in looks.asked] == [("1", "2", "3"), ("2",)]


async def test_gone_is_believed_only_when_it_is_said_twice(house: House) -> None:
    await heard(house)
    looks, verifier = looking(house)
    looks.first.append({"2": None})
    await step(house, verifier)
    assert (await texts(house))["2"]


async def test_a_whole_batch_that_is_gone_is_asked_for_again_later(house: House) -> None:
    source_id = await heard(house)
    looks, verifier = looking(house)
    looks.gone = {"1", "2", "3"}
    await step(house, verifier)
    assert (await house.get(source_id)).verify_error == DOUBT
    assert all((await texts(house)).values())
    assert await step(house, verifier) == 0
    house.clock.move(900)
    await step(house, verifier)
    assert not any((await texts(house)).values())
    assert (await house.get(source_id)).verify_error == ""


async def test_what_cannot_be_told_stays_and_white_space_is_no_edit(house: House) -> None:
    await heard(house)
    looks, verifier = looking(house)
    looks.lost = {"1"}
    house.tape.posts["a"][2] = msgspec.structs.replace(post("3"), text=post("3").text.replace(" ", "\n "))
    before = await house.rows(tables.MentionRow)
    await step(house, verifier)
    assert await house.rows(tables.MentionRow) == before


@pytest.mark.parametrize("within_s", [WITHIN, 7 * WITHIN])
async def test_every_post_is_looked_at_within_the_deadline_also_while_more_come_in(
    house: House, within_s: float
) -> None:
    """A day and a half (or ten) on the clock: the time between two looks at any post stays below the deadline."""
    await heard(house, 23)
    looks, verifier = looking(house, batch=4, within_s=within_s)
    stored_at = {name: house.clock.now() for name in await texts(house)}
    end = house.clock.now() + timedelta(seconds=3.5 * within_s)
    grown = 23
    while house.clock.now() < end:
        await step(house, verifier)
        source = (await house.rows(tables.SourceRow))[0]
        assert source.next_verify_at is not None
        house.clock.move(max(1.0, (source.next_verify_at - house.clock.now()).total_seconds()))
        if grown < 40:
            grown += 1
            house.tape.posts["a"].append(post(str(grown), posted_at=house.clock.now()))
            await house.listener.poll(source.id)
            stored_at[str(grown)] = house.clock.now()
    for name, since in stored_at.items():
        looked = [since, *(at for at, names in looks.asked if name in names), house.clock.now()]
        gaps = [(b - a).total_seconds() for a, b in pairwise(looked)]
        assert max(gaps) <= within_s, name
    rounds = 3.5 * within_s / (within_s / 2)
    assert len(looks.asked) <= rounds * (40 / 4 + 2), "no more than it takes"


async def test_a_limit_is_waited_for_as_told_and_the_batch_comes_again(house: House) -> None:
    source_id = await heard(house)
    looks, verifier = looking(house)
    looks.first.append(RateLimited(house.clock.now() + timedelta(seconds=1800)))
    await step(house, verifier)
    source = await house.get(source_id)
    assert (source.next_verify_at, source.verify_error) == (house.clock.now() + timedelta(seconds=1800), "")
    house.clock.move(1800)
    await step(house, verifier)
    assert [names for _, names in looks.asked] == [("1", "2", "3")] * 2
    assert (await house.get(source_id)).verified_at is not None


async def test_trouble_is_told_and_the_round_stands_where_it_was(house: House) -> None:
    source_id = await heard(house, 25)
    looks, verifier = looking(house)
    await step(house, verifier)
    stood = (await house.get(source_id)).verified_up_to
    house.clock.move(86_400)
    looks.first.append(Unreachable("HTTP 503"))
    await step(house, verifier)
    source = await house.get(source_id)
    assert (source.verified_up_to, source.verify_error, source.status) == (stood, "HTTP 503", "listening")
    assert source.verified_at is None


async def test_a_dead_sign_in_found_by_a_look_is_the_same_one_state(house: House) -> None:
    account = await house.account()
    source_id = await heard(house, account=account)
    looks, verifier = looking(house)
    looks.first.append(SignInFailed("token revoked"))
    await step(house, verifier)
    assert [row.status for row in await house.rows(tables.AccountRow)] == ["dead"]
    assert (await house.get(source_id)).status == "stopped"
    house.clock.move(3600)
    await step(house, verifier)
    assert len(looks.asked) == 1
    dead = [t for t in await house.rows(tables.Transition) if t.noun == "account"]
    assert len(dead) == 1


async def test_a_paused_source_is_looked_through_too(house: House) -> None:
    source_id = await heard(house)
    looks, verifier = looking(house)
    async with house.db.write() as session:
        await move(
            session, "source", source_id, "listening", "paused", brand_id=house.brand_id, actor="user:1", now=NOON
        )
    looks.gone = {"1"}
    await step(house, verifier)
    assert (await texts(house))["1"] == ""


async def test_a_process_that_dies_while_it_writes_looks_at_the_same_posts_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    source_id = await heard(house)
    looks, verifier = looking(house)
    looks.gone = {"1"}

    async def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(verification, "apply", die)
        with pytest.raises(KeyboardInterrupt):
            await step(house, verifier)
    assert (await house.get(source_id)).verified_up_to == 0
    await step(house, verifier)
    assert (await texts(house))["1"] == ""


async def test_of_two_workers_only_one_moves_the_round(either: House) -> None:
    source_id = await heard(either, 25)
    _, verifier = looking(either)
    await step(either, verifier)
    source = await either.get(source_id)
    async with either.db.write() as session:
        assert await verification.move_on(session, source, verified_up_to=source.verified_up_to + 1)
    async with either.db.write() as session:
        assert not await verification.move_on(session, source, verified_up_to=5)


async def test_posts_of_other_sources_in_between_are_stepped_over(
    either: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A batch looks at a stretch of the table at most, so few posts among many take some more steps."""
    monkeypatch.setattr(verification, "STRETCH", 4)
    rare = await either.source("rare", tape="rare")
    await either.source("busy", tape="busy")
    either.tape.posts = {"rare": [post("r1")], "busy": [post(f"b{n}") for n in range(20)]}
    await either.due()
    either.tape.posts["rare"].append(post("r2"))
    await either.due()
    looks, verifier = looking(either)
    for _ in range(12):
        either.clock.move(901)
        await verifier.verify(rare, either.clock.now())
    assert [names for _, names in looks.asked] == [("r1",), ("r2",)]
    assert (await either.get(rare)).verified_at is not None


async def test_an_edited_post_that_cannot_be_stored_costs_only_itself(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await heard(house)
    looks, verifier = looking(house)
    house.tape.posts["a"][0] = post("1", "edited, and storable")
    house.tape.posts["a"][1] = post("2", "edited, and poison")
    looks.gone = {"3"}
    real = verification.apply

    async def picky(session: Any, page: Any) -> Any:
        if any("poison" in arrival.mention.text for arrival in page.arrivals):
            raise ValueError("no database takes this")
        return await real(session, page)

    monkeypatch.setattr(verification, "apply", picky)
    await step(house, verifier)
    found = await texts(house)
    assert (found["1"], found["3"]) == ("edited, and storable", "")
    assert "poison" not in found["2"]


async def test_more_posts_than_may_be_looked_at_are_looked_at_no_faster_and_that_is_told(either: House) -> None:
    """At most ten looks a day and 25 posts: three days pay for thirty looks, and the sources page says so."""
    source_id = await heard(either, 25)
    looks, verifier = looking(either, batch=5)
    bound(either, 10)
    end = either.clock.now() + timedelta(days=3)
    while either.clock.now() < end:
        await step(either, verifier)
        source = await either.get(source_id)
        assert source.next_verify_at is not None
        either.clock.move((source.next_verify_at - either.clock.now()).total_seconds())
        assert source.verify_error.startswith(
            "15 of 25 stored posts are not looked at within 24 hours, some not since "
        )
    assert sum(len(names) for _, names in looks.asked) == 30
    assert {name for _, names in looks.asked for name in names} == {str(n) for n in range(1, 26)}
    bound(either, 25)
    await step(either, verifier)
    assert (await either.get(source_id)).verify_error == ""


async def test_only_what_still_has_words_counts_for_the_bound(house: House) -> None:
    source_id = await heard(house, 6)
    looks, verifier = looking(house, batch=3)
    bound(house, 4)
    looks.gone = {"1", "2"}
    await step(house, verifier)
    assert (await house.get(source_id)).stored == 6
    assert (await house.get(source_id)).verify_error == ""


def test_the_pace_spreads_a_round_and_has_bounds() -> None:
    assert pace(43_200, 100, 1_000_000) == pytest.approx(3.456)
    assert pace(43_200, 100, 100_000_000) == 1.0
    assert pace(43_200, 10, 30) == 900.0
