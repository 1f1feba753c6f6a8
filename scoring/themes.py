"""What a mention is about, from the concepts that its words tell of."""

from __future__ import annotations

from collections.abc import Iterable

from scoring.concepts import CONCEPTS, THEMES

OTHER = ("other",)
_PLACE = {theme: place for place, theme in enumerate(THEMES)}


def themes_of(concepts: Iterable[str], label: str, is_question: bool) -> tuple[str, ...]:
    """Its themes, the gravest first; "other" alone where nothing was found.

    Thanks are praise only where nothing sounds negative: "thanks for losing my bag" is none.
    """
    found = {theme for concept in concepts if (theme := CONCEPTS[concept].theme)}
    if label == "positive":
        found.add("praise")
    elif label == "negative":
        found.discard("praise")
    if is_question and label != "positive":
        found.add("question")
    return tuple(sorted(found, key=_PLACE.__getitem__)) or OTHER
