"""Feeling of a text as it stands."""

from scoring import lexicon
from scoring.folding import fold
from scoring.lexicon import Feeling


def feel(text: str, name: str) -> Feeling:
    """What the pack of this name says about the text."""
    return lexicon.feel(text, fold(text), name)
