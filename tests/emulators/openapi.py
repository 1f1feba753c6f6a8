"""Checks requests and answers against a vendor's OpenAPI file, 3.0 or 3.1: the part of it that the channels meet.

Every complaint is one line that names the place. What a schema leaves open passes.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

Problems = list[str]
KINDS: dict[str, type | tuple[type, ...]] = {
    "string": str, "integer": int, "number": (int, float), "boolean": bool, "array": list, "object": dict,
    "null": type(None),
}  # fmt: skip


class OpenApi:
    """One vendor file."""

    def __init__(self, file: Path) -> None:
        self.root: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))

    def request(self, method: str, path: str, query: str = "", body: Any = None) -> Problems:
        """What is wrong with a request: unknown address, parameter or field, or a value outside its rule."""
        where = f"{method} {path}"
        if (found := self._operation(method, path)) is None:
            return [f"{where}: no such operation"]
        operation, values = found
        rules = [self._at(rule) for rule in operation.get("parameters", [])]
        known = {rule["name"]: rule for rule in rules if rule["in"] == "query"}
        # one of several values may be sent as name[]=value
        given = [(name.removesuffix("[]"), text) for name, text in parse_qsl(query, keep_blank_values=True)]
        problems = [f"{where}: no parameter {name}" for name, _ in given if name not in known]
        problems += [
            f"{where}: parameter {name} is missing"
            for name, rule in known.items()
            if rule.get("required") and name not in dict(given)
        ]
        for name, text in given:
            if name in known:
                problems += self._text(text, known[name], f"{where}?{name}")
        for rule in rules:
            if rule["in"] == "path":
                problems += self._text(values[rule["name"]], rule, f"{where} {{{rule['name']}}}")
        return problems + self._body(operation, body, where)

    def answer(self, method: str, path: str, status: int, content_type: str, body: Any) -> Problems:
        """What is wrong with an answer, by its status and content type."""
        where = f"{method} {path} -> {status}"
        if (found := self._operation(method, path)) is None:
            return [f"{where}: no such operation"]
        responses = found[0]["responses"]
        response = self._at(responses.get(str(status)) or responses.get("default", {}))
        content = response.get("content", {}).get(content_type.split(";")[0])
        return [f"{where}: no {content_type} here"] if content is None else self.value(body, content["schema"], where)

    def value(self, value: Any, rule: dict[str, Any], where: str) -> Problems:
        """What is wrong with a value by a schema."""
        rule = self._at(rule)
        if value is None and rule.get("nullable"):
            return []
        problems: Problems = []
        if mapped := self._mapped(value, rule):
            return self.value(value, mapped, where)
        for part in rule.get("allOf", []):
            problems += self.value(value, {k: v for k, v in self._at(part).items() if k != "discriminator"}, where)
        if "oneOf" in rule:
            problems += self._one_of(value, rule["oneOf"], where)
        if "type" not in rule:
            return problems
        kinds = [rule["type"]] if isinstance(rule["type"], str) else rule["type"]
        kind = next((each for each in kinds if _is(value, each)), "")
        if not kind:
            return [*problems, f"{where}: {type(value).__name__} in place of {'|'.join(kinds)}"]
        return problems + self._inside(value, kind, rule, where)

    def _inside(self, value: Any, kind: str, rule: dict[str, Any], where: str) -> Problems:
        if kind == "null":
            return []
        if kind == "object":
            return self._object(value, rule, where)
        if kind == "array":
            parts = [self.value(each, rule.get("items", {}), f"{where}[{at}]") for at, each in enumerate(value)]
            sizes = _between(len(value), rule, "minItems", "maxItems", where)
            twice = rule.get("uniqueItems") and len({json.dumps(each) for each in value}) < len(value)
            return sizes + ([f"{where}: an item comes twice"] if twice else []) + [p for part in parts for p in part]
        problems = [f"{where}: {value!r} is none of {rule['enum']}"] if value not in rule.get("enum", [value]) else []
        if kind == "string":
            problems += _between(len(value), rule, "minLength", "maxLength", where)
            return problems + _form(value, rule, where)
        return problems + _between(value, rule, "minimum", "maximum", where)

    def _object(self, value: dict[str, Any], rule: dict[str, Any], where: str) -> Problems:
        known = rule.get("properties", {})
        problems = [f"{where}: {name} is missing" for name in rule.get("required", []) if name not in value]
        for name, part in value.items():
            if name in known:
                problems += self.value(part, known[name], f"{where}.{name}")
            elif rule.get("additionalProperties") is False:
                problems.append(f"{where}: no field {name}")
        return problems

    def _one_of(self, value: Any, choices: list[dict[str, Any]], where: str) -> Problems:
        tried = [self.value(value, choice, where) for choice in choices]
        return [] if any(not problems for problems in tried) else min(tried, key=len)

    def _mapped(self, value: Any, rule: dict[str, Any]) -> dict[str, Any] | None:
        """The schema that a discriminator names. An unknown name keeps the general one."""
        if "discriminator" not in rule or not isinstance(value, dict):
            return None
        name = value.get(rule["discriminator"]["propertyName"])
        ref = rule["discriminator"].get("mapping", {}).get(name)
        return {"$ref": ref} if ref else None

    def _text(self, text: str, rule: dict[str, Any], where: str) -> Problems:
        """A parameter as it stands in an address."""
        schema = self._at(rule["schema"])
        value: Any = text
        if schema.get("type") == "array":
            value = text.split(",")
        elif schema.get("type") == "integer" and text.lstrip("-").isdigit():
            value = int(text)
        elif schema.get("type") == "boolean" and text in ("true", "false"):
            value = text == "true"
        return self.value(value, schema, where)

    def _body(self, operation: dict[str, Any], body: Any, where: str) -> Problems:
        if "requestBody" not in operation:
            return [] if body is None else [f"{where}: takes no body"]
        schema = self._at(operation["requestBody"])["content"]["application/json"]["schema"]
        return self.value(body, schema, f"{where} body")

    def _operation(self, method: str, path: str) -> tuple[dict[str, Any], dict[str, str]] | None:
        found = []
        for template, operations in self.root["paths"].items():
            pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(template))
            if (match := re.fullmatch(pattern, path)) and method.lower() in operations:
                found.append((len(match.groupdict()), operations[method.lower()], match.groupdict()))
        if not found:
            return None
        _, operation, values = min(found, key=lambda each: each[0])
        return operation, values

    def _at(self, rule: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in rule:
            target: Any = self.root
            for part in rule["$ref"].removeprefix("#/").split("/"):
                target = target[part]
            rule = target
        return rule


def _is(value: Any, kind: str) -> bool:
    return isinstance(value, KINDS[kind]) and (kind == "boolean" or not isinstance(value, bool))


def _between(value: float, rule: dict[str, Any], low: str, high: str, where: str) -> Problems:
    fits = rule.get(low, value) <= value <= rule.get(high, value)
    return [] if fits else [f"{where}: {value} is not within {rule.get(low)} and {rule.get(high)}"]


def _form(value: str, rule: dict[str, Any], where: str) -> Problems:
    if "pattern" in rule and not re.search(rule["pattern"], value):
        return [f"{where}: {value[:60]!r} does not fit {rule['pattern']}"]
    if rule.get("format") == "date-time":
        try:
            if datetime.fromisoformat(value).tzinfo is None:
                raise ValueError
        except ValueError:
            return [f"{where}: {value[:60]!r} is no date-time"]
    return []
