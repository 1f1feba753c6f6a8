"""A PostgreSQL server for the length of one test session: own folder, own loopback port, nothing kept."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import uuid4

import psycopg

START_LIMIT_S = 60.0
# Ordinary tests drop the whole server at the end, so nothing needs to reach the disk. A test that
# kills the server and looks at what survived starts its own with durable=True.
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


def find_binaries() -> Path | None:
    """Return the folder with `initdb` and `postgres` (newest installed version), or None."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda p: int(p.parts[-3].split(".")[0]))
    if debian:
        return debian[-1].parent
    found = shutil.which("postgres")
    return Path(found).resolve().parent if found and shutil.which("initdb") else None


def free_port() -> int:
    """Return a loopback TCP port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def as_postgres() -> list[str]:
    """Return the command prefix that drops root: PostgreSQL refuses to run as root.

    The server is also told to stop when the test process dies, so a killed test run leaves nothing behind.
    """
    if not shutil.which("setpriv"):
        return []
    drop = ["--reuid=postgres", "--regid=postgres", "--init-groups"] if os.geteuid() == 0 else []
    return ["setpriv", *drop, "--pdeathsig", "INT", "--"]


class ThrowAwayServer:
    """Context manager: start on enter, stop and delete on exit."""

    def __init__(self, binaries: Path, *, durable: bool = False) -> None:
        self.binaries = binaries
        self.durable = durable
        self.port = free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="earshot-pg-"))
        self.server: subprocess.Popen[bytes] | None = None

    def url(self, database: str) -> str:
        """Return the SQLAlchemy address of one database on this server."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{database}"

    def __enter__(self) -> Self:
        try:
            self._initialise()
            self.start()
        except BaseException:
            self._remove()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.stop()
        self._remove()

    def start(self) -> None:
        """Start the server on its folder and wait until it takes connections."""
        settings = ["listen_addresses=127.0.0.1", f"port={self.port}", f"unix_socket_directories={self.folder}"]
        settings += ["timezone=UTC", "max_connections=200", *(() if self.durable else FAST)]
        options = [part for setting in settings for part in ("-c", setting)]
        with self._log().open("ab") as log:
            self.server = subprocess.Popen(
                [*as_postgres(), str(self.binaries / "postgres"), "-D", str(self.folder / "d"), *options],
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self._wait_until_ready()

    def stop(self) -> None:
        """Stop the server at once (fast shutdown: open sessions are ended)."""
        if self.server is None:
            return
        self.server.send_signal(2)
        try:
            self.server.wait(20)
        except subprocess.TimeoutExpired:
            self.server.kill()
            self.server.wait()
        self.server = None

    def _initialise(self) -> None:
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
        options = f"-D {self.folder / 'd'} -A trust -U postgres --no-sync -E UTF8 --locale=C.UTF-8".split()
        command = [*as_postgres(), str(self.binaries / "initdb"), *options]
        subprocess.run(command, cwd="/", check=True, stdout=subprocess.DEVNULL)

    def _wait_until_ready(self) -> None:
        probe = [str(self.binaries / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        give_up_at = time.monotonic() + START_LIMIT_S
        while subprocess.run(probe, check=False).returncode != 0:
            assert self.server is not None
            if self.server.poll() is not None or time.monotonic() > give_up_at:
                raise RuntimeError(f"PostgreSQL did not start:\n{self._log().read_text()[-2000:]}")
            time.sleep(0.03)

    def _log(self) -> Path:
        return self.folder.with_suffix(".log")

    def _remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        self._log().unlink(missing_ok=True)


@contextmanager
def fresh_database(server_url: str) -> Iterator[str]:
    """SQLAlchemy address of an empty database on the server with this address; it is gone afterwards."""
    name = f"t_{uuid4().hex[:12]}"
    admin = server_url.replace("+psycopg", "", 1)
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    try:
        yield f"{server_url.rpartition('/')[0]}/{name}"
    finally:
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
