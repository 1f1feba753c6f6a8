"""Reads the answer of a chat completion, believing nothing. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from domain.errors import Undecodable
from net.decode import decode_json, dict_at, list_at, text_at, value_at
from responders.drafters.model_budget import Usage

UNKNOWN = Usage(None, None)


@dataclass(frozen=True, slots=True)
class Said:
    """A proposed text; or `fault`, why there is none."""

    text: str = ""
    fault: str = ""
    usage: Usage = UNKNOWN


def read(status: int, body: bytes) -> Said:
    """One text of a complete answer (`finish_reason` "stop"). A call of a tool, a refusal or half a text is none."""
    if status != 200:
        return Said(fault=f"HTTP {status}")
    try:
        value = decode_json(body)
    except Undecodable as error:
        return Said(fault=f"its answer cannot be read: {error}"[:200])
    usage = Usage(_count(value, "prompt_tokens"), _count(value, "completion_tokens"))
    choices = list_at(value, "choices")
    if len(choices) != 1:
        return Said(fault="its answer has no single choice", usage=usage)
    text, fault = _chosen(choices[0])
    return Said(text, fault, usage)


def _chosen(choice: object) -> tuple[str, str]:
    message = dict_at(choice, "message")
    if message.get("tool_calls") or message.get("function_call"):
        return "", "it asked for a tool"
    if text_at(choice, "finish_reason") != "stop":
        return "", "its answer was cut short"
    if message.get("refusal") or text_at(message, "role") != "assistant":
        return "", "it refused"
    text = value_at(message, "content")
    return (text, "") if isinstance(text, str) and text.strip() else ("", "its answer holds no text")


def _count(value: object, name: str) -> int | None:
    found = value_at(value, "usage", name)
    return found if type(found) is int else None
