"""Authors who ask us to leave them alone: the words that say so, as data, and the rule that reads them. Pure.

Conservative on purpose: a message counts only when the whole of it says this and nothing else. "Stop the delays" is a
complaint and wants an answer; "please stop" to us is a wish. Who is missed here is marked by a person in the desk.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from domain.mention import Mention, sha256

Words = Mapping[str, tuple[str, ...]]
"""Phrases by language. All languages count for every message: a text of one word has none that could be told."""

WORDS: Final[Words] = {
    "en": (
        "stop", "stop it", "stop replying", "stop replying to me", "stop answering me", "stop contacting me",
        "stop messaging me", "stop writing to me", "stop tagging me", "stop mentioning me", "stop spamming me",
        "do not contact me", "do not contact me again", "dont contact me", "dont contact me again",
        "do not reply", "do not reply to me", "dont reply to me", "do not write to me", "dont write to me",
        "do not message me", "dont message me", "leave me alone", "no more replies", "opt out", "unsubscribe",
    ),
    "hr": (
        "stop", "prestanite", "prestanite mi pisati", "prestanite mi odgovarati", "prestanite me kontaktirati",
        "ne pišite mi", "ne pišite mi više", "nemojte mi pisati", "nemojte mi više pisati", "ne odgovarajte mi",
        "ne kontaktirajte me", "nemojte me kontaktirati", "nemojte me više kontaktirati", "ne javljajte mi se",
        "ne javljajte mi se više", "ostavite me na miru", "pustite me na miru",
    ),
    "hu": (
        "stop", "hagyják abba", "hagyjátok abba", "hagyja abba", "ne írjanak nekem", "ne írjanak nekem többet",
        "ne írjon nekem", "ne írjatok nekem", "ne válaszoljanak nekem", "ne válaszoljon nekem", "ne keressenek",
        "ne keressenek többet", "ne keressen többet", "ne lépjenek velem kapcsolatba", "hagyjanak békén",
        "hagyjatok békén", "hagyjon békén", "leiratkozom",
    ),
    "id": (
        "stop", "berhenti", "berhenti menghubungi saya", "berhenti membalas saya", "stop hubungi saya",
        "jangan hubungi saya", "jangan hubungi saya lagi", "jangan kontak saya", "jangan kontak saya lagi",
        "jangan balas saya", "jangan balas saya lagi", "jangan kirim pesan", "jangan kirim pesan lagi",
        "jangan kirim pesan ke saya", "jangan ganggu saya", "jangan ganggu saya lagi",
    ),
    "lv": (
        "stop", "beidziet", "beidziet man rakstīt", "pārtrauciet", "pārtrauciet man rakstīt", "nerakstiet man",
        "vairs nerakstiet man", "nerakstiet man vairs", "neatbildiet man", "vairs neatbildiet man",
        "nesazinieties ar mani", "vairs nesazinieties ar mani", "netraucējiet mani", "lieciet mani mierā",
        "atstājiet mani mierā",
    ),
    "tl": (
        "stop", "stop na", "tama na", "itigil nyo na", "itigil niyo na", "tigilan nyo ako", "tigilan niyo ako",
        "tigilan nyo na ako", "tigilan niyo na ako", "huwag nyo akong kontakin", "huwag niyo akong kontakin",
        "wag nyo akong kontakin", "wag niyo akong kontakin", "huwag nyo na akong kontakin",
        "huwag niyo na akong kontakin", "huwag nyo akong i message", "huwag niyo akong i message",
        "wag nyo na ako i message", "huwag na kayong mag reply", "wag na kayong mag reply", "pabayaan nyo ako",
        "pabayaan niyo ako",
    ),
}  # fmt: skip

_POLITE: Final = frozenset(
    {"please", "pls", "plz", "thanks", "thank", "you", "molim", "vas", "hvala", "kérem", "köszönöm", "tolong"}
    | {"mohon", "terima", "kasih", "lūdzu", "paldies", "po", "pakiusap", "salamat", "now", "just", "ok", "okay"}
)
"""Courtesies that change nothing of what is asked."""

LONGEST: Final = 90
"""Characters of a message that can still be nothing but a wish to be left alone."""
_MOST_BLANKS: Final = 9

_HANDLE = re.compile(r"@[\w.@-]+")
_APOSTROPHE = re.compile(r"['’ʼ`´]")
_SIGNS = re.compile(r"[^\w]+|_+")


def asks_to_stop(mention: Mention, words: Words = WORDS) -> str | None:
    """The phrase of `words` that this whole post consists of, None when it says anything else.

    That it is said to us is for the caller to know. A post that names somebody besides us may be meant for them.
    """
    text = mention.text
    if len(text) > LONGEST or text.count(" ") > _MOST_BLANKS or mention.title or mention.is_repost:
        return None  # nearly all posts end here, at no cost
    if len(set(_HANDLE.findall(text.casefold()))) > 1:
        return None
    return _phrases(tuple(words.items())).get(_bare(_HANDLE.sub(" ", text)))


@lru_cache(maxsize=16)
def _phrases(words: tuple[tuple[str, tuple[str, ...]], ...]) -> dict[str, str]:
    """Bare form -> the phrase as it is listed."""
    return {_bare(phrase): phrase for _, phrases in words for phrase in phrases}


def _bare(text: str) -> str:
    """Words only: no case, accents, signs or courtesies. People in a hurry leave out all of them."""
    plain = _APOSTROPHE.sub("", unicodedata.normalize("NFKC", text).casefold())
    words = [word for word in _SIGNS.sub(" ", plain).split() if word not in _POLITE]
    return "".join(c for c in unicodedata.normalize("NFD", " ".join(words)) if not unicodedata.combining(c))


def author_hash(channel: str, author_id: str, author_handle: str) -> str:
    """How an author is remembered without their name: it must outlive the removal of everything they wrote."""
    return sha256(f"{channel}\x00{(author_id or author_handle).casefold()}".encode("utf-8", "replace"))[:32]
