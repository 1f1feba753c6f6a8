"""The optional model: one question, one answer, through the one outbound door. Never asked twice, never trusted."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from domain.errors import ChannelError
from net.door import Door, raise_for
from responders.drafters.model_answer import Said, read
from responders.drafters.model_budget import Price, cost, worst
from responders.drafters.model_prompt import Own, messages
from responders.facts import Facts

MOST_BYTES = 256 * 1024
"""An answer to one small question is never larger."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What came back: the text or why there is none, the bytes of the answer, and what the question cost."""

    said: Said
    body: bytes
    cost: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """Where to ask and within which bounds. `url` is the base address of an OpenAI-compatible API (".../v1"). `cap` is
    that of a day (UTC), in billionths of the currency of `price`; `calls` that of questions a day."""

    door: Door
    url: str
    name: str
    key: str = ""
    price: Price
    cap: int
    calls: int
    answer_tokens: int
    limit_name: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    deadline_s: float = 20.0

    def question(self, facts: Facts, lang: str, max_length: int, ways: Own) -> bytes:
        """The body of the request: all that leaves. No tools, no history, no name of ours but the brand's."""
        asked = messages(facts, lang, max_length, ways)
        body = {"model": self.name, "messages": asked, self.limit_name: self.answer_tokens}
        return json.dumps(body, ensure_ascii=False).encode()

    def worst(self, question: bytes) -> int:
        """What this question can cost."""
        return worst(self.price, len(question), self.answer_tokens)

    async def ask(self, question: bytes) -> Heard:
        """One try. Whatever goes wrong is a `fault`, and costs the worst: it may have been answered."""
        try:
            answer = await self.door.request(
                "POST",
                f"{self.url}/chat/completions",
                headers=self._headers(),
                body=question,
                timeout_s=self.deadline_s,
                max_bytes=MOST_BYTES,
                purpose="model",
            )
        except ChannelError as error:
            return Heard(Said(fault=str(error)[:200]), b"", self.worst(question))
        said = read(answer.status, answer.body)
        size = len(said.text.encode(errors="replace"))
        return Heard(said, answer.body, cost(self.price, said.usage, len(question), size, self.answer_tokens))

    async def examine(self, now: datetime) -> None:
        """Whether it answers and takes our key: its list of models, which costs nothing. Raises ChannelError."""
        address = f"{self.url}/models"
        raise_for(await self.door.request("GET", address, headers=self._headers(), timeout_s=self.deadline_s), now)

    def _headers(self) -> dict[str, str]:
        own = {"authorization": f"Bearer {self.key}"} if self.key else {}
        return {"content-type": "application/json", **own}
