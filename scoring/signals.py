"""Finds the urgency signals in a text: one look-up per word, phrases only where their longest word stands."""

import re
import string
import unicodedata
from functools import cache, lru_cache
from itertools import compress
from typing import NamedTuple

from scoring.signal_words import LISTS

MAX_REMEMBERED_TOKENS = 50_000
MAX_REMEMBERED_LENGTH = 32
MIN_STEM = 3
TRIM = string.punctuation + "“”‘’«»…–—"
NOT_ASCII = re.compile(r"[^\x00-\x7f]")
FLAT = str.maketrans(
    dict(
        zip(
            "абвгдежзијклмнопрстћуфхцчшђљњџ",
            [
                "a",
                "b",
                "v",
                "g",
                "d",
                "e",
                "z",
                "z",
                "i",
                "j",
                "k",
                "l",
                "m",
                "n",
                "o",
                "p",
                "r",
                "s",
                "t",
                "c",
                "u",
                "f",
                "h",
                "c",
                "c",
                "s",
                "d",
                "lj",
                "nj",
                "dz",
            ],
            strict=True,
        )
    )
    | {"ђ": "d", "љ": "lj", "њ": "nj", "џ": "dz", "đ": "d", "ł": "l", "ß": "ss", "’": "'", "‘": "'"}
)
NUMBERS = {
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "ten": 10, "twelve": 12,
    "dva": 2, "tri": 3, "ket": 2, "harom": 3, "dua": 2, "tiga": 3, "divas": 2, "tris": 3, "dalawang": 2, "tatlong": 3,
}  # fmt: skip
UNITS = {
    "minutes": 1, "minute": 1, "mins": 1, "min": 1, "minuta": 1, "minut": 1, "percet": 1, "perce": 1,
    "percig": 1, "menit": 1,
    "minit": 1, "minutos": 1, "hours": 60, "hour": 60, "hrs": 60, "hr": 60, "h": 60, "sati": 60, "sata": 60,
    "sat": 60, "ora": 60, "oraja": 60, "orat": 60, "jam": 60, "stundas": 60, "stundu": 60, "oras": 60,
    "days": 1440, "day": 1440,
    "dana": 1440, "dan": 1440, "napja": 1440, "nap": 1440, "hari": 1440, "dienas": 1440, "dienu": 1440, "araw": 1440,
    "weeks": 10080, "week": 10080, "tjedna": 10080, "tjedan": 10080, "nedelja": 10080, "hete": 10080, "minggu": 10080,
    "nedelas": 10080, "linggo": 10080, "months": 43200, "month": 43200, "mjeseci": 43200, "honapja": 43200,
    "bulan": 43200,
    "menesi": 43200, "menesus": 43200, "buwan": 43200,
}  # fmt: skip
GLUED = re.compile(r"(\d{1,3}(?:[.,]5)?)\+?-?([a-z]+)")  # 2hrs, 45min, 3-day
AMOUNT = re.compile(r"\d{1,3}(?:[.,]5)?\+?")


class Mark(NamedTuple):
    """One list entry: its signal, the entry, and whether it is a phrase that must still be looked for."""

    signal: str
    entry: str
    is_phrase: bool


Marks = tuple[Mark, ...]


class Found(NamedTuple):
    """Signals with the words that gave them away (from our lists, never the author's), and the longest time named."""

    words: dict[str, str]
    minutes: float


NOTHING = Found({}, 0.0)


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


def trigger_of(phrase: str) -> str:
    return max(phrase.split(), key=len)


class SignalTable(dict[str, Marks]):
    """Folded token -> what it may mean. A word that means nothing is an empty tuple."""

    def __init__(self, lists: tuple[str, ...]) -> None:
        super().__init__()
        self.exact: dict[str, list[Mark]] = {}
        self.stems: dict[str, list[Mark]] = {}
        for signal, entry in (pair for text in lists for pair in read_entries(text)):
            trigger = trigger_of(entry)
            target = self.stems if trigger.endswith("*") else self.exact
            target.setdefault(trigger.rstrip("*"), []).append(Mark(signal, entry.rstrip("*"), " " in entry))

    def __missing__(self, token: str) -> Marks:
        word = token.strip(TRIM)
        marks = list(self.exact.get(word, ())) or list(self.exact.get(token, ()))
        for end in range(MIN_STEM, len(word) + 1) if len(word) <= MAX_REMEMBERED_LENGTH else ():
            marks += self.stems.get(word[:end], ())
        if word in UNITS or word.lstrip(string.digits + "+-.,") in UNITS:
            marks.append(Mark("duration", "", False))
        if len(token) <= MAX_REMEMBERED_LENGTH:
            if len(self) >= MAX_REMEMBERED_TOKENS:
                self.clear()
            self[token] = tuple(marks)
        return tuple(marks)

    def find(self, folded: str) -> Found:
        """The signals of one folded text."""
        tokens = folded.split()
        marked = list(map(self.__getitem__, tokens))
        words: dict[str, str] = {}
        longest = 0.0
        for place in compress(range(len(tokens)), marked):
            for signal, entry, is_phrase in marked[place]:
                if signal == "duration":
                    longest = max(longest, minutes_at(tokens, place))
                elif signal not in words and (not is_phrase or entry in folded):
                    words[signal] = entry
        return Found(words, longest) if words or longest else NOTHING


def read_entries(text: str) -> list[tuple[str, str]]:
    rows = (line.split(":", 1) for line in text.strip().splitlines())
    return [
        (signal.strip(), entry.strip()) for signal, entries in rows for entry in entries.split(",") if entry.strip()
    ]


def minutes_at(tokens: list[str], place: int) -> float:
    """The length of time whose unit stands there ("2 hours", "45min", "three days"), in minutes; 0 when none does."""
    word = tokens[place].strip(TRIM)
    if word in UNITS:
        return _amount(tokens[place - 1].strip(TRIM)) * UNITS[word] if place else 0.0
    glued = GLUED.fullmatch(word)
    return _amount(glued[1]) * UNITS[glued[2]] if glued and glued[2] in UNITS else 0.0


def _amount(word: str) -> float:
    if AMOUNT.fullmatch(word):
        return float(word.rstrip("+").replace(",", "."))
    return float(NUMBERS.get(word, 0))


@cache
def table_for(lang: str | None) -> SignalTable:
    """The signals of a language; with an unknown one every list counts, and Taglish counts English too."""
    if lang == "tl":
        return SignalTable((LISTS["tl"], LISTS["en"]))
    if lang in LISTS:
        return SignalTable((LISTS[lang],))
    return SignalTable(tuple(LISTS.values()))
