"""What the VADER rules know about one word: a record per raw token, looked up once and remembered."""

import string
from importlib import resources

from vaderSentiment import vaderSentiment as package

NEGATIONS: frozenset[str] = frozenset(package.NEGATE)
BOOSTERS: dict[str, float] = package.BOOSTER_DICT
IDIOMS: dict[str, float] = package.SPECIAL_CASES
PHRASE_SCALARS: dict[str, float] = {phrase: scalar for phrase, scalar in BOOSTERS.items() if " " in phrase}
MAX_REMEMBERED_TOKENS = 100_000  # about 12 MB; past it the memo starts again, so hostile text cannot grow it
MAX_REMEMBERED_LENGTH = 32
RULE_WORDS = frozenset(
    ("at", "or", "nor", "so", "this", "very", "never", "without", "doubt", "no", "least", "but", "kind", "of")
)
MODIFIER_WORDS = frozenset(("this", "least", "no", "so"))


class Token:
    """What the rules need to know about one whitespace-separated token that is not plain."""

    __slots__ = ("is_but", "is_idiom", "is_upper", "modifies", "negates", "scalar", "valence", "word")

    def __init__(self, word: str, valence: float | None, is_upper: bool, is_idiom: bool) -> None:
        self.word = word if word in RULE_WORDS else ""
        self.valence = valence
        self.is_upper = is_upper
        self.is_idiom = is_idiom
        self.scalar: float = BOOSTERS.get(word, 0.0)
        self.negates = word in NEGATIONS or "n't" in word
        self.modifies = is_idiom or self.negates or self.scalar != 0.0 or word in MODIFIER_WORDS
        self.is_but = word == "but"

    @property
    def is_plain(self) -> bool:
        return self.valence is None and not self.modifies and not self.word


# A plain word is None, a plain word in capitals (): both are false, so `compress` drops them.
Record = Token | tuple[()] | None
PLAIN = Token("", None, False, False)


def stripped(token: str) -> str:
    """The token without outer punctuation, unless two characters or fewer remain (then it may be an emoticon)."""
    word = token.strip(string.punctuation)
    return token if len(word) <= 2 else word


def read_pairs(file_name: str) -> list[tuple[str, str]]:
    """The first two tab-separated columns of one of the package's own data files."""
    text = resources.files("vaderSentiment").joinpath(file_name).read_text(encoding="utf-8")
    columns = (line.strip().split("\t") for line in text.split("\n") if line)
    return [(row[0], row[1]) for row in columns]


def idiom_words(lexicon: dict[str, float]) -> frozenset[str]:
    """Words without which no phrase of the package can match: its lexicon words, else its longest word."""
    phrases = [phrase.split() for phrase in (*IDIOMS, *PHRASE_SCALARS)]
    return frozenset(
        word for words in phrases for word in ([w for w in words if w in lexicon] or [max(words, key=len)])
    )


class TokenTable(dict[str, Record]):
    """Raw token -> record, filled on first sight and bounded."""

    def __init__(self, lexicon: dict[str, float]) -> None:
        super().__init__()
        self.lexicon = lexicon
        self.idioms = idiom_words(lexicon)

    def __missing__(self, raw: str) -> Record:
        record = self.read(raw)
        if len(raw) <= MAX_REMEMBERED_LENGTH:
            if len(self) >= MAX_REMEMBERED_TOKENS:
                self.clear()
            self[raw] = record
        return record

    def read(self, raw: str) -> Record:
        item = stripped(raw)
        word = item.lower()
        valence = None if word in BOOSTERS else self.lexicon.get(word)
        token = Token(word, valence, item.isupper(), word in self.idioms)
        if token.is_plain:
            return () if token.is_upper else None
        return token
