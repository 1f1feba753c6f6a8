"""The real house on loopback for whole jobs: every part wired as the commands wire it, its desk behind a real server,
its steps swept all the time. The listener hears when a test says so, because networks ask for slow polling."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from pydantic import SecretStr
from sqlmodel import col, select

from alerts.worker import steps as alert_steps
from commands.first_run import first_person
from commands.serve import DeskServer, _server
from commands.wiring import House, build, desk_parts
from config.settings import Publishing, Settings
from listener.keeping import Heard
from listener.onboarding import add_brand
from responders.worker import steps as reply_steps
from storage.migrate import migrate
from storage.tables import SourceRow
from tests.postgres import free_port
from web.parts import Parts as Desk
from web.sign_in import make_sign_in_link

WAIT_S = 120.0
"""What does not come until then never comes."""
_SWEEP_S = 0.1
_LOOK_S = 0.1


@dataclass
class SignedIn:
    """A person at the desk, in a browser without a window: real requests with the cookie of a real sign-in."""

    address: str
    http: aiohttp.ClientSession

    async def use(self, link: str) -> None:
        """Sign in by a one-time link."""
        token = link.rpartition("/")[2]
        assert (await self.send("/sign-in/link", {"token": token}))[0] == 303

    async def read(self, path: str) -> Any:
        """A page as JSON."""
        async with self.http.get(self.address + path, headers={"accept": "application/json"}) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def page(self, path: str) -> str:
        """A page as people see it."""
        async with self.http.get(self.address + path, headers={"accept": "text/html"}) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.text()

    async def send(self, path: str, fields: dict[str, Any]) -> tuple[int, Any]:
        """Send an action; the status, and what the desk said."""
        headers = {"accept": "application/json", "origin": self.address}
        async with self.http.post(self.address + path, json=fields, headers=headers, allow_redirects=False) as answer:
            said = await answer.json() if "json" in answer.content_type else None
            return answer.status, said

    async def do(self, path: str, **fields: Any) -> Any:
        """Send an action that must work."""
        status, said = await self.send(path, fields)
        assert status in (200, 303), (path, status, said)
        return said

    async def add_account(self, brand_id: int, channel: str, **fields: str) -> str:
        """Add an account by the form; its id, as the form of a source offers it."""
        await self.do("/accounts", brand_id=str(brand_id), channel=channel, **_prefixed(fields))
        options = re.findall(r'<option value="(\d+)">', await self.page(f"/sources?add={channel}"))
        return str(options[-1])

    async def add_source(self, brand_id: int, channel: str, name: str, account_id: str = "", **fields: str) -> None:
        """Listen somewhere by the form."""
        given = {"brand_id": str(brand_id), "channel": channel, "name": name, "account_id": account_id}
        await self.do("/sources", **given, **_prefixed(fields))

    async def case_with(self, words: str) -> dict[str, Any] | None:
        """The case whose posts hold these words, None while there is none."""
        for row in (await self.read("/queue?status=all"))["cases"]:
            if words in row["text"]:
                found: dict[str, Any] = await self.read(f"/cases/{row['id']}")
                return found | {"row": row}
        return None


def _prefixed(fields: dict[str, str]) -> dict[str, str]:
    return {f"set_{name}": value for name, value in fields.items()}


@dataclass
class Running:
    """A house at work. `me` is its first person, an admin, signed in."""

    house: House
    address: str
    me: SignedIn
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    async def brand(self, name: str, **values: Any) -> int:
        """A brand with one topic, its name; and our first person as its admin."""
        async with self.house.database.write() as session:
            brand = await add_brand(session, name, self.house.clock.now(), **values)
        await first_person(self.house)
        return brand.id

    async def source(self, name: str) -> SourceRow:
        """A source as stored."""
        async with self.house.database.read() as session:
            return (await session.exec(select(SourceRow).where(col(SourceRow.name) == name))).one()

    async def hear(self, name: str) -> Heard | None:
        """Poll one source now; a stream is followed until the other side ends it."""
        source = await self.source(name)
        if source.settings.get("kind") == "stream":
            await self.house.listener.stream(source.id)
            return None
        return await self.house.listener.poll(source.id)

    async def run_once(self) -> int:
        """Poll what is due, as the listener's own round does."""
        return await self.house.listener.run_once()

    async def hear_until(self, name: str, words: str, limit_s: float = WAIT_S) -> dict[str, Any]:
        """Poll until there is a case with these words: networks deliver from queues."""

        async def look() -> dict[str, Any] | None:
            await self.hear(name)
            return await self.me.case_with(words)

        found: dict[str, Any] = await until(look, f"a case with {words!r}", limit_s)
        return found

    async def drafted(self, words: str, limit_s: float = WAIT_S) -> dict[str, Any]:
        """The case with these words as soon as its draft is ready."""
        return await self.with_reply(words, "drafted", limit_s)

    async def with_reply(self, words: str, status: str, limit_s: float = WAIT_S) -> dict[str, Any]:
        """The case with these words as soon as its newest reply has this status."""

        async def look() -> dict[str, Any] | None:
            case = await self.me.case_with(words)
            return case if case is not None and reply_status(case) == status and _agrees(case, status) else None

        found: dict[str, Any] = await until(look, f"the reply to {words!r} being {status}", limit_s)
        return found

    async def quiet(self, rounds: int = 8) -> None:
        """Let the sweep come by several times and every step end."""
        for _ in range(rounds):
            await asyncio.sleep(_SWEEP_S)
            await self.house.jobs.sweep()


def reply_status(case: dict[str, Any]) -> str:
    """The last status of a reply that the history of a case tells."""
    return next((str(event["new"]) for event in reversed(case["history"]) if event["noun"] == "reply"), "")


def _agrees(case: dict[str, Any], status: str) -> bool:
    """The reply as read is as far as the history: on PostgreSQL they are two looks, and something may fall between."""
    return case["reply"] is None or case["reply"]["status"] == status


async def until(look: Callable[[], Awaitable[Any]], what: str, limit_s: float) -> Any:
    """Ask until there is an answer; fail naming what was waited for."""
    loop = asyncio.get_running_loop()
    give_up_at = loop.time() + limit_s
    while True:
        if (found := await look()) is not None:
            return found
        assert loop.time() < give_up_at, f"not within {limit_s:.0f} s: {what}"
        await asyncio.sleep(_LOOK_S)


def settings_for(folder: Path, database_url: str = "", reach: tuple[str, ...] = (), undo_s: float = 0.0) -> Settings:
    """Settings of a house in this folder. `reach` are the host:port of test servers it may ask."""
    folder.mkdir(parents=True, exist_ok=True)
    return Settings(
        port=free_port(),
        data_dir=folder,
        database_url=SecretStr(database_url),
        outbound_allow=list(reach),
        publishing=Publishing(undo_s=undo_s),
    )


@asynccontextmanager
async def running_house(settings: Settings) -> AsyncIterator[Running]:
    """Start everything but the poll loop; stop it all at the end."""
    await migrate(settings.database)
    house = build(settings)
    person = await first_person(house)
    house.jobs.use(reply_steps(house.responding) | alert_steps(house.alerting))
    await house.jobs.start()
    parts = desk_parts(house)
    server = _server(house, parts)
    tasks = [asyncio.create_task(server.serve()), asyncio.create_task(_sweeping(house))]
    try:
        while not server.started:  # noqa: ASYNC110  (uvicorn has no event for it)
            await asyncio.sleep(0.01)
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
            me = SignedIn(settings.address, http)
            async with house.database.write() as session:
                link = await make_sign_in_link(session, person.id, house.clock.now())
            await me.use(link)
            yield Running(house, settings.address, me, tasks)
    finally:
        await _stop(house, parts, server, tasks)


async def _sweeping(house: House) -> None:
    while True:
        await house.jobs.sweep()
        await asyncio.sleep(_SWEEP_S)


async def _stop(house: House, parts: Desk, server: DeskServer, tasks: list[asyncio.Task[None]]) -> None:
    parts.live.close()
    server.should_exit = True
    tasks[1].cancel()
    with suppress(asyncio.CancelledError):
        await asyncio.gather(*tasks)
    await asyncio.wait(tasks, timeout=3)
    await house.jobs.stop()
    await house.close()
