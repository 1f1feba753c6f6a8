"""What a new user meets first: the example says that it is one, and publishing says how it is turned on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from commands.first_run import add_demo, first_person
from commands.stopping import stop
from tests.flows.house import Running, running_house, settings_for

HINT = "a fictional railway with made-up posts"


@pytest.fixture
async def flow(tmp_path: Path) -> AsyncIterator[Running]:
    async with running_house(settings_for(tmp_path / "data")) as running:
        await add_demo(running.house, 60.0)
        await first_person(running.house)
        yield running


async def test_the_example_leads_to_an_own_brand_until_it_is_sent_away(flow: Running):
    page = await flow.me.page("/queue")
    assert HINT in page
    assert 'href="/welcome"' in page
    await flow.me.do("/queue/example-seen", then="/queue")
    assert HINT not in await flow.me.page("/queue")


async def test_an_own_brand_needs_no_hint(flow: Running):
    await flow.brand("Brightwell Tea")
    assert HINT not in await flow.me.page("/queue")


async def test_publishing_is_turned_on_in_the_settings_but_not_against_the_stop_file(flow: Running):
    assert "It has never been turned on here." in await flow.me.page("/settings")
    await flow.me.do("/publishing/start")
    assert "Approved replies leave by API" in await flow.me.page("/settings")
    await stop(flow.house.settings, "storm")
    page = await flow.me.page("/settings")
    assert "stopped by the file STOP" in page
    assert "Turn publishing on" not in page
    status, said = await flow.me.send("/publishing/start", {})
    assert status == 422
    assert "remove it first" in said["detail"]
    (flow.house.settings.data_dir / "STOP").unlink()
    page = await flow.me.page("/settings")
    assert "Storm." in page
    assert "Turn publishing on" in page
