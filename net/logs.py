"""Structured logs: one line per event, and no secret in any of them.

What is logged by name under a telling key, or looks like a credential wherever it stands, is replaced before it is
written. Line breaks and other controls are written as escapes, so that nobody can forge a line. Exceptions come
with their frames but without local variables.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, TextIO

import structlog

HIDDEN = "[hidden]"
_DEPTH = 6
_LONGEST = 4000

_SECRET_KEY = re.compile(
    r"token|secret|passw|passphrase|authori[sz]ation|cookie|credential|api_?key|private_?key|signing_?key|session_?id"
    r"|bearer|^key$|_key$|^jwt$|^dsn$|webhook",
    re.IGNORECASE,
)
_HARMLESS_KEY = re.compile(
    r"^(row|dedup|idempotency|natural|cursor|record|sort|config|setting|primary)_key$|^tokens?_(count|used)$"
)
_NAME = r"[\w.-]*(?:token|secret|passw(?:or)?d|passwd|authorization|cookie|api[_-]?key|signature|credential)[\w.-]*"
_IN_TEXT: tuple[tuple[re.Pattern[str], str], ...] = (
    # scheme://user:password@host
    (re.compile(r"(?i)\b([a-z][a-z0-9+.-]{0,20}://)[^\s/@?#]{1,512}@"), rf"\1{HIDDEN}@"),
    # Authorization values, in whatever sentence
    (re.compile(r"(?i)\b(bearer|basic|digest|dpop)(\s+)[\w~+/.=:-]{8,}"), rf"\1\2{HIDDEN}"),
    (re.compile(r"(?i)\b(token\s+)(?=\S*\d)[\w~+/.=:-]{12,}"), rf"\1{HIDDEN}"),
    # name=value, "name": "value", name: value
    (
        re.compile(rf"""(?i)\b({_NAME}["']?\s*[=:]\s*["']?)(?!\[hidden\]|bearer\s|basic\s)[^\s&"',;)}}\]]+"""),
        rf"\1{HIDDEN}",
    ),
    # further secrets of web addresses
    (re.compile(r"(?i)([?&](?:key|sig|code|auth|sid|pwd|hash|state|access|jwt)=)[^\s&#\"']+"), rf"\1{HIDDEN}"),
    # JSON web tokens, and what well-known services begin their keys with
    (re.compile(r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*"), HIDDEN),
    (re.compile(r"\b(?:xox[abeoprs]-|gh[opsur]_|github_pat_|sk-|glpat-)[\w-]{8,}"), HIDDEN),
)
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_SHORT_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def redact(text: str) -> str:
    """The text without credentials. Errs on the side of hiding too much."""
    for pattern, replacement in _IN_TEXT:
        text = pattern.sub(replacement, text)
    return text


def encode(text: str) -> str:
    """Line breaks, controls, direction marks and lone surrogates as visible escapes."""
    return _CONTROLS.sub(lambda match: _SHORT_ESCAPES.get(match[0]) or f"\\u{ord(match[0]):04x}", text)


def safe_value(key: str, value: object, depth: int = 0) -> object:
    """A value as it may be written under this key: plain data, redacted, cut at 4,000 characters."""
    if _is_secret_key(key) and value not in (None, "", True, False):
        return HIDDEN
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if depth >= _DEPTH:
        return "..."
    if isinstance(value, Mapping):
        return {encode(str(k)): safe_value(str(k), v, depth + 1) for k, v in list(value.items())[:50]}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [safe_value("", item, depth + 1) for item in list(value)[:50]]
    return _safe_text(value)


def configure(level: str = "info", json: bool = True, stream: TextIO | None = None) -> None:
    """Sets up logging for the whole process: JSON lines, or lines for a person when `json` is False.

    Libraries that use the standard library's logging come out in the same form with the same redaction. `level`
    is debug, info, warning or error. Writes to `stream`, standard error when None.
    """
    number = logging.getLevelNamesMapping()[level.upper()]
    target = stream or sys.stderr
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(target)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_last(json)],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(number)
    for chatty in ("aiosqlite", "alembic", "asyncio", "procrastinate", "uvicorn"):
        logging.getLogger(chatty).setLevel(max(number, logging.WARNING))
    # its warning is that a tick was left out because the one before still ran, which is what we ask for
    logging.getLogger("apscheduler").setLevel(max(number, logging.ERROR))


def _last(json: bool) -> list[structlog.types.Processor]:
    render: structlog.types.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False) if json else _render_for_person
    )
    # format_exc_info gives frames and message, without locals
    return [structlog.processors.format_exc_info, _make_safe, render]


def _make_safe(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {encode(key): safe_value(key, value) for key, value in event.items()}


def _render_for_person(logger: Any, method: str, event: MutableMapping[str, Any]) -> str:
    told = dict(event)
    head = f"{str(told.pop('timestamp', ''))[11:19]} {told.pop('level', ''):<8} {told.pop('event', '')}"
    trace = told.pop("exception", "")
    fields = " ".join(f"{key}={value}" for key, value in told.items())
    return " ".join(part for part in (head, fields, f"exception={trace}" if trace else "") if part)


def _safe_text(value: object) -> str:
    text = value if isinstance(value, str) else str(value)
    # A trace may be long, and its end says most.
    text = text if len(text) <= _LONGEST else f"{text[: _LONGEST // 2]} ... {text[-_LONGEST // 2 :]}"
    return encode(redact(text))


def _is_secret_key(key: str) -> bool:
    return _SECRET_KEY.search(key) is not None and _HARMLESS_KEY.search(key) is None
