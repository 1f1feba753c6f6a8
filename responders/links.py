"""Which addresses a reply may name: hosts on the brand's list and their sub-hosts, nothing that imitates them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from domain.remembering import remembered

_LISTED = """com net org info biz io co app dev ai gg tv eu uk us ca au de at ch fr it es nl pl cz sk si hr ba rs hu lv
lt ee id ph my sg in cn ru ua ly gl link site online store shop xyz top club page pages web cloud example test help
support zip mov click live news blog social travel airline cc ws me to"""
_ENDINGS = frozenset(_LISTED.split())
_ADDRESS = re.compile(
    r"(?P<scheme>[a-z][a-z0-9+.-]{1,15}:(?://)?)(?P<rest>[^\s<>\"'“”]+)"
    r"|(?P<mail>[\w.+-]+@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_]{2,18})"
    r"|(?P<bare>(?:www\.)?(?<![\w@.-])(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_]{2,18}(?:[/?#:][^\s<>\"'“”]*)?)"
    r"|(?P<ip>(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.]))",
    re.IGNORECASE,
)
_ADDRESS_SIGNS = frozenset(".:@")
_SCHEMES = frozenset(
    {"http", "https", "ftp", "javascript", "data", "file", "mailto", "tel", "intent", "vbscript", "sms"}
)
_TWINS = str.maketrans(
    {
        "0": "o",
        "1": "l",
        "3": "e",
        "5": "s",
        "7": "t",
        "і": "i",
        "а": "a",
        "е": "e",
        "о": "o",
        "р": "p",
        "с": "c",
        "у": "y",
        "х": "x",
    }
)


@remembered(256)
def addresses(text: str) -> tuple[tuple[str, str], ...]:
    """Every address as (as written, host); the host is "" where there is none to trust ("javascript:...")."""
    return tuple(_addresses(text))


def _addresses(text: str) -> Iterator[tuple[str, str]]:
    plain = unicodedata.normalize("NFKC", text).replace("。", ".")
    # No address holds a space, so only words with a dot, a colon or an at sign are looked at: it runs at each key.
    words = (word for word in plain.split() if not _ADDRESS_SIGNS.isdisjoint(word[:-1]))
    for found in (found for word in words for found in _ADDRESS.finditer(word)):
        if found["scheme"] is not None:
            scheme = found["scheme"].rstrip(":/").casefold()
            if "//" in found["scheme"] or scheme in _SCHEMES:
                yield found[0].rstrip(".,;:!?)"), _host(found["rest"]) if scheme in ("http", "https") else ""
        elif found["bare"] is not None:
            if _is_address(found["bare"]):
                yield found["bare"].rstrip(".,;:!?)"), _host(found["bare"])
        elif found["mail"] is not None:
            yield found["mail"], _host(found["mail"].rpartition("@")[2])
        else:
            yield found["ip"], found["ip"]


def _is_address(bare: str) -> bool:
    """Whether networks would turn it into a link; "now.to" without a space is one too, meant or not."""
    host = re.split(r"[/?#:]", bare, maxsplit=1)[0].casefold()
    return host.startswith("www.") or "/" in bare[len(host) :][:1] or host.rpartition(".")[2] in _ENDINGS


def _host(rest: str) -> str:
    host = re.split(r"[/?#\\]", rest, maxsplit=1)[0]
    return host.rpartition("@")[2].partition(":")[0].rstrip(".,;!?)").casefold()


def is_allowed(host: str, allowed: Iterable[str]) -> bool:
    """Whether the host is on the list or below one that is."""
    return any(host == one or host.endswith(f".{one}") for one in map(str.casefold, allowed) if one)


def imitated(host: str, allowed: Iterable[str]) -> str | None:
    """The allowed host that this one tries to look like, if any."""
    twin = _twin(host)
    for one in allowed:
        name = _twin(one).split(".")[0]
        if len(name) >= 4 and (name in twin or _near(twin.split(".")[-2] if "." in twin else twin, name)):
            return one
    return None


def _twin(host: str) -> str:
    return host.casefold().translate(_TWINS).replace("rn", "m").replace("vv", "w")


def _near(one: str, other: str) -> bool:
    """Whether one letter was changed, added or left out."""
    if abs(len(one) - len(other)) > 1 or one == other:
        return one == other
    at = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return one[at + 1 :] == other[at + 1 :] or one[at:] == other[at + 1 :] or one[at + 1 :] == other[at:]
