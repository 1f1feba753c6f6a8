"""Checks calls and answers against an OpenAPI file of Mastodon's API, with its references."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from tests.emulators.discourse_spec import Problems, check

Rule = dict[str, Any]
_DEEPEST = 4
"""A status may hold a status, and so on: below this nothing is looked at."""


class Spec:
    """The file, and which of its answers are only served in part."""

    def __init__(self, file: Path, partial: tuple[str, ...] = ()) -> None:
        found = json.loads(file.read_text(encoding="utf-8"))
        self.paths: dict[str, Any] = found["paths"]
        self.schemas: dict[str, Any] = found["components"]["schemas"]
        self.partial = partial

    def call(self, method: str, path: str, params: list[tuple[str, str]], body: Any, answer: Any) -> Problems | None:
        """What is wrong with a call and its answer of 200; None when the file does not describe it."""
        if not (described := self._described(method.lower(), path)):
            return None
        operation = self.paths[described][method.lower()]
        known = {each["name"] for each in operation.get("parameters", []) if each["in"] == "query"}
        problems = [f"{described}: no parameter {name}" for name, _ in params if name.removesuffix("[]") not in known]
        if body is not None:
            problems += self._fits(body, operation["requestBody"], f"{method} {described}", whole=True)
        whole = described not in self.partial
        return problems + self._fits(answer, operation["responses"]["200"], f"{described} answer", whole=whole)

    def _described(self, method: str, path: str) -> str:
        """The described path that this one is an example of, one without a place to fill in first."""
        able = sorted((one for one in self.paths if method in self.paths[one]), key=lambda one: "{" in one)
        patterns = ((one, re.sub(r"\\{\w+\\}", "[^/]+", re.escape(one))) for one in able)
        return next((one for one, pattern in patterns if re.fullmatch(pattern, path)), "")

    def _fits(self, value: Any, described: Rule, where: str, *, whole: bool) -> Problems:
        """Nothing when the value fits one of the forms; else what is wrong by the one it fits best."""
        rule = described["content"]["application/json"]["schema"]
        forms = [self._open(form, 0) for form in rule.get("oneOf", [rule])]
        return min((check(value, form, where, whole=whole) for form in forms), key=len)

    def _open(self, rule: Rule, depth: int) -> Rule:
        """The rule with its references in their places. What may have several forms is not looked into."""
        if "$ref" in rule:
            kinds = rule.get("type")
            rule = self.schemas[rule["$ref"].rpartition("/")[2]]
            rule = rule | {"type": kinds} if isinstance(kinds, list) else rule
        if depth > _DEEPEST or not {"oneOf", "anyOf", "allOf"}.isdisjoint(rule):
            return {}
        opened = dict(rule)
        if "properties" in rule:
            opened["properties"] = {name: self._open(part, depth + 1) for name, part in rule["properties"].items()}
        if isinstance(rule.get("items"), dict):
            opened["items"] = self._open(rule["items"], depth + 1)
        return opened
