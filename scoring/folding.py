"""Lower case without accents, in Latin letters: the form in which every word list is written and looked up."""

import re
import unicodedata
from functools import lru_cache

NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_CYRILLIC = "а a,б b,в v,г g,д d,е e,ж z,з z,и i,ј j,к k,л l,м m,н n,о o,п p,р r,с s,т t,ћ c,у u,ф f,х h,ц c,ч c,ш s"
_LONE = "ђ d,љ lj,њ nj,џ dz,đ d,ł l,ß ss,œ oe,’ ',‘ '"
FLAT = str.maketrans(dict(pair.split(" ") for pair in f"{_CYRILLIC},{_LONE}".split(",")))
"""Letters that are no base letter with a mark: Serbian Cyrillic, crossed and joined letters, curly apostrophes."""


@lru_cache(maxsize=4_096)
def plain_letter(character: str) -> str:
    """The letter without its accent; Serbian Cyrillic in Latin letters."""
    flat = character.translate(FLAT)
    return "".join(c for c in unicodedata.normalize("NFD", flat) if not unicodedata.combining(c))


def fold(text: str) -> str:
    """Lower case without accents. Works letter kind by letter kind: a post has only a few that are not ASCII."""
    text = text.lower()
    if text.isascii():
        return text
    for character in set(NOT_ASCII.findall(text)):
        plain = plain_letter(character)
        if plain != character:
            text = text.replace(character, plain)
    return text
