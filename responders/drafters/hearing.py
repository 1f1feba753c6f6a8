"""What the learned reader hears in a post, weighed against what the word lists find in it.

Lists are sure of their words and deaf to all others; the reader hears the rest, and says how sure it is. Where it is
not sure, the lists have the last word, and where both are silent a draft names nothing rather than a wrong thing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from responders.drafters.kinds import KIND_OF
from responders.drafters.phrasebook import LANGUAGES
from responders.rules import posts

CLEAR, CLEARER, CLEAREST = 0.5, 0.6, 0.9
"""From here on a subject that a list has a word of is named; from the second on the reader has heard it rather than
what scoring found; from the third on it says more than a thing that the post names, and may be one of TRUSTED."""
WORDLESS: Final = 0.65
"""From here on a subject is named that no list has a word of: below it more than every second one was wrong."""
LIKELY: Final = 0.4
"""From here on one that a list has a word of is at least what the post touches on."""
HARDLY: Final = 0.03
"""Below this a subject that nobody names plainly is none."""
UNHEARD, OTHER = 0.005, 0.8
"""Below the first the reader has heard nothing of what the lists found; from the second on it surely heard something
else: then their words stood in another sense."""
BESIDE, TOUCHED = 0.35, 0.03
"""From here on a second subject is worth a word where the first reaches this too, and one that the lists have found:
what is said beside the matter is missed by few and wrong for all."""
TELLS: Final = 0.5
OF_US: Final = frozenset({"waiting", "info"})
"""How we answered, or did not: what it was about says more."""
ALIKE: Final = (
    {"damaged", "product"},
    {"repair", "product"},
    {"work", "repair"},
    {"refund", "charge"},
    {"room", "comfort"},
)
"""Kinds that people name for the same thing."""
UNNAMED: Final = frozenset({"other", posts.NOTHING})
TRUSTED: Final = frozenset(
    {"safety", "fraud", "connection", "luggage", "loan", "points", "subscription", "close_account", "room"}
)
"""What the lists find of these stands: danger must not be talked away, and of the others the reader has heard fewer
than two hundred."""


@dataclass(frozen=True, slots=True)
class Heard:
    """The tone, where the reader is sure; how likely each subject is (0 to 1); what the post tells already (of
    `posts.TOLD`); whether the tone is certain, and hardly any danger heard. Nothing of it where nobody listens."""

    tone: str | None = None
    subjects: Mapping[str, float] = field(default_factory=dict[str, float])
    told: frozenset[str] = frozenset()
    is_certain: bool = False
    is_safe: bool = True

    def subject(self, listed: str, worded: Collection[str], *, is_firm: bool) -> tuple[str, bool]:
        """What it is about, and whether that is clear: what the lists found, unless the reader knows better. `worded`
        are the kinds that a list has any word of."""
        if not self.subjects or (is_firm and listed in TRUSTED):
            return listed, is_firm
        best, share = max(self.subjects.items(), key=lambda each: each[1])
        likely, is_named = self._likely(listed), best not in UNNAMED
        is_other = is_named and share >= OTHER and best not in OF_US and {listed, best} not in ALIKE
        if is_firm and (likely >= UNHEARD or not is_other):
            return listed, True
        if best == listed:
            return listed, is_named and share >= CLEAR
        least = CLEAREST if best in TRUSTED else LIKELY if best in worded else WORDLESS
        if is_named and share >= least:
            return best, share >= CLEAR
        return (listed, False) if likely >= HARDLY else ("other", False)

    def is_clear(self, kind: str) -> bool:
        """Whether this may be named in passing, where nothing is better than something wrong; so may what the lists
        find where nobody listens."""
        return self._likely(kind) >= CLEAR

    def is_clearest(self, kind: str) -> bool:
        """Whether this says more than a thing that the post names; so do the lists where nobody listens."""
        return self._likely(kind) >= CLEAREST

    def is_possible(self, kind: str) -> bool:
        """Whether the post may be about this too; whoever hears something else clearly has heard none of it."""
        is_other = max(self.subjects.values(), default=0.0) >= CLEARER and self._likely(kind) < UNHEARD
        return kind in TRUSTED | OF_US or not is_other

    def beside(self, kind: str) -> str | None:
        """What else it tells of, besides this, where both are heard."""
        others = {name: share for name, share in self.subjects.items() if name not in {kind, *UNNAMED}}
        best = max(others, key=lambda name: others[name], default=None)
        return best if best and min(others[best], self._likely(kind)) >= BESIDE else None

    def meant(self, causes: Iterable[str]) -> tuple[str, ...]:
        """Those of scoring's concepts that stand for nothing the reader has not heard."""
        return tuple(cause for cause in causes if self.is_possible(KIND_OF.get(cause, "")))

    def touches(self, kind: str) -> bool:
        """Whether something about this may stand beside the main subject: a wrong word there is worse than none."""
        return self._likely(kind) >= TOUCHED

    def _likely(self, kind: str) -> float:
        return self.subjects.get(kind, 1.0)  # nobody listened, or it is of a kind that the reader does not know


def hear(text: str, lang: str | None) -> Heard:
    """The post as the reader hears it; nothing where nothing is read. It learned in the languages that we write: in
    all others only trouble counts."""
    heard = posts.heard(text)
    if heard is None:
        return Heard()
    if lang not in LANGUAGES:
        return Heard(heard.tone if heard.tone == posts.COMPLAINT else None)
    told = frozenset(name for name, likely in heard.told.items() if likely >= TELLS)
    return Heard(heard.tone, heard.subjects, told, heard.is_certain, heard.is_safe)
