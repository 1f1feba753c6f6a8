"""`account add`: tried before it is stored, secrets never on the command line, and again only as the same account."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlmodel import select
from typer.testing import CliRunner

from commands.accounts import add_account, list_accounts
from commands.app import app
from commands.wiring import account_opener, build
from config.settings import Settings
from domain.clock import SystemClock
from domain.errors import BadInput
from listener.onboarding import add_brand
from storage import sources
from storage.tables import AccountRow
from tests.byte_search import found
from tests.channels.network import Network, serving
from tests.emulators.mastodon import MastodonServer
from tests.migrated import make_current

TOKEN = "EARSHOT_ACCOUNT_SECRET_TOKEN"


@dataclass
class Place:
    """A data folder with one brand, and a Mastodon server."""

    settings: Settings
    server: MastodonServer
    base: str

    async def add(self, *given: str, channel: str = "mastodon", again: str = "", **more: object) -> None:
        fields = [f"base_url={self.base}", *given]
        await add_account(self.settings, channel, "", fields, again, **more)  # type: ignore[arg-type]

    async def accounts(self) -> list[AccountRow]:
        house = build(self.settings)
        async with house.database.read() as session:
            rows = list(await session.exec(select(AccountRow)))
        await house.close()
        return rows


@pytest.fixture
async def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Place]:
    server, network = MastodonServer(), Network()
    async with serving(network, server.routes()):
        port = network.base.rpartition(":")[2]
        settings = Settings(data_dir=tmp_path, outbound_allow=[f"127.0.0.1:{port}"])
        await make_current(settings.database)
        house = build(settings)
        async with house.database.write() as session:
            await add_brand(session, "Norda", SystemClock().now(), languages=["en"])
        await house.close()
        monkeypatch.delenv(TOKEN, raising=False)
        yield Place(settings, server, network.base)


async def test_a_good_account_is_tried_stored_and_its_secret_sealed(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(TOKEN, place.server.token)
    await place.add()
    (row,) = await place.accounts()
    assert (row.channel, row.external_id, row.status, row.labelled) == (
        "mastodon",
        place.server.own_id,
        "working",
        False,
    )
    said = capsys.readouterr().out
    assert "works and is stored for Norda" in said
    assert place.server.token not in said
    house = build(place.settings)
    assert account_opener(house.vault)(row).secrets == {"secret_token": place.server.token}
    assert await found(house.database, [place.server.token]) == {}
    await house.close()


async def test_a_refused_one_is_not_stored(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TOKEN, "wrong")
    with pytest.raises(BadInput, match="did not accept"):
        await place.add()
    assert await place.accounts() == []


async def test_secrets_are_asked_for_and_refused_as_options(place: Place) -> None:
    asked: list[tuple[str, bool]] = []

    def prompt(label: str, secret: bool) -> str:
        asked.append((label, secret))
        return place.server.token

    await place.add(prompt=prompt)
    assert asked == [("Access token", True)]
    with pytest.raises(BadInput, match="--set secret_token"):
        await place.add("secret_token=abc")
    with pytest.raises(BadInput, match=TOKEN):
        await place.add()


async def test_again_must_be_the_same_account_and_wakes_what_stopped(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(TOKEN, place.server.token)
    await place.add()
    (row,) = await place.accounts()
    house, now = build(place.settings), SystemClock().now()
    async with house.database.write() as session:
        await sources.account_dead(session, row.id, "token revoked", now)
    await house.close()
    place.server.own_id = "999"
    with pytest.raises(BadInput, match="nothing was changed"):
        await place.add(again=row.handle)
    assert [(r.status, r.secrets) for r in await place.accounts()] == [("dead", row.secrets)]
    place.server.own_id = row.external_id
    await add_account(place.settings, "mastodon", "norda", [], str(row.id))
    assert [r.status for r in await place.accounts()] == ["working"]
    await list_accounts(place.settings)
    assert f"{row.id}  Norda  mastodon  {row.handle}  working" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("channel", "brand", "given", "again", "said"),
    [
        ("rss", "", [], "", "no channel that takes accounts"),
        ("nowhere", "", [], "", "no channel that takes accounts"),
        ("mastodon", "velotti", [], "", "known are norda"),
        ("mastodon", "", ["base_url"], "", "name=value"),
        ("mastodon", "", [], "nobody", "0 accounts are called so"),
    ],
)
async def test_what_is_wrong_is_named_with_its_mend(
    place: Place, channel: str, brand: str, given: list[str], again: str, said: str
) -> None:
    with pytest.raises(BadInput, match=said):
        await add_account(place.settings, channel, brand, given, again)


def test_the_command_is_there_with_its_words() -> None:
    shown = CliRunner().invoke(app, ["account", "add", "--help"], env={"COLUMNS": "200", "NO_COLOR": "1"})
    assert shown.exit_code == 0
    assert "--again" in shown.output
    assert "EARSHOT_ACCOUNT_SECRET_" in shown.output
