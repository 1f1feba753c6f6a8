"""Checks calls and answers against Discourse's own OpenAPI file (which uses plain JSON Schema and no references)."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

Problems = list[str]
KINDS: dict[str, Any] = {
    "string": str, "integer": int, "number": (int, float), "boolean": bool, "array": list, "object": dict,
    "null": type(None),
}  # fmt: skip
KNOWN_SLIPS = (
    # The file is made from samples in which a post answers nothing, so the type of the number is guessed there;
    # its own /posts/{id}/replies.json, whose sample does answer, says integer.
    r"reply_to_post_number: int in place of string\|null",
    r"post_id: int in place of string\|null",
    r"reply_to_user is not in the schema",
    # made from a search that found nothing: topics come along with posts, and a further page is told by true
    r"/search.json answer: topics is not in the schema",
    r"more_full_page_results: bool in place of string\|null",
    # the file lists no parameters at all; these two are in the server's source
    r"/notifications.json: no parameter (offset|limit)",
)
"""Where the file contradicts itself or the server's source."""


class Spec:
    """The file, and which of its answers are only served in part."""

    def __init__(self, file: Path, partial: tuple[str, ...] = ()) -> None:
        self.paths: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))["paths"]
        self.partial = partial

    def find(self, method: str, path: str) -> tuple[str, dict[str, Any]] | None:
        """The described path that this one is an example of, and its operation."""
        for described, operations in self.paths.items():
            pattern = re.sub(r"\\{\w+\\}", "[^/]+", re.escape(described))
            if re.fullmatch(pattern, path) and method.lower() in operations:
                return described, operations[method.lower()]
        return None

    def call(self, method: str, path: str, params: list[tuple[str, str]], body: Any, answer: Any) -> Problems | None:
        """What is wrong with a call and its answer of 200; None when the file does not describe it."""
        if (found := self.find(method, path)) is None:
            return None
        described, operation = found
        query = {each["name"]: each for each in operation.get("parameters", []) if each["in"] == "query"}
        problems = [f"{described}: no parameter {name}" for name, _ in params if name not in query]
        problems += [
            f"{described}: parameter {name} is missing"
            for name, rule in query.items()
            if rule.get("required") and name not in dict(params)
        ]
        if body is not None:
            problems += check(body, _schema(operation["requestBody"]), f"{method} {described}")
        rule = _schema(operation["responses"]["200"])
        problems += check(answer, rule, f"{described} answer", whole=described not in self.partial)
        return [each for each in problems if not any(re.search(slip, each) for slip in KNOWN_SLIPS)]


def _schema(described: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = described["content"]["application/json"]["schema"]
    return found


def check(value: Any, rule: dict[str, Any], where: str, *, whole: bool = True) -> Problems:
    """What is wrong with a value. With `whole` False, required parts may be missing."""
    kinds = rule.get("type", list(KINDS))
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if not any(_is(value, kind) for kind in kinds):
        return [f"{where}: {type(value).__name__} in place of {'|'.join(kinds)}"]
    if isinstance(value, dict):
        return _object(value, rule, where, whole)
    if isinstance(value, list):
        parts = [check(each, rule.get("items") or {}, f"{where}[{at}]", whole=whole) for at, each in enumerate(value)]
        return [problem for part in parts for problem in part]
    return [] if value in rule.get("enum", [value]) else [f"{where}: {value!r} is none of {rule['enum']}"]


def _is(value: Any, kind: str) -> bool:
    return isinstance(value, KINDS[kind]) and (kind == "boolean" or not isinstance(value, bool))


def _object(value: dict[str, Any], rule: dict[str, Any], where: str, whole: bool) -> Problems:
    parts = rule.get("properties", {})
    problems = [f"{where}: {name} is missing" for name in rule.get("required", []) if whole and name not in value]
    for name, part in value.items():
        if name in parts:
            problems += check(part, parts[name], f"{where}.{name}", whole=whole)
        elif rule.get("additionalProperties") is False:
            problems.append(f"{where}: {name} is not in the schema")
    return problems
