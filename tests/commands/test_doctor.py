"""`doctor`: each thing that is wrong is named with its mend, and one trouble hides no other."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlalchemy import text

from commands.doctor import examine
from commands.wiring import build, new_account_row
from config.settings import Model, Settings
from domain.account import Account
from domain.clock import SystemClock
from domain.errors import BadInput
from listener.onboarding import add_brand, add_source
from storage import sources
from storage.seals import seal_all
from tests.migrated import make_current
from tests.responders.model_server import Play, model_server


@pytest.fixture
async def refusing() -> AsyncIterator[TestServer]:
    """A Mastodon server that knows none of our tokens."""

    async def refuse(request: web.Request) -> web.Response:
        return web.json_response({"error": "The access token is invalid"}, status=401)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", refuse)
    server = TestServer(app)
    await server.start_server()
    yield server
    await server.close()


@pytest.fixture
async def settings(tmp_path: Path, refusing: TestServer) -> Settings:
    found = Settings(data_dir=tmp_path, outbound_allow=[f"127.0.0.1:{refusing.port}"])
    await make_current(found.database)
    return found


async def test_a_new_installation_is_well(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    assert await examine(settings) is True
    said = capsys.readouterr().out
    assert "all well" in said
    assert "database: sqlite, current schema" in said


async def test_a_wrong_token_is_named_with_its_mend_and_never_printed(
    settings: Settings, refusing: TestServer, capsys: pytest.CaptureFixture[str]
) -> None:
    house, now = build(settings), SystemClock().now()
    address = f"http://127.0.0.1:{refusing.port}"
    async with house.database.write() as session:
        brand = await add_brand(session, "Norda", now, languages=["en"])
        account = Account(0, "mastodon", "norda@social.example", "1", address)
        row = new_account_row(house, brand.id, account, {"secret_token": "hush-token"})
        session.add(row)
        await session.flush()
        manifest = house.channels["mastodon"]
        well = add_source(session, brand.id, manifest, "#norda", {"tag": "norda", "base_url": address}, now)
        mine = add_source(session, brand.id, manifest, "our mentions", {"kind": "mentions"}, now, row.id)
    await house.listener.poll(mine.id)
    await house.close()
    assert await examine(settings) is False
    said = capsys.readouterr().out
    assert "account norda@social.example on mastodon: sign-in failed" in said
    assert "connect it again on the accounts page" in said
    assert "bad  source our mentions: stopped" in said
    assert "ok   source #norda: listening" in said
    assert "hush-token" not in said
    assert well.id != mine.id


async def test_failing_sources_and_changed_history_are_bad(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    house, now = build(settings), SystemClock().now()
    async with house.database.write() as session:
        brand = await add_brand(session, "Norda", now)
        source = add_source(session, brand.id, house.channels["rss"], "forum", {"url": "https://forum.example/f"}, now)
        await session.flush()
        await sources.failed(session, source.id, now, "forum.example answered 503", stop=False)
    await seal_all(house.database, now)
    async with house.database.engine.begin() as connection:
        await connection.execute(text("DROP TRIGGER transition_no_change"))
        await connection.execute(text("UPDATE transition SET actor = 'user:9'"))
    await house.close()
    assert await examine(settings) is False
    said = capsys.readouterr().out
    assert "source forum: failing: forum.example answered 503" in said
    assert "history of Norda: seals [1] do not hold" in said


async def test_a_key_file_that_is_not_ours_is_said_once_per_account(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    house, now = build(settings), SystemClock().now()
    async with house.database.write() as session:
        brand = await add_brand(session, "Norda", now)
        account = Account(0, "mastodon", "norda", "1", "https://social.example")
        session.add(new_account_row(house, brand.id, account, {"secret_token": "x"}))
    await house.close()
    (settings.data_dir / "secret.key").unlink()
    assert await examine(settings) is False
    assert "put the right key file back" in capsys.readouterr().out.replace("\n", " ")


async def test_budgets_are_told_and_a_spent_one_says_when_it_begins_anew(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    house, now = build(settings), SystemClock().now()
    meter = {"day": now.date().isoformat(), "micros": 10_000_000, "billed": []}
    async with house.database.write() as session:
        brand = await add_brand(session, "Norda", now, languages=["en"])
        source = add_source(session, brand.id, house.channels["x"], "X", {"kind": "search"}, now)
        source.cursor, source.last_ok_at = {"meter": meter}, now
    await house.close()
    await examine(settings)
    said = capsys.readouterr().out
    assert "note budget of source X: US$ 10.00 of US$ 8.00 used today for new posts" in said
    assert "it reads on at 00:00 UTC" in said


@pytest.mark.parametrize(
    ("days", "error", "said"),
    [
        (40, "", None),
        (13, "", "it ends on"),
        (40, "too young", "not renewed yet, and tried again by itself: too young; it ends on"),
        (None, "too young", "not renewed yet, and tried again by itself: too young"),
    ],
)
async def test_a_sign_in_that_ends_soon_or_is_not_renewed_is_told(
    settings: Settings, capsys: pytest.CaptureFixture[str], days: int | None, error: str, said: str | None
) -> None:
    house, now = build(settings), SystemClock().now()
    async with house.database.write() as session:
        brand = await add_brand(session, "Norda", now, languages=["en"])
        row = new_account_row(house, brand.id, Account(0, "sandbox", "norda", "1", "http://127.0.0.1:0"), {})
        row.good_until, row.renew_error = now + timedelta(days=days) if days else None, error
        session.add(row)
    await house.close()
    assert await examine(settings) is True
    told = capsys.readouterr().out
    assert "sign-in of norda on sandbox" in told if said else "sign-in of" not in told
    assert (said or "") in told


def with_model(settings: Settings, server: TestServer) -> Settings:
    """The same installation with an optional model at this server."""
    model = Model(url=f"http://127.0.0.1:{server.port}/v1", name="small-model", prompt_price=0, answer_price=0)
    return settings.model_copy(update={"model": model})


async def test_a_model_that_refuses_our_key_is_named_and_the_rest_goes_on(
    settings: Settings, refusing: TestServer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await examine(with_model(settings, refusing)) is False
    said = capsys.readouterr().out
    assert f"bad  model: http://127.0.0.1:{refusing.port}/v1: HTTP 401" in said
    assert "check [model] in earshot.toml; drafts are composed without it" in said


async def test_a_model_that_answers_is_told_with_what_it_cost_today(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    async with model_server(lambda asked: Play()) as server:
        allowed = settings.model_copy(update={"outbound_allow": [f"127.0.0.1:{server.port}"]})
        model = Model(url=server.url, name="small-model", prompt_price=0, answer_price=0)
        assert await examine(allowed.model_copy(update={"model": model})) is True
    assert "answers, 0.00 of 1.00 spent today in 0 of 1000 question(s)" in capsys.readouterr().out


async def test_without_a_model_nothing_is_said_of_one(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    await examine(settings)
    assert "model" not in capsys.readouterr().out


async def test_a_model_is_asked_in_the_clear_only_where_that_is_listed(settings: Settings) -> None:
    model = Model(url="http://model.example/v1", name="small-model", prompt_price=0, answer_price=0)
    with pytest.raises(BadInput, match=r"list model\.example:80 in outbound_allow"):
        build(settings.model_copy(update={"model": model}))


async def test_a_damaged_reader_is_told_with_what_to_do(
    settings: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged() -> bool:
        raise BadInput("reader.npz: damaged: restore it as it was delivered")

    monkeypatch.setattr("responders.rules.reader.runs", damaged)
    assert not await examine(settings)
    assert "reader.npz: damaged: restore it as it was delivered" in " ".join(capsys.readouterr().out.split())


async def test_a_damaged_reader_of_posts_is_told_with_what_to_do(
    settings: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged() -> None:
        raise BadInput("posts.npz: damaged: restore it as it was delivered")

    monkeypatch.setattr("responders.rules.reader.runs", lambda: True)
    monkeypatch.setattr("responders.rules.posts.learned", damaged)
    assert not await examine(settings)
    assert "posts.npz: damaged: restore it as it was delivered" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(("runs", "said"), [(True, "read by their meaning"), (False, "word lists alone")])
async def test_how_sentences_are_read_is_told(
    settings: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, runs: bool, said: str
) -> None:
    monkeypatch.setattr("responders.rules.reader.runs", lambda: runs)
    assert await examine(settings)
    assert said in " ".join(capsys.readouterr().out.split())
