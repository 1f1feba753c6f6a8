"""Logs hold no secret and cannot be forged, whatever is put into them."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from net.logs import configure, redact
from tests.net.test_decode import NASTY

CANARY = "canary7Zq9x1LmNo"
BREAKS = [
    "\n",
    "\r",
    "\r\n",
    "\x0b",
    "\x0c",
    "\x1c",
    "\x1d",
    "\x1e",
    "\x85",
    "\u2028",
    "\u2029",
    "\x00",
    "\x1b[2K",
    "\ud800",
]


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


@pytest.fixture(params=[True, False], ids=["json", "person"])
def out(request: pytest.FixtureRequest) -> io.StringIO:
    stream = io.StringIO()
    configure("debug", json=request.param, stream=stream)
    return stream


class Holder:
    """Shows a secret in its repr, as careless settings do."""

    def __repr__(self) -> str:
        return f"Account(token='{CANARY}')"


SENTENCES = [
    f"Authorization: Bearer {CANARY}",
    f"authorization=Basic {CANARY}",
    f"got header Bearer {CANARY} back",
    f"https://mara:{CANARY}@social.example/api",
    f"postgresql+psycopg://earshot:{CANARY}@db/earshot",
    f"GET https://a.example/?access_token={CANARY}&x=1",
    f"https://a.example/?q=1&key={CANARY}",
    f"https://a.example/cb?code={CANARY}#top",
    f'{{"client_secret": "{CANARY}", "id": 1}}',
    f"{{'refresh_token': '{CANARY}'}}",
    f"password={CANARY}; next",
    f"api_key: {CANARY}",
    f"Set-Cookie: session={CANARY}",
    f"eyJhbGciOiJI.{CANARY}.sig",
    f"xoxb-{CANARY}",
    f"ghp_{CANARY}",
    f"sk-{CANARY}",
    f"DPoP {CANARY}",
]


@pytest.mark.parametrize("sentence", SENTENCES)
def test_secrets_in_text_are_hidden(out: io.StringIO, sentence: str):
    log = structlog.get_logger("test")
    log.warning(sentence)
    log.warning("failed", detail=sentence, why=[sentence, {"a": sentence}])
    logging.getLogger("library").warning("it said %s", sentence)
    try:
        raise RuntimeError(sentence)
    except RuntimeError:
        log.exception("broke")
    assert CANARY not in out.getvalue()
    assert len(out.getvalue().splitlines()) == 4


@pytest.mark.parametrize(
    "key",
    ["token", "access_token", "accessToken", "client_secret", "password", "passwd", "Authorization", "cookie",
     "set_cookie", "api_key", "apikey", "key", "signing_key", "private_key", "dsn", "webhook_url",
     "app_password", "credentials"],
)  # fmt: skip
def test_secret_fields_are_hidden(out: io.StringIO, key: str):
    log = structlog.get_logger("test")
    log.info("tried", **{key: CANARY})
    log.info("tried", account={"name": "mara", key: CANARY}, more=[{key: [CANARY]}])
    assert CANARY not in out.getvalue()
    assert "mara" in out.getvalue()


def test_objects_and_locals_are_not_spilt(out: io.StringIO):
    log = structlog.get_logger("test")
    log.info("account", account=Holder())
    try:
        hidden_local = CANARY
        raise ValueError(len(hidden_local))
    except ValueError:
        log.exception("broke")
    assert CANARY not in out.getvalue()
    assert "ValueError: 16" in out.getvalue()


@pytest.mark.parametrize("text", [*NASTY, *(f"a{mark}level=error event=forged" for mark in BREAKS)])
def test_one_line_per_event(out: io.StringIO, text: str):
    log = structlog.get_logger("test")
    log.info(text)
    log.info("seen", author=text, **{"odd" + text: 1})
    logging.getLogger("library").info("%s", text)
    written = out.getvalue()
    written.encode("utf-8")
    assert len(written.splitlines()) == written.count("\n") == 3
    assert "\x1b" not in written


def test_json_lines_carry_time_level_and_fields():
    stream = io.StringIO()
    configure("info", json=True, stream=stream)
    log = structlog.get_logger("test")
    log.debug("too quiet")
    log.info("polled", channel="mastodon", new=3, dedup_key="k-1", token=None)
    logging.getLogger("aiosqlite").info("chatter")
    (line,) = stream.getvalue().splitlines()
    told = json.loads(line)
    assert (told["event"], told["level"], told["channel"], told["new"]) == ("polled", "info", "mastodon", 3)
    assert told["dedup_key"] == "k-1"
    assert told["token"] is None
    assert told["timestamp"].endswith("Z")


def test_ordinary_words_stay():
    for sentence in (
        "token rejected by the server",
        "basic check of 3 sources at https://a.example/?q=password",
        "mail to mara@social.example",
    ):
        assert redact(sentence) == sentence


def test_redaction_of_long_text_is_quick():
    import time

    for piece in ("a", "token ", "://", "x=", "eyJ", "password", "?key=", "bearer ", "a://", "-", '"', "token="):
        began = time.perf_counter()
        redact(piece * (4000 // len(piece)))
        assert time.perf_counter() - began < 0.2, piece
