"""What a mention is about, from the concepts that its words tell of."""

from __future__ import annotations

from functools import lru_cache

from scoring.concepts import CONCEPTS, THEMES

OTHER = ("other",)
LOOSE = frozenset(("late", "lost"))
_PLACE = {theme: place for place, theme in enumerate(THEMES)}


@lru_cache(maxsize=4_096)  # posts tell of the same things again and again
def themes_of(concepts: tuple[str, ...], label: str, is_question: bool) -> tuple[str, ...]:
    """Its themes, the gravest first; "other" alone where nothing was found.

    Thanks are praise only where nothing sounds negative: "thanks for losing my bag" is none. What is late or lost is a
    matter of service, unless it is named: a parcel is one of delivery.
    """
    found = {theme for concept in concepts if (theme := CONCEPTS[concept].theme)}
    if found <= {"praise"} and not LOOSE.isdisjoint(concepts):
        found.add("service")
    if label == "positive":
        found.add("praise")
    elif label == "negative":
        found.discard("praise")
    if is_question and label != "positive":
        found.add("question")
    return tuple(sorted(found, key=_PLACE.__getitem__)) or OTHER
