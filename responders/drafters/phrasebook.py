"""The phrase packs: one TOML file per language, checked when read. They are ours; no post is ever a template."""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

from domain.errors import BadInput
from responders.last_good import LastGood
from responders.toml_files import TomlFile

FOLDER = Path(__file__).resolve().parent.parent / "phrases"
LANGUAGES = tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


def first_written(wanted: Iterable[str | None]) -> str:
    """The first of these languages that we write; English where we write none of them."""
    return next((lang for lang in wanted if lang in LANGUAGES), "en")


INFORMAL = frozenset(
    {"informal", "casual", "familiar", "t", "ti", "te", "tu", "kamu", "tegezes", "tegez", "plain", "first name"}
)
FORMAL = frozenset({"formal", "polite", "respectful", "v", "vi", "on", "jus", "anda", "po", "magazas", "sie", "vous"})
FIELDS = frozenset(
    {"name", "about", "what", "order", "product", "duration", "amount", "number", "start", "end", "done", "next",
     "outage", "told", "quote", "fact", "brand", "service", "link", "way", "reference"}
)  # fmt: skip
REQUIRED = [
    "address.named",
    "address.plain",
    "opening.complaint",
    "opening.again",
    "opening.question",
    "opening.suggestion",
    "feeling.mild",
    "feeling.strong",
    "detail.duration",
    "detail.amount",
    "also.lines",
    "open.lines",
    "about_said.lines",
    "next.complaint",
    "next.holding",
    "next.question",
    "next.suggestion",
    "note.lines",
    "quote.trouble",
    "quote.praise",
    "known.done",
    "known.next",
    "known.told",
    "known.outage",
    "known.outage_plain",
    "storm.sorry",
    "storm.again",
    "delay.until",
    "fact.lines",
    "number.order",
    "number.booking",
    "number.customer",
    "number.plain",
    "private.reference",
    "private.offer",
    "private.here",
    "private.reference_at",
    "private.offer_at",
    "close.praise",
    "close.thanks",
    "close.chat",
    "praise_about.lines",
    "ask.which",
    "ask.where_when",
    "ask.where",
    "ask.device",
    "ask.what_for",
    "ask.need",
    "ask.use",
    "ask.when",
    "ask.spot",
    "ask.symptom",
    "ask.gadget",
    "ask.area",
    "ask.offer",
    "ask.place",
    "ask.what",
    "ask.happened",
    "ask.more",
    "follow_up.ask",
    "follow_up.open",
    "follow_up.survey",
]
KINDS = [
    "safety",
    "fraud",
    "cancelled",
    "luggage",
    "connection",
    "parcel",
    "damaged",
    "close_account",
    "outage",
    "lost_item",
    "refund",
    "charge",
    "app",
    "delay",
    "waiting",
    "dirty",
    "food",
    "comfort",
    "booking",
    "points",
    "loan",
    "subscription",
    "room",
    "staff",
    "work",
    "repair",
    "product",
    "price",
    "info",
    "hours",
    "suggestion",
    "thanks",
    "praise",
    "question",
    "chat",
    "other",
]
"""The kinds of problem, gravest first: the order settles ties."""
WORDS = (
    "mine", "asking", "opens", "how_to", "relieved", "contrast", "idioms", "bitter", "heat", "insults", "called",
    "to_us", "times",
)  # fmt: skip
"""Word lists by which a post is read, whatever it is about."""

_UNFOLDED = str.maketrans({"đ": "d", "ł": "l", "ø": "o", "ı": "i", "’": "'", "‘": "'"})
_APART = re.compile(r"[^\w\s]|_")
_APART_BY = r"(?:\s\S+){0,5}?\s"


def fold(text: str) -> str:
    """Words in lower case without accents, apostrophes or punctuation: people type without them."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_UNFOLDED)).replace("'", "")
    return " ".join(_APART.sub(" ", "".join(c for c in plain if not unicodedata.combining(c))).split())


def finder(terms: Iterable[str]) -> re.Pattern[str]:
    """Finds any of these terms as whole words in folded text; "*" stands for any ending, alone for any word,
    "+" for at most five words between."""
    parts = [_APART_BY.join(_phrase(part) for part in term.split(" + ")) for term in terms]
    return re.compile(rf"(?<!\S)(?:{'|'.join(parts)})(?!\S)" if parts else r"(?!)")


def _all_of(terms: Iterable[str]) -> Callable[[str], bool]:
    """Tells whether folded text holds one of these terms; "refund + issued" is held where both words stand."""
    entries = [[finder([part.strip()]) for part in term.split("+")] for term in terms]
    return lambda folded: any(all(part.search(folded) for part in entry) for entry in entries)


def respell(folded: str, spellings: Mapping[str, str]) -> str:
    """The folded text with each word as the word lists spell it."""
    return " ".join(spellings.get(word, word) for word in folded.split()) if spellings else folded


def _phrase(words: str) -> str:
    return r"\s".join(_word(word) for word in words.split())


def _word(word: str) -> str:
    return r"\S+" if word == "*" else re.escape(word).replace(r"\*", r"\S{0,20}")


@dataclass(frozen=True, slots=True)
class Pack:
    """One language: its sentences (`lines`), and its finders for what a post says."""

    lang: str
    raw: Mapping[str, Any]
    strong: Mapping[str, re.Pattern[str]]
    topics: Mapping[str, re.Pattern[str]]
    things: Mapping[str, re.Pattern[str]]
    products: Mapping[str, re.Pattern[str]]
    nouns: Mapping[str, re.Pattern[str]]
    words: Mapping[str, re.Pattern[str]]
    acts: Mapping[str, Callable[[str], bool]]

    def lines(self, path: str) -> list[str]:
        """The variants at a dotted path, such as "feeling.mild"."""
        found: Any = self.raw
        for step in path.split("."):
            found = found[step]
        return list(found)

    def about(self, kind: str, *, asked: bool = False) -> str:
        """The subject of this kind in the form that the pack's sentences need; `asked` when it is only asked about,
        so that a question whether a flight is cancelled is not answered as if it were."""
        found = self.raw["kinds"][kind]
        return str(found.get("asked", found["about"]) if asked else found["about"])


def register_of(lang: str, formality: str) -> str:
    """The folder of sentences in which this formality is said; "" for those of the pack itself, the polite ones."""
    wanted = fold(formality)
    folder = "informal" if wanted in INFORMAL else "formal" if wanted in FORMAL else ""
    return folder if (FOLDER / folder / f"{lang}.toml").is_file() else ""


@cache
def pack(lang: str, register: str = "") -> Pack:
    """The pack of one of LANGUAGES, with the sentences of a register of its own (`register_of`). Raises BadInput naming
    file and key when it is missing or broken."""
    raw = _read(lang, register)
    others = [_read(other) for other in raw["also_read"]]
    every = [raw, *others]
    spellings = raw["spellings"]

    def found(terms: Iterable[str]) -> re.Pattern[str]:
        return finder(respell(term, spellings) for term in terms)

    return Pack(
        lang=lang,
        raw=raw,
        strong={kind: found(_terms(every, kind, "words")) for kind in KINDS},
        topics={kind: found(_terms(every, kind, "topics")) for kind in KINDS},
        things={thing: found(_joined(every, "things", thing)) for thing in raw["things"]},
        products={name: finder(terms) for name, terms in raw["products"].items()},
        nouns={name: found(terms) for name, terms in raw["nouns"].items()},
        words={key: found(term for one in every for term in one[key]) for key in WORDS},
        acts={act: _all_of(terms) for act, terms in raw.get("act_words", {}).items()},
    )


@cache
def insults() -> re.Pattern[str]:
    """Insults of every language we know: names are checked against all of them."""
    return finder(term for lang in LANGUAGES for term in _read(lang)["insults"])


def _terms(packs: list[dict[str, Any]], kind: str, key: str) -> list[str]:
    return [term for one in packs for term in one["kinds"][kind][key]]


def _joined(packs: list[dict[str, Any]], table: str, key: str) -> list[str]:
    return [term for one in packs for term in one[table].get(key, [])]


@cache
def _read(lang: str, register: str = "") -> dict[str, Any]:
    raw = _good(FOLDER / f"{lang}.toml")
    return _laid_over(raw, _good(FOLDER / register / f"{lang}.toml")) if register else raw


def _good(path: Path) -> dict[str, Any]:
    """What of this file is in force."""
    if not path.is_file():
        raise BadInput(f"No phrase pack for {path.stem!r}; there are {', '.join(LANGUAGES)}")
    known = _files.of(path)
    if known.good is None:
        raise BadInput(known.wrong)
    return known.good


def _parsed(path: Path, content: bytes) -> dict[str, Any]:
    """One file by itself; sentences of a register are looked at as they lie over their pack."""
    file = TomlFile(_place(path), content)
    whole = file.raw if path.parent == FOLDER else _laid_over(_read(path.stem), file.raw)
    inspect(file.place, whole, file.line_of)
    return file.raw


def _place(path: Path) -> str:
    return path.relative_to(FOLDER).as_posix()


_files = LastGood(_parsed, _place)


def keep_in(folder: Path) -> None:
    """Where copies of good versions are kept, for a restart. Call it before the first draft: packs are read once."""
    _files.keep(lambda path: folder / _place(path))


def broken() -> list[str]:
    """What is wrong with files that were not taken in, and what counts instead."""
    return [told for path in sorted(FOLDER.rglob("*.toml")) if (told := _files.of(path).told)]


def _laid_over(raw: dict[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """The pack with another register's sentences in place of its own."""
    merged = dict(raw)
    for key, value in over.items():
        merged[key] = _laid_over(raw.get(key, {}), value) if isinstance(value, dict) else value
    return merged


def _nowhere(path: str, line: str) -> int:
    return 0


def inspect(name: str, raw: Mapping[str, Any], line_of: Callable[[str, str], int] = _nowhere) -> None:
    """Raise BadInput when a pack lacks something, or has a field we do not fill; the message names file, line and key.
    `line_of` gives the line of a dotted key and a text under it."""
    for path in (*WORDS, *(f"kinds.{kind}.{part}" for kind in KINDS for part in ("words", "topics"))):
        if not _are_texts(_at(raw, path)):
            place = _where(name, path, line_of, "")
            raise BadInput(f"{place} is no list of words; write them in quotation marks, or [] where there are none")
    for path in (*REQUIRED, *(f"kinds.{kind}.said" for kind in KINDS)):
        found = _at(raw, path)
        where = partial(_where, name, path, line_of)
        if not found or not _are_texts(found):
            raise BadInput(f"{where('')} is missing or empty; give it at least one sentence")
        for line in found:
            _inspect_line(where(line), line)


def _at(raw: Mapping[str, Any], path: str) -> Any:
    """What stands at a dotted path; None where nothing does."""
    found: Any = raw
    for step in path.split("."):
        found = found.get(step) if isinstance(found, Mapping) else None
    return found


def _are_texts(found: Any) -> bool:
    return isinstance(found, list) and all(isinstance(each, str) for each in found)


def _where(name: str, path: str, line_of: Callable[[str, str], int], line: str) -> str:
    number = line_of(path, line)
    return f"{name}, line {number}: {path}" if number else f"{name}: {path}"


def _inspect_line(where: str, line: str) -> None:
    try:
        fields = {field for _, field, _, _ in string.Formatter().parse(line) if field is not None}
    except ValueError as error:
        raise BadInput(f"{where}: {line!r}: {error}; mend that sentence") from error
    if unknown := fields - FIELDS:
        raise BadInput(f"{where}: unknown field {sorted(unknown)}; known are {', '.join(sorted(FIELDS))}")
