"""Feeling of a text as it stands."""

from scoring import lexicon
from scoring.folding import fold
from scoring.lexicon import Feeling
from scoring.words import table_for


def feel(text: str, name: str) -> Feeling:
    """What the pack of this name says about the text."""
    return lexicon.feel(table_for(name).read(fold(text)), text)
