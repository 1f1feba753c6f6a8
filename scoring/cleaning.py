"""Text prepared for feeling: what is no opinion (handles, links, the brand's own name) is taken out first.

The exact VADER runs on the cleaned text, so that "@united" is no praise and "Great Air lost my bag" no compliment.
"""

import html
import re
from collections.abc import Iterable

MAX_CHARACTERS = 8_000  # nobody feels more after that; keeps hostile text within its time
LINK = re.compile(r"(?:https?://|www\.|pic\.twitter\.com/)\S+|\{link\}", re.IGNORECASE)
# The look-behind stands after the "@" so that the search can jump from one "@" to the next.
HANDLE = re.compile(r"@(?<![\w.]@)\w+(?:[.@-]\w+)*(?:['’]s\b)?")
HASHTAG = re.compile(r"[#＃](?<!\w[#＃])(\w+)")
HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
REPOST = re.compile(r"^\s*RT\b:?\s*")
STAND_IN = "they"  # a word without feeling, so that distances between the other words stay as written


def without_links(text: str) -> str:
    """The text without links and handles."""
    if "://" in text or "www." in text or "pic.twitter" in text or "{" in text:
        text = LINK.sub(" ", text)
    if "@" in text:
        text = HANDLE.sub(" ", text)
    return text


def words_of_hashtag(match: re.Match[str]) -> str:
    """#WorstAirlineEver -> Worst Airline Ever. Two words are mostly a name or a play (#RichPearson) and stay one."""
    words = HUMP.sub(" ", match[1])
    return words if words.count(" ") >= 2 else match[1]


class Cleaner:
    """Cleans texts for one brand; `names` are its names, handles and products, any case."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        plain = {name.strip().lstrip("@#").casefold() for name in names}
        self.names = tuple(sorted(filter(None, plain), key=lambda name: (-len(name), name)))
        self._beginnings = {name.split()[0] for name in self.names}
        alternatives = "|".join(r"\s+".join(map(re.escape, name.split())) for name in self.names)
        self.pattern = re.compile(rf"(?<!\w)[#＃]?(?:{alternatives})(?:['’]s)?(?!\w)", re.IGNORECASE)

    def clean(self, text: str) -> str:
        """What is left to judge the feeling by. Cheap when there is nothing to take out."""
        text = text[:MAX_CHARACTERS]
        if "&" in text:
            text = html.unescape(text)
        if text.startswith("RT"):
            text = REPOST.sub("", text)
        text = without_links(text)
        if self.names:
            text = self._without_names(text)
        if "#" in text or "＃" in text:
            text = HASHTAG.sub(words_of_hashtag, text)
        return text

    def _without_names(self, text: str) -> str:
        # a plain substring test is ten times cheaper than the pattern, and most posts carry the handle only
        if any(map(text.casefold().__contains__, self._beginnings)):
            return self.pattern.sub(STAND_IN, text)
        return text
