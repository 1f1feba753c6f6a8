"""Posts that say thanks and nothing else: they close a conversation instead of opening it again. Words as data; pure.

Conservative on purpose: every word of the post must be among those below, and one of them a thanks. "Thanks, but it is
still broken" says more, a question asks, and 🙄 is no thanks.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from typing import Final

THANKS: Final[Mapping[str, tuple[str, ...]]] = {
    "en": ("thanks", "thank you", "thankyou", "thx", "ty", "tysm", "cheers", "much appreciated", "appreciate it"),
    "hr": ("hvala", "zahvaljujem", "fala", "hvala vam", "puno hvala"),
    "hu": ("köszönöm", "köszönjük", "köszi", "köszi szépen", "köszönet", "hálás köszönet", "kösz"),
    "id": ("terima kasih", "makasih", "trima kasih", "terimakasih", "trims", "tq", "thanks", "thank you"),
    "lv": ("paldies", "pateicos", "liels paldies", "paldies jums"),
    "tl": ("salamat", "maraming salamat", "thank you", "thanks", "salamat po"),
}
BESIDE: Final[Mapping[str, tuple[str, ...]]] = {
    "en": (
        "so much", "very much", "a lot", "again", "for the help", "for your help", "for the quick reply",
        "for replying",
        "for the reply", "for the update", "all good", "all good now", "it works", "it works now", "works now",
        "solved",
        "sorted", "great", "perfect", "ok", "okay", "cool", "awesome", "you too", "many", "guys", "team", "all",
        "everyone",
        "have a nice day", "for your reply", "for the quick response",
    ),
    "hr": (
        "puno", "lijepa", "lijepo", "vam", "vama", "svima", "na pomoći", "na odgovoru", "na brzom odgovoru", "na trudu",
        "sve radi", "sada radi", "riješeno", "super", "odlično", "u redu", "sve u redu", "ok", "lijep pozdrav", "lp",
        "pozdrav", "ugodan dan",
    ),
    "hu": (
        "szépen", "nagyon", "előre is", "a segítséget", "a gyors választ", "a választ", "mindent", "minden rendben",
        "már működik", "megoldódott", "szuper", "rendben", "ok", "oké", "önöknek", "szép napot", "üdv", "még egyszer",
    ),
    "id": (
        "banyak", "ya", "kak", "min", "atas bantuannya", "atas responnya", "sudah beres", "sudah bisa", "sudah oke",
        "oke",
        "ok", "mantap", "sip", "siap", "sama-sama", "semuanya", "admin", "banget", "bantuannya", "responnya",
    ),
    "lv": (
        "liels", "jums", "par palīdzību", "par atbildi", "par ātro atbildi", "viss kārtībā", "viss strādā",
        "tagad strādā",
        "atrisināts", "super", "lieliski", "labi", "ok", "visiem", "vēlreiz", "jauku dienu",
    ),
    "tl": (
        "po", "ulit", "sa tulong", "sa sagot", "sa mabilis na sagot", "sa inyo", "ok na", "okay na", "ayos na",
        "gumagana na",
        "ok", "okay", "sige", "talaga", "so much", "sa pag-reply", "sa inyong lahat", "sa pag-asikaso",
    ),
}  # fmt: skip
GLAD: Final = frozenset("👍🙏❤😊🙂👌🎉💚💙💛💜🧡🤗😀😃😄😁🥰😍✅💯👏🫶☺😇🤝🤩✨😘")

LONGEST: Final = 90
"""Characters of a post that can still be nothing but thanks."""

_HANDLE = re.compile(r"@[\w.@-]+")
_APOSTROPHE = re.compile(r"['’ʼ`´]")
_MODIFIERS = frozenset("\ufe0f\u200d") | {chr(code) for code in range(0x1F3FB, 0x1F400)}


def only_thanks(text: str) -> bool:
    """Whether the whole post is thanks, in any of the six languages, or nothing but glad emoji."""
    text = _HANDLE.sub(" ", text).strip()
    if not text or len(text) > LONGEST or "?" in text:
        return False
    signs = [c for c in text if unicodedata.category(c) in ("So", "Sk") and c not in _MODIFIERS]
    if any(sign not in GLAD for sign in signs):
        return False
    words = _bare(text)
    if not words:
        return bool(signs) and not any(c.isalnum() for c in text)
    thanks, all_words = _patterns()
    return bool(thanks.search(words)) and all_words.fullmatch(words) is not None


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """One that finds a thanks, and one that matches a row of thanks and what goes beside it."""
    thanks = {_bare(term) for terms in THANKS.values() for term in terms}
    beside = {_bare(term) for terms in BESIDE.values() for term in terms}
    first, either = (
        "|".join(sorted(map(re.escape, terms), key=len, reverse=True)) for terms in (thanks, thanks | beside)
    )
    return re.compile(rf"(?:^|\s)(?:{first})(?:\s|$)"), re.compile(rf"(?:{either})(?:\s(?:{either}))*")


def _bare(text: str) -> str:
    plain = _APOSTROPHE.sub("", unicodedata.normalize("NFKC", text).casefold())
    plain = "".join(c for c in unicodedata.normalize("NFD", plain) if not unicodedata.combining(c))
    return " ".join("".join(c if c.isalnum() else " " for c in plain).split())
