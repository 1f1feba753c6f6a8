"""What is known of a case: all that a draft may rest on, and all that the reply contract measures a reply against."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from domain.errors import BadInput

if TYPE_CHECKING:
    from responders.local import Local

PRIVATE = "crm_"
"""Keys of `known` that start so are for the desk's eyes: they help to find the person and are never shown."""


IN_PRIVATE = "in_private"


@dataclass(frozen=True, slots=True)
class Article:
    """A piece of knowledge that may be told to anybody."""

    id: str
    body: str
    title: str = ""

    @property
    def text(self) -> str:
        """All it says, its title first."""
        return f"{self.title}\n{self.body}" if self.title else self.body


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """A case as values. `known` is flat: free keys, values as text. `year` is that of the post, for weekdays of dates
    that are told without one; 0 where nobody says.

    Some keys mean something: `agent` signs, `done` has happened, `next` is a commitment with an owner, `known_outage`
    is confirmed, `formality` is the address that is due ("formal", "informal"), `site` is ours, and `in_private` is
    where anybody can write to us in private (an e-mail address or a link).
    """

    mention: str
    author_name: str = ""
    brand: str = ""
    known: Mapping[str, str] = field(default_factory=dict[str, str])
    knowledge: tuple[Article, ...] = ()
    channel: str = ""
    market: str = ""
    year: int = 0
    local: Local | None = None
    """The pack of the market (`responders.local`), where there is one."""

    @property
    def private(self) -> dict[str, str]:
        """What must not be seen in public."""
        return {key: value for key, value in self.known.items() if is_private(key)}

    @property
    def public(self) -> dict[str, str]:
        """What of `known` may be told to the person."""
        return {key: value for key, value in self.known.items() if not is_private(key)}

    @property
    def sources(self) -> Iterator[tuple[str, str]]:
        """Each (name, text) that a claim may be cited from; the name is shown to whoever approves."""
        yield "mention", self.mention
        yield from self.public.items()
        yield from ((article.id, article.text) for article in self.knowledge)


def is_private(key: str) -> bool:
    """Whether what stands under this key is for the desk only; a part of a nested key says so too ("buyer.crm_id")."""
    return any(part.startswith(PRIVATE) for part in key.split("."))


def facts_of(case: Any, year: int = 0) -> Facts:
    """Read a case of `check-reply` and `draft`, told in this year. BadInput names the field that is wrong and what
    belongs there."""
    if not isinstance(case, dict):
        raise BadInput("case: needs an object with at least a mention")
    known = case.get("known") or {}
    if not isinstance(known, dict):
        raise BadInput("case.known: needs an object of keys and values")
    return Facts(
        mention=_text(case, "mention"), author_name=_text(case, "author_name"), brand=_text(case, "brand"),
        channel=_text(case, "channel"), market=_text(case, "market"), known=dict(_flat(known)),
        knowledge=tuple(_articles(case.get("knowledge") or [])), year=year,
    )  # fmt: skip


def _text(case: Mapping[str, Any], name: str) -> str:
    value = case.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadInput(f"case.{name}: needs a text")
    return value


def _flat(known: Mapping[str, Any], start: str = "") -> Iterator[tuple[str, str]]:
    """Nested objects become "outer.inner", lists their values one after another."""
    for key, value in known.items():
        name = f"{start}{key}"
        if isinstance(value, dict):
            yield from _flat(value, f"{name}.")
        elif isinstance(value, list):
            yield name, "; ".join(str(each) for each in value)
        elif value is not None:
            yield name, str(value)


def _articles(listed: Any) -> Iterator[Article]:
    if not isinstance(listed, list):
        raise BadInput("case.knowledge: needs a list of objects with id and text")
    for number, article in enumerate(listed, 1):
        if not isinstance(article, dict) or not isinstance(article.get("text"), str):
            raise BadInput(f"case.knowledge, entry {number}: needs an object with id and text")
        yield Article(str(article.get("id", number)), article["text"])
