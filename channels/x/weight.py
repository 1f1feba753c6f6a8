"""The length of a text as X counts it. No I/O.

Rules: twitter-text, version 3. 280 at most; a link counts 23 whatever its length; an emoji 2, also one made of several
characters; Latin, Greek, Cyrillic, Arabic, Hebrew and most other alphabets 1, everything else 2; counted after NFC.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

import regex

MAX_WEIGHT = 280
LINK_WEIGHT = 23
LONGEST_LINK = 4096

_LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))
_PART = r"(?![©®](?!\uFE0F))\p{Extended_Pictographic}(?:\uFE0F|\p{Emoji_Modifier})?"
_EMOJI = regex.compile(
    r"[\U0001F1E6-\U0001F1FF]{2}|[0-9#*]\uFE0F?\u20E3|\U0001F3F4[\U000E0030-\U000E007A]+\U000E007F"
    rf"|{_PART}(?:\u200D{_PART})*"
)

# Endings of bare names that X makes links of: those of the countries, and what people use most of the others. X knows
# all of them; one that is missing here only makes a bare name count as its letters.
_ENDINGS = (
    "academy|agency|aero|app|art|asia|band|beer|bike|biz|blog|business|cafe|camp|capital|care|cat|center|chat|church|"
    "city|cloud|club|coach|codes|coffee|com|community|company|coop|dance|design|dev|digital|edu|education|email|energy|"
    "events|exchange|expert|family|farm|finance|fit|fm|foundation|fun|games|gallery|gov|green|group|guide|guru|health|"
    "help|host|hotel|house|info|ink|institute|int|jobs|land|law|legal|life|link|live|ltd|management|market|marketing|"
    "media|mil|mobi|money|museum|name|net|network|news|one|online|org|page|partners|photo|photography|photos|pictures|"
    "plus|press|pro|productions|pub|rail|realty|recipes|rent|repair|report|restaurant|review|reviews|rocks|run|sale|"
    "school|services|shop|site|social|software|solutions|space|store|studio|style|support|systems|taxi|team|tech|tel|"
    "today|tools|top|tours|town|toys|trade|training|travel|university|vip|vision|website|wiki|work|works|world|wtf|xyz|"
    "zone|"
    "a[c-gilmoq-uwxz]|b[abd-jmnorstvwyz]|c[acdf-ik-oru-z]|d[ejkmoz]|e[cegrstu]|f[ijkmor]|g[abd-ilmnp-uwy]|h[kmnrtu]|"
    "i[del-oq-t]|j[emop]|k[eghimnprwyz]|l[abcikr-vy]|m[acdeghk-z]|n[acefgilopruz]|om|p[ae-hk-nrstwy]|qa|r[eosuw]|"
    "s[a-eg-or-vxyz]|t[cdfghj-ortvwz]|u[agksyz]|v[aceginu]|w[fs]|y[et]|z[amw]"
)
_INNER = r"[^\W_](?:[\w-]*[^\W_])?"
_DOMAIN_END = r"(?![A-Za-z0-9@+-])"
_ADDRESS = rf"(?:{_INNER}\.)+(?:xn--[a-z0-9-]+|[a-z]{{2,63}}|[^\W\d_\u0000-\u007f]{{2,}}){_DOMAIN_END}"
_BARE = rf"(?:[a-z0-9\u00c0-\u024f](?:[a-z0-9\u00c0-\u024f_-]*[a-z0-9\u00c0-\u024f])?\.)+(?:{_ENDINGS}){_DOMAIN_END}"
_REST = r"(?::[0-9]+)?(?:/[!#-;=?-~\u00c0-\u024f\u0400-\u04ff\u2013]*)?(?:\?[!#-;=?-~]*)?(?<![.,;:!?'\u2026)\]])"
_LINK = re.compile(
    rf"(?<![A-Za-z0-9@＠$#＃])(?:https?://{_ADDRESS}|(?<![-_./\u00c0-\u024f]){_BARE}){_REST}", re.IGNORECASE
)


def weight(text: str, *, emoji_as_one: bool = True) -> int:
    """The length of `text`. `emoji_as_one` False counts an emoji by its characters, as version 2 of the rules did."""
    text = unicodedata.normalize("NFC", text)
    total, at = 0, 0
    for start, end in _spans(text):
        total += _weight_of(text[at:start], emoji_as_one) + LINK_WEIGHT
        at = end
    return total + _weight_of(text[at:], emoji_as_one)


def links(text: str) -> list[str]:
    """The links that X makes of this text, also of names without https:// in front."""
    text = unicodedata.normalize("NFC", text)
    return [text[start:end] for start, end in _spans(text)]


def _spans(text: str) -> Iterator[tuple[int, int]]:
    for found in _LINK.finditer(text):
        if len(found[0]) <= LONGEST_LINK and all(_is_label(part) for part in _host(found[0]).split(".")):
            yield found.span()


def _host(link: str) -> str:
    return re.split(r"[/:?#]", re.sub(r"(?i)^https?://", "", link), maxsplit=1)[0]


def _is_label(label: str) -> bool:
    """A part of a domain has at most 63 characters as it is written in the DNS."""
    return len(label if label.isascii() else f"xn--{label.encode('punycode').decode()}") <= 63


def _weight_of(text: str, emoji_as_one: bool) -> int:
    if text.isascii():
        return len(text)
    emoji = 0
    if emoji_as_one:
        text, emoji = _EMOJI.subn("", text)
    return 2 * emoji + sum(1 if any(low <= ord(char) <= high for low, high in _LIGHT) else 2 for char in text)
