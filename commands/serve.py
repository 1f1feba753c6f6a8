"""Starts the house: database, listener, steps, ticks and the desk in one process, and stops it cleanly.

uvicorn takes over signals by itself, so that clean-up never runs; here the signals are ours: first the live streams
end, then the server, then the workers, all within three seconds.
"""

from __future__ import annotations

import asyncio
import ipaddress
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Iterable
from contextlib import nullcontext, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import structlog
import uvicorn
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from rich.console import Console

from alerts.worker import steps as alert_steps
from alerts.worker import ticks as alert_ticks
from commands.collector import settle_collector
from commands.first_run import add_demo, first_person, has_brand, needs_sandbox, point_at
from commands.recovery import rescue_ticks, take_up
from commands.wiring import House, build, desk_parts, reader_for
from config.settings import Settings
from domain import remembering
from domain.errors import BadInput
from listener import grouping, retaining
from net import metrics
from net.logs import configure
from responders.worker import steps as reply_steps
from storage.database import lock_data_dir
from storage.jobs import Tick
from storage.migrate import migrate
from storage.replies import overdue_s
from storage.seals import seal_all
from web.app import create_app
from web.parts import Parts as Desk
from web.sign_in import make_sign_in_link

log = structlog.get_logger()
say = Console(highlight=False).print

_STOP_S = 2.5
_SWEEP_S = 1.0
_SEAL_S = 5.0
_DEMO_SPEED = 60.0


class DeskServer(uvicorn.Server):
    """A uvicorn server that leaves the signals to us."""

    def capture_signals(self) -> nullcontext[None]:  # type: ignore[override]
        """No handlers of its own."""
        return nullcontext()


def check_address(settings: Settings) -> None:
    """Refuse to listen on an address that others reach, unless TLS is there or a person said so."""
    _check_tls(settings)
    if settings.tls_cert or settings.behind_tls or settings.allow_public_http or _is_loopback(settings.host):
        return
    raise BadInput(
        f"refusing to listen on {settings.host} without TLS: passwords and drafts would travel in the clear.\n"
        "Set tls_cert and tls_key, or --behind-tls when a proxy before us does TLS, "
        "or --allow-public-http to do it anyway."
    )


def _check_tls(settings: Settings) -> None:
    if bool(settings.tls_cert) != bool(settings.tls_key):
        raise BadInput("TLS needs both tls_cert and tls_key: set the one that is missing")
    for name, path in (("tls_cert", settings.tls_cert), ("tls_key", settings.tls_key)):
        if path is not None and not path.is_file():
            raise BadInput(f"{name}: there is no file {path}")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def free_port(wanted: int) -> int:
    """`wanted` when nobody listens there, else any free one of this machine."""
    for port in (wanted, 0):
        with socket.socket() as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    raise BadInput("no free port on 127.0.0.1")


def check_port(settings: Settings) -> None:
    """One clear error when somebody else listens where the desk should."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise BadInput(
                f"cannot listen on {settings.host}:{settings.port} ({error.strerror}): "
                "stop what uses it, or choose another --port"
            ) from None


Prepare = Callable[[House], Awaitable[None]]


async def serve(settings: Settings, *, web: bool = True, work: bool = True, prepare: Prepare | None = None) -> None:
    """Run until SIGINT or SIGTERM. `prepare` adds what a command wants watched before anything starts."""
    configure(settings.log_level, settings.log_json)
    if web:
        check_address(settings)
        check_port(settings)
    alone = settings.database.startswith("sqlite")
    lock = lock_data_dir(settings.data_dir) if alone else None
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    say("[dim]1/3[/dim] database …", end=" ")
    changed = await migrate(settings.database)
    say("brought to the current schema" if changed else "ready")
    sandbox_port = free_port(settings.port + 1)
    settings = settings.model_copy(update={"outbound_allow": [*settings.outbound_allow, f"127.0.0.1:{sandbox_port}"]})
    house = build(settings)
    try:
        await _prepare(house, prepare)
        sandbox = await _start_sandbox(house, sandbox_port) if web and work else None
        await _run(house, stop, web=web, work=work)
        if sandbox is not None:
            await _end(sandbox)
    finally:
        await house.close()
        if lock is not None:
            lock.close()


async def _prepare(house: House, prepare: Prepare | None) -> None:
    if prepare is not None:
        await prepare(house)
    elif not await has_brand(house):
        await add_demo(house, _DEMO_SPEED)
    await first_person(house)


async def _start_sandbox(house: House, port: int) -> asyncio.subprocess.Process | None:
    """The sandbox network is a process of its own, with its own books."""
    if not await needs_sandbox(house):
        return None
    await point_at(house, f"http://127.0.0.1:{port}")
    folder = house.settings.data_dir / "sandbox"
    run = Path(__file__).parent.parent / "run.py"
    return await asyncio.create_subprocess_exec(
        sys.executable, str(run), "sandbox", "--port", str(port), "--folder", str(folder), "--quiet",
        env={**os.environ, "EARSHOT_NO_BOOTSTRAP": "1"}, start_new_session=True,
    )  # fmt: skip


async def _end(child: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        child.terminate()
    try:
        await asyncio.wait_for(child.wait(), 1.0)
    except TimeoutError:
        child.kill()


async def _run(house: House, stop: asyncio.Event, *, web: bool, work: bool) -> None:
    scheduler = AsyncIOScheduler(timezone=UTC)
    tasks: list[asyncio.Task[None]] = []
    if work:
        say("[dim]2/3[/dim] listening …", end=" ")
        await _start_work(house, scheduler)
        tasks.append(asyncio.create_task(house.listener.run(), name="listener"))
        say("started")
    await house.teacher.look(house.clock.now())
    # whoever scores needs the lessons, and whoever reads forgets: also the desk alone
    _add_ticks(house, scheduler, [*house.teacher.ticks(), Tick("forget", remembering.EVERY_S, _forget)])
    scheduler.start()
    parts = desk_parts(house)
    server = _server(house, parts) if web else None
    if server is not None:
        say("[dim]3/3[/dim] desk …", end=" ")
        tasks.append(asyncio.create_task(server.serve(), name="desk"))
        await _started(house, server, tasks[-1])
        say(f"open at [bold]{house.settings.address}[/bold]")
        await _print_link(house)
    settle_collector()
    await _until(stop, tasks)
    say("stopping …")
    parts.live.close()
    if server is not None:
        server.should_exit = True
        server.force_exit = False
    scheduler.shutdown(wait=False)
    await _stop_tasks(tasks)
    await house.jobs.stop()
    await parts.live.finish()


async def _start_work(house: House, scheduler: AsyncIOScheduler) -> None:
    kept = retaining.steps(house.database) | house.verifier.steps() | house.renewer.steps() | house.teacher.steps()
    house.jobs.use(reply_steps(house.responding) | alert_steps(house.alerting) | kept)
    await take_up(house)
    await house.jobs.start()

    async def seal(now: datetime) -> None:
        await seal_all(house.database, now)

    ticks = [*alert_ticks(house.alerting), *rescue_ticks(house), *retaining.ticks(house.database)]
    ticks += grouping.ticks(house.database, reader_for)
    ticks.append(Tick("seal", _SEAL_S, seal))
    scheduler.add_job(_guarded(house, "sweep", house.jobs.sweep), "interval", seconds=_SWEEP_S, max_instances=1)
    scheduler.add_job(_guarded(house, "loop lag", partial(_measure_lag, house)), "interval", seconds=_SWEEP_S)
    _add_ticks(house, scheduler, ticks)


async def _forget(_now: datetime) -> None:
    remembering.forget()


def _add_ticks(house: House, scheduler: AsyncIOScheduler, ticks: Iterable[Tick]) -> None:
    for tick in ticks:

        async def run(tick: Tick = tick) -> None:
            await tick.run(house.clock.now())

        scheduler.add_job(_guarded(house, tick.name, run), "interval", seconds=tick.every_s, max_instances=1)


async def _measure_lag(house: House) -> None:
    began = house.clock.monotonic()
    await house.clock.sleep(0)
    metrics.LOOP_LAG.observe(house.clock.monotonic() - began)
    async with house.database.read() as session:
        metrics.SWEEP_LAG.set(await overdue_s(session, house.clock.now()))


def _guarded(house: House, name: str, run: Callable[[], Awaitable[object]]) -> Callable[[], Awaitable[None]]:
    """A tick that fails is logged and comes again; it never ends the scheduler."""

    async def tick() -> None:
        try:
            await run()
        except asyncio.CancelledError:
            return  # the scheduler ends, and would log a tick that it cut off as a fault
        except Exception:
            log.exception("tick failed", tick=name)

    return tick


def _server(house: House, parts: Desk) -> DeskServer:
    settings = house.settings
    config = uvicorn.Config(
        create_app(parts),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=settings.behind_tls,
        ssl_certfile=str(settings.tls_cert) if settings.tls_cert else None,
        ssl_keyfile=str(settings.tls_key) if settings.tls_key else None,
        timeout_graceful_shutdown=1,
    )
    return DeskServer(config)


async def _started(house: House, server: DeskServer, task: asyncio.Task[None]) -> None:
    while not server.started and not task.done():
        await house.clock.sleep(0.02)
    if task.done():
        await task


async def _print_link(house: House) -> None:
    now = house.clock.now()
    user = await first_person(house)
    async with house.database.write() as session:
        path = await make_sign_in_link(session, user.id, now)
    say("\nSign in (works once, for an hour):")
    say(f"[bold]{house.settings.address}{path}[/bold]", soft_wrap=True)
    say("[dim]Ctrl-C stops Earshot. A new link: python3 run.py sign-in[/dim]\n")


async def _until(stop: asyncio.Event, tasks: list[asyncio.Task[None]]) -> None:
    """Wait for the signal; a part that ends by itself ends the process, loudly."""
    waiting = asyncio.create_task(stop.wait())
    done, _ = await asyncio.wait([waiting, *tasks], return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    for task in done - {waiting}:
        if task.exception() is not None:
            log.error("a part of the house failed", part=task.get_name(), exc_info=task.exception())


async def _stop_tasks(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        if task.get_name() != "desk":
            task.cancel()
    _, late = await asyncio.wait(tasks, timeout=_STOP_S) if tasks else (set(), set())
    for task in late:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
