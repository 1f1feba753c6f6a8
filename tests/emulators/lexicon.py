"""Checks requests and answers against the network's own lexicons (JSON files). A missing lexicon is not checked."""

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import regex

Problems = list[str]
FORMATS = {
    "did": r"did:[a-z]+:[a-zA-Z0-9._:%-]+",
    "handle": r"([a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?\.)+[a-zA-Z]([a-zA-Z0-9-]*[a-zA-Z0-9])?",
    "at-uri": r"at://[a-zA-Z0-9._:%-]+(/[a-zA-Z0-9.-]+(/[a-zA-Z0-9._~:-]+)?)?",
    "nsid": r"[a-z][a-zA-Z0-9-]*(\.[a-zA-Z0-9-]+)+\.[a-zA-Z][a-zA-Z0-9]*",
    "cid": r"[a-zA-Z0-9+=]{8,256}",
    "tid": r"[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}",
    "record-key": r"[a-zA-Z0-9._~:-]{1,512}",
    "language": r"[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*",
    "uri": r"[a-z][a-z0-9+.-]*:\S+",
}
KINDS: dict[str, Any] = {"string": str, "integer": int, "boolean": bool, "array": list, "object": dict}


class Lexicons:
    """All lexicons of a folder."""

    def __init__(self, folder: Path) -> None:
        files = [json.loads(file.read_text(encoding="utf-8")) for file in sorted(folder.glob("*.json"))]
        self.defs: dict[str, dict[str, Any]] = {file["id"]: file["defs"] for file in files}

    def knows(self, nsid: str) -> bool:
        """Whether this method or record is among them."""
        return nsid in self.defs

    def record(self, value: dict[str, Any]) -> Problems:
        """What is wrong with a record, by its own `$type`."""
        nsid = str(value.get("$type"))
        return self._check(value, self.defs[nsid]["main"]["record"], nsid, nsid)

    def params(self, nsid: str, values: list[tuple[str, str]]) -> Problems:
        """What is wrong with the parameters of a query."""
        schema = self.defs[nsid]["main"].get("parameters", {"properties": {}})
        given = {name for name, _ in values}
        problems = [f"{nsid}: parameter {name} is missing" for name in schema.get("required", []) if name not in given]
        for name, text in values:
            if (rule := schema["properties"].get(name)) is None:
                problems.append(f"{nsid}: no parameter {name}")
                continue
            rule = rule["items"] if rule["type"] == "array" else rule
            value: Any = int(text) if rule["type"] == "integer" and text.lstrip("-").isdigit() else text
            value = text == "true" if rule["type"] == "boolean" else value
            problems += self._check(value, rule, nsid, f"{nsid}?{name}")
        return problems

    def input(self, nsid: str, body: Any) -> Problems:
        """What is wrong with the body of a procedure."""
        rule = self.defs[nsid]["main"].get("input")
        if rule is None:
            return [] if body is None else [f"{nsid}: takes no body"]
        return self._check(body, rule["schema"], nsid, f"{nsid} input")

    def output(self, nsid: str, body: Any) -> Problems:
        """What is wrong with a 2xx answer."""
        return self._check(body, self.defs[nsid]["main"]["output"]["schema"], nsid, f"{nsid} output")

    def _check(self, value: Any, rule: dict[str, Any], nsid: str, where: str) -> Problems:
        kind = rule["type"]
        if kind in ("ref", "union"):
            return self._referred(value, rule, nsid, where)
        if kind in ("unknown", "blob", "bytes", "cid-link", "token"):
            return []
        wanted = KINDS[kind]
        if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
            return [f"{where}: {type(value).__name__} in place of {kind}"]
        if kind == "object":
            return self._object(value, rule, nsid, where)
        if kind == "array":
            parts = [self._check(each, rule["items"], nsid, f"{where}[{at}]") for at, each in enumerate(value)]
            return _size(len(value), rule, where) + [problem for part in parts for problem in part]
        if kind == "string":
            return _string(value, rule, where)
        low, high = rule.get("minimum", value), rule.get("maximum", value)
        return [] if low <= value <= high else [f"{where}: {value} is out of range"]

    def _object(self, value: dict[str, Any], rule: dict[str, Any], nsid: str, where: str) -> Problems:
        nullable = rule.get("nullable", [])
        problems = [f"{where}: {name} is missing" for name in rule.get("required", []) if name not in value]
        for name, part in value.items():
            if name == "$type" or (part is None and name in nullable):
                continue
            if name in rule.get("properties", {}):
                problems += self._check(part, rule["properties"][name], nsid, f"{where}.{name}")
        return problems

    def _referred(self, value: Any, rule: dict[str, Any], nsid: str, where: str) -> Problems:
        if rule["type"] == "ref":
            return self._named(value, rule["ref"], nsid, where)
        if not isinstance(value, dict) or "$type" not in value:
            return [f"{where}: a union without $type"]
        refs = [self._absolute(ref, nsid) for ref in rule["refs"]]
        given = str(value["$type"])
        if given not in refs and f"{given}#main" not in refs:
            return [f"{where}: {given} is none of {refs}"] if rule.get("closed") else []
        return self._named(value, given, nsid, where)

    @staticmethod
    def _absolute(ref: str, nsid: str) -> str:
        return nsid + ref if ref.startswith("#") else ref

    def _named(self, value: Any, ref: str, nsid: str, where: str) -> Problems:
        name, _, part = self._absolute(ref, nsid).partition("#")
        rule = self.defs.get(name, {}).get(part or "main")
        return self._check(value, rule, name, where) if rule else []


def _size(size: int, rule: dict[str, Any], where: str) -> Problems:
    fits = rule.get("minLength", 0) <= size <= rule.get("maxLength", size)
    return [] if fits else [f"{where}: {size} is too many or too few"]


def _string(value: str, rule: dict[str, Any], where: str) -> Problems:
    problems = _size(len(value.encode()), rule, where)
    if len(regex.findall(r"\X", value)) > rule.get("maxGraphemes", 1 << 30):
        problems.append(f"{where}: too many graphemes")
    name = rule.get("format", "")
    if name == "at-identifier":
        fits = any(re.fullmatch(FORMATS[each], value) for each in ("did", "handle"))
    elif name == "datetime":
        fits = re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", value) is not None
        fits = fits and datetime.fromisoformat(value).tzinfo is not None
    else:
        fits = name not in FORMATS or re.fullmatch(FORMATS[name], value) is not None
    return problems if fits else [*problems, f"{where}: {value[:60]!r} is no {name}"]
