"""The real command as a process: what a person meets who starts it, starts it twice, and stops it."""

from __future__ import annotations

import sqlite3
import time
import urllib.request
from contextlib import closing
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.flows.program import START_S, Program, children_of, runs
from tests.pace import slowness
from tests.postgres import free_port

STOP_LIMIT_S, OWN_LIMITS_S = 3.0, 8.0
"""How long a stop may take on an idle machine, and what its parts may take together by their own clocks."""


def stop_limit_s(slow: float) -> float:
    """A busy machine needs the parts' own limits, as a draft under way has to end; an idle one does not."""
    return STOP_LIMIT_S if slow < 1.5 else max(OWN_LIMITS_S, STOP_LIMIT_S * slow)


def started(folder: Path, port: int) -> Program:
    """The desk on a data folder, with the demo of a first start."""
    return Program(folder, "--data-dir", str(folder / "data"), "--port", str(port))


def link_of(program: Program) -> str:
    return program.wait_for(r"(http://127\.0\.0\.1:\d+/sign-in/link/[\w-]+)")[1]


def wait_for_row(folder: Path, query: str, limit_s: float = START_S) -> None:
    """Wait until the database has such a row."""
    give_up_at = time.monotonic() + limit_s
    with closing(sqlite3.connect(folder / "data" / "earshot.db")) as database:
        while database.execute(query).fetchone() is None:
            assert time.monotonic() < give_up_at, f"not within {limit_s:.0f} s: {query}"
            time.sleep(0.1)


class Browser:
    """Real requests with a cookie jar."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._open = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def sign_in(self, link: str) -> None:
        fields = urlencode({"token": link.rpartition("/")[2]}).encode()
        request = urllib.request.Request(f"{self.address}/sign-in/link", fields, {"Origin": self.address})
        assert self._open.open(request, timeout=30).status == 200

    def get(self, path: str) -> str:
        with self._open.open(self.address + path, timeout=30) as answer:
            page: bytes = answer.read()
            return page.decode()

    def stream(self, path: str) -> Any:
        """An answer that does not end; its first line was read."""
        answer = self._open.open(self.address + path, timeout=30)
        assert answer.readline()
        return answer


def test_a_first_start_answers_signs_in_and_hears_the_demo(tmp_path: Path) -> None:
    port = free_port()
    with started(tmp_path, port) as program:
        link = link_of(program)
        browser = Browser(f"http://127.0.0.1:{port}")
        assert "sign in" in browser.get("/sign-in").casefold()
        browser.sign_in(link)
        wait_for_row(tmp_path, "SELECT id FROM reply WHERE status = 'drafted'")
        assert "Norda" in browser.get("/queue")
        program.stop()
        assert program.process.returncode == 0, program.said
        assert "Traceback" not in program.said


def test_it_stops_in_time_with_an_open_stream_and_leaves_nobody_behind(tmp_path: Path) -> None:
    port = free_port()
    with started(tmp_path, port) as program:
        browser = Browser(f"http://127.0.0.1:{port}")
        browser.sign_in(link_of(program))
        wait_for_row(tmp_path, "SELECT id FROM reply WHERE status = 'drafted'")
        stream = browser.stream("/live")
        helpers = children_of(program.process.pid)
        assert helpers  # the sandbox network
        before = slowness()
        took_s = program.stop()
        stream.close()
        assert took_s < stop_limit_s(max(before, slowness())), program.said
        assert program.process.returncode == 0, program.said
        assert [pid for pid in helpers if runs(pid)] == []
    with started(tmp_path, port) as again:
        browser = Browser(f"http://127.0.0.1:{port}")
        browser.sign_in(link_of(again))
        assert "Norda" in browser.get("/queue")
        before = slowness()
        assert again.stop() < stop_limit_s(max(before, slowness()))


def test_a_second_start_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    with started(tmp_path, free_port()) as first:
        link_of(first)
        with started(tmp_path, free_port()) as second:
            assert second.process.wait(START_S) == 2
            assert "another Earshot already runs on" in second.said
            assert "Traceback" not in second.said
        assert first.process.poll() is None
        first.stop()


def test_a_public_address_without_tls_is_refused(tmp_path: Path) -> None:
    with Program(tmp_path, "--data-dir", str(tmp_path / "data"), "--host", "0.0.0.0") as program:
        assert program.process.wait(START_S) == 2
        assert "refusing to listen on 0.0.0.0 without TLS" in program.said
        assert "Traceback" not in program.said


def test_a_taken_port_is_said_clearly(tmp_path: Path) -> None:
    port = free_port()
    with started(tmp_path / "one", port) as first:
        link_of(first)
        with started(tmp_path / "two", port) as second:
            assert second.process.wait(START_S) == 2
            assert f"cannot listen on 127.0.0.1:{port}" in second.said
        first.stop()
