"""Posts that say thanks and nothing else: they close a conversation instead of opening it again. Words as data; pure.

Conservative on purpose: every word of the post must be among those below, and one of them a thanks. "Thanks, but it is
still broken" says more, a question asks, and 🙄 is no thanks. Once we asked whether all is well, a yes does as well.
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
        "for replying", "for the reply", "for the update", "great", "perfect", "ok", "okay", "cool", "awesome",
        "you too", "many", "guys", "team", "all", "everyone", "have a nice day", "for your reply",
        "for the quick response",
    ),
    "hr": (
        "puno", "lijepa", "lijepo", "vam", "vama", "svima", "na pomoći", "na odgovoru", "na brzom odgovoru", "na trudu",
        "super", "odlično", "u redu", "ok", "lijep pozdrav", "lp", "pozdrav", "ugodan dan",
    ),
    "hu": (
        "szépen", "nagyon", "előre is", "a segítséget", "a gyors választ", "a választ", "mindent", "szuper", "rendben",
        "ok", "oké", "önöknek", "szép napot", "üdv", "még egyszer",
    ),
    "id": (
        "banyak", "ya", "kak", "min", "atas bantuannya", "atas responnya", "oke", "ok", "mantap", "sip", "siap",
        "sama-sama", "semuanya", "admin", "banget", "bantuannya", "responnya",
    ),
    "lv": (
        "liels", "jums", "par palīdzību", "par atbildi", "par ātro atbildi", "super", "lieliski", "labi", "ok",
        "visiem", "vēlreiz", "jauku dienu",
    ),
    "tl": (
        "po", "ulit", "sa tulong", "sa sagot", "sa mabilis na sagot", "sa inyo", "ok", "okay", "sige", "talaga",
        "so much", "sa pag-reply", "sa inyong lahat", "sa pag-asikaso",
    ),
}  # fmt: skip
WELL: Final[Mapping[str, tuple[str, ...]]] = {
    "en": (
        "all good", "all good now", "all fine", "all fine now", "all is fine", "all is fine now", "all is well",
        "all is good", "all ok", "all ok now", "all sorted", "everything is fine", "everything is fine now",
        "everything is good", "everything is ok", "everything is ok now", "everything works", "everything works now",
        "it works", "it works now", "works now", "it's fine now", "it's all fine now", "it's all good now",
        "it's ok now", "it's sorted", "it's solved", "it's fixed", "solved", "sorted", "fixed",
    ),
    "hr": (
        "sve radi", "sada radi", "sad radi", "sada sve radi", "sad sve radi", "riješeno", "riješeno je",
        "sve riješeno", "sve je riješeno", "sve u redu", "sve je u redu", "sada je sve u redu", "sad je sve u redu",
        "sve ok", "sve je ok", "sve super", "sve dobro",
    ),
    "hu": (
        "minden rendben", "minden rendben van", "minden rendbe jött", "rendbe jött", "most már minden rendben",
        "most már minden rendben van", "már minden rendben", "rendben van", "minden oké", "minden ok", "már működik",
        "most már működik", "minden működik", "megoldódott", "minden megoldódott",
    ),
    "id": (
        "sudah beres", "udah beres", "sudah bisa", "sudah oke", "sudah aman", "sudah selesai", "sudah teratasi",
        "sudah normal", "sudah lancar", "semua sudah beres", "semuanya sudah beres", "sudah beres semua",
        "beres semua",
    ),
    "lv": (
        "viss kārtībā", "viss ir kārtībā", "tagad viss kārtībā", "tagad viss ir kārtībā", "viss labi", "viss ir labi",
        "viss ok", "viss strādā", "tagad strādā", "tagad viss strādā", "atrisināts", "viss atrisināts",
        "viss ir atrisināts", "nokārtots", "viss nokārtots",
    ),
    "tl": (
        "ok na", "okay na", "ayos na", "maayos na", "naayos na", "gumagana na", "ok na lahat", "okay na lahat",
        "ayos na lahat", "ayos na ang lahat", "maayos na ang lahat", "ok na po lahat", "okay na po lahat",
        "ayos na po lahat", "ayos na po ang lahat", "maayos na po ang lahat",
    ),
}  # fmt: skip
"""Beside a thanks like the words above; asked whether all is well, an answer without one."""
ASKED: Final[Mapping[str, tuple[str, ...]]] = {
    "en": (
        "yes", "yep", "yup", "yes it is", "it is", "for asking", "for checking", "for checking in", "for following up",
        "for the follow-up",
    ),
    "hr": ("da", "je", "jest", "jesu", "na pitanju", "što pitate", "što pitaš", "na brizi"),
    "hu": (
        "igen", "sikerült", "a kérdést", "kérdését", "az érdeklődést", "az érdeklődését", "hogy érdeklődött",
        "hogy megkérdezte", "hogy megkérdezted", "hogy rákérdezett", "hogy rákérdeztél",
    ),
    "id": (
        "sudah", "udah", "iya", "ya", "beres", "aman", "sudah bertanya", "sudah menanyakan", "sudah nanya",
        "udah nanya", "sudah follow up", "atas perhatiannya", "perhatiannya",
    ),
    "lv": (
        "jā", "jā ir", "ir", "ka pajautājāt", "ka pajautāji", "ka jautājāt", "ka jautāji", "ka apjautājāties",
        "par jautājumu", "par rūpēm",
    ),
    "tl": (
        "opo", "oo", "yes", "sa pagtatanong", "sa pangungumusta", "sa follow up", "sa pag-follow up", "sa pag-check",
        "for asking",
    ),
}  # fmt: skip
"""Yes, and what one is thanked for who asked. It counts only once we asked whether all is well; a no never does."""
GLAD: Final = frozenset("👍🙏❤😊🙂👌🎉💚💙💛💜🧡🤗😀😃😄😁🥰😍✅💯👏🫶☺😇🤝🤩✨😘")

LONGEST: Final = 90
"""Characters of a post that can still be nothing but thanks."""

_HANDLE = re.compile(r"@[\w.@-]+")
_APOSTROPHE = re.compile(r"['’ʼ`´]")
_MODIFIERS = frozenset("\ufe0f\u200d") | {chr(code) for code in range(0x1F3FB, 0x1F400)}


def only_thanks(text: str) -> bool:
    """Whether the whole post is thanks, in any of the six languages, or nothing but glad emoji."""
    return _says(text, asked=False)


def all_is_well(text: str) -> bool:
    """Whether the whole post, as an answer to our question whether all is well, is yes or thanks, or nothing but glad
    emoji."""
    return _says(text, asked=True)


def _says(text: str, *, asked: bool) -> bool:
    text = _HANDLE.sub(" ", text).strip()
    if not text or len(text) > LONGEST or "?" in text:
        return False
    signs = [c for c in text if unicodedata.category(c) in ("So", "Sk") and c not in _MODIFIERS]
    if any(sign not in GLAD for sign in signs):
        return False
    words = _bare(text)
    if not words:
        return bool(signs) and not any(c.isalnum() for c in text)
    telling, all_words = _patterns(asked)
    return bool(telling.search(words)) and all_words.fullmatch(words) is not None


@cache
def _patterns(asked: bool) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """One that finds a thanks (or a yes, once we asked), and one that matches a row of such and what goes beside it."""
    telling = _terms(THANKS, WELL, ASKED) if asked else _terms(THANKS)
    first, either = (
        "|".join(sorted(map(re.escape, terms), key=len, reverse=True))
        for terms in (telling, telling | _terms(BESIDE, WELL))
    )
    return re.compile(rf"(?:^|\s)(?:{first})(?:\s|$)"), re.compile(rf"(?:{either})(?:\s(?:{either}))*")


def _terms(*lists: Mapping[str, tuple[str, ...]]) -> set[str]:
    return {_bare(term) for each in lists for terms in each.values() for term in terms}


def _bare(text: str) -> str:
    plain = _APOSTROPHE.sub("", unicodedata.normalize("NFKC", text).casefold())
    plain = "".join(c for c in unicodedata.normalize("NFD", plain) if not unicodedata.combining(c))
    return " ".join("".join(c if c.isalnum() else " " for c in plain).split())
