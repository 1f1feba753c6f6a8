"""Random text made to tickle every rule of vaderSentiment."""

import random
from collections.abc import Sequence
from itertools import accumulate

from vaderSentiment.vaderSentiment import BOOSTER_DICT, NEGATE, SPECIAL_CASES

from scoring.vader import vader

PHRASES = (
    "but", "but", "BUT", "at least", "least", "very least", "never so", "never this", "NEVER", "so", "this",
    "without doubt",
    "without a doubt", "no", "no", "No", "or", "nor", "kind of", "kind", "of", "sort of", "just enough", "yeah right",
    "the bomb", "the shit", "bad ass", "bus stop", "to die for", "kiss of death", "beating heart", "at", "the",
    "isn't", "DON'T",
    "cut the mustard", "hand to mouth", "not", "not", "too",
)  # fmt: skip
PLAIN = (
    "the",
    "plane",
    "a",
    "to",
    "it",
    "I",
    "we",
    "MY",
    "flight",
    "naïve",
    "ÉTÉ",
    "x",
    "2",
    "…",
    "🇭🇺",
    "漢字",
    "—",
    "​",
    "'",
    "n't",
)
GAPS = (" ",) * 12 + ("  ", "\n", "\t", " ", " ", " \r\n", "\x1c", "")
ENDS = (
    "", "", "", "", "", ".", ",", "!", "!!", "!!!!!", "?", "??", "???", "????", "...", "'", '"', ")", "?!", ":)", ":(",
)  # fmt: skip


class Fuzz:
    """Deterministic for a seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.lexicon = sorted(vader().lexicon)
        self.emoji = sorted(vader().emoji)
        self.short = [word for word in self.lexicon if not word.isalnum()]
        self.sources: tuple[tuple[float, Sequence[str]], ...] = (
            (0.30, self.lexicon), (0.15, sorted(BOOSTER_DICT)), (0.14, sorted(NEGATE)), (0.16, PHRASES),
            (0.04, sorted(SPECIAL_CASES)), (0.15, PLAIN), (0.04, self.emoji), (0.02, self.short),
        )  # fmt: skip
        self.pools = [pool for _, pool in self.sources]
        self.steps = list(accumulate(weight for weight, _ in self.sources))

    def text(self) -> str:
        count = self.random.choice((0, 1, 2, 3, 4, 5, 6, 8, 10, 14, 20))
        return "".join(self._word() + self.random.choice(GAPS) for _ in range(count))

    def _word(self) -> str:
        rnd = self.random
        word = rnd.choice(rnd.choices(self.pools, cum_weights=self.steps)[0])
        shape = rnd.random()
        if shape < 0.15:
            word = word.upper()
        elif shape < 0.25:
            word = word.capitalize()
        if rnd.random() < 0.08:
            word = rnd.choice("\"'(#*-_") + word
        return word + rnd.choice(ENDS)
