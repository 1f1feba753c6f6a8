"""Plain TOML files that people edit: what is wrong in one is told with the file, the line or key, and what to do."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable

from domain.errors import BadInput

_ENOUGH = 40
"""Characters by which a text is found again."""
_LONG_TEXT = re.compile(r'"""(?:\\.|[^\\])*?"""|\'\'\'.*?\'\'\'', re.DOTALL)
"""A text over several lines; what looks like a key inside of it is none."""


def _blank(text: re.Match[str]) -> str:
    return "\n" * text[0].count("\n")


class TomlFile:
    """One file as it was read. `place` names it in errors; `raw` holds its values."""

    def __init__(self, place: str, content: bytes) -> None:
        """Raises BadInput for what is no UTF-8 or no TOML."""
        try:
            text = content.decode("utf-8-sig").replace("\r\n", "\n")
        except UnicodeDecodeError as error:
            line = content[: error.start].count(b"\n") + 1
            raise BadInput(f"{place}, line {line}: this is not UTF-8; store the file as UTF-8") from None
        try:
            self.raw = tomllib.loads(text)
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            raise BadInput(f"{place}: {error}; mend that line") from None
        self.place, self._lines = place, text.split("\n")
        self._keyed = _LONG_TEXT.sub(_blank, text).split("\n")

    def wrong(self, key: str, what: str) -> BadInput:
        """The error about a key, with the line where it stands."""
        name = rf"[\"']?{re.escape(key)}[\"']?\s*"
        own, inside = re.compile(rf"\s*\[?\s*{name}[=\].]"), re.compile(rf"[^#\"']*[.{{,]\s*{name}=")
        lines = list(enumerate(self._keyed, 1))
        line = next((number for kind in (own, inside) for number, each in lines if kind.match(each)), 0)
        return BadInput(f"{self.place}, line {line}: {key}: {what}" if line else f"{self.place}: {key}: {what}")

    def line_of(self, path: str, text: str = "") -> int:
        """The line of a dotted key such as "feeling.mild", or of a text under it; 0 where neither stands."""
        table, _, key = path.rpartition(".")
        start = next((at for at, each in enumerate(self._lines) if each.split("#")[0].strip() == f"[{table}]"), -1)
        here = list(enumerate(self._lines[start + 1 :], start + 2))
        own = next((at for at, each in here if re.match(rf"\s*{re.escape(key)}\s*=", each)), start + 1)
        return next((at for at, each in here if at >= own and text and text[:_ENOUGH] in each), own)

    def check_keys(self, known: Iterable[str]) -> None:
        """Raises BadInput for a key that is not one of these."""
        known = tuple(known)
        for key in self.raw:
            if key not in known:
                raise self.wrong(key, f"there is no such key; known are {', '.join(known)}")

    def text(self, key: str, longest: int) -> str:
        """A needed text of at most so many characters, without blank edges. Raises BadInput."""
        value = self.raw.get(key)
        if not isinstance(value, str) or not value.strip() or "\0" in value:
            raise self.wrong(key, f'needed, as a text between quotes, like {key} = "words"')
        if len(value) > longest:
            raise self.wrong(key, f"{len(value)} characters are too many, at most {longest}")
        return value.strip()
