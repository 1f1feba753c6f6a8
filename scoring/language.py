"""Which language a post is in, cheapest evidence first.

1. the platform's own tag, when it is a watched language and the script agrees;
2. function words: two different ones that make up a fifth of the words (590,000 texts a second, 1 in 6,000 wrong);
3. py3langid, restricted to the watched languages, on text without links, handles and hashtags (about 40 us);
4. too few letters to judge: the tag, else the brand's default, else unknown (None). Unknown is a value, never a guess.

Croatian, Bosnian, Serbian (both scripts) and Montenegrin are one language here ("hr"); so are Indonesian and Malay
("id"), Filipino and Tagalog ("tl"), German and its Swiss kind ("de").
"""

import re
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Any

from scoring.cleaning import without_links
from scoring.folding import HANGUL
from scoring.function_words import ENGLISH, LISTS, SHARED

WATCHED = frozenset(
    ("en", "hr", "hu", "id", "lv", "tl", "de", "es", "fr", "it", "pt", "nl", "pl", "sv", "th", "tr", "vi", "ko")
)
SAME = {
    "bs": "hr", "sr": "hr", "sh": "hr", "hbs": "hr", "cnr": "hr", "hrv": "hr", "bos": "hr", "srp": "hr",
    "ms": "id", "in": "id", "msa": "id", "zsm": "id", "ind": "id", "fil": "tl", "tgl": "tl", "eng": "en", "lav": "lv",
    "hun": "hu", "deu": "de", "ger": "de", "gsw": "de", "spa": "es", "fra": "fr", "fre": "fr", "ita": "it", "por": "pt",
    "nld": "nl", "dut": "nl", "pol": "pl", "swe": "sv", "tha": "th", "tur": "tr", "vie": "vi",
    "kor": "ko",
}  # fmt: skip
NO_LANGUAGE = frozenset(("und", "zxx", "mul", "mis", "art", "qme", "qst", "qht", "qam", "qct", "xx"))
NOT_LATIN = frozenset(
    (
        "ar",
        "be",
        "bg",
        "bn",
        "el",
        "fa",
        "he",
        "hi",
        "hy",
        "ja",
        "ka",
        "kk",
        "ko",
        "mk",
        "ru",
        "ta",
        "th",
        "uk",
        "ur",
        "zh",
    )
)
MIN_LETTERS = 12  # below, the model guesses: word pairs come out right in 87 of 100 only
MAX_MODEL_CHARACTERS = 600  # more adds time, not certainty
MIN_SHARE = 5  # one word in five
FILIPINO_SIGNS = 2  # as many Filipino words make English text Taglish

BEYOND_LATIN = re.compile(r"[^\u0000-\u024f]")
OTHER_SCRIPT = re.compile(r"[^\W\d_\u0000-\u024f\u1e00-\u1eff]")
# Serbian Cyrillic has none of these; Russian, Ukrainian, Bulgarian and Macedonian posts nearly always have some.
NOT_SERBIAN = re.compile(r"[^\W\d_\u0000-\u04ff]|[ёйщъыьэюяєіїґѓќѕ]", re.IGNORECASE)
OWN_LETTERS = {
    "th": re.compile(r"[\u0e01-\u0e2e]"),  # its consonants: other signs decorate faces made of letters
    "ko": HANGUL,
}
"""Nobody else writes so."""
CYRILLIC = re.compile(r"[\u0400-\u04ff]")
HASHTAG = re.compile(r"[#＃]\w+")


@lru_cache(maxsize=1024)
def language_of_tag(tag: str | None) -> str | None:
    """The language a platform's tag means ("sr-Latn" -> "hr"), None when it says nothing."""
    if not tag:
        return None
    code = tag.replace("_", "-").split("-", 1)[0].lower()
    if code in NO_LANGUAGE or not code.isalpha():
        return None
    return SAME.get(code, code)


def letters(text: str) -> int:
    return sum(map(str.isalpha, text))


def is_mostly_other_script(text: str) -> bool:
    """Whether more than half of the letters are not Latin."""
    if text.isascii() or not BEYOND_LATIN.search(text) or not OTHER_SCRIPT.search(text):
        return False
    return 2 * len(OTHER_SCRIPT.findall(text)) > letters(text)


def script_agrees(lang: str, text: str, other_script: bool) -> bool:
    """Whether a text in this script can be in that language."""
    if lang in OWN_LETTERS:
        return other_script and OWN_LETTERS[lang].search(text) is not None
    if lang == "hr" and other_script:
        return CYRILLIC.search(text) is not None and not NOT_SERBIAN.search(text)
    return (lang in NOT_LATIN) == other_script


class Detector:
    """Tells the language of a text. Loads its model on first need (half a second), or before by `warm`."""

    def __init__(self, languages: Iterable[str] = WATCHED, default: str | None = None) -> None:
        self.languages = frozenset(SAME.get(code, code) for code in languages)
        self.default = default
        self._lists = {lang: words for lang, words in LISTS.items() if lang in self.languages and lang != "en"}
        self._english = ENGLISH if "en" in self.languages else frozenset()
        self._filipino = self._lists.get("tl", frozenset()) - SHARED - ENGLISH
        self._known = frozenset().union(*self._lists.values())

    def detect(self, text: str, tag: str | None = None) -> str | None:
        """A watched language, the platform's own tag where we cannot check it, or None."""
        tagged = language_of_tag(tag)
        other_script = is_mostly_other_script(text)
        if tagged in self.languages and script_agrees(tagged, text, other_script):
            return tagged
        return self._by_words(text.casefold().split()) or self._by_letters(text, tagged, other_script)

    def warm(self) -> None:
        """Load the model now (call it from a thread: it takes about half a second)."""
        load_model(self.languages)

    def _by_words(self, words: list[str]) -> str | None:
        english = self._english.intersection(words)
        if len(english) >= 2 and self._weighs_enough(self._english, english, words):
            return "tl" if len(self._filipino.intersection(words)) >= FILIPINO_SIGNS else "en"
        if self._known.isdisjoint(words):
            return None
        return self._by_other_words(words)

    def _by_other_words(self, words: list[str]) -> str | None:
        found = {lang: hits for lang, listed in self._lists.items() if (hits := listed.intersection(words))}
        telling = {lang: len(hits) for lang, hits in found.items() if len(hits) >= 2 and not hits <= SHARED}
        if not telling:
            return None
        best = max(telling, key=lambda lang: telling[lang])
        rivals = [lang for lang, count in telling.items() if count == telling[best]]
        if len(rivals) > 1 or not self._weighs_enough(self._lists[best], found[best], words):
            return None
        return best

    @staticmethod
    def _weighs_enough(listed: frozenset[str], found: frozenset[str], words: list[str]) -> bool:
        if MIN_SHARE * len(found) >= len(words):
            return True
        return MIN_SHARE * sum(map(listed.__contains__, words)) >= len(words)

    def _by_own_letters(self, text: str) -> str | None:
        found = ((lang, OWN_LETTERS[lang].search(text)) for lang in OWN_LETTERS if lang in self.languages)
        return next((lang for lang, letter in found if letter), None)

    def _by_letters(self, text: str, tagged: str | None, other_script: bool) -> str | None:
        if other_script and (own := self._by_own_letters(text)):
            return own
        bare = without_links(text)
        if "#" in bare:
            bare = HASHTAG.sub(" ", bare)
        if letters(bare[:200]) < MIN_LETTERS:
            return tagged or self.default
        if tagged is not None and tagged not in self.languages:
            return tagged  # a language nobody watches: the restricted model could only guess wrong
        if other_script and not any(script_agrees(lang, bare, True) for lang in self.languages):
            return None
        code: str = load_model(self.languages).classify(bare[:MAX_MODEL_CHARACTERS])[0]
        return SAME.get(code, code)


@cache
def load_model(languages: frozenset[str]) -> Any:
    """py3langid restricted to these of the watched languages and to those that count as the same."""
    watched = _watched_model()
    wanted = languages | {code for code, same in SAME.items() if same in languages}
    return _restricted(watched, [at for at, code in enumerate(watched.nb_classes) if code in wanted])


@cache  # 65 MB: all share it
def _watched_model() -> Any:
    """Imports numpy: half a second."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    full = LanguageIdentifier.from_model_file(MODEL_FILE)
    wanted = WATCHED | {code for code, same in SAME.items() if same in WATCHED}
    return _restricted(full, [at for at, code in enumerate(full.nb_classes) if code in wanted])


def _restricted(model: Any, columns: list[int]) -> Any:
    """A model of its own: the other languages leave the memory (25 MB), what one text looks up lies side by side, and
    the tables that find its features, the largest part, are shared."""
    from numpy import ascontiguousarray

    return type(model)(
        ascontiguousarray(model.nb_ptc[:, columns]),
        model.nb_pc[columns],
        [model.nb_classes[at] for at in columns],
        model.tk_nextmove,
        model.tk_output,
        tk_row=model.tk_row,
    )
