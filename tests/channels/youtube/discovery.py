"""Holds recorded calls against Google's discovery document: the vendor's own list of parameters and fields."""

from __future__ import annotations

from typing import Any

_TYPES: dict[str, type] = {"string": str, "boolean": bool, "integer": int, "array": list, "object": dict}
_EVERYWHERE = {"key", "alt"}


class Discovery:
    """A discovery document (youtube.v3.json)."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document

    def faults(
        self, resource: str, method: str, query: list[tuple[str, str]], given: Any, status: int, body: Any
    ) -> list[str]:
        """What of one call the document does not know. Errors have no schema there."""
        spec = self._document["resources"][resource]["methods"][method]
        found = [fault for name, value in query for fault in self._parameter(spec["parameters"], name, value)]
        found += [f"{name} is missing" for name, each in spec["parameters"].items() if _lacks(name, each, query)]
        if given is not None:
            found += self._value(spec["request"], given, "request")
        if status == 200:
            found += self._value(spec["response"], body, "response")
        return [f"{resource}.{method}: {fault}" for fault in found]

    def _parameter(self, known: dict[str, Any], name: str, value: str) -> list[str]:
        if name in _EVERYWHERE:
            return []
        if name not in known:
            return [f"unknown parameter {name}"]
        spec = known[name]
        if "enum" in spec and value not in spec["enum"]:
            return [f"{name}={value}"]
        low, high = int(spec.get("minimum", "0")), int(spec.get("maximum", "4294967295"))
        return [f"{name}={value}"] if spec["type"] == "integer" and not low <= int(value) <= high else []

    def _value(self, spec: dict[str, Any], value: Any, where: str) -> list[str]:
        spec = self._document["schemas"][spec["$ref"]] if "$ref" in spec else spec
        kind = spec["type"]
        if not _fits(spec, value):
            return [f"{where} is {value!r:.60}"]
        if kind == "array":
            return [fault for item in value for fault in self._value(spec["items"], item, f"{where}[]")]
        if kind != "object" or "properties" not in spec:
            return []
        known = spec["properties"]
        unknown = [f"{where} holds an unknown {name}" for name in value if name not in known]
        inner = [self._value(known[name], value[name], f"{where}.{name}") for name in value if name in known]
        return unknown + [fault for faults in inner for fault in faults]


def _fits(spec: dict[str, Any], value: Any) -> bool:
    return isinstance(value, _TYPES[spec["type"]]) and ("enum" not in spec or value in spec["enum"])


def _lacks(name: str, spec: dict[str, Any], query: list[tuple[str, str]]) -> bool:
    return bool(spec.get("required")) and name not in dict(query)
