"""Starts a real counterpart for the length of a test: own folder, own loopback ports, stopped and deleted after it."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.peers.install import bluesky_folder, bluesky_node
from tests.postgres import free_port

HERE = Path(__file__).parent
OOB = "urn:ietf:wg:oauth:2.0:oob"


def is_open(port: int) -> bool:
    """Whether somebody listens on this loopback port."""
    with socket.socket() as probe:
        probe.settimeout(0.2)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def listening_addresses(pid: int) -> set[str]:
    """Local addresses (hex as in /proc) on which this process listens; loopback is 0100007F."""
    inodes = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            if found := re.match(r"socket:\[(\d+)\]", os.readlink(descriptor)):
                inodes.add(found.group(1))
    rows = (
        Path(f"/proc/{pid}/net/tcp").read_text().splitlines() + Path(f"/proc/{pid}/net/tcp6").read_text().splitlines()
    )
    cells = [row.split() for row in rows if row.split()[3] == "0A"]
    return {row[1].partition(":")[0] for row in cells if row[9] in inodes}


@contextlib.contextmanager
def running(
    command: list[str],
    port: int,
    *,
    limit_s: float = 20.0,
    env: dict[str, str] | None = None,
    cwd: Path | None = None,
    ready: Callable[[str], bool] | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server until the block ends. The port must be closed before; a server that does not start fails."""
    assert not is_open(port), f"port {port} is still in use"
    with tempfile.TemporaryDirectory(prefix="earshot-log-") as folder:
        log = Path(folder) / "log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=cwd, env=os.environ | (env or {})
            )
        try:
            _wait(process, port, log, limit_s, ready)
            yield process
        finally:
            _stop(process)


def _wait(
    process: subprocess.Popen[bytes], port: int, log: Path, limit_s: float, ready: Callable[[str], bool] | None
) -> None:
    give_up_at = time.monotonic() + limit_s
    while not (is_open(port) and (ready is None or ready(log.read_text(errors="replace")))):
        if process.poll() is not None or time.monotonic() > give_up_at:
            raise RuntimeError(f"{process.args!r} did not start:\n{log.read_text(errors='replace')[-3000:]}")
        time.sleep(0.05)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@dataclass
class Snac:
    """A snac server with users; `passwords` by user name."""

    base_url: str
    process: subprocess.Popen[bytes]
    passwords: dict[str, str] = field(default_factory=dict)
    apps: dict[str, dict[str, str]] = field(default_factory=dict)

    def token(self, user: str) -> str:
        """An access token, got as a person does in the browser: by the form."""
        app = json.loads(
            self.post("/api/v1/apps", client_name="earshot", redirect_uris=OOB, scopes="read write follow push")
        )
        page = self.post(
            "/oauth/x-snac-login", login=user, passwd=self.passwords[user], redir=OOB, cid=app["client_id"], state=""
        )
        code = re.search(r"\b[0-9a-f]{32}\b", page)
        assert code is not None, page[:300]
        secret = {"client_id": app["client_id"], "client_secret": app["client_secret"], "code": code.group()}
        answer = self.post("/oauth/token", grant_type="authorization_code", redirect_uri=OOB, **secret)
        token = str(json.loads(answer)["access_token"])
        self.apps[token] = {"client_id": app["client_id"], "client_secret": app["client_secret"]}
        return token

    def revoke(self, token: str) -> None:
        """Take a token back, as its app does when a person signs out of it."""
        form = urllib.parse.urlencode(self.apps[token] | {"token": token}).encode()
        self._open(urllib.request.Request(self.base_url + "/oauth/revoke", form), "")

    def post(self, path: str, token: str = "", **fields: str) -> str:
        """Send one form as `token`'s owner; the body of the answer."""
        return self._open(urllib.request.Request(self.base_url + path, urllib.parse.urlencode(fields).encode()), token)

    def get(self, path: str, token: str = "") -> str:
        """Read one address as `token`'s owner; the body of the answer."""
        return self._open(urllib.request.Request(self.base_url + path), token)

    def _open(self, request: urllib.request.Request, token: str) -> str:
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        with urllib.request.urlopen(request, timeout=10) as answer:
            return str(answer.read().decode())


@contextlib.contextmanager
def snac_server(program: str, users: tuple[str, ...]) -> Iterator[Snac]:
    """Run snac2 with these users. `localhost` is its name: it builds its links from it."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="earshot-snac-") as folder:
        home = f"{folder}/data"
        answers = f"127.0.0.1\n{port}\nlocalhost:{port}\n\n\n"
        subprocess.run([program, "init", home], input=answers.encode(), check=True, capture_output=True)
        settings = Path(home) / "server.json"
        settings.write_text(settings.read_text().replace('"protocol": "https"', '"protocol": "http"'))
        passwords = {user: _add_user(program, home, user) for user in users}
        with running([program, "httpd", home], port) as process:
            yield Snac(f"http://localhost:{port}", process, passwords)


def _add_user(program: str, home: str, user: str) -> str:
    said = subprocess.run([program, "adduser", home, user], stdin=subprocess.DEVNULL, check=True, capture_output=True)
    found = re.search(r"User password is (\S+)", said.stdout.decode() + said.stderr.decode())
    assert found is not None
    return found.group(1)


@dataclass
class Isso:
    """A server of comments below the pages of `site`; its feeds are at `base_url`."""

    base_url: str
    site: str
    port: int
    process: subprocess.Popen[bytes]

    def comment(self, page: str, author: str, text: str, parent: int | None = None) -> int:
        """Somebody writes below a page; the number of the comment."""
        body = {"author": author, "text": text, "title": page.strip("/"), "parent": parent}
        address = f"{self.base_url}/new?{urllib.parse.urlencode({'uri': page})}"
        request = urllib.request.Request(address, json.dumps(body).encode(), {"Content-Type": "application/json"})
        request.add_header("Origin", self.site)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(json.loads(answer.read())["id"])


@contextlib.contextmanager
def isso_server(program: str) -> Iterator[Isso]:
    """Run isso and the site whose pages it serves."""
    port, site_port = free_port(), free_port()
    site = f"http://127.0.0.1:{site_port}"
    with tempfile.TemporaryDirectory(prefix="earshot-isso-") as folder:
        pages = Path(folder) / "site"
        pages.mkdir()
        settings = Path(folder) / "isso.cfg"
        settings.write_text(
            f"[general]\ndbpath = {folder}/comments.db\nhost = {site}\n[server]\nlisten = http://127.0.0.1:{port}\n"
            f"[guard]\nenabled = false\n[rss]\nbase = {site}\nlimit = 100\n"
            "[markup]\nrenderer = mistune\n"
        )
        serve = [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", "--directory", str(pages), str(site_port)]
        with running(serve, site_port), running([program, "-c", str(settings), "run"], port) as process:
            yield Isso(f"http://127.0.0.1:{port}", site, port, process)


@dataclass
class Machina:
    """A forum on django-machina that everybody may read, and how long it took to start."""

    python: Path
    folder: Path
    port: int
    process: subprocess.Popen[bytes]
    started_in_s: float

    def topic(self, title: str, text: str) -> str:
        """Open a topic; its address."""
        told = json.loads(_machina(self.python, self.folder, "topic", title, text))
        return f"http://127.0.0.1:{self.port}{told['path']}"

    def edit(self, title: str, text: str) -> None:
        """Give the topic with this title other words."""
        _machina(self.python, self.folder, "edit", title, text)


def _machina(python: Path, folder: Path, *words: str) -> str:
    command = [str(python), str(HERE / "machina_site.py"), str(folder), *words]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout


@contextlib.contextmanager
def machina_forum(python: Path) -> Iterator[Machina]:
    """Make a forum and serve it."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="earshot-machina-") as name:
        folder, began = Path(name), time.monotonic()
        _machina(python, folder, "make")
        command = [str(python), str(HERE / "machina_site.py"), name, "serve", str(port)]
        with running(command, port) as process:
            yield Machina(python, folder, port, process, time.monotonic() - began)


@contextlib.contextmanager
def redis_server() -> Iterator[int]:
    """Run an empty Redis in memory; its port."""
    port, program = free_port(), shutil.which("redis-server")
    assert program is not None
    with tempfile.TemporaryDirectory(prefix="earshot-redis-") as folder:
        command = [program, "--port", str(port), "--bind", "127.0.0.1", "--dir", folder, "--save", ""]
        with running(command, port):
            yield port


@dataclass
class BlueskyNetwork:
    """Addresses of a running development network and how long it took to start."""

    pds: str
    app_view: str
    process: subprocess.Popen[bytes]
    started_in_s: float


@contextlib.contextmanager
def bluesky_network(postgres: str, redis_port: int) -> Iterator[BlueskyNetwork]:
    """Run the whole network: directory, account server, app view. `postgres` is an empty database."""
    names = ("PLC_PORT", "INTROSPECT_PORT", "OZONE_PORT", "PDS_PORT", "BSKY_PORT")
    ports = {name: free_port() for name in names}
    env = {name: str(port) for name, port in ports.items()}
    env |= {"DB_POSTGRES_URL": postgres, "REDIS_HOST": f"127.0.0.1:{redis_port}", "LOG_ENABLED": "false"}
    command = [str(bluesky_node()), "--require", str(HERE / "loopback.cjs"), str(HERE / "network.mjs")]
    began = time.monotonic()
    with running(
        command,
        ports["BSKY_PORT"],
        limit_s=120,
        env=env,
        cwd=bluesky_folder(),
        ready=lambda log: "earshot-network-up" in log,
    ) as process:
        took = time.monotonic() - began
        yield BlueskyNetwork(
            f"http://localhost:{ports['PDS_PORT']}", f"http://localhost:{ports['BSKY_PORT']}", process, took
        )
