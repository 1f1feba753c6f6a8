"""The main job under one review of a store, on the emulated App Store: answered once, answered anew when its author has
changed it, and left alone where a colleague was faster."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from commands.wiring import new_account_row
from domain.account import Account
from domain.clock import SystemClock
from tests.channels.network import Network, serving
from tests.emulators.appstore import APP, ISSUER, AppStore, document_id, secrets, stamp
from tests.flows.house import Running, running_house, settings_for

SOURCE = "Our app"
FIRST = "the app crashes all the time and nobody answers, this is unacceptable"
CHANGED = "it still crashes after the update, I want my money back"
THEIRS = "Dear Mara, please call me at the depot. Ben"


@pytest.fixture
def store() -> AppStore:
    return AppStore(now=SystemClock().now)


@pytest.fixture
async def network(store: AppStore) -> AsyncIterator[Network]:
    books = Network()
    async with serving(books, store.routes()):
        yield books


@pytest.fixture
async def flow(network: Network, tmp_path: Path) -> AsyncIterator[Running]:
    reach = (network.base.partition("//")[2],)
    async with running_house(settings_for(tmp_path / "data", reach=reach)) as running:
        await join(running, network)
        yield running


async def join(flow: Running, network: Network) -> None:
    """A brand with its account on the emulated store (the form knows only Apple's own address) and one source."""
    brand = await flow.brand("Norda", languages=["en"])
    account = Account(0, "appstore", "Norda Rail", ISSUER, network.base)
    async with flow.house.database.write() as session:
        row = new_account_row(flow.house, brand, account, secrets())
        session.add(row)
    await flow.me.add_source(brand, "appstore", SOURCE, str(row.id), kind="account", app_id=APP, countries="us")
    await flow.me.do("/publishing/start")


def minutes_ago(minutes: float) -> str:
    return stamp(SystemClock().now() - timedelta(minutes=minutes))


async def approve(flow: Running, words: str) -> dict[str, Any]:
    """Say yes to the draft for these words; the reply as it was."""
    reply: dict[str, Any] = (await flow.drafted(words))["reply"]
    done = await flow.me.do(f"/replies/{reply['id']}/approve", text=reply["text"], version=reply["version"])
    assert done["status"] == "approved"
    return reply


def stands(store: AppStore) -> str:
    return str(store.responses[document_id(1)]["attributes"]["responseBody"])


async def test_a_review_is_answered_and_answered_anew_when_its_author_has_changed_it(flow: Running, store: AppStore):
    store.review(FIRST, 1, rating=1, title="Bad", at=minutes_ago(30))
    case = await flow.hear_until(SOURCE, FIRST)
    assert "★☆☆☆☆ Bad" in await flow.me.page(f"/cases/{case['id']}")
    first = await approve(flow, FIRST)
    assert (await flow.with_reply(FIRST, "sent"))["status"] == "waiting"
    assert stands(store) == first["text"]

    store.responses[document_id(1)]["attributes"]["lastModifiedDate"] = minutes_ago(20)
    store.review(CHANGED, 1, at=minutes_ago(1))
    again = await flow.hear_until(SOURCE, CHANGED)
    assert (again["id"], again["status"]) == (case["id"], "open")
    second = await approve(flow, CHANGED)
    assert (await flow.with_reply(CHANGED, "sent"))["status"] == "waiting"
    assert stands(store) == second["text"] != first["text"]
    await flow.hear(SOURCE)
    await flow.quiet()
    assert len(store.received) == 2
    assert store.violations == []


async def test_a_colleague_who_was_faster_is_left_alone_and_the_person_reads_why(flow: Running, store: AppStore):
    store.review(FIRST, 1, rating=1, at=minutes_ago(30))
    case = await flow.hear_until(SOURCE, FIRST)
    await flow.drafted(FIRST)
    store.answer(1, THEIRS, SystemClock().now())
    await approve(flow, FIRST)
    await flow.with_reply(FIRST, "refused")
    assert "somebody has answered meanwhile" in await flow.me.page(f"/cases/{case['id']}")
    assert (stands(store), store.received) == (THEIRS, [])
