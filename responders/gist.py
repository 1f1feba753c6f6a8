"""What a text tells of, from word lists: for whoever approves in a language they do not read. It is no translation."""

from __future__ import annotations

from scoring.traits import Reader

NOTE = "gist from word lists, not a translation"
_READER = Reader(())


def gist(text: str, lang: str | None) -> tuple[str, ...]:
    """The concepts that this text tells of, by their English names, in the order of the reading."""
    told = [_READER.read(paragraph, lang, "neutral").causes for paragraph in text.split("\n\n") if paragraph.strip()]
    return tuple(dict.fromkeys(cause for causes in told for cause in causes))
