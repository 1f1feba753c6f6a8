"""Forms that a channel decides: made from the settings type of its manifest, read back into it."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec

from domain.errors import BadInput

if TYPE_CHECKING:
    from channels.manifest import Manifest

PREFIX = "set_"


@dataclass(frozen=True, slots=True)
class Input:
    """One field of a form. `choices` empty means a text or number field; `many` takes one entry per line.

    `is_rare`: its default does for nearly everybody.
    """

    name: str
    label: str
    kind: str
    default: str
    required: bool
    choices: tuple[str, ...] = ()
    many: bool = False
    is_rare: bool = False


def inputs(manifest: Manifest) -> list[Input]:
    """The fields of a source of this channel, those with a label first and in their order.

    How often to ask is none of what only pushes to us.
    """
    hints, order = get_type_hints(manifest.settings), list(manifest.setting_labels)
    fields = [
        each for each in msgspec.structs.fields(manifest.settings) if manifest.is_asked or each.name != "interval_s"
    ]
    fields.sort(key=lambda each: order.index(each.name) if each.name in order else len(order))
    return [_input(each, hints.get(each.name, each.type), manifest.setting_labels.get(each.name)) for each in fields]


def _input(field: msgspec.structs.FieldInfo, hint: Any, label: str | None) -> Input:
    kind = _plain(hint)
    default = "" if field.required else field.default
    if field.default_factory is not msgspec.NODEFAULT:
        default = field.default_factory()
    return Input(
        name=field.name,
        label=label or _label(field.name),
        kind="number" if kind in (int, float) else "checkbox" if kind is bool else "text",
        default="\n".join(map(str, default)) if isinstance(default, tuple | list) else str(default or ""),
        required=field.required,
        choices=get_args(kind) if get_origin(kind) is Literal else (),
        many=get_origin(kind) in (tuple, list),
        is_rare=label is None and not field.required,
    )


def _plain(hint: Any) -> Any:
    """The type without "or nothing"."""
    if get_origin(hint) in (Union, types.UnionType):
        return next(part for part in get_args(hint) if part is not type(None))
    return hint


def _label(name: str) -> str:
    base, _, unit = name.rpartition("_")
    words = f"{base} (seconds)" if unit == "s" and base else name
    return words.replace("_", " ").replace("url", "address").capitalize()


def settings_from(manifest: Manifest, values: Mapping[str, str]) -> dict[str, Any]:
    """The settings a form holds, checked by the channel's own type; defaults typed are left out.

    Raises BadInput naming the field.
    """
    raw: dict[str, Any] = {}
    for field in inputs(manifest):
        value = values.get(PREFIX + field.name, "").strip()
        if field.kind == "checkbox":
            raw[field.name] = bool(value)
        elif value and (field.choices or value != field.default):  # a choice is kept: it decides how a source is read
            raw[field.name] = [line.strip() for line in value.splitlines() if line.strip()] if field.many else value
    try:
        read = msgspec.convert(raw, manifest.settings, strict=False)
    except msgspec.ValidationError as error:
        raise BadInput(f"{manifest.title} source: {error}") from None
    typed = msgspec.to_builtins(read)
    return {name: typed[name] for name in raw}
