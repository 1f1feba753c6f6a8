"""What a question to the model can cost at worst, and what it did cost. Pure; whole billionths of a currency.

Tokens are pieces of bytes: a text of n bytes never has more than n of them, whatever the model. Nothing that the
other side says makes a question dearer than was reserved for it, or cheaper than its length allows.
"""

from __future__ import annotations

from dataclasses import dataclass

FRAME_TOKENS = 64
"""What the frame of two messages adds (roles, separators); measured ones add fewer than ten each."""
LONGEST_TOKEN = 16
"""Bytes: texts of ordinary words have shorter tokens on average, so fewer tokens than this allows are not believed."""


@dataclass(frozen=True, slots=True)
class Price:
    """Of one token, in billionths."""

    prompt: int
    answer: int


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the answer states them; None where it does not, or not as whole numbers."""

    prompt: int | None
    answer: int | None


def worst(price: Price, prompt_bytes: int, answer_tokens: int) -> int:
    """What is reserved: as many tokens as bytes, and the longest answer that we ask for."""
    return price.prompt * (prompt_bytes + FRAME_TOKENS) + price.answer * answer_tokens


def cost(price: Price, usage: Usage, prompt_bytes: int, answer_bytes: int, answer_tokens: int) -> int:
    """What is settled. A count that cannot be true counts as the worst."""
    asked = _believed(usage.prompt, prompt_bytes, prompt_bytes + FRAME_TOKENS)
    said = _believed(usage.answer, answer_bytes, answer_tokens)
    return price.prompt * asked + price.answer * said


def _believed(tokens: int | None, size: int, most: int) -> int:
    return tokens if tokens is not None and size <= tokens * LONGEST_TOKEN and 0 <= tokens <= most else most
