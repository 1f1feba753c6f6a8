"""Lower case without accents, Serbian in Latin letters: the form in which every word list is written and looked up."""

import re
import unicodedata
from functools import lru_cache

NOT_ASCII = re.compile(r"[^\x00-\x7f]")
LETTER = r"(?:[^\W_]|[\u0e31\u0e34-\u0e3a\u0e47-\u0e4e])"
"""A letter or digit in a pattern; the signs of Thai above and below a letter belong to its word."""
HANGUL = re.compile(r"[\uac00-\ud7a3]+")
VOWELS_AND_TONES = range(103, 130)  # combining classes of Thai and Lao: "slow" without its tone is "tea"
_CYRILLIC = "а a,б b,в v,г g,д d,е e,ж z,з z,и i,ј j,к k,л l,м m,н n,о o,п p,р r,с s,т t,ћ c,у u,ф f,х h,ц c,ч c,ш s"
_LONE = "ђ d,љ lj,њ nj,џ dz,đ d,ı i,ł l,ß ss,œ oe,’ ',‘ '"
FLAT = str.maketrans(dict(pair.split(" ") for pair in f"{_CYRILLIC},{_LONE}".split(",")))
"""Letters that are no base letter with a mark: Serbian Cyrillic, crossed and joined letters, curly apostrophes."""


@lru_cache(maxsize=4_096)
def plain_letter(character: str) -> str:
    """The letter without its accent; Serbian Cyrillic in Latin letters."""
    flat = character.translate(FLAT)
    return "".join(filter(_stays, unicodedata.normalize("NFD", flat)))


def _stays(character: str) -> bool:
    mark = unicodedata.combining(character)
    return not mark or mark in VOWELS_AND_TONES


def spelled(text: str) -> str:
    """Korean syllables as their letters: a stem goes over into its ending ("느리" in "느린"). The rest as it is."""
    return HANGUL.sub(lambda found: unicodedata.normalize("NFD", found[0]), text)


def written(word: str) -> str:
    """A folded word as people read it: Korean letters joined to syllables again."""
    return word if word.isascii() else unicodedata.normalize("NFC", word)


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
