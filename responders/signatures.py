"""How a reply ends: by whom it is signed. Pure."""

from __future__ import annotations

from collections.abc import Iterable


def signature(agent: str, brand: str) -> str:
    """The last line of a reply of this agent, with the brand unless the agent's words have it."""
    agent = " ".join(agent.split())
    return agent if not brand or brand.casefold() in agent.casefold() else f"{agent}, {brand}"


def last_line(text: str) -> str:
    """The line under the words; empty where the text has but one."""
    words, _, last = text.rstrip().rpartition("\n")
    return last.strip() if words else ""


def signer(text: str, names: Iterable[str]) -> str:
    """Whose name, whole or the first of it, is the last line, alone or before a comma; empty for none of them."""
    signed = _bare(last_line(text).strip("-–—^ "))
    return next((name for name in names if signed and signed in (_bare(name), *_bare(name).split()[:1])), "")


def _bare(name: str) -> str:
    return name.partition(",")[0].strip(" .").casefold()


def signed_by(text: str, new: str) -> str:
    """The same words with this as their last line."""
    words, _, _ = text.rstrip().rpartition("\n")
    return f"{words}\n{new}"
